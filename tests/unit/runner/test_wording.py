"""What messages of Actions say in a terminal: no message of ours speaks of a workflow there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcast.runner.inputs import Inputs, spelled
from broadcast.runner.wording import in_terminal

ROOT = Path(__file__).resolve().parents[3] / "broadcast"
NAMES = "|".join(sorted((spelled(name) for name in Inputs.__struct_fields__ if "_" in name), key=len, reverse=True))
OF_ACTIONS = re.compile(
    r"\bthe inputs? |actions/checkout|fetch-depth|GITHUB_TOKEN|GITHUB_REPOSITORY|GitHub Actions|secrets\.|`?command: "
    rf"|(?<![-\w/.])(?:{NAMES})(?![-\w/.])|\b(?:overwrite|resume|online|write|diff): true"
)
ELSEWHERE = {
    "migrate": "comments on another tool's workflow",
    "apply/texts.py": "descriptions of pull requests",
    "apply/description.py": "descriptions of pull requests",
    "apply/harvest_texts.py": "descriptions of pull requests",
    "apply/review_digest.py": "descriptions and digests",
    "report/summary": "the job summary, which terminals don't have",
    "report/outputs.py": "the outputs of a step",
    "report/results.py": "the results, as JSON",
    "config/format": "descriptions in the schema",
    "runner/wording.py": "the table itself",
    "runner/context.py": "names of variables",
    "runner/provenance.py": "events of a runner",
    "source/revision.py": "one message in parts; below",
    "source/secret_names.py": "patterns",
    "setup/texts.py": "the workflow that init writes",
    "cli.py": "the terminal's own help",
    "runner/options.py": "the terminal's own help",
}
ON_A_RUNNER = re.compile(r"events?\b|allow-head|the `?path:|private-key|client-id|HEAD|pull_request|`ref:`|app-id")


def messages() -> Iterator[tuple[str, str]]:
    """Every text of ours, with its module; what an f-string puts in is x-y."""
    for file in sorted(ROOT.rglob("*.py")):
        module = str(file.relative_to(ROOT))
        if any(module.startswith(one) for one in ELSEWHERE):
            continue
        tree = ast.parse(file.read_text())
        parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                yield (
                    module,
                    "".join(str(part.value) if isinstance(part, ast.Constant) else "x-y" for part in node.values),
                )
            elif (
                isinstance(node, ast.Constant) and isinstance(node.value, str) and not {id(node)} & (parts | documents)
            ):
                yield module, node.value


def test_no_message_speaks_of_a_workflow_in_a_terminal():
    spoken = [
        (module, text)
        for module, text in messages()
        if " " in text.strip() and OF_ACTIONS.search(in_terminal(text)) and not ON_A_RUNNER.search(text)
    ]
    assert spoken == []


def test_the_test_reads_the_messages():
    found = {text for _, text in messages()}
    assert sum(bool(OF_ACTIONS.search(text)) for text in found) > 20


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name it in allow-ref, or `command: plan` here", "name it in --allow-ref, or `broadcast plan` here"),
        ("run with overwrite: true to discard them", "run with --overwrite to discard them"),
        ("the input expect-plan can't be 'x'", "--expect-plan can't be 'x'"),
        ("roll back with `resume: true`", "roll back with --resume"),
        (
            "give actions/checkout `fetch-depth: 2` for HEAD^1, or 0 for all of the history; or correct the name",
            "correct the name; a shallow clone needs `git fetch --unshallow` first",
        ),
        (
            "give actions/checkout `fetch-depth: 0`, which brings all of the history",
            "run `git fetch --unshallow`, which brings all of the history",
        ),
        ("check the source out with actions/checkout", "run it in a clone of the source, or name one with --directory"),
        ("acme/only-targets has no branch my-api-url", "acme/only-targets has no branch my-api-url"),
        ("already --only-targets", "already --only-targets"),
    ],
)
def test_inputs_become_options_and_names_stay(text, words):
    assert in_terminal(text) == words
