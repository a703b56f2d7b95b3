"""Match one name of a path against one part of a micromatch pattern, in time proportional to both lengths (pure).

A set of positions in the name is an integer: bit 3 stands for the position before the fourth character. From the end of
the pattern to its beginning, each token maps the positions from which the rest matches to those from which it matches
too. No position is tried twice, so the time is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

EXTGLOB = re.compile(r"[@?*+!]\(")
MAX_SPELLINGS = 16
_SPECIAL = frozenset("-*+?.^${}(|)[]")
CLASS = re.compile(r"\[([!^]?)(\]?(?:\\.|[^\]\\])*+)\]", re.DOTALL)


class _Char(NamedTuple):
    """One character that an expression allows."""

    regex: re.Pattern[str]
    is_wild: bool = True

    def places(self, name: str) -> int:
        """Return the positions before such a character."""
        signs = {ord(char): "1" if self.regex.fullmatch(char) else "0" for char in set(name)}
        return int(name[::-1].translate(signs) or "0", 2)

    def before(self, name: str, ends: int, _rest: int) -> int:
        return (ends >> 1) & self.places(name)


class _Star(NamedTuple):
    """Any characters; several stars in a row are one."""

    is_wild: bool = True

    def before(self, _name: str, ends: int, _rest: int) -> int:
        return (1 << ends.bit_length()) - 1


_Plain = _Char | _Star


class _Group(NamedTuple):
    """`@(a|b)`, and the same behind `?`, `*`, `+` and `!`."""

    kind: str
    options: tuple[tuple[_Plain, ...], ...]
    is_wild: bool = True

    def before(self, name: str, ends: int, rest: int) -> int:
        if self.kind == "!":  # anything, unless an option and the rest match here
            return ((1 << ends.bit_length()) - 1) & ~self._once(name, rest)
        found = _Repeated(self.options, name).before(ends) if self.kind in "*+" else self._once(name, ends)
        return found | ends if self.kind in "?*" else found

    def _once(self, name: str, ends: int) -> int:
        found = 0
        for option in self.options:
            starts = ends
            for token in reversed(option):
                starts = token.before(name, starts, 0)
            found |= starts
        return found


_Token = _Plain | _Group
_SHOWN = _Char(re.compile(r"[^.]", re.DOTALL))


class PatternPart:
    """One part of a pattern, between two slashes. Raises ValueError if it is invalid."""

    def __init__(self, text: str) -> None:
        self._tokens = tuple(_tokens(text))

    def matches(self, name: str) -> bool:
        """Return whether the whole name matches; a wildcard at the start matches neither a dot nor the empty name."""
        end, shown = 1 << len(name), _SHOWN.places(name)
        plain, first = end, end  # positions from which the tokens behind match, or match as if they were all
        for token in reversed(self._tokens):
            plain = token.before(name, plain, first)
            first = plain & shown if token.is_wild else plain
        return bool(first & 1)


class _Repeated:
    """Options of a repeated group in one bit set: a bit for each token, and one behind the last for its end."""

    def __init__(self, options: tuple[tuple[_Plain, ...], ...], name: str) -> None:
        self._name = name
        self._first = self._last = self._stars = 0
        self._chars = dict.fromkeys(["", *name], 0)
        at = 0
        for option in options:
            self._first |= 1 << at
            for token in option:
                self._place(token, 1 << at)
                at += 1
            self._last |= 1 << at
            at += 1

    def _place(self, token: _Plain, bit: int) -> None:
        if isinstance(token, _Star):
            self._stars |= bit
            return
        for char in self._chars:
            self._chars[char] |= bit if token.regex.fullmatch(char) else 0

    def before(self, ends: int) -> int:
        """Return the positions from which a sequence of options leads to one of the `ends`."""
        first, stars, chars = self._first, self._stars, self._chars
        last = self._last | (self._last >> 1) & stars
        found, tokens = "", 0  # those that match from the position that is looked at
        for char, sign in zip(("", *reversed(self._name)), f"{ends:0{len(self._name) + 1}b}", strict=True):
            tokens = (tokens >> 1) & chars[char] | tokens & stars
            tokens |= (tokens >> 1) & stars
            if sign == "1" or tokens & first:
                tokens |= last
            found += "1" if tokens & first else "0"
        return int(found, 2)


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        kind = "@" if text[at] == "(" else text[at]  # alone, brackets are those of a regular expression
        begin = at + 1 if text[at] == "(" else at + 2
        end = text.find(")", at) if text[at] == "(" or EXTGLOB.match(text, at) else -1
        if end > 0:
            options = [one for option in text[begin:end].split("|") for one in spellings(option)]
            yield _Group(kind, tuple(tuple(_plain(option)) for option in options))
            at = end + 1
        elif found := _literal(text, at):
            token, _ = _token(text, at)
            yield _Group("@", ((token,), tuple(_plain(escaped(found[0])))))
            at = found.end()
        else:
            token, at = _token(text, at)
            yield token


def _literal(text: str, at: int) -> re.Match[str] | None:
    """A class that also stands for its own text: micromatch takes both, unless it has characters of expressions."""
    found = CLASS.match(text, at)
    inside = f"{found[1]}{found[2]}" if found else ""
    return found if inside and not _SPECIAL.intersection(inside) else None


def escaped(text: str) -> str:
    """A pattern for exactly this text."""
    return re.sub(r"\W", r"\\\g<0>", text)


def spellings(pattern: str) -> list[str]:
    """The pattern with each such class as itself and as its text; without any if they are too many."""
    found = [""]
    at = 0
    while at < len(pattern):
        literal = _literal(pattern, at) if pattern[at] != "\\" else None
        end = literal.end() if literal else at + (2 if pattern[at] == "\\" else 1)
        part = pattern[at:end]
        both = [part, escaped(part)] if literal else [part]
        found = [f"{head}{one}" for head in found for one in both]
        at = end
        if len(found) > MAX_SPELLINGS:
            return [pattern]
    return found


def _plain(text: str) -> Iterator[_Plain]:
    """The tokens of an option, which has no groups of its own."""
    at = 0
    while at < len(text):
        token, at = _token(text, at)
        yield token


def _token(text: str, at: int) -> tuple[_Plain, int]:
    char = text[at]
    if char == "*":
        return _Star(), at + len(text[at:]) - len(text[at:].lstrip("*"))
    if char == "?":
        return _Char(re.compile(r"[^/]", re.DOTALL)), at + 1
    found = CLASS.match(text, at)
    if found and found[2]:
        return _Char(_class(found[1], found[2])), found.end()
    if char == "\\" and at + 1 < len(text):
        return _Char(re.compile(re.escape(text[at + 1])), is_wild=False), at + 2
    return _Char(re.compile(re.escape(char)), is_wild=False), at + 1


def _class(sign: str, inside: str) -> re.Pattern[str]:
    """`[^…]` negates; `[!…]` doesn't in micromatch."""
    escaped = inside.replace("[", "\\[")
    try:
        return re.compile(f"[{'^/' if sign == '^' else sign}{escaped}]")
    except re.error:
        raise ValueError(f"[{sign}{inside}] is not a class of characters") from None
