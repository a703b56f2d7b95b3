"""Excludes by examples: which pattern decides, which are unused, and patterns that choose what to take."""

from __future__ import annotations

import pytest

from broadcast.git.globs import MAX_LENGTH
from broadcast.git.ignore import Excludes, parse_ignore_file

PATTERNS = ["*.md", "!keep.md", "tmp/", "/top", "d/**/x"]


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("a.md", "*.md"),
        ("deep/a.md", "*.md"),
        ("keep.md", None),
        ("a.txt", None),
        ("tmp", None),
        ("tmp/a", "tmp/"),
        ("x/tmp/y/a.md", "tmp/"),
        ("top", "/top"),
        ("top/a", "/top"),
        ("x/top", None),
        ("d/e/f/x", "d/**/x"),
    ],
)
def test_the_pattern_that_leaves_out_a_file_is_named(path, pattern):
    excludes = Excludes(PATTERNS)
    assert excludes.decisive(path) == pattern
    assert excludes.match(path) is (pattern is not None)


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("a.md", True),
        ("a.txt", False),
        ("d/a.txt", True),
        ("d/e/a.txt", True),
        ("d/no/a.txt", False),
        ("d/no/a.md", False),
        ("d/a.no", False),
        ("no/a.md", False),
        ("d", True),
        ("e/d/b", True),
        ("x/y/z.txt", True),
        ("x/q/z.txt", False),
    ],
)
def test_patterns_that_choose_are_asked_about_every_directory_and_the_last_one_counts(path, taken):
    assert Excludes(["*.md", "d", "/x/y/", "!no", "!*.no"]).names(path) is taken


def test_a_pattern_is_used_once_it_decided_something():
    excludes = Excludes(["a", "b", "!c", "*.never"])
    for path in ("a", "x/c", "b/d"):
        excludes.match(path)
    assert excludes.unused() == ("*.never",)


@pytest.mark.parametrize(
    ("path", "folder", "expected"),
    [
        ("a.md", False, True),
        ("keep.md", False, False),
        ("x", False, None),
        ("tmp", True, True),
        ("tmp", False, None),
        ("e/tmp", True, True),
    ],
)
def test_an_entry_alone_is_decided_by_the_last_pattern_that_matches(path, folder, expected):
    assert Excludes(PATTERNS).decide(path, folder=folder) is expected


def test_nothing_below_a_directory_that_is_left_out_comes_back():
    excludes = Excludes(["d/", "!d/a", "!a"])
    assert excludes.match_folder("d/e/f")
    assert not excludes.match_folder("e/f")
    assert [excludes.match(path) for path in ("d/a", "d/e/a", "e/d", "e/d/a")] == [True, True, False, True]


def test_an_ignore_file_has_comments_line_ends_and_lines_without_a_meaning():
    excludes, unread = parse_ignore_file("\ufeff# comment\r\n\r\n   \n*.md\r\n!\n[\n\\#x\n")
    assert [excludes.match(path) for path in ("a.md", "#x", "x")] == [True, True, False]
    assert unread == ("!", "[")


@pytest.mark.parametrize("pattern", ["", "#x", "[", "a" * (MAX_LENGTH + 1), "!" + "a" * MAX_LENGTH])
def test_a_pattern_without_a_meaning_is_named_and_not_in_full_length(pattern):
    with pytest.raises(ValueError, match="is not a valid pattern") as refusal:
        Excludes(["a", pattern])
    assert pattern[:MAX_LENGTH] in str(refusal.value)
    assert len(str(refusal.value)) < MAX_LENGTH + 100
    assert ("…" in str(refusal.value)) is (len(pattern) > MAX_LENGTH)
