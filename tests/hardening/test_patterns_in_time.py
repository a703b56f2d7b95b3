"""No pattern takes longer than it is worth, no matter who wrote it, and each still means what git says."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import product

import pytest

from broadcast.config import selectors
from broadcast.git.attributes import Attributes
from broadcast.git.ignore import Excludes
from broadcast.migrate import micromatch
from tests.world import git

MOST = 0.05  # seconds for a pattern and a path
LENGTH = 120  # characters of a pattern
PIECES = ("*", "?", "a", "b", "[!a]", "[ab]", "[!b]", "[a-c]", "/", "**/", "/**/", "*a", "a*", "*?", "\\a")
PATHS = ("a" * 4_096, "ab" * 2_048, "/".join("a" * 2_048), "/".join(["a" * 255] * 16), "/".join("a" * 2_047) + "/b")
REPEATED = (
    "[!a]", "*[!a]", "[!a]*", "*a", "*?", "a*", "[ab]*", "*[a-z]", "a/**/", "**/a/", "*a/**/", "/**/*", "*/", "?/",
    "**/*a*/", "a*/**/*b/", "*a*a/", "[!b]/**/", "**a", "a**",
)  # fmt: skip
ENDS = ("", "b", "X", "/", "/b", "*b", "/**", "[!a]", "?", "/*X")
HOSTILE = [one * ((LENGTH - len(end)) // len(one)) + end for one, end in product(REPEATED, ENDS)]


def random_patterns(count: int) -> list[str]:
    dice, found = random.Random(1), []
    while len(found) < count:
        few = dice.sample(PIECES, dice.randint(1, 4))
        text = "".join(dice.choices(few, k=LENGTH))[:LENGTH]
        try:
            Excludes([text])
        except ValueError:
            continue
        found.append(text)
    return found


def slow(patterns: list[str]) -> list[tuple[str, str]]:
    """Those that take too long; a moment at which the machine does something else doesn't count."""
    found = []
    for pattern in patterns:
        excludes = Excludes([pattern])
        found += [(pattern, path[:20]) for path in PATHS if all(takes(excludes, path) > MOST for _ in range(3))]
    return found


def takes(excludes: Excludes, path: str) -> float:
    return seconds(lambda: excludes.decide(path, folder=False))


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def test_two_hundred_hostile_patterns_are_matched_in_a_moment():
    assert len(HOSTILE) == 200
    assert slow(HOSTILE) == []


def test_ten_thousand_random_patterns_are_matched_in_a_moment():
    assert slow(random_patterns(10_000)) == []


@pytest.mark.parametrize("pattern", ["*a" * 500 + "b", "[" * 2_000_000, "*" * 1_000 + "b", "[!a]*" * 200, "?*" * 500])
def test_a_selectors_pattern_is_matched_in_a_moment(pattern):
    began = time.perf_counter()
    assert not selectors.matches("a" * 300, pattern)
    assert time.perf_counter() - began < 1


EXTGLOBS = (
    "*(a|aa)", "+(*a)", "*(a*|*a)", "!(a)", "!(*a|b)", "?(a)", "*([!a]|a)", "@(a|*a)", "*a", "[^b]*", "**/", "*/",
    "*(a)/", "**/*a*/", "**/!(b)/", "+(a|a?|*a)",
)  # fmt: skip
KNOTS = [one * ((LENGTH - len(end)) // len(one)) + end for one, end in product(EXTGLOBS, ("", "b", "/**", "!(a)"))]
NESTED = ["{" * 400 + "a" + "}" * 400 + "{a,b}" * 40, "{a," * 250 + "}" * 250, "{1..3}" * 150, "{" * 1_000, "{,}" * 300]
LONG = ["*(a|aa)" * 140, "*(" + "|".join(["a"] * 500) + ")b", "+(" + "a" * 1_000 + "|a)", "!(a)" * 250, "*a" * 500]


def too_slow(pattern: str, most: float) -> list[str]:
    """The paths that a matcher made for each takes too long for."""
    return [path[:20] for path in PATHS if all(matching(pattern, path) > most for _ in range(3))]


def matching(pattern: str, path: str) -> float:
    matches = micromatch.matcher(pattern)  # it remembers names
    return seconds(lambda: matches(path))


@pytest.mark.parametrize("pattern", KNOTS)
def test_a_pattern_of_micromatch_is_matched_in_a_moment(pattern):
    assert too_slow(pattern, MOST) == []


@pytest.mark.parametrize("pattern", LONG)
def test_the_longest_patterns_of_micromatch_take_no_more_for_their_length(pattern):
    assert too_slow(pattern, MOST * len(pattern) / LENGTH) == []


@pytest.mark.parametrize("pattern", NESTED)
def test_braces_are_written_out_in_a_moment(pattern):
    assert seconds(lambda: micromatch.matcher(pattern)) < 1


@pytest.mark.parametrize("pattern", ["x" * 1_025, "!(a)" * 300])
def test_a_pattern_of_micromatch_longer_than_any_that_people_write_is_none(pattern):
    with pytest.raises(ValueError, match="longer than 1024 characters"):
        micromatch.matcher(pattern)


@pytest.mark.parametrize("pattern", ["x" * 1_025, "a/" * 600, "[" * 5_000, "*a" * 1_000])
def test_a_pattern_longer_than_any_that_people_write_is_refused(pattern):
    with pytest.raises(ValueError, match="gitignore"):
        Excludes([pattern])


@pytest.mark.parametrize("pattern", HOSTILE[::17])
def test_attributes_for_hostile_patterns_are_known_in_a_moment(tmp_path, pattern):
    lines = f"{pattern} text\n" * 100
    (tmp_path / ".gitattributes").write_text(lines)
    attributes = attributes_of(tmp_path)
    began = time.perf_counter()
    for path in PATHS:
        attributes.of(path.encode())
    assert time.perf_counter() - began < 100 * MOST


@pytest.mark.parametrize("seed", range(3))
def test_attributes_are_those_of_git(tmp_path, seed):
    git(tmp_path, "init", "-q")
    (tmp_path / "b/a").mkdir(parents=True)
    dice = random.Random(seed)
    for _ in range(15):
        for directory in ("", "b/", "b/a/"):
            (tmp_path / directory / ".gitattributes").write_text("".join(rule(dice) for _ in range(dice.randint(0, 4))))
        paths = ["/".join(dice.choices(["a", "b", "ab", "a.md", "é"], k=dice.randint(1, 4))) for _ in range(40)]
        attributes = attributes_of(tmp_path)
        ours = {path: dict(attributes.of(path.encode())) for path in paths}
        assert ours == said_by_git(tmp_path, paths)


MACROS = [
    "[attr]ours -text ident\n",
    "[attr]more ours text=auto\n",
    "[attr]theirs filter=x -more\n",
    "[attr]binary text\n",
]
WORDS = ["ours", "-ours", "!ours", "more", "theirs", "-theirs", "binary", "text", "-ident", "!text"]


@pytest.mark.parametrize("seed", range(3))
def test_macros_stand_for_what_git_takes_them_for(tmp_path, seed):
    """Defined at the top or in info/attributes, in any order, and nowhere else (gitattributes(5))."""
    git(tmp_path, "init", "-q")
    (tmp_path / "b").mkdir()
    (tmp_path / ".git/info").mkdir(exist_ok=True)
    dice, paths = random.Random(seed), ["a", "b/a", "b/c"]
    for _ in range(20):
        for file in (".gitattributes", "b/.gitattributes", ".git/info/attributes"):
            rules = [f"{dice.choice('abc*')} {' '.join(dice.choices(WORDS, k=2))}\n" for _ in range(3)]
            lines = [*dice.sample(MACROS, k=2), *rules]
            dice.shuffle(lines)
            (tmp_path / file).write_text("".join(lines))
        attributes = attributes_of(tmp_path)
        assert {path: dict(attributes.of(path.encode())) for path in paths} == said_by_git(tmp_path, paths)


def attributes_of(root) -> Attributes:
    def read(path: bytes) -> bytes:
        with suppress(OSError):
            return (root / path.decode()).read_bytes()
        return b""

    return Attributes(read, read(b".git/info/attributes"))


def rule(dice: random.Random) -> str:
    pattern = "".join(
        dice.choices(["*", "**", "a", "b", "ab", "/", "**/", "[ab]", "[!a]", ".md", "a/"], k=dice.randint(1, 4))
    )
    written = f'"{pattern}"' if dice.random() < 0.2 else pattern
    words = dice.choices(["text", "-text", "!text", "text=auto", "eol=crlf", "filter=lfs", "binary", "ident"], k=2)
    return f"{written} {' '.join(words)}\n"


def said_by_git(repo, paths: list[str]) -> dict[str, dict[bytes, bytes | bool]]:
    command = ["git", "check-attr", "--stdin", "-z", "--all"]
    given = b"\0".join(path.encode() for path in paths)
    done = subprocess.run(command, cwd=repo, input=given, capture_output=True, check=True)
    fields = done.stdout.split(b"\0")[:-1]
    said: dict[str, dict[bytes, bytes | bool]] = {path: {} for path in paths}
    for path, name, value in zip(fields[::3], fields[1::3], fields[2::3], strict=True):
        if name not in (b"diff", b"merge"):  # which concern no byte that is stored
            said[path.decode()][name] = {b"set": True, b"unset": False}.get(value, value)
    return said


def test_attributes_too_large_to_read_are_an_error_of_the_file_and_never_overlooked(swift):
    swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    swift.write(
        {"kit/a": "1\n", "kit/b": "2\n"},
        "version: 1\ntargets: [acme/api]\ndirectories: [{src: kit, untracked: true}]\n",
    )
    (swift.source / ".gitattributes").write_bytes(b"* text\n" * 60_000)
    (swift.source / "kit/a").write_bytes(b"3\r\n")
    ran = swift.run()
    assert [error["path"] for error in ran.target("acme/api")["file_errors"]] == ["kit/a"]
    assert ".gitattributes is over 256 KiB" in ran.log


@pytest.mark.parametrize("pattern", HOSTILE[::23])
def test_a_hostile_opt_out_and_exclude_hold_no_fleet(swift, pattern):
    swift.hub.repository("acme/api", files={".broadcastignore": f"{pattern}\n".encode() * 900})
    swift.hub.repository("acme/web", files={"README.md": b"theirs\n"})
    path = "/".join(["a" * 200] * 10)
    config = f"version: 1\ntargets: [acme/api, acme/web]\ndirectories: [{{src: kit, exclude: ['{pattern}']}}]\n"
    swift.write({f"kit/{path}": "x", "kit/b/b": "x"}, config)
    began = time.perf_counter()
    assert set(swift.run(command="plan").outcomes) == {"acme/api", "acme/web"}
    assert time.perf_counter() - began < 20


def test_macros_of_macros_without_end_are_known_in_a_moment():
    chain = "".join(f"[attr]a{at} a{at + 1} a{at + 1}\n" for at in range(8_000)) + "[attr]a8000 a0 text\n* a0\n"
    assert Attributes(lambda path: chain.encode() if path == b".gitattributes" else b"").of(b"x")[b"text"] is True
