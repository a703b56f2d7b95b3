"""A document as pieces of its text, so that changing one leaves the others as they are (values)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

LINE_END = re.compile(r"\r\n|\n|\r")


class Leaf(NamedTuple):
    """A scalar: how it is written, and what that says."""

    text: str
    value: Any


class Entry(NamedTuple):
    """A key with its value, or an item of a list; the texts stand in this order in the document."""

    lead: str  # space and comments before the key; begins with the line break where the entry has its own line
    key: str
    names: tuple[str, ...]  # what the key says: several for a dotted key, none for an item
    colon: str
    value: Leaf | Container
    tail: str = ""  # space and comments between the value and the comma
    comma: str = ""
    after: str = ""  # comments on the line of the comma


class Container(NamedTuple):
    """A mapping or a list between its brackets."""

    open: str
    entries: tuple[Entry, ...]
    end: str  # space and comments before the closing bracket
    close: str


Node = Leaf | Container


def written(node: Node) -> str:
    """The text of a node."""
    pieces: list[str] = []
    _write(node, pieces)
    return "".join(pieces)


def _write(node: Node, pieces: list[str]) -> None:
    if isinstance(node, Leaf):
        pieces.append(node.text)
        return
    pieces.append(node.open)
    for entry in node.entries:
        pieces += (entry.lead, entry.key, entry.colon)
        _write(entry.value, pieces)
        pieces += (entry.tail, entry.comma, entry.after)
    pieces += (node.end, node.close)


def valued(node: Node) -> Any:
    """What a node says."""
    if isinstance(node, Leaf):
        return node.value
    if node.open == "[":
        return [valued(entry.value) for entry in node.entries]
    found: dict[str, Any] = {}
    for entry in node.entries:
        inner = found
        for name in entry.names[:-1]:
            inner = inner.setdefault(name, {})
        inner[entry.names[-1]] = valued(entry.value)
    return found


def containers(node: Node, indent: str = "") -> Iterator[tuple[Container, str]]:
    """All containers in a node, each with the indentation of the line that it begins on."""
    if isinstance(node, Container):
        yield node, indent
        for entry in node.entries:
            if isinstance(entry.value, Container):
                yield from containers(entry.value, indentation(entry.lead, indent))


def indentation(lead: str, otherwise: str) -> str:
    """The space at the start of an entry's line; `otherwise` where the entry begins no line."""
    line = own_line(lead)[1]
    if not LINE_END.match(line):
        return otherwise
    line = line.lstrip("\r\n")
    return line[: len(line) - len(line.lstrip(" \t"))]


def own_line(lead: str) -> tuple[str, str]:
    """What stands on lines before an entry's, and its line from the break on; no lines where it begins none."""
    at = max(lead.rfind("\n"), lead.rfind("\r"))
    comment_end = lead.rfind("*/")
    if at < comment_end and lead.rfind("/*", 0, comment_end) < at:  # the break is inside of a comment
        opening = lead.rfind("/*", 0, comment_end)
        at = max(lead.rfind("\n", 0, opening), lead.rfind("\r", 0, opening))
    if at < 0:
        return "", lead
    if lead[at] == "\n" and lead[at - 1 : at] == "\r":
        at -= 1
    return lead[:at], lead[at:]
