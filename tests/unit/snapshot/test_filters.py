"""What a mapping leaves out: excludes, `include_only`, hidden names, and which patterns decided nothing."""

from __future__ import annotations

import pytest

from broadcast.snapshot.filters import Filter

PATHS = ["a", "b.md", ".hidden", "d/.github/x", "d/c", "tmp/x"]


@pytest.mark.parametrize(
    ("exclude", "include_only", "hidden", "left_out"),
    [
        ([], [], True, []),
        (["tmp/"], [], True, ["tmp/x"]),
        ([], ["*.md", "d"], True, ["a", ".hidden", "tmp/x"]),
        (["c"], ["*.md", "d"], True, ["a", ".hidden", "d/c", "tmp/x"]),
        ([], [], False, [".hidden", "d/.github/x"]),
        (["a"], ["a", "b.md"], False, ["a", ".hidden", "d/.github/x", "d/c", "tmp/x"]),
    ],
)
def test_a_file_is_left_out_by_any_of_the_rules(exclude, include_only, hidden, left_out):
    rules = Filter(exclude, include_only, hidden=hidden)
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
