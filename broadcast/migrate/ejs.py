"""Render templates of EJS that hold values and comments alone, as EJS does (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from broadcast.migrate.document import Number
from broadcast.migrate.values import needs_escape, printed

Path = tuple[str, ...]  # user.name is ("user", "name")
_TOKEN = re.compile(r"(<%%|%%>|<%[=_#-]?|[-_]?%>)")
_NAME = re.compile(r"\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*;?\s*", re.ASCII)
_SLURP = re.compile(r"_%>[ \t]+")
_BREAK = re.compile(r"\r\n|[\r\n]")
_CLOSING = ("%>", "-%>", "_%>")


class Survey(NamedTuple):
    """What is in a template."""

    paths: tuple[Path, ...]  # of the values that it prints
    kinds: frozenset[str]  # "=" and "-", with which it prints them
    code: str  # the first JavaScript in it, empty for none


class Made(NamedTuple):
    """What comes out of a template."""

    text: str
    lacking: str  # a name without a value, with which EJS fails
    escaped: bool  # whether EJS wrote characters of a value as HTML does


def is_template(text: str) -> bool:
    """Whether EJS would change a text."""
    return "<%" in text or "%>" in text


def survey(text: str) -> Survey:
    """What is in a template."""
    parts = _TOKEN.split(text)
    paths, kinds, code = [], set(), ""
    for at in range(1, len(parts), 2):
        mark, inside = parts[at], parts[at + 1]
        name = _NAME.fullmatch(inside)
        if mark in ("<%=", "<%-") and name:
            paths.append(tuple(name[1].split(".")))
            kinds.add(mark[-1])
        elif mark in ("<%", "<%_", "<%=", "<%-") and not code:
            code = f"{mark}{inside}%>"
    return Survey(tuple(paths), frozenset(kinds), code)


def rendered(text: str, values: Any) -> Made:
    """What comes out of a template without JavaScript."""
    out: list[str] = []
    lacking, mode, shortens, is_escaped = "", "", False, False
    for at, part in enumerate(_TOKEN.split(_SLURP.sub("_%>", text))):
        if at % 2 and part in ("<%%", "%%>"):
            mode = "%"
            out.append(part.replace("%%", "%"))
        elif at % 2 and part in _CLOSING:
            out += [part] if mode == "%" else []
            mode, shortens = "", part != "%>"
        elif at % 2:
            mode = part[-1]
        elif mode in ("=", "-") and (name := _NAME.fullmatch(part)):
            found, lost = _value(name[1].split("."), values)
            lacking, is_escaped = lacking or lost, is_escaped or (mode == "=" and needs_escape(found))
            out.append(found)
        elif part and mode in ("", "%"):
            out.append(_BREAK.sub("", part, count=1) if shortens and _BREAK.match(part) else part)
            shortens = False
    return Made("".join(out), lacking, is_escaped)


def _value(path: list[str], values: Any) -> tuple[str, str]:
    """The text of a value; and the name that fails, if one does."""
    first, *rest = path[1:] if path[0] == "locals" and len(path) > 1 else path
    if not isinstance(values, Mapping) or (first not in values and path[0] != "locals"):
        return "", first
    found = values.get(first)
    for at, key in enumerate(rest):
        if found is None:
            return "", ".".join((first, *rest[:at]))
        found = found.get(key) if isinstance(found, Mapping) else None
    return _text(found), ""


def _text(value: Any) -> str:
    """A value as JavaScript prints it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(map(_text, value))
    return (
        "[object Object]" if isinstance(value, Mapping) else printed(value) if isinstance(value, Number) else str(value)
    )
