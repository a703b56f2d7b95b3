"""The nodes of a YAML document with the places of their text (pure).

PyYAML is a dependency already, its C parser reads 1 MB in about a second, and its events have an index into the text.
The events are used and not `compose`: only they say where an alias stands, and nothing here calls itself. Their ends
are put right: that of a block collection is the start of what follows it, and a block scalar's is after the blank
lines below it. A value that isn't there stands right after its colon or dash.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple, NoReturn

import yaml

from broadcast.compose.parts import Unmergeable

MAX_DEPTH = 100  # with what aliases bring
MAX_VALUES = 300_000  # that aliases and merges may make of a short text

BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # YAML 1.1, as the parser reads
_SKIP = re.compile("(?:[ \t\r\n\x85\u2028\u2029\ufeff]|#[^\r\n\x85\u2028\u2029]*)*+")
_SKIP_FLOW = re.compile("(?:[ \t\r\n\x85\u2028\u2029\ufeff,]|#[^\r\n\x85\u2028\u2029]*)*+")
_LAST_BREAK = re.compile("(?:\r\n|[\n\r\x85\u2028\u2029])\\Z")
_HEADER_KEEPS = re.compile("[|>][1-9]?[+]")
_PROPERTY = re.compile(r"[&!]\S*")
_UNPRINTABLE = yaml.reader.Reader.NON_PRINTABLE
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Node(NamedTuple):
    """A value in the text: from `start`, or `inner` without its tag and anchor, up to `end`."""

    kind: Literal["scalar", "mapping", "sequence", "alias"]
    start: int
    inner: int
    end: int
    tag: str = ""  # the full one
    anchor: str = ""
    style: str = ""  # of a scalar: as in Spelling; of a collection: `flow`, `pair` for `[a: b]`, or `block`
    text: str = ""  # of a scalar
    entries: tuple[Entry, ...] = ()
    target: Node | None = None  # of an alias
    weight: int = 1  # the values in it
    depth: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing is written."""
        return self.kind == "scalar" and self.start == self.end


class Entry(NamedTuple):
    """A key with its value, or an item: from its key, `?` or dash; `head` is after the colon or the dash."""

    start: int
    head: int
    key: Node | None
    value: Node
    is_complex: bool = False  # the key is no plain or quoted text on its own

    @property
    def end(self) -> int:
        """Where the value ends."""
        return max(self.value.end, self.head)


class Document(NamedTuple):
    """A text and what is written in it."""

    text: str
    root: Node | None  # None: only comments
    end: int  # where the document ends that has no root
    used: frozenset[int]  # the ids of the nodes that aliases name


def read(text: str) -> Document:
    """The nodes of a text without a byte order mark. Raises Unmergeable if it isn't one YAML document."""
    bad = _UNPRINTABLE.search(text)
    if bad:
        refuse(text, bad.start(), f"this isn't valid YAML: it has the character {bad[0]!r}", "remove it")
    try:
        return _Builder(text).built()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = " ".join(filter(None, [error.context, error.problem]))
        refuse(text, mark.index if mark else 0, f"this isn't valid YAML: {message}", "correct it")
    except (yaml.YAMLError, UnicodeError) as error:
        raise Unmergeable(f"this isn't valid YAML: {error}", "correct it") from error


def refuse(text: str, index: int, reason: str, remedy: str) -> NoReturn:
    """Raise Unmergeable for a place in the text."""
    *before, last = BREAK.split(text[:index])
    raise Unmergeable(reason, remedy, line=len(before) + 1, column=len(last) + 1)


def skip(text: str, index: int, *, in_flow: bool = False) -> int:
    """The index after blanks, line breaks and comments; after commas too in flow collections."""
    found = (_SKIP_FLOW if in_flow else _SKIP).match(text, index)
    return found.end() if found else index


class _Open(NamedTuple):
    event: Any
    children: list[Node]


class _Builder:
    """Makes nodes of the parser's events."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.end = len(text)
        self.roots: list[Node] = []
        self.stack: list[_Open] = []
        self.anchors: dict[str, Node] = {}
        self.used: set[int] = set()

    def built(self) -> Document:
        documents = 0
        for event in yaml.parse(self.text, _Loader):
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    refuse(self.text, _start(event), "the file holds several YAML documents", "keep one in a file")
            elif isinstance(event, yaml.DocumentEndEvent):
                self.end = _start(event) if event.explicit else self.end
            else:
                self._take(event)
        root = self.roots[0] if self.roots and not self.roots[0].is_empty else None
        return Document(self.text, root, self.end, frozenset(self.used))

    def _take(self, event: Any) -> None:
        if isinstance(event, yaml.CollectionStartEvent):
            self.stack.append(_Open(event, []))
            self._bound(event, len(self.stack), 0)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._add(self._collection(self.stack.pop(), event))
        elif isinstance(event, yaml.ScalarEvent):
            self._add(self._scalar(event))
        elif isinstance(event, yaml.AliasEvent):
            self._add(self._alias(event))

    def _add(self, node: Node) -> None:
        (self.stack[-1].children if self.stack else self.roots).append(node)
        if node.anchor and node.kind != "alias":
            self.anchors[node.anchor] = node

    def _bound(self, event: Any, depth: int, weight: int) -> None:
        index = event.start_mark.index
        if depth > MAX_DEPTH:
            refuse(self.text, index, "the YAML is nested too deeply", f"keep to {MAX_DEPTH} levels")
        if weight > MAX_VALUES + len(self.text):
            refuse(self.text, index, "the aliases make the document too large", "write fewer of them")

    def _alias(self, event: Any) -> Node:
        start, end = event.start_mark.index, event.end_mark.index
        if any(event.anchor == opened.event.anchor for opened in self.stack):
            refuse(self.text, start, f"the alias *{event.anchor} makes the document endless", "write the values out")
        target = self.anchors.get(event.anchor)
        if target is None:
            refuse(self.text, start, f"the alias *{event.anchor} has no anchor", f"write &{event.anchor} before it")
        self.used.add(id(target))
        self._bound(event, len(self.stack) + target.depth, target.weight)
        return Node(
            kind="alias",
            start=start,
            inner=start,
            end=end,
            anchor=event.anchor,
            target=target,
            weight=target.weight,
            depth=target.depth,
        )

    def _inner(self, event: Any, end: int) -> int:
        index: int = event.start_mark.index
        for _ in filter(None, [event.anchor, event.tag]):
            found = _PROPERTY.match(self.text, index)
            index = skip(self.text, found.end()) if found else index
        return min(index, end)

    def _scalar(self, event: Any) -> Node:
        start, end, style = event.start_mark.index, event.end_mark.index, event.style or ""
        inner = self._inner(event, end)
        if style in {"|", ">"}:
            end = self._block_scalar_end(inner, end)
        return Node(
            kind="scalar",
            start=start,
            inner=inner,
            end=end,
            tag=event.tag or "",
            anchor=event.anchor or "",
            style=style,
            text=event.value,
        )

    def _block_scalar_end(self, inner: int, end: int) -> int:
        """The end of the last line: without the blank lines below, unless the scalar keeps them."""
        written = self.text[inner:end]
        if is_kept(written):
            found = _LAST_BREAK.search(self.text, max(inner, end - 2), end)
            return found.start() if found else end
        return inner + len(written.rstrip(" \t\r\n\x85\u2028\u2029")) if BREAK.search(written) else end

    def _collection(self, opened: _Open, ended: Any) -> Node:
        event, children = opened
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        inner = self._inner(event, len(self.text))
        is_bracketed = ended.end_mark.index > ended.start_mark.index
        style = "block" if not event.flow_style else "flow" if is_bracketed else "pair"
        at = inner + (style == "flow")
        entries = tuple(
            self._keys(children, at, in_flow=style != "block")
            if is_mapping
            else self._items(children, at, style != "block")
        )
        weight, depth = 1 + sum(child.weight for child in children), 1 + max((one.depth for one in children), default=0)
        self._bound(event, len(self.stack) + depth, weight)
        return Node(
            kind="mapping" if is_mapping else "sequence",
            start=event.start_mark.index,
            inner=inner,
            end=ended.end_mark.index if style == "flow" or not entries else entries[-1].end,
            tag=event.tag or "",
            anchor=event.anchor or "",
            style=style,
            entries=entries,
            weight=weight,
            depth=depth,
        )

    def _keys(self, children: list[Node], at: int, *, in_flow: bool) -> Iterable[Entry]:
        for key, value in zip(children[::2], children[1::2], strict=True):
            start, colon = skip(self.text, at, in_flow=in_flow), skip(self.text, key.end)
            head = colon + 1 if self.text[colon : colon + 1] == ":" else key.end
            is_complex = (
                start != key.start or key.kind != "scalar" or BREAK.search(self.text, key.start, key.end) is not None
            )
            entry = Entry(start, head, key, _moved(value, head), is_complex)
            at = entry.end
            yield entry

    def _items(self, children: list[Node], at: int, in_flow: bool) -> Iterable[Entry]:
        for value in children:
            start = value.start if in_flow else skip(self.text, at)
            head = start if in_flow else start + 1
            entry = Entry(start, head, None, value if in_flow else _moved(value, head))
            at = entry.end
            yield entry


def _start(event: Any) -> int:
    index: int = event.start_mark.index
    return index


def _moved(value: Node, head: int) -> Node:
    return value._replace(start=head, inner=head, end=head) if value.is_empty else value


def is_kept(scalar: str) -> bool:
    """Whether a block scalar keeps the blank lines below it."""
    return _HEADER_KEEPS.match(scalar) is not None
