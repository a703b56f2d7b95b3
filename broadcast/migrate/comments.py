"""Carry the comments of an old config over to the items of the new one that they stood at (pure)."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import yaml

from broadcast.config.yaml_reader import Place

Key = tuple[str, ...]  # target, label · entry, source, destination · remove, path · group, name · list, id
HEAD = "head"  # the kind of what has no item in the new config, such as settings for all
_SCHEMA = "yaml-language-server:"  # names the schema of the old format
_KINDS = {
    "targets": "target", "files": "entry", "directories": "entry", "remove": "remove", "groups": "group",
    "file_lists": "list", "directory_lists": "list",
}  # fmt: skip
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # as YAML breaks lines


class Comment(NamedTuple):
    """A comment of the old config."""

    line: int
    column: int
    text: str  # behind the sign
    beside: bool  # whether something stands before it


class Anchor(NamedTuple):
    """Where an item stands in the old config."""

    start: Place
    end: int  # its last line
    key: Key


class Commented(NamedTuple):
    """An item of the new config with its comments."""

    value: Any
    before: tuple[str, ...]
    beside: tuple[str, ...]
    after: tuple[str, ...]


class Carried(NamedTuple):
    """The new config with the comments of the old one."""

    config: dict[str, Any]
    head: tuple[str, ...]  # those above all items
    lost: tuple[Comment, ...]  # those whose item is gone


def scan(text: str) -> list[Comment]:
    """All comments of a YAML text."""
    text = text.removeprefix("\ufeff")
    starts = [0, *(found.end() for found in _BREAK.finditer(text))]
    found: list[Comment] = []
    end = 0
    for token in _tokens(text):
        found += _within(text, starts, end, token.start_mark.index)
        end = token.end_mark.index
        if getattr(token, "style", None) in ("|", ">"):
            first = bisect_right(starts, token.start_mark.index)
            found += _within(text, starts, token.start_mark.index, min([end, *starts[first : first + 1]]))
    return found + _within(text, starts, end, len(text))


def _tokens(text: str) -> Iterator[Any]:
    """The tokens, up to what only libyaml reads: it takes a tab where this scanner takes none."""
    with suppress(yaml.YAMLError):
        yield from yaml.scan(text, Loader=yaml.SafeLoader)


def _within(text: str, starts: Sequence[int], start: int, end: int) -> list[Comment]:
    """The comments in a part of a text that holds no values."""
    found = []
    while (at := text.find("#", start, end)) >= 0:
        line = bisect_right(starts, at)
        stop = starts[line] if line < len(starts) else len(text)
        is_beside = bool(text[starts[line - 1] : at].strip())
        found.append(Comment(line, at - starts[line - 1] + 1, text[at + 1 : stop].rstrip(), is_beside))
        start = stop
    return found


def last_line(node: yaml.Node) -> int:
    """The line of a node's last character."""
    left, last = [node], node.start_mark.line + 1
    while left:
        one = left.pop()
        if isinstance(one, yaml.ScalarNode):
            last = max(last, one.end_mark.line + (1 if one.style not in ("|", ">") else 0))
        elif getattr(one, "flow_style", None):
            last = max(last, one.end_mark.line + 1)
        elif isinstance(one, yaml.MappingNode):
            left += [part for pair in one.value for part in pair]
        else:
            left += one.value
    return last


def carried(config: dict[str, Any], text: str, anchors: Iterable[Anchor]) -> Carried:
    """The new config with the comments of the old one's `text`, of whose items `anchors` says where they stand."""
    sorted_anchors = sorted(anchors)
    found = [one for one in scan(text) if _SCHEMA not in one.text]
    first = min((one.start.line for one in sorted_anchors), default=1)
    head, rest = _head(found, text, first)
    kept: dict[Key, list[tuple[str, Comment]]] = {}
    lost: list[Comment] = []
    indents = _indents(text)
    for comment in rest:
        side, anchor = _anchor(comment, sorted_anchors, indents)
        if anchor and anchor.key == (HEAD,):
            (head if comment.line < anchor.start.line else lost).append(comment)
        elif anchor:
            kept.setdefault(anchor.key, []).append((side, comment))
        else:
            lost.append(comment)
    made = {name: _member(name, value, kept) for name, value in config.items()}
    lost += [comment for left in kept.values() for _, comment in left]
    return Carried(made, tuple(one.text for one in head), tuple(sorted(lost)))


def _head(comments: Sequence[Comment], text: str, first: int) -> tuple[list[Comment], Sequence[Comment]]:
    """The comments at the beginning that an empty line separates from the items, and the others."""
    lines = _BREAK.split(text.removeprefix("\ufeff"))
    blank = max((at for at, line in enumerate(lines[: first - 1], 1) if not line.strip()), default=0)
    begun = next((at for at, line in enumerate(lines, 1) if line.strip() and not line.lstrip().startswith("#")), first)
    above = [one for one in comments if one.line < min(blank, begun)]
    return above, comments[len(above) :]


def _indents(text: str) -> list[int]:
    """For each line the column of the next one that holds a value; at the end 0."""
    found = [0]
    for line in reversed(_BREAK.split(text.removeprefix("\ufeff"))):
        bare = line.lstrip()
        found.append(found[-1] if not bare or bare.startswith("#") else len(line) - len(bare) + 1)
    return found[::-1]


def _anchor(comment: Comment, anchors: Sequence[Anchor], indents: Sequence[int]) -> tuple[str, Anchor | None]:
    """The side of an item at which a comment goes, and the item."""
    at = bisect_left(anchors, comment.line + 1, key=lambda one: one.start.line)
    around = [one for one in anchors[max(at - 20, 0) : at] if comment.line <= one.end]
    if around:
        return ("beside" if comment.beside else "before"), around[-1]
    before, after = anchors[at - 1] if at else None, anchors[at] if at < len(anchors) else None
    is_behind = comment.column > indents[comment.line] and not comment.beside  # what follows belongs to another block
    if before and is_behind and comment.column >= before.start.column - len("- "):
        return "after", before
    return "before", after


def _member(name: str, value: Any, kept: dict[Key, list[tuple[str, Comment]]]) -> Any:
    return [_item(_KINDS[name], one, kept) for one in value] if name in _KINDS else value


def _item(kind: str, value: Any, kept: dict[Key, list[tuple[str, Comment]]]) -> Any:
    found = kept.pop(_key(kind, value), [])
    if isinstance(value, dict) and kind in ("target", "group", "list"):
        value = {key: _member(key, one, kept) for key, one in value.items()}
    sides = {side: tuple(one.text for where, one in found if where == side) for side in ("before", "beside", "after")}
    return Commented(value, **sides) if found else value


def _key(kind: str, value: Any) -> Key:
    if kind == "target":
        label = value if isinstance(value, str) else "@".join(filter(None, (value["repo"], value.get("branch"))))
        return kind, label.lower()
    if kind in ("group", "list"):
        return kind, value["name" if kind == "group" else "id"]
    if isinstance(value, str):
        return (kind, value, value) if kind == "entry" else (kind, value)
    return kind, value.get("src", ""), value.get("dest", value.get("src", ""))
