"""Compile patterns of gitignore(5) and gitattributes(5) to regular expressions of linear time (pure).

A star, or `/**/`, takes the first place where the next piece fits, and no other place is tried: that is enough, for a
piece has one length, and what comes earlier leaves more for the rest. So matching costs at most the length of the
pattern times the length of the path, for any pattern and path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

MAX_LENGTH = 1_024  # characters of a pattern

_STAR = ""  # among pieces of an expression
_WILD = {"*": _STAR, "?": "[^/]"}
_NAME, _NEVER = "[^/]++", "(?!)"
_FOLDERS, _FOLDERS_FROM_INSIDE = f"(?:{_NAME}/)*?", "(?:[^/]*+/)*?"  # as few as will do; the rest of a name first
_BEGUN = re.compile(r"/?([^*?\[\\]*[^*?\[\\/])\*{2,}(?:/|\Z)")  # what no wildcard comes before


class Glob(NamedTuple):
    """A pattern's expression, for `fullmatch`; of a path that is a directory, "/" is the end."""

    regex: str
    is_name: bool  # whether the last name of a path, and its "/", is all that need be asked


def compiled(pattern: str) -> Glob:
    """The expression of a pattern without its `!`. Raises ValueError for an invalid pattern."""
    text = _without_spaces(pattern)
    if len(text) > MAX_LENGTH:
        raise ValueError(f"{text[:40]!r}… is longer than {MAX_LENGTH} characters")
    is_folder = text.endswith("/")
    body = text.removesuffix("/")
    is_anchored = "/" in body
    names = body.removeprefix("/").split("/")
    if not body:
        raise ValueError(f"{pattern!r} names nothing")
    if not all(names):  # as no path has
        return Glob(_NEVER, is_name=True)
    if is_anchored and (begun := _BEGUN.match(body)):
        rest = [_segment(name) for name in body[begun.end() :].split("/")] if begun.end() < len(body) else []
        return Glob(re.escape(begun[1]) + _from_inside(rest, is_folder=is_folder), is_name=False)
    segments = [_segment(name) for name in names]
    if len(segments) == 2 and segments[0] is None and segments[1]:  # **/x is x
        segments, is_anchored = segments[1:], False
    if not is_anchored:
        return Glob((segments[0] or _NAME) + ("/" if is_folder else "/?"), is_name=True)
    return Glob(_path(segments, is_folder=is_folder), is_name=False)


def fits(text: str, pattern: str) -> bool:
    """Whether a whole name or ref matches a pattern in which `*` matches "/" too; False for a pattern that is too long.

    fnmatch, too, tries the first place only that fits; but to read thousands of brackets takes it ages.
    """
    return len(pattern) <= MAX_LENGTH and fnmatchcase(text, pattern)


def _without_spaces(pattern: str) -> str:
    """The pattern without trailing spaces, but for escaped ones."""
    plain = pattern.rstrip(" ")
    slashes = len(plain) - len(plain.rstrip("\\"))
    return f"{plain} " if slashes % 2 and plain != pattern else plain


def _path(segments: Sequence[str | None], *, is_folder: bool) -> str:
    """The expression of groups of names, with any number of directories for each `**`."""
    first, *others = _groups(segments)
    return first + _below(others, _FOLDERS, "/" if first else "", is_folder=is_folder)


def _from_inside(segments: Sequence[str | None], *, is_folder: bool) -> str:
    """What follows a name's beginning and `**`: git takes those off before it matches, so the stars stand alone.

    They match nothing, or all up to some slash: `a**/b` is ab, a/b, ax/b, ax/y/b. So a name that follows may be empty.
    """
    _, *groups = _groups([None, *("[^/]*+" if one == _NAME and at == 0 else one for at, one in enumerate(segments))])
    return _below(groups, _FOLDERS_FROM_INSIDE, "", is_folder=is_folder)


def _groups(segments: Sequence[str | None]) -> Sequence[str]:
    groups: list[list[str]] = [[]]
    for segment in segments:
        if segment is not None:
            groups[-1].append(segment)
        elif groups[-1] or len(groups) == 1:  # of several ** in a row one counts
            groups.append([])
    return ["/".join(group) for group in groups]


def _below(groups: Sequence[str], folders: str, before: str, *, is_folder: bool) -> str:
    """Groups of which each has `**` before it: `folders` before the first."""
    regex = ""
    for at, group in enumerate(groups):
        if at + 1 < len(groups):
            regex += f"{before}(?>{folders}{group}(?=/))"
        elif group:
            regex += f"{before}{folders}{group}"
        else:  # all that is below
            return f"{regex}{before}.{'*' if folders == _FOLDERS_FROM_INSIDE else '+'}+" + (
                "(?<=/)" if is_folder else ""
            )
        before, folders = "/", _FOLDERS
    return regex + ("/" if is_folder else "/?")


def _segment(text: str) -> str | None:
    """The expression of one name in a pattern; None for `**`."""
    if len(text) > 1 and not text.strip("*"):
        return None
    first, *others = _chunks(_pieces(text))
    if not others:
        return first
    *middle, last = others
    if not (first or middle or last):
        return _NAME
    return first + "".join(f"(?>[^/]*?{chunk})" for chunk in middle) + (f"[^/]*{last}" if last else "[^/]*+")


def _chunks(pieces: Iterable[str]) -> list[str]:
    """The parts between the stars; adjacent stars count as one."""
    chunks = [""]
    for piece in pieces:
        if piece != _STAR:
            chunks[-1] += piece
        elif chunks[-1] or len(chunks) == 1:
            chunks.append("")
    return chunks


def _pieces(text: str) -> Iterator[str]:
    """An expression for each character of the pattern; _STAR for a star."""
    at = 0
    while at < len(text):
        char, at = text[at], at + 1
        piece = _WILD.get(char, re.escape(char))
        if char == "[":
            piece, at = _bracket(text, at)
        elif char == "\\":
            if at == len(text):
                raise ValueError(f"{text!r} ends in a backslash")
            piece, at = re.escape(text[at]), at + 1
        yield piece


def _bracket(text: str, at: int) -> tuple[str, int]:
    """The expression of the bracket that opens before `at`, and the position after it.

    A bracket that holds a backslash or another one ("[[:alpha:]]") is refused: those mean other things elsewhere.
    """
    negated = text[at : at + 1] in ("!", "^")
    start = at + negated
    end = text.find("]", start + 1)
    inner = text[start:end] if end > 0 else ""
    if not inner or "\\" in inner or "[" in inner:
        raise ValueError(f"{text!r} has a bracket that can't be read")
    ranges = list(_ranges(inner))
    if any(first > last for first, last in ranges):
        raise ValueError(f"{text!r} has a range that runs backwards")
    said = "".join(f"{re.escape(first)}-{re.escape(last)}" for first, last in ranges)
    has_slash = any(first <= "/" <= last for first, last in ranges)
    # A bracket never matches "/" (wildmatch() with WM_PATHNAME).
    return (f"[^/{said}]" if negated else f"(?!/)[{said}]" if has_slash else f"[{said}]"), end + 1


def _ranges(inner: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(inner):
        is_range = inner[at + 1 : at + 2] == "-" and at + 2 < len(inner)
        yield inner[at], inner[at + 2 if is_range else at]
        at += 3 if is_range else 1
