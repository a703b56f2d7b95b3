"""Patterns of micromatch (with `dot: false`): which paths they match, and what they are in a .gitignore (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable

from broadcast.patterns import Excludes

_EXTGLOB = re.compile(r"[@?*+!]\(")
_RANGE = re.compile(r"(-?\d+|[A-Za-z])\.\.(-?\d+|[A-Za-z])")
_CLASS = re.compile(r"\[([!^]?)(\]?[^\]]*)\]")
_NOT_HIDDEN = r"(?!\.)"
_MANY = {"@": "", "?": "?", "*": "*", "+": "+"}
_MAX_BRACES = 200


def matcher(pattern: str) -> Callable[[str], bool]:
    """A predicate of whole paths. Raises ValueError for a pattern without a meaning."""
    negated = pattern.startswith("!") and not pattern.startswith("!(")
    regexes = [_compiled(one) for one in braces(pattern[1:] if negated else pattern)]
    return lambda path: any(regex.fullmatch(path) for regex in regexes) != negated


def gitignore(pattern: str) -> tuple[str, ...] | None:
    """Patterns for the same files of a directory, anchored to it; None for what a .gitignore can't say.

    They name directories too, which micromatch never does.
    """
    if _EXTGLOB.search(pattern) or set(pattern) & set("()") or pattern.startswith("!") or not pattern.strip("/"):
        return None
    found = tuple(_anchored(one) for one in braces(pattern))
    try:
        Excludes(found)
    except ValueError:
        return None
    return found


def _anchored(pattern: str) -> str:
    plain = re.sub(r" +$", lambda spaces: "\\ " * len(spaces[0]), pattern.lstrip("/"))
    plain = _CLASS.sub(lambda one: f"[{one[2]}!]" if one[1] == "!" else one[0], plain)  # no negation in micromatch
    if plain.startswith("**/"):
        name = plain.removeprefix("**/")
        return name if "/" not in name and name[0] not in "!#" else plain
    return f"/{plain}"


def braces(pattern: str) -> list[str]:
    """`{a,b}` and `{1..3}` written out."""
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
    for start, char in enumerate(pattern):
        end = _closing(pattern, start) if char == "{" and pattern[start - 1 : start] != "\\" else 0
        if end:
            options = _options(pattern[start + 1 : end])
            if len(options) > 1:
                return pattern[:start], options, pattern[end + 1 :]
    return None


def _closing(pattern: str, start: int) -> int:
    depth = 0
    for at in range(start, len(pattern)):
        depth += {"{": 1, "}": -1}.get(pattern[at], 0)
        if depth == 0:
            return at
    return 0


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


def _compiled(pattern: str) -> re.Pattern[str]:
    parts = pattern.split("/")
    regex = ""
    for at, part in enumerate(parts):
        is_last = at == len(parts) - 1
        if part != "**":
            regex += _segment(part) + ("" if is_last else "/")
        elif is_last:  # a/** matches a itself too
            head = regex.removesuffix("/")
            below = rf"{_NOT_HIDDEN}[^/]+(?:/{_NOT_HIDDEN}[^/]+)*"
            regex = f"{head}(?:/{below})?" if head != regex else f"{head}(?:{below})"
        else:
            regex += rf"(?:{_NOT_HIDDEN}[^/]+/)*"
    try:
        return re.compile(regex, re.DOTALL)
    except (re.error, OverflowError, RecursionError):
        raise ValueError(f"{pattern!r} is not a pattern") from None


def _segment(part: str) -> str:
    """The regex of one name; a wildcard at its start doesn't match a dot."""
    regex, at = "", 0
    while at < len(part):
        token, at = _token(part, at)
        wild = token.startswith(("[^/]", "[", "(?:")) and not regex
        regex += _NOT_HIDDEN + r"(?=[^/])" + token if wild else token
    return regex


def _token(part: str, at: int) -> tuple[str, int]:
    char = part[at]
    end = part.find(")", at) if _EXTGLOB.match(part, at) else -1
    if end > 0:
        return _extglob(char, part[at + 2 : end], part[end + 1 :]), end + 1
    if char == "*":
        stars = len(part[at:]) - len(part[at:].lstrip("*"))
        return "[^/]*", at + stars
    if char == "?":
        return "[^/]", at + 1
    found = _CLASS.match(part, at)
    if found and found[2]:
        inside = found[2].replace("[", "\\[")
        return f"[{'^/' if found[1] == '^' else found[1]}{inside}]", found.end()
    if char == "\\" and at + 1 < len(part):
        return re.escape(part[at + 1]), at + 2
    return re.escape(char), at + 1


def _extglob(kind: str, inside: str, rest: str) -> str:
    options = "|".join(_segment(option).removeprefix(_NOT_HIDDEN + r"(?=[^/])") for option in inside.split("|"))
    if kind == "!":
        return f"(?:(?!(?:{options}){_segment(rest)}(?:/|$))[^/]*?)"
    return f"(?:{options}){_MANY[kind]}"
