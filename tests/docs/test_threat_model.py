"""docs/threat-model.md names a test for every threat, and each of them is there."""

from __future__ import annotations

import ast
import re

import pytest
import yaml

from tests.world import ROOT

PAGE = (ROOT / "docs/threat-model.md").read_text()
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| threat")]
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


@pytest.mark.parametrize("row", ROWS)
def test_every_threat_names_a_test(row):
    assert re.search(r"\| `tests/[\w/]+\.py::test_\w+`[^|]*\|$", row)


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_every_test_that_is_named_is_there(file, name):
    tree = ast.parse((ROOT / file).read_text())
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_there_are_threats_of_every_kind():
    assert len(ROWS) > 40
    assert all(
        PAGE.count(f"\n### {who}") == 1
        for who in (
            "Somebody who can change",
            "Somebody who contributes",
            "Somebody with a hand",
            "Another step",
            "A broken or hostile",
            "A dependency",
        )
    )


def test_the_image_begins_with_a_digest_that_the_updater_moves():
    image = (ROOT / "Dockerfile").read_text()
    bases = re.findall(r"^\s*FROM\s+(.+)$", image, re.MULTILINE | re.IGNORECASE)
    assert bases
    # A tag stands beside the digest: the updater follows it.
    assert all(re.fullmatch(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}", base) for base in bases)
    updates = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())["updates"]
    assert [one["schedule"]["interval"] for one in updates if one["package-ecosystem"] == "docker"] == ["weekly"]
    assert [one["directory"] for one in updates if one["package-ecosystem"] == "docker"] == ["/"]


def test_the_image_takes_dependencies_by_hash_and_nothing_else():
    image = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    steps = re.findall(r"pip install[^&\n]*", image)
    assert steps
    assert all("--require-hashes" in step or "--no-index" in step for step in steps)
    assert all(
        line.startswith(("#", " ")) or "==" in line
        for line in (ROOT / "requirements/runtime.lock").read_text().splitlines()
        if line
    )
