"""Turn edits of a YAML document's values into changes of its text (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, NoReturn

from broadcast.compose import yaml_block, yaml_flow
from broadcast.compose.keys import Edit, Value
from broadcast.compose.yaml_document import Document, Entry, Node, refuse
from broadcast.compose.yaml_page import Page, Patch
from broadcast.compose.yaml_reading import Values, is_merge
from broadcast.compose.yaml_text import flow, lines
from broadcast.compose.yaml_values import FlowList, FlowMap, by_key, changed, is_dropped, items_after


class _Slot(NamedTuple):
    """Where a value stands."""

    node: Node
    parent: Node | None = None
    entry: Entry | None = None


class _Plan(NamedTuple):
    """What becomes of the entries of a collection."""

    kept: list[tuple[int, list[Edit]]]  # that have edits
    gone: set[int]
    added: list[tuple[str, Value]]


class Editor:
    """Collects the patches for a document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.page = Page(document.text, document.root)
        self.values = Values(document)
        self.patches: list[Patch] = []
        self.shared: Node | None = None  # the first changed one that aliases name

    def edit_root(self, edits: Sequence[Edit]) -> None:
        """Add the patches for edits of the document."""
        if self.document.root is None:
            made = changed({}, edits)
            if made:
                self.patches.append(yaml_block.empty_filled(self.page, self.document.end, self._lines(made)))
            return
        self._edit(_Slot(self.document.root), edits)

    def _lines(self, value: Value) -> list[str]:
        return lines(value, 0, self.page.style) if value else [flow(value)]

    def _edit(self, slot: _Slot, edits: Sequence[Edit]) -> None:
        """Edits below a value, or of it as a whole."""
        node = slot.node
        is_whole = any(not edit.place for edit in edits)
        if is_whole or node.kind in {"alias", "scalar"}:
            self._replace(slot, changed(self.values.of(node), edits))
            return
        if id(node) in self.document.used:
            self.shared = self.shared or node
        if node.style == "pair":
            self._refuse(node, "a key in a list with brackets would change", "write the item as `{key: value}`")
        plan = self._keys(node, edits) if node.kind == "mapping" else self._items(node, edits)
        if len(plan.gone) == len(node.entries):
            self._refill(slot, plan)
        elif node.style == "flow" and plan.gone and plan.added:
            self._replace(slot, changed(self.values.of(node), edits))
        else:
            self._carry_out(slot, plan)

    def _keys(self, node: Node, edits: Sequence[Edit]) -> _Plan:
        own = self.values.own(node)
        merged = self.values.merged(node) if any(map(is_merge, node.entries)) else {}
        plan = _Plan([], set(), [])
        for key, some in by_key(edits).items():
            at = own.get(key)
            if is_dropped(some):
                if key in merged:
                    self._refuse(node, f"the key {key!r} comes from `<<` too", "remove it where the anchor is")
                if at is not None:
                    plan.gone.add(self._touched(node, at))
            elif at is None:
                plan.added.append((key, changed(merged.get(key), some)))
            else:
                plan.kept.append((self._touched(node, at), some))
        return plan

    def _touched(self, node: Node, at: int) -> int:
        entry = node.entries[at]
        if entry.is_complex:
            refuse(
                self.document.text, entry.start, "a key that is written with `?` would change", "write it as `key: …`"
            )
        return at

    def _items(self, node: Node, edits: Sequence[Edit]) -> _Plan:
        after = items_after(len(node.entries), edits)
        kept = {at for at, _ in after if at is not None}
        return _Plan(
            [(at, some) for at, some in after if at is not None and some],
            set(range(len(node.entries))) - kept,
            [("", changed(None, some)) for at, some in after if at is None],
        )

    def _refill(self, slot: _Slot, plan: _Plan) -> None:
        """A collection of which no entry stays, or that had none."""
        node = slot.node
        is_flow = node.style == "flow" and bool(node.entries)
        if not plan.added and not node.entries:
            return
        if node.kind == "mapping":
            self._replace(slot, (FlowMap if is_flow else dict)(plan.added))
        else:
            self._replace(slot, (FlowList if is_flow else list)(value for _, value in plan.added))

    def _carry_out(self, slot: _Slot, plan: _Plan) -> None:
        node = slot.node
        for at, some in plan.kept:
            self._edit(_Slot(node.entries[at].value, node, node.entries[at]), some)
        for at in plan.gone:
            self._doubt(node.entries[at].value)
        how = yaml_flow if node.style == "flow" else yaml_block
        if plan.gone:
            self.patches += how.dropped(self.page, node, plan.gone)
        if not plan.added:
            return
        if node.style == "flow":
            self.patches += yaml_flow.added(self.page, node, plan.added)
        else:
            is_flat = node.kind == "sequence" and slot.parent is not None and self._is_below(slot.parent, node)
            self.patches.append(yaml_block.added(self.page, node, plan.added, is_dashed_flat=is_flat))

    def _is_below(self, parent: Node, node: Node) -> bool:
        return self.page.column(parent.inner) == self.page.column(node.inner)

    def _replace(self, slot: _Slot, value: Value) -> None:
        self._doubt(slot.node)
        if slot.parent is None or slot.entry is None:
            is_flow = isinstance(value, FlowMap) and bool(value)
            made = [flow(value)] if is_flow else self._lines(value)
            self.patches.append(yaml_block.root_replaced(self.page, slot.node, made))
        elif slot.parent.style == "flow":
            self.patches.append(yaml_flow.replaced(self.page, slot.entry, value))
        else:
            self.patches.append(yaml_block.replaced(self.page, slot.parent, slot.entry, value))

    def _doubt(self, node: Node) -> None:
        """Note whether what goes has an anchor that is in use."""
        queue = [node] if self.document.used and not self.shared else []
        for one in queue:
            if id(one) in self.document.used:
                self.shared = one
            queue += [entry.value for entry in one.entries]
            queue += [entry.key for entry in one.entries if entry.key is not None]

    def _refuse(self, node: Node, reason: str, remedy: str) -> NoReturn:
        refuse(self.document.text, node.start, reason, remedy)
