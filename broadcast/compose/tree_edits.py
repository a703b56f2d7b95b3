"""Changes entries of a mapping or a list in the text of a document, and leaves the others as they are (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from broadcast.compose.keys import Drop, Edit, Put, applied
from broadcast.compose.parts import Unmergeable
from broadcast.compose.style import Style, fresh
from broadcast.compose.tree import LINE_END, Container, Entry, Node, indentation, own_line, valued

_BESIDE = 20  # entries that a new one is laid out like, at most


def unwritable() -> Unmergeable:
    """What to raise where an edit has no place in a text."""
    return Unmergeable("it can't be changed without being laid out in another way", "make this change by hand")


def edited(node: Node, edits: Sequence[Edit], style: Style, indent: str = "", depth: int = 0) -> Node:
    """A node after edits, whose first `depth` keys lead to it."""
    if not isinstance(node, Container):
        raise unwritable()
    if any(len(entry.names) > 1 for entry in node.entries):  # dotted keys in braces
        inner = [edit._replace(place=edit.place[depth:]) for edit in edits]
        return fresh(applied(valued(node), inner), style, indent, node, flat=True)
    for is_drop, run in groupby(edits, key=lambda edit: isinstance(edit, Drop)):
        body = _Body(node, style, indent, depth)
        if is_drop:
            body.drop(list(run))
        else:
            body.put(list(run))
        node = body.container()
    return node


def renewed(node: Node, edits: Sequence[Edit], style: Style, indent: str, depth: int) -> Node:
    """A value after edits of it, or of what it holds."""
    for is_whole, run in groupby(edits, key=lambda edit: len(edit.place) == depth):
        if not is_whole:
            node = edited(node, list(run), style, indent, depth)
            continue
        for edit in run:
            if isinstance(edit, Drop):
                raise unwritable()
            node = fresh(edit.value, style, indent, node if isinstance(node, Container) else None)
    return node


class _Body:
    """The entries of one container while they change."""

    def __init__(self, container: Container, style: Style, indent: str, depth: int) -> None:
        self.before, self.style, self.indent, self.depth = container, style, indent, depth
        self.entries = list(container.entries)
        self.end = container.end
        self.names = {} if self._is_list() else {entry.names[0]: at for at, entry in enumerate(self.entries)}

    def container(self) -> Container:
        """The container with its changed entries."""
        return self.before._replace(entries=tuple(self.entries), end=self.end)

    def drop(self, run: list[Edit]) -> None:
        """Makes edits that are all drops."""
        gone = []
        for key, edits in groupby(run, key=lambda edit: edit.place[self.depth]):
            at = self._index(key)
            if at is None:
                raise unwritable()
            inner = list(edits)
            if len(inner[0].place) > self.depth + 1:
                self._change(at, inner)
            elif self._is_list():
                for _ in inner:
                    self._remove(at)
            else:
                gone.append(at)
        for at in sorted(gone, reverse=True):
            self._remove(at)

    def put(self, run: list[Edit]) -> None:
        """Makes edits that are all puts."""
        for key, edits in groupby(run, key=lambda edit: edit.place[self.depth]):
            inner = list(edits)
            at = self._index(key)
            if at is None:
                self._add(key, inner[0])
                at, inner = len(self.entries) - 1, inner[1:]
            if inner:
                self._change(at, inner)

    def _is_list(self) -> bool:
        return self.before.open == "["

    def _index(self, key: str | int) -> int | None:
        if isinstance(key, int):
            return key if self._is_list() and key < len(self.entries) else None
        return self.names.get(key)

    def _change(self, at: int, edits: list[Edit]) -> None:
        entry = self.entries[at]
        indent = indentation(entry.lead, self.indent)
        self.entries[at] = entry._replace(value=renewed(entry.value, edits, self.style, indent, self.depth + 1))

    def _add(self, key: str | int, edit: Edit) -> None:
        if len(edit.place) != self.depth + 1 or not isinstance(edit, Put) or isinstance(key, int) != self._is_list():
            raise unwritable()
        lead, comma = self._room()
        indent = indentation(lead, self.indent)
        beside = reversed(self.entries[-_BESIDE:])
        like = next((entry.value for entry in beside if _is_alike(entry.value, edit.value)), None)
        flat = not LINE_END.search(lead) and bool(self.entries)
        value = fresh(edit.value, self.style, indent, like if isinstance(like, Container) else None, flat=flat)
        if isinstance(key, int):
            new = Entry(lead, "", (), "", value)
        else:
            name = self.style.key(key, tuple(self.entries[-1:]))
            new = Entry(lead, name, (key,), self._colon(), value)
            self.names[key] = len(self.entries)
        self.entries.append(new._replace(comma=comma))

    def _colon(self) -> str:
        colon = self.entries[-1].colon if self.entries else self.style.colon
        return colon if len(colon) <= 3 and not LINE_END.search(colon) else self.style.colon

    def _room(self) -> tuple[str, str]:
        """Makes room for an entry at the end: what leads to it, and its comma."""
        if not self.entries:
            return self._first_room()
        last = self.entries[-1]
        self.entries[-1] = last._replace(comma=",")
        kept, line = own_line(self.end)
        if LINE_END.search(own_line(last.lead)[1]) or self.style.comment in last.after or kept.strip():
            indent = indentation(last.lead, self.indent + self.style.unit)
            if not LINE_END.match(line):
                kept, line = self.end.rstrip(" \t"), ""
            if kept.strip():
                self.end = line or self.style.newline + self.indent
            return (kept if kept.strip() else "") + self.style.newline + indent, last.comma
        lead = self.entries[1].lead if len(self.entries) > 1 else self.style.gap
        return ("" if lead.strip() else lead), last.comma

    def _first_room(self) -> tuple[str, str]:
        lines = self.style.lists if self._is_list() else self.style.mappings
        if not lines and not LINE_END.search(self.end) and not self.end.strip():
            self.end = "" if self._is_list() else self.style.padding
            return self.end, ""
        kept, line = own_line(self.end)
        if not LINE_END.match(line):
            kept, line = self.end.rstrip(" \t"), ""
        self.end = line or self.style.newline + self.indent
        return (kept if kept.strip() else "") + self.style.newline + self.indent + self.style.unit, self.style.comma

    def _remove(self, at: int) -> None:
        gone = self.entries.pop(at)
        kept, line = own_line(gone.lead)
        if at and not LINE_END.match(line) and gone.after.strip():  # the comment is about the whole line
            before = self.entries[at - 1]
            self.entries[at - 1] = before._replace(after=before.after + gone.after)
        if at < len(self.entries):
            self._close_gap(at, gone, kept)
        else:
            self._shorten(gone, kept, line)

    def _close_gap(self, at: int, gone: Entry, kept: str) -> None:
        after = self.entries[at]
        if not LINE_END.search(after.lead):
            lead = after.lead if at and not LINE_END.search(gone.lead) else gone.lead + after.lead.lstrip()
        elif kept.strip() or (at and not _begins_blank(after.lead)):
            lead = kept + after.lead
        else:
            lead = after.lead
        self.entries[at] = after._replace(lead=lead)

    def _shorten(self, gone: Entry, kept: str, line: str) -> None:
        """Ends the container before its last entry, which went."""
        if self.entries and not gone.comma:
            self.entries[-1] = self.entries[-1]._replace(comma="")
        broken = LINE_END.match(self.end)
        if kept.strip():
            self.end = kept + (self.end if broken else self.style.newline + self.indent)
        elif not self.entries and not self.end.strip():
            self.end = ""
        elif self.entries and self.style.comment in self.entries[-1].after and not broken:
            self.end = self.style.newline + self.indent


def _is_alike(node: Node, value: object) -> bool:
    bracket = "[" if isinstance(value, list) else "{"
    return isinstance(node, Container) and bool(node.entries) and node.open == bracket


def _begins_blank(lead: str) -> bool:
    space = lead[: len(lead) - len(lead.lstrip())]
    return len(LINE_END.findall(space)) > 1
