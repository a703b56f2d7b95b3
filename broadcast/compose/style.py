"""How a document is laid out, so that what is new in it looks the same (pure)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from broadcast.compose.tree import LINE_END, Container, Entry, Leaf, Node, indentation


class Inline(dict[str, Any]):
    """A TOML table that its document writes between braces."""


class Lines(list[Any]):
    """A list that its document writes over several lines."""


class Style(Struct, frozen=True):
    """The layout of new mappings and lists."""

    scalar: Callable[[Any], str]
    key: Callable[[str, tuple[Entry, ...]], str]  # the name, and the entries beside it
    colon: str
    newline: str
    unit: str  # of indentation
    mappings: bool  # whether new ones have a line for each key
    lists: bool  # whether new ones of scalars have a line for each item
    gap: str = " "  # after a comma in a line
    padding: str = " "  # inside of braces in a line
    comma: str = ""  # after the last entry of several lines
    comment: str = "//"


def newline_of(text: str) -> str:
    """The line break that a document uses."""
    found = LINE_END.search(text)
    return found[0] if found else "\n"


def fresh(value: Any, style: Style, indent: str, like: Container | None = None, flat: bool = False) -> Node:
    """The text of a new value; `like`: the value that it replaces, or one beside it; `flat`: on one line."""
    if not isinstance(value, Mapping | list):
        return Leaf(style.scalar(value), value)
    brackets = "[]" if isinstance(value, list) else "{}"
    if not value:
        return Container(brackets[0], (), "", brackets[1])
    like = like if like and like.entries and like.open == brackets[0] else None
    lines = not flat and _has_lines(value, style, like)
    inner = indent + style.unit if lines else indent
    if lines and like:
        inner = indentation(like.entries[0].lead, inner)
    items = list(value.items()) if isinstance(value, Mapping) else [(None, item) for item in value]
    entries = [_entry(name, item, style, inner, not lines) for name, item in items]
    return _joined(brackets, entries, _edges(brackets, style, like, lines, (indent, inner)), like)


def _has_lines(value: Any, style: Style, like: Container | None) -> bool:
    if like:
        return bool(LINE_END.search(like.entries[0].lead))
    if isinstance(value, Mapping):
        return style.mappings
    return style.lists or isinstance(value, Lines) or (style.mappings and any(isinstance(x, Mapping) for x in value))


def _entry(name: str | None, value: Any, style: Style, indent: str, flat: bool) -> Entry:
    node = fresh(value, style, indent, flat=flat)
    if name is None:
        return Entry("", "", (), "", node)
    return Entry("", style.key(name, ()), (name,), style.colon, node)


def _edges(
    brackets: str, style: Style, like: Container | None, lines: bool, indents: tuple[str, str]
) -> tuple[str, str, str, str]:
    """What comes before the first entry, before the others, after the last, and its comma."""
    if lines:
        comma = like.entries[-1].comma if like else style.comma
        lead = style.newline + indents[1]
        return lead, lead, style.newline + indents[0], comma
    padding = style.padding if brackets == "{}" else ""
    if like and not like.entries[0].lead.strip():
        padding = like.entries[0].lead
    return padding, style.gap, padding, ""


def _joined(brackets: str, entries: list[Entry], edges: tuple[str, str, str, str], like: Container | None) -> Container:
    first, others, end, comma = edges
    last = len(entries) - 1
    named = [
        entry._replace(lead=others if at else first, comma="," if at < last else comma)
        for at, entry in enumerate(entries)
    ]
    return Container(brackets[0], tuple(named), end, brackets[1])
