from __future__ import annotations

import random
import subprocess
from itertools import product
from typing import TYPE_CHECKING

import pytest

from broadcast.git.ignore import DEFAULT_EXCLUDES, Excludes, parse_ignore_file

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ["a", "b", "d.md", "tmp", "ab", "x.out", ".hidden", "a b"]
# A known difference, so not generated: git reads "?" and "[...]" by bytes (ours: characters: "?" matches "é").
GLOBS = ["*", "**", "?", "a*", "*.md", "*.out", "[ab]", "[!a]", "[^b-z]b", "a?", "*b*", "**b", "a**", "*a**", "\\a"]


@pytest.mark.parametrize("seed", range(5))
def test_answers_are_those_of_git_check_ignore(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    rng = random.Random(seed)
    for _ in range(25):
        patterns = [random_pattern(rng) for _ in range(rng.randint(1, 5))]
        paths = {"/".join(rng.choices(NAMES, k=rng.randint(1, 4))) for _ in range(50)}
        excludes = Excludes(patterns)
        assert {path for path in paths if excludes.match(path)} == ignored(tmp_path, patterns, paths), patterns


PIECES = ["a", "b", "ab", "*", "**", "**", "***", "/", "/", "/", "?", "[ab]", "\\a"]


@pytest.mark.parametrize("seed", range(4))
def test_two_stars_at_any_place_mean_what_they_mean_to_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    rng, paths = random.Random(seed), all_paths()
    for _ in range(100):
        pattern = "".join(rng.choices(PIECES, k=rng.randint(2, 7)))
        if "//" in pattern or not pattern.strip("/"):
            continue
        assert {path for path in paths if Excludes([pattern]).match(path)} == ignored(tmp_path, [pattern], paths), (
            pattern
        )


def all_paths() -> set[str]:
    return {"/".join(names) for count in range(1, 5) for names in product(("a", "b", "ab", "aab"), repeat=count)}


def random_pattern(rng: random.Random) -> str:
    names = [rng.choice(NAMES if rng.random() < 0.6 else GLOBS) for _ in range(rng.choice([1, 1, 2, 2, 3]))]
    before = rng.choice(["", "", "", "", "/", "**/"])
    after = rng.choice(["", "", "", "/"])
    return rng.choice(["", "", "!"]) + before + "/".join(names) + after


def ignored(repo: Path, patterns: list[str], paths: set[str]) -> set[str]:
    (repo / ".gitignore").write_text("".join(f"{pattern}\n" for pattern in patterns))
    command = ["git", "check-ignore", "--no-index", "--stdin", "-z"]
    done = subprocess.run(command, cwd=repo, input="\0".join(paths).encode(), capture_output=True, check=False)
    return set(done.stdout.decode().split("\0")) - {""}


@pytest.mark.parametrize(
    "path",
    [
        "x.out",
        "a/b.test",
        "run.exe",
        ".DS_Store",
        "a/.DS_Store",
        "tmp/x",
        "a/tmp/x/y",
        ".git",
        "a/.git/config",
        ".env",
        "a/.env",
        "node_modules/x.js",
        "a/node_modules/b/c.js",
        "Thumbs.db",
        "a/Thumbs.db",
    ],
)
def test_the_defaults_leave_out(path: str) -> None:
    assert Excludes(DEFAULT_EXCLUDES).match(path)


@pytest.mark.parametrize(
    "path",
    ["out", "a/x.out.txt", "tmp", "a/tmp", ".github/x", ".gitignore", "test/a.py", ".env.example", "node_modules"],
)
def test_the_defaults_keep(path: str) -> None:
    assert not Excludes(DEFAULT_EXCLUDES).match(path)


def test_a_pattern_re_includes() -> None:
    excludes = Excludes([*DEFAULT_EXCLUDES, "!keep.out"])
    assert not excludes.match("a/keep.out")
    assert excludes.match("a/other.out")


def test_an_excluded_directory_is_not_entered() -> None:
    assert Excludes(["a/", "!a/keep.md"]).match("a/keep.md")
    assert not Excludes(["a/*", "!a/keep.md"]).match("a/keep.md")
    assert not Excludes(["a/**", "!a/keep.md"]).match("a/keep.md")


def test_nothing_excludes_nothing() -> None:
    assert not Excludes(()).match("a/b")


def test_the_deepest_say_can_be_asked_for_one_entry() -> None:
    excludes = Excludes(["build/", "!*.md"])
    assert excludes.decide("a/build", folder=True) is True
    assert excludes.decide("a/build", folder=False) is None
    assert excludes.decide("build/x.md", folder=False) is False


def test_patterns_that_decide_nothing_are_reported() -> None:
    excludes = Excludes(["*.out", "docs/", "never"])
    excludes.match("docs/a")
    excludes.match("x.out")
    assert excludes.unused() == ("never",)


@pytest.mark.parametrize("pattern", ["", "  ", "#comment", "/", "!", "a[", "a\\", "[z-a]", "[[:alpha:]]", "[\\]]"])
def test_a_pattern_without_meaning_is_named(pattern: str) -> None:
    with pytest.raises(ValueError, match="gitignore") as caught:
        Excludes(["fine", pattern])
    assert repr(pattern) in str(caught.value)


def test_a_newline_in_a_name_is_a_character() -> None:
    assert Excludes(["*.out", "/a/*"]).match("a/x\ny")
    assert not Excludes(["x"]).match("x\n")


def test_an_ignore_file_is_read_line_by_line() -> None:
    excludes, unread = parse_ignore_file("\ufeff# comment\r\n\r\n*.log\r\n\\#x\n  \n[[:digit:]]\n!keep.log")
    assert unread == ("[[:digit:]]",)
    assert [excludes.match(path) for path in ("a.log", "keep.log", "#x", "7")] == [True, False, True, False]


def test_a_negated_bracket_does_not_match_a_slash() -> None:
    excludes = Excludes(["/a[!b]c"])
    assert [excludes.match(path) for path in ("axc", "abc", "a/c")] == [True, False, False]
