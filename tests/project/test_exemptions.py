"""Rules for the code that no linter checks: reasons for exemptions, and named arguments of long calls."""

from __future__ import annotations

import ast
import re
import subprocess

import pytest

from tests.world import ROOT

REASONED = re.compile(r"# (?:noqa: [A-Z]+[0-9]+(?:, [A-Z]+[0-9]+)*|type: ignore\[[a-z-]+\])\W+\w+")
FILE_WIDE = re.compile(r"^# .*\w.*\n# ruff: noqa: ", re.MULTILINE)
SETTINGS = (ROOT / "pyproject.toml").read_text()


def sources() -> list[str]:
    """Every Python file that git knows."""
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.splitlines() if name != "tests/project/test_exemptions.py"]


def unexplained(text: str) -> list[str]:
    """The lines that set a rule aside and don't say why."""
    lines = FILE_WIDE.sub("", text).splitlines()
    return [line for line in lines if re.search(r"#.*(\bnoqa\b|type: ignore)", line) and not REASONED.search(line)]


def test_every_exemption_in_the_code_has_its_reason():
    found = {name: unexplained((ROOT / name).read_text()) for name in sources()}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_every_ignored_rule_of_ruff_has_its_reason():
    ignored = re.search(r"^ignore = \[\n(.*?)^\]", SETTINGS, re.MULTILINE | re.DOTALL)[1]
    by_file = re.search(r"^\[tool.ruff.lint.per-file-ignores\]\n(.*?)^\n", SETTINGS, re.MULTILINE | re.DOTALL)[1]
    rules = [line for line in (ignored + by_file).splitlines() if re.search(r'"[A-Z]+[0-9]*"', line)]
    assert len(rules) > 10
    assert [line for line in rules if not re.search(r"# \w+", line)] == []


@pytest.mark.parametrize(
    "line",
    [
        "x = 1  # noqa",
        "x = 1  # noqa: E501",
        "x = 1  # type: ignore",
        "x = 1  # type: ignore[misc]",
        "# ruff: noqa: E501",
    ],
)
def test_what_gives_no_reason_is_found(line):
    assert unexplained(line) == [line]


def test_calls_with_more_than_five_arguments_name_them():
    """What takes any number of the same, and Jinja's nodes, have no names to give."""
    assert [
        place for place in _long_calls() if place.partition(" ")[2] not in ("_present", "head", "nodes.Filter")
    ] == []


def _long_calls():
    for path in sorted((ROOT / "broadcast").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and len(node.args) > 5:
                yield f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node.func)}"
