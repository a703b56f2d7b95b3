"""What a mapping leaves out: excludes, `include_only`, hidden names, and which patterns decided nothing."""

from __future__ import annotations

import pytest

from broadcast.snapshot.filters import Filter

PATHS = ["a", "b.md", ".hidden", "d/.github/x", "d/c", "tmp/x"]


@pytest.mark.parametrize(
    ("rules", "left_out"),
    [
        (Filter([]), []),
        (Filter(["tmp/"]), ["tmp/x"]),
        (Filter([], ["*.md", "d"]), ["a", ".hidden", "tmp/x"]),
        (Filter(["c"], ["*.md", "d"]), ["a", ".hidden", "d/c", "tmp/x"]),
        (Filter([], hidden=False), [".hidden", "d/.github/x"]),
        (Filter(["a"], ["a", "b.md"], hidden=False), ["a", ".hidden", "d/.github/x", "d/c", "tmp/x"]),
    ],
)
def test_a_file_is_left_out_by_any_of_the_rules(rules, left_out):
    assert [path for path in PATHS if rules.match(path)] == left_out


def test_a_reason_names_the_rule():
    rules = Filter(["a"], ["*.md", "a", ".x"], hidden=False)
    assert rules.reason(".x") == "include_hidden: false leaves it out"
    assert rules.reason("b") == "no pattern of include_only names it"
    assert rules.reason("c.md") == ""
    assert rules.reason("a") == ""
    assert Filter([]).reason(".x") == ""


def test_only_excludes_leave_out_whole_directories():
    rules = Filter(["tmp/"], ["x"], hidden=False)
    assert [rules.prunes(folder) for folder in ("tmp", "tmp/deep", "d", ".git")] == [True, True, False, False]


def test_patterns_that_decided_nothing_are_listed():
    rules = Filter(["a", "never"], ["a", "b*", "none"])
    for path in ("a", "b.md"):
        rules.match(path)
    assert rules.unused() == ("never", "none")
    assert Filter(["never"]).unused() == ("never",)
