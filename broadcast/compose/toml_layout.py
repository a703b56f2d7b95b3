"""Writes new keys and tables of TOML documents (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time
from typing import Any

from broadcast.compose.spelled import Spelled
from broadcast.compose.style import Inline, Style, fresh
from broadcast.compose.toml_scanner import Statement
from broadcast.compose.tree import LINE_END, Container, indentation, written

_BARE = re.compile(r"[A-Za-z0-9_-]++")
_ESCAPES = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_ESCAPED = re.compile(r'[\x00-\x1f\x7f"\\]')
_ESCAPED_IN_LINES = re.compile(r'[\x00-\x08\x0b-\x1f\x7f\\]|"""|"$')


def style_of(statements: Sequence[Statement], newline: str) -> Style:
    """How a document is laid out."""
    values = [one.value for one in statements if isinstance(one.value, Container) and one.value.entries]
    lists = [one for one in values if one.open == "[" and LINE_END.search(one.entries[0].lead)]
    in_braces = next((one for one in values if one.open == "{"), None)
    unit = indentation(lists[0].entries[0].lead, "    ") if lists else "    "
    colons = [one.colon for one in statements if one.kind == "pair"]
    return Style(
        scalar=scalar,
        key=lambda name, _: key(name),
        colon="=" if colons and all(colon == "=" for colon in colons) else " = ",
        newline=newline,
        unit=unit,
        mappings=False,
        lists=False,
        padding=_padding(in_braces),
        comma=lists[0].entries[-1].comma if lists else ",",
        comment="#",
    )


def _padding(in_braces: Container | None) -> str:
    return in_braces.entries[0].lead if in_braces else " "


def key(name: str) -> str:
    """A name as a key."""
    return name if _BARE.fullmatch(name) else _quoted(name)


def scalar(value: Any) -> str:
    """A scalar on one line."""
    if isinstance(value, Spelled):
        return value.text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | time):
        return value.isoformat()
    return _quoted(value) if isinstance(value, str) else str(value)


def is_sectioned(value: Any) -> bool:
    """Whether a new value gets headers of its own: as it has them in the source."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, dict) and not isinstance(item, Inline) for item in value)
    return isinstance(value, Mapping) and not isinstance(value, Inline)


def pair(lead: str, names: tuple[str, ...], value: Any, style: Style) -> str:
    """A line, or several, with a key and its value."""
    name = ".".join(map(key, names))
    return lead + name + style.colon + field(value, style, lead) + style.newline


def field(value: Any, style: Style, lead: str) -> str:
    """The text of a value that stands alone on its lines."""
    if isinstance(value, str) and "\n" in value and "\r" not in value:
        escaped = _ESCAPED_IN_LINES.sub(lambda found: "".join(map(_escape, found[0])), value)
        return '"""' + style.newline + escaped.replace("\n", style.newline) + '"""'
    return written(fresh(value, style, lead))


def sections(names: tuple[str, ...], value: Any, style: Style, lead: str) -> Iterator[str]:
    """The new tables that hold a value, each from its header on."""
    title = ".".join(map(key, names))
    if isinstance(value, list):
        for item in value:
            yield from _section(f"[[{title}]]", names, item, style, lead)
        return
    if value and all(is_sectioned(item) for item in value.values()):  # they imply it
        for name, item in value.items():
            yield from sections((*names, name), item, style, lead)
        return
    yield from _section(f"[{title}]", names, value, style, lead)


def _section(header: str, names: tuple[str, ...], value: Mapping[str, Any], style: Style, lead: str) -> Iterator[str]:
    inner = {name: item for name, item in value.items() if is_sectioned(item)}
    pairs = [pair(lead, (name,), item, style) for name, item in value.items() if name not in inner]
    yield lead + header + style.newline + "".join(pairs)
    for name, item in inner.items():
        yield from sections((*names, name), item, style, lead)


def _quoted(value: str) -> str:
    return '"' + _ESCAPED.sub(lambda found: _escape(found[0]), value) + '"'


def _escape(character: str) -> str:
    return _ESCAPES.get(character, f"\\u{ord(character):04x}")
