"""Match micromatch patterns (with `dot: false`), and convert them to .gitignore patterns (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from broadcast.git.globs import MAX_LENGTH
from broadcast.git.ignore import Excludes
from broadcast.migrate.extglob import CLASS, EXTGLOB, PatternPart, spellings

_RANGE = re.compile(r"(-?\d+|[A-Za-z])\.\.(-?\d+|[A-Za-z])")
_MAX_BRACES = 200


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return a predicate of whole paths. Raises ValueError for an invalid or too long pattern.

    A path that is equal to the pattern matches, whatever the pattern means.
    Its time is at most the length of the pattern times that of the path, for each pattern that braces expand to.
    """
    if len(pattern) > MAX_LENGTH:
        raise ValueError(f"{pattern[:40]!r}… is longer than {MAX_LENGTH} characters")
    negated = pattern.startswith("!") and not pattern.startswith("!(")
    globs = [_Glob(one) for one in braces(pattern[1:] if negated else pattern)]
    return lambda path: path == pattern or any(glob.matches(path.split("/")) for glob in globs) != negated


class _Glob:
    """A pattern without braces; None means `**`."""

    def __init__(self, pattern: str) -> None:
        parts = pattern.split("/")
        self._parts = [None if part == "**" else lru_cache(maxsize=None)(PatternPart(part).matches) for part in parts]

    def matches(self, names: Sequence[str]) -> bool:
        """Return whether the names of a path match."""
        *parts, last = self._parts
        at = {0}  # how many names the parts so far may stand for
        for part in parts:
            at = (
                _descended(names, at)
                if part is None
                else {one + 1 for one in at if one < len(names) and part(names[one])}
            )
        if last:
            return len(names) - 1 in at and last(names[-1])
        is_any = bool(parts) and parts[-1] is not None  # a/** matches a itself too
        return len(names) in _descended(names, at if is_any else {one for one in at if one < len(names)})


def _descended(names: Sequence[str], at: set[int]) -> set[int]:
    """Return `at` and the positions behind any number of directories that aren't hidden."""
    found = set(at)
    for one, name in enumerate(names):
        found |= {one + 1} if one in found and not name.startswith(".") else set()
    return found


def gitignore(pattern: str) -> tuple[str, ...] | None:
    """Return patterns for the same files of a directory, anchored to it; None if a .gitignore can't express them.

    They also match directories, unlike micromatch.
    """
    if EXTGLOB.search(pattern) or set(pattern) & set("()") or pattern.startswith("!") or not pattern.strip("/"):
        return None
    found = tuple(_anchored(one) for spelling in spellings(pattern) for one in braces(spelling))
    try:
        Excludes(found)
    except ValueError:
        return None
    return found


def _anchored(pattern: str) -> str:
    plain = re.sub(r" +$", lambda spaces: "\\ " * len(spaces[0]), pattern.lstrip("/"))
    plain = CLASS.sub(lambda one: f"[{one[2]}!]" if one[1] == "!" else one[0], plain)  # no negation in micromatch
    if plain.startswith("**/"):
        name = plain.removeprefix("**/")
        return name if "/" not in name and name[0] not in "!#" else plain
    return f"/{plain}"


def braces(pattern: str) -> list[str]:
    """Expand `{a,b}` and `{1..3}`."""
    found: list[str] = []
    left = [pattern]
    while left:
        one = left.pop(0)
        parts = _first_braces(one)
        if parts is None or len(found) + len(left) > _MAX_BRACES:
            found.append(one)
        else:
            head, options, tail = parts
            left = [f"{head}{option}{tail}" for option in options] + left
    return found


def _first_braces(pattern: str) -> tuple[str, list[str], str] | None:
    for start, end in sorted(_pairs(pattern).items()):
        options = _options(pattern[start + 1 : end]) if pattern[start - 1 : start] != "\\" else []
        if len(options) > 1:
            return pattern[:start], options, pattern[end + 1 :]
    return None


def _pairs(pattern: str) -> dict[int, int]:
    """Return the positions of opening braces that may have several options, with their closing ones."""
    opened: list[int] = []
    several: set[int] = set()
    found = {}
    for at, char in enumerate(pattern):
        if char == "{":
            opened.append(at)
        elif opened and char == ",":
            several.add(opened[-1])
        elif opened and char == "}":
            start = opened.pop()
            if start in several or _RANGE.fullmatch(pattern, start + 1, at):
                found[start] = at
    return found


def _options(inside: str) -> list[str]:
    numbers = _RANGE.fullmatch(inside)
    if numbers:
        return _range(numbers[1], numbers[2])
    options, depth = [""], 0
    for char in inside:
        depth += {"{": 1, "}": -1}.get(char, 0)
        if char == "," and depth == 0:
            options.append("")
        else:
            options[-1] += char
    return options


def _range(first: str, last: str) -> list[str]:
    letters = first.isalpha() and last.isalpha()
    if first.isalpha() != last.isalpha():
        return []
    low, high = (ord(first), ord(last)) if letters else (int(first), int(last))
    if abs(high - low) > _MAX_BRACES:
        return []
    numbers = range(low, high + 1) if low <= high else range(low, high - 1, -1)
    return [chr(number) if letters else str(number) for number in numbers]
