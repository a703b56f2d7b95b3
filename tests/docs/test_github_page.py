"""docs/github.md: every statement says how sure it is and where from, and names tests that are there."""

from __future__ import annotations

import ast
import re
from collections import Counter

import pytest

from tests.docs import statements
from tests.docs.pages import headings
from tests.hub import ALTERNATIVES
from tests.world import ROOT

ROWS = statements.rows()
LIVE = ROOT / "tests/live"
NAMED = sorted({test for row in ROWS for test in row.tests})
# GitHub's document, a report that can be looked up, or a file of a public repository
SOURCE = re.compile(r"[\w.-]+/[\w.-]+|[A-Z]\w+")


def cited(file: str) -> list[str]:
    """The sections of the page that a module of the product names."""
    return re.findall(r'docs/github\.md, "([^"]+)"', (ROOT / file).read_text())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.text[:60])
def test_every_statement_says_how_sure_it_is_and_where_from_and_names_a_test(row):
    assert row.certainty in {"recorded", "reported", "documented", "unknown"}
    assert row.tests
    assert row.text.endswith((".", '."'))
    if row.certainty != "unknown":
        assert SOURCE.search(row.source)


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_every_test_that_is_named_is_there(file, name):
    tree = ast.parse((ROOT / file).read_text())
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_no_statement_and_no_name_stands_there_twice():
    assert [text for text, count in Counter(row.text for row in ROWS).items() if count > 1] == []
    assert [name for name, count in Counter(row.name for row in ROWS if row.name).items() if count > 1] == []


def test_there_are_statements_about_everything_that_github_does_for_us():
    assert len(ROWS) > 90
    assert headings("github.md", 2) == [
        "Tokens",
        "Permissions",
        "Reading by GraphQL",
        "Errors in answers",
        "Search",
        "Writing by GraphQL",
        "Writing by REST",
        "Pull requests, labels and people",
        "Limits",
        "Apps and listings",
        "The runner",
    ]


def live() -> dict[str, tuple[str, str, str]]:
    """The statements that live tests are about: name → file, function, question."""
    found = {}
    for path in sorted(LIVE.glob("test_*.py")):
        for node in ast.parse(path.read_text()).body:
            marks = [mark for mark in getattr(node, "decorator_list", []) if isinstance(mark, ast.Call)]
            for mark in (mark for mark in marks if getattr(mark.func, "id", "") == "statement"):
                asked = {each.arg: ast.literal_eval(each.value) for each in mark.keywords}
                place = (str(path.relative_to(ROOT)), node.name, asked.get("question", ""))
                assert found.setdefault(ast.literal_eval(mark.args[0]), place) is place
    return found


def test_every_live_test_is_about_one_row_and_every_name_has_a_live_test():
    named = statements.named()
    assert live().keys() == named.keys()
    assert [name for name, (file, function, _) in live().items() if (file, function) not in named[name].tests] == []


def test_what_is_unknown_has_its_experiment():
    unknown = [row for row in ROWS if row.certainty == "unknown"]
    assert len(unknown) > 20
    assert [row.text for row in unknown if not any(file.startswith("tests/live/") for file, _ in row.tests)] == []


def test_every_question_that_the_hub_leaves_open_is_one_of_them():
    asked = {question: name for name, (_, _, question) in live().items() if question}
    assert asked.keys() == ALTERNATIVES.keys()
    assert {statements.named()[name].certainty for name in asked.values()} == {"unknown"}


def test_every_section_that_the_code_points_to_is_there():
    files = [str(path.relative_to(ROOT)) for path in (ROOT / "broadcast").rglob("*.py")]
    sections = {section for file in files for section in cited(file)}
    assert {"Tokens", "Permissions"} <= sections <= set(headings("github.md", 2))
