"""Changes keys of JSON documents, with or without comments, and leaves the rest as it is (pure)."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from broadcast.compose.json_scanner import JsonScanner
from broadcast.compose.keys import Edit, Value
from broadcast.compose.spelled import Spelled
from broadcast.compose.style import Style, newline_of
from broadcast.compose.tree import LINE_END, Container, Entry, Leaf, Node, containers, indentation, valued, written
from broadcast.compose.tree_edits import renewed

_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*+")
_NOTHING = Container("", (), "", "")  # a document without a value
_LONE = re.compile("[\ud800-\udfff]")  # halves of a pair can't be encoded


def load(text: str) -> Value:
    """The document's value; nothing but space and comments is an empty mapping. Raises Unmergeable where broken."""
    return valued(_scanned(text)[1])


def apply(text: str, edits: Sequence[Edit]) -> str:
    """The document after edits; only the lines of changed keys differ. Raises Unmergeable where that can't be."""
    if not edits:
        return text
    before, node, after = _scanned(text)
    if node == _NOTHING:
        node, after = Container("{", (), "", "}"), newline_of(text)
        before += after if before.strip("\ufeff \t") and not LINE_END.search(before[-1]) else ""
    return before + written(renewed(node, edits, _style(text, node), "", 0)) + after


def _scanned(text: str) -> tuple[str, Node, str]:
    """What comes before the value, the value, and what comes after it."""
    scanner = JsonScanner(text)
    before = scanner.spaces()
    if scanner.at == len(text):
        return before, _NOTHING, ""
    node = scanner.value()
    start = scanner.at
    scanner.spaces()
    if scanner.at != len(text):
        raise scanner.failure("more follows after the end of the document")
    return before, node, text[start:]


def _style(text: str, root: Node) -> Style:
    found = list(containers(root))
    quote = _quote(found)
    bodies = [body for body, _ in found if body.entries]
    flat = [not LINE_END.search(body.entries[0].lead) for body in bodies]
    lists = Counter(is_flat for body, is_flat in zip(bodies, flat, strict=True) if _holds_scalars(body))
    mapping = next((body for body in bodies if body.open == "{"), None)
    in_line = next((x for x, is_flat in zip(bodies, flat, strict=True) if is_flat and x.open == "{"), None)
    lines = not flat or not all(flat)
    colon = mapping.entries[0].colon if mapping else ": "
    tight = in_line is not None and " " not in colon
    return Style(
        scalar=lambda value: _string(value, quote) if isinstance(value, str) else _scalar(value),
        key=lambda name, beside: _key(name, beside or (mapping.entries if mapping else ()), quote),
        colon=colon if re.fullmatch(r" ?: ?", colon) else ": ",
        newline=newline_of(text),
        unit=_unit(found),
        mappings=lines,
        lists=lines and lists[True] <= lists[False],
        gap="" if tight else " ",
        padding=_padding(in_line, tight),
        comma=_last_comma(bodies),
    )


def _holds_scalars(body: Container) -> bool:
    return body.open == "[" and all(isinstance(entry.value, Leaf) for entry in body.entries)


def _padding(in_line: Container | None, tight: bool) -> str:
    if in_line and not in_line.entries[0].lead.strip():
        return in_line.entries[0].lead
    return "" if tight else " "


def _last_comma(bodies: list[Container]) -> str:
    """The comma after last entries, as the first container with several lines has it."""
    in_lines = (body for body in bodies if LINE_END.search(body.entries[0].lead))
    return next((body.entries[-1].comma for body in in_lines), "")


def _unit(found: list[tuple[Container, str]]) -> str:
    for body, indent in found:
        inner = indentation(body.entries[0].lead, "") if body.entries else ""
        if len(inner) > len(indent) and inner.startswith(indent):
            return inner[len(indent) :]
    return "  "


def _quote(found: list[tuple[Container, str]]) -> str:
    """The quotes of the first string value."""
    texts = (entry.value.text for body, _ in found for entry in body.entries if isinstance(entry.value, Leaf))
    return next((text[0] for text in texts if text[0] in "\"'"), '"')


def _scalar(value: Any) -> str:
    if isinstance(value, Spelled):
        return value.text
    return str(value) if isinstance(value, Decimal) else json.dumps(value)


def _string(value: str, quote: str) -> str:
    text = json.dumps(value, ensure_ascii=False)
    text = _LONE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    if quote == "'":
        text = "'" + text[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"
    return text


def _key(name: str, beside: tuple[Entry, ...], quote: str) -> str:
    like = beside[-1].key[0] if beside else '"'
    if like in "\"'":
        return _string(name, like)
    return name if _IDENTIFIER.fullmatch(name) else _string(name, quote)
