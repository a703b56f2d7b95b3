"""Patterns as expressions: what each piece of a pattern matches, and which patterns are refused."""

from __future__ import annotations

import re

import pytest

from broadcast.git.globs import MAX_LENGTH, compiled, fits


def matches(pattern: str, path: str) -> bool:
    """Whether the pattern names this path, of a directory if it ends in a slash."""
    glob = compiled(pattern)
    name = path.removesuffix("/").rpartition("/")[2] + ("/" if path.endswith("/") else "")
    return re.fullmatch(glob.regex, name if glob.is_name else path, re.DOTALL) is not None


@pytest.mark.parametrize(
    ("pattern", "named", "others"),
    [
        ("a", ["a", "a/", "x/a", "x/a/"], ["b", "ab", "ba", "a/b", "A"]),
        ("a/", ["a/", "x/a/"], ["a", "x/a", "a/b"]),
        ("/a", ["a", "a/"], ["x/a", "a/b"]),
        ("/a/", ["a/"], ["a", "x/a/"]),
        ("a/b", ["a/b", "a/b/"], ["x/a/b", "b", "a/b/c", "a/x/b"]),
        ("a/b/", ["a/b/"], ["a/b"]),
        ("*", ["a", ".a", "x/y", "a/"], []),
        ("a*", ["a", "ab", "abc", "x/ab"], ["ba", "b"]),
        ("*a", ["a", "ba", "aa"], ["ab", "b"]),
        ("a*b", ["ab", "axb", "abb", "axbxb"], ["a", "b", "abx", "ba"]),
        ("a*b*c", ["abc", "axbxc", "abbc", "abcc"], ["acb", "ab", "bc", "abcx"]),
        ("a**b", ["ab", "axb"], ["a", "b"]),
        ("*.*", [".", "a.b", "a.", ".b"], ["ab"]),
        ("a?c", ["abc", "a.c"], ["ac", "abbc", "a/c"]),
        ("/*", ["a", "b/"], ["a/b"]),
        ("x/*", ["x/a", "x/b/"], ["x", "x/a/b", "y/a"]),
        ("x/a*/b", ["x/a/b", "x/ac/b"], ["x/b", "x/a/c/b"]),
        ("**/a", ["a", "x/a", "x/y/a"], ["ab", "x/ab"]),
        ("**/a/b", ["a/b", "x/a/b", "x/y/a/b"], ["b", "a/x/b"]),
        ("a/**", ["a/b", "a/b/c", "a/b/"], ["a", "x/a/b", "ab"]),
        ("a/**/", ["a/b/", "a/b/c/"], ["a/b", "a/b/c"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "a/bc", "x/a/b"]),
        ("a/**/**/b", ["a/b", "a/x/b"], ["ab"]),
        ("a/**/b/**/c", ["a/b/c", "a/x/b/c", "a/b/y/c", "a/x/b/y/z/c"], ["a/c", "a/b", "a/bc"]),
        ("**/a/**", ["a/b", "x/a/b"], ["a", "x/a"]),
        ("/**", ["a", "a/b"], []),
        ("**", ["a", "a/b"], []),
        ("**/*", ["a", "x/a"], []),
        ("/**/a", ["a", "x/a", "x/y/a"], ["b"]),
        ("a**/b", ["ab", "a/b", "ax/b", "ax/y/b"], ["b", "xa/b", "a/bc"]),
        ("a**/", ["a/", "ab/", "x/ab/"], ["a", "b/"]),
        ("a/b**/c", ["a/bc", "a/b/c", "a/bx/c", "a/bx/y/c"], ["a/c", "b/c"]),
        ("a**/b/c", ["ab/c", "a/b/c", "ax/b/c"], ["a/c"]),
        ("[ab]", ["a", "b"], ["c", "ab", "-"]),
        ("[!ab]", ["c", "-"], ["a", "b", "/"]),
        ("[^ab]", ["c"], ["a", "b"]),
        ("[a-c]", ["a", "b", "c"], ["d", "-"]),
        ("[a-c-]", ["a", "-"], ["d"]),
        ("[-a]", ["a", "-"], ["b"]),
        ("[]a]", ["]", "a"], ["b"]),
        ("[!]a]", ["b"], ["]", "a"]),
        ("[a]]", ["a]"], ["a", "]"]),
        ("[a-cx-z]", ["b", "y"], ["d", "w"]),
        ("x[.-0]y", ["x.y", "x0y"], ["x/y"]),
        ("x[!a]y", ["xby"], ["x/y", "xay"]),
        ("[.]", ["."], ["a"]),
        ("\\*", ["*"], ["a", "\\*"]),
        ("\\[a]", ["[a]"], ["a"]),
        ("a\\b", ["ab"], ["a\\b"]),
        ("a.b", ["a.b"], ["axb"]),
        ("a+(b)", ["a+(b)"], ["aab"]),
        ("a ", ["a"], ["a "]),
        ("a   ", ["a"], ["a   "]),
        ("a\\ ", ["a "], ["a", "a\\ "]),
        ("a\\  ", ["a "], ["a  "]),
        ("a\\\\ ", ["a\\"], ["a\\ "]),
        ("a b", ["a b"], ["a", "ab"]),
        ("a\nb", ["a\nb"], ["a"]),
        ("a*b", ["a\nb"], []),
        ("a//b", [], ["a/b", "a//b"]),
        ("//", [], ["a", "/"]),
    ],
)
def test_a_pattern_names_these_paths_and_not_those(pattern, named, others):
    assert [path for path in named if not matches(pattern, path)] == []
    assert [path for path in others if matches(pattern, path)] == []


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("", "names nothing"),
        ("/", "names nothing"),
        ("  ", "names nothing"),
        ("a\\", "ends in a backslash"),
        ("[a", "a bracket that can't be read"),
        ("[", "a bracket that can't be read"),
        ("[]", "a bracket that can't be read"),
        ("[!]", "a bracket that can't be read"),
        ("[[:alpha:]]", "a bracket that can't be read"),
        ("[a\\]]", "a bracket that can't be read"),
        ("[b-a]", "runs backwards"),
        ("a" * (MAX_LENGTH + 1), f"longer than {MAX_LENGTH} characters"),
    ],
)
def test_a_pattern_without_a_meaning_says_why(pattern, reason):
    with pytest.raises(ValueError, match=r".") as refusal:
        compiled(pattern)
    assert reason in str(refusal.value)
    assert len(str(refusal.value)) < 120


def test_the_longest_pattern_is_read_and_spaces_do_not_count():
    assert matches("a" * MAX_LENGTH + "   ", "a" * MAX_LENGTH)


@pytest.mark.parametrize(
    ("pattern", "is_name"),
    [
        ("a", True),
        ("a/", True),
        ("**/a", True),
        ("/a", False),
        ("a/b", False),
        ("**/a/b", False),
        ("a/**", False),
        ("a**/b", False),
    ],
)
def test_a_pattern_without_a_slash_in_it_is_asked_about_names_alone(pattern, is_name):
    assert compiled(pattern).is_name is is_name


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("acme/api", "acme/*", True),
        ("refs/heads/a/b", "refs/heads/*", True),
        ("acme/api", "acme", False),
        ("Acme/api", "acme/*", False),
        ("a" * MAX_LENGTH, "a" * MAX_LENGTH, True),
        ("a" * (MAX_LENGTH + 1), "a" * (MAX_LENGTH + 1), False),
    ],
)
def test_a_star_of_a_whole_name_stands_for_slashes_too(text, pattern, expected):
    assert fits(text, pattern) is expected
