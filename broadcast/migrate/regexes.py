"""JavaScript's regular expressions of paths as directories and patterns of a .gitignore (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from broadcast.git.globs import MAX_LENGTH

_LITERAL = r"(?:[\w\-/ @~#%&=,:;'!]|\\[./\-+()\[\]$^{}|*?])"
_DIRECTORY = re.compile(rf"\^({_LITERAL}+/)(?:\.[*+]\$?)?")
_FILE = re.compile(rf"\^({_LITERAL}+)\$")
_SUFFIX = re.compile(rf"(?:\^({_LITERAL}*/))?(?:\.[*+])?((?:\\\.|[\w\-])+)\$")


class Place(NamedTuple):
    """What an expression names: a file, or those of a directory that match a pattern."""

    path: str  # "." for the root
    directory: bool
    pattern: str = ""  # all if empty


def predicate(expression: str) -> Callable[[str], bool]:
    """Whether an expression is found in a path. Raises ValueError for one that Python can't read."""
    if len(expression) > MAX_LENGTH:
        raise ValueError("it is too long")
    try:
        found = re.compile(expression.replace("(?<", "(?P<").replace("(?P<=", "(?<=").replace("(?P<!", "(?<!"))
    except (re.error, RecursionError) as error:
        raise ValueError(str(error)) from None
    return lambda path: found.search(path) is not None


def place(expression: str) -> Place | None:
    """What an expression names; None if it is none of the simple kinds."""
    if found := _FILE.fullmatch(expression):
        return Place(_plain(found[1]), directory=False)
    if found := _DIRECTORY.fullmatch(expression):
        return Place(_plain(found[1]).rstrip("/"), directory=True)
    found = _SUFFIX.fullmatch(expression)
    if found and found[2].startswith("\\."):
        return Place(_plain(found[1] or ".").rstrip("/"), True, f"*{_plain(found[2])}")
    return None


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
