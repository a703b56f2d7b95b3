"""The values of a YAML document's nodes (pure)."""

from __future__ import annotations

import re

from broadcast.compose.keys import Value
from broadcast.compose.yaml_document import BREAK, Document, Entry, Node, refuse
from broadcast.compose.yaml_values import (
    STANDARD,
    ComplexKey,
    FlowList,
    FlowMap,
    Spelling,
    Tagged,
    scalar,
    spelled,
)

_NAMED_HANDLE = re.compile(r"![\w-]+!")  # `%TAG` says what it stands for, in that file only


class Values:
    """Reads the values of nodes; those that aliases name are shared."""

    def __init__(self, document: Document) -> None:
        self.document, self.text = document, document.text
        self._known: dict[int, Value] = {}

    def of(self, node: Node) -> Value:
        """The value of a node. Raises Unmergeable at keys that are used twice."""
        if node.kind == "alias" and node.target is not None:
            if id(node.target) not in self._known:
                self._known[id(node.target)] = self.of(node.target)
            return self._known[id(node.target)]
        if node.kind == "scalar":
            return scalar(node.text, self._spelling(node), node.tag)
        value = self._mapping(node) if node.kind == "mapping" else self._list(node)
        if node.tag in {"", "!", f"{STANDARD}map", f"{STANDARD}seq"}:
            return value
        return Tagged(spelled(node.tag, Spelling(self.tag(node), "")), value)

    def root(self) -> Value:
        """The value of the document; an empty mapping if it is empty."""
        return {} if self.document.root is None else self.of(self.document.root)

    def key(self, entry: Entry) -> str:
        """The text of a key."""
        key = entry.key
        if key is None or key.kind in {"mapping", "sequence"}:
            return ComplexKey(self.text[entry.start : entry.head])
        if key.kind == "alias":
            return ComplexKey(key.target.text if key.target else "")
        name: str = spelled(key.text, self._spelling(key))
        return name

    def own(self, node: Node) -> dict[str, int]:
        """The indexes of a mapping's own keys, without those that `<<` brings."""
        found: dict[str, int] = {}
        for at, entry in enumerate(node.entries):
            if is_merge(entry):
                continue
            name = self.key(entry)
            if name in found:
                first = BREAK.split(self.text[: node.entries[found[name]].start])
                reason = f"the key {str(name)[:80]!r} is used twice"
                refuse(self.text, entry.start, reason, f"line {len(first)} has it too; keep one")
            found[name] = at
        return found

    def merged(self, node: Node) -> dict[str, Value]:
        """The keys that `<<` brings; of several mappings, the first that has a key counts."""
        found: dict[str, Value] = {}
        for entry in node.entries:
            if is_merge(entry):
                for one in reversed(self._merges(entry.value)):
                    found.update(one)
        return found

    def _merges(self, node: Node) -> list[Value]:
        value = self.of(node)
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(one, dict) for one in values):
            refuse(self.text, node.start, "<< names no mapping", "name the anchor of one")
        return values

    def tag(self, node: Node) -> str:
        """The tag of a node, as it can be written in another file."""
        if not node.tag:
            return ""
        words = re.split(r"[\s,\[\]{}]+", self.text[node.start : node.inner])
        raw = next((word for word in words if word.startswith("!")), "")
        return f"!<{node.tag}>" if not raw or _NAMED_HANDLE.match(raw) else raw

    def _spelling(self, node: Node) -> Spelling:
        raw = self.text[node.inner : node.end]
        if "\r" in raw:
            raw = raw.replace("\r\n", "\n")
        return Spelling(raw, node.style, self.tag(node))

    def _mapping(self, node: Node) -> dict[str, Value]:
        found = self.merged(node) if any(map(is_merge, node.entries)) else {}
        for name, at in self.own(node).items():
            found[name] = self.of(node.entries[at].value)
        return found if node.style == "block" else FlowMap(found)

    def _list(self, node: Node) -> list[Value]:
        found = [self.of(entry.value) for entry in node.entries]
        return found if node.style == "block" else FlowList(found)


def is_merge(entry: Entry) -> bool:
    """Whether a key is `<<`, which takes over the keys of another mapping."""
    key = entry.key
    return key is not None and key.kind == "scalar" and key.text == "<<" and not key.style and not key.tag
