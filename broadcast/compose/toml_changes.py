"""Collects changes of a TOML document by the statements that they touch, and writes it (pure)."""

from __future__ import annotations

from typing import Any

from broadcast.compose.keys import Drop, Edit, Place, Put
from broadcast.compose.toml_layout import field, is_sectioned, pair, sections, style_of
from broadcast.compose.toml_scanner import Statement, statements
from broadcast.compose.toml_tables import Field, Items, Table, defining, pair_value, tables
from broadcast.compose.tree import Container, Leaf
from broadcast.compose.tree_edits import renewed, unwritable


class Changes:
    """What becomes of one document; all edits name places in it as it was."""

    def __init__(self, text: str, newline: str) -> None:
        self.statements = statements(text)
        self.root = tables(self.statements)
        self.style = style_of(self.statements, newline)
        self.gone: set[int] = set()
        self.values: dict[int, tuple[int, list[Edit]]] = {}  # by statement: how many keys lead to it, and its edits
        self.pairs: dict[int, tuple[Table, list[Put]]] = {}  # new keys of one table, by its id
        self.headed: dict[int, list[tuple[Table, tuple[str, ...], Any]]] = {}  # new tables, by the statement before
        self.braced: dict[int, bool] = {}  # whether the tables of a table stand between braces, by its id
        self.added: dict[int, int] = {}  # new items of a list of tables, by its id

    def make(self, edit: Edit) -> None:
        """Notes what an edit changes."""
        node: Table | Items | Field | None = self.root
        for depth, key in enumerate(edit.place):
            if isinstance(node, Field):
                self.values.setdefault(node.at, (depth, []))[1].append(edit)
                return
            holder, node = node, _child(node, key)
            if node is None:
                self._add(holder, edit, depth)
                return
        if isinstance(edit, Drop):
            self._drop(node)
        elif isinstance(node, Field):
            self.values.setdefault(node.at, (len(edit.place), []))[1].append(edit)
        else:
            self._replace(holder, node, edit)

    def is_dotted(self, place: Place) -> bool:
        """Whether dotted keys alone define the table at a place."""
        node: Table | Items | Field | None = self.root
        for key in place:
            node = _child(node, key)
        return isinstance(node, Table) and node.prefix is not None

    def text(self) -> str:
        """The document with all changes."""
        self._close_gaps()
        after = self._insertions()
        pieces = ["".join(after.get(-1, []))]
        for at, statement in enumerate(self.statements):
            if at not in self.gone:
                pieces.append(self._changed(at, statement).text())
            pieces += after.get(at, [])
        return "".join(pieces)

    def _changed(self, at: int, statement: Statement) -> Statement:
        if at not in self.values:
            return statement
        depth, edits = self.values[at]
        value = pair_value(statement)
        last = edits[-1]
        if isinstance(last, Put) and len(last.place) == depth and not isinstance(value, Container):
            text = field(last.value, self.style, statement.lead)
            return statement._replace(value=Leaf(text, last.value))
        return statement._replace(value=renewed(value, edits, self.style, statement.lead, depth))

    def _drop(self, node: Table | Items | Field | None) -> None:
        if isinstance(node, Field):
            self.gone.add(node.at)
        elif isinstance(node, Table):
            self._drop_table(node)
        elif isinstance(node, Items):
            for table in node.tables:
                self._drop_table(table)

    def _drop_table(self, table: Table) -> None:
        """A table goes with the comments between its keys."""
        self.gone.update(defining(table))
        for child in table.children.values():
            if not isinstance(child, Field):
                self._drop(child)
        if table.header is not None and table.end is not None:
            self.gone.update(range(table.header, table.end + 1))

    def _close_gaps(self) -> None:
        """Blank lines go with the table before them, and at the end of the document those that were before it."""
        kept: list[int] = []
        is_gap = False
        for at, statement in enumerate(self.statements):
            if at in self.gone:
                is_gap = is_gap or statement.kind in ("table", "item")
            elif is_gap and self._is_blank(at) and not (kept and not self._is_blank(kept[-1])):
                self.gone.add(at)
            else:
                kept.append(at)
                is_gap = False
        while is_gap and kept and self._is_blank(kept[-1]):
            self.gone.add(kept.pop())

    def _is_blank(self, at: int) -> bool:
        return self.statements[at].kind == "blank" and not self.statements[at].after.strip()

    def _replace(self, holder: Any, node: Table | Items | None, edit: Put) -> None:
        """Puts a value in the place of tables."""
        if not isinstance(holder, Table) or node is None:
            raise unwritable()
        before = min(defining(node)) - 1
        self._drop(node)
        if isinstance(node, Items) and is_sectioned(edit.value):
            self.headed.setdefault(before, []).append((holder, (*_names(edit)[:-1], str(edit.place[-1])), edit.value))
        else:
            self._add(holder, edit, len(edit.place) - 1)

    def _add(self, holder: Table | Items | Field | None, edit: Edit, depth: int) -> None:
        if not isinstance(edit, Put) or depth != len(edit.place) - 1:
            raise unwritable()
        if isinstance(holder, Items):
            self._add_item(holder, edit)
        elif isinstance(holder, Table) and isinstance(edit.place[-1], str):
            if holder.prefix is None and is_sectioned(edit.value) and not self._is_inline(holder):
                self.headed.setdefault(self._last(holder), []).append((holder, _names(edit), edit.value))
            else:
                self.pairs.setdefault(id(holder), (holder, []))[1].append(edit)
        else:
            raise unwritable()

    def _add_item(self, items: Items, edit: Put) -> None:
        added = self.added.get(id(items), 0)
        if not isinstance(edit.value, dict) or edit.place[-1] != len(items.tables) + added:
            raise unwritable()
        self.added[id(items)] = added + 1
        table = items.tables[-1]
        self.headed.setdefault(table.last, []).append((table, table.names(), [edit.value]))

    def _is_inline(self, table: Table) -> bool:
        """Whether the tables in it stand between braces, and none has a header."""
        if id(table) not in self.braced:
            self.braced[id(table)] = self._has_braces(table)
        return self.braced[id(table)]

    def _has_braces(self, table: Table) -> bool:
        kinds = [child for child in table.children.values() if not isinstance(child, Field)]
        values = [self.statements[one.at].value for one in table.children.values() if isinstance(one, Field)]
        return not kinds and any(isinstance(value, Container) and value.open == "{" for value in values)

    def _last(self, table: Table) -> int:
        return table.last if table.place else len(self.statements) - 1

    def _insertions(self) -> dict[int, list[str]]:
        """The new text, by the statement that it comes after."""
        found: dict[int, list[str]] = {}
        for table, puts in sorted(self.pairs.values(), key=lambda new: new[0].is_implied()):  # headers come last
            at, text = self._new_pairs(table, puts)
            found.setdefault(at, []).append(text)
        for at, news in self.headed.items():
            for table, names, value in sorted(news, key=lambda new: -len(new[1])):  # new items after an item's tables
                texts = list(sections(names, value, self.style, self._lead(table.header)))
                found.setdefault(at, []).extend(self._spaced(at, texts, bool(found.get(at))))
        return found

    def _new_pairs(self, table: Table, puts: list[Put]) -> tuple[int, str]:
        """Where a table's new keys go, and their lines."""
        if table.is_implied():
            title = next(sections(table.names(), {}, self.style, ""))
            lines = [pair("", (str(put.place[-1]),), put.value, self.style) for put in puts]
            at = self._last(table)
            return at, "".join(self._spaced(at, [title + "".join(lines)], False))
        at = table.end if table.end is not None and table.end not in self.gone else self._top(table)
        lead = self._lead(self._sibling(table))
        names = table.prefix or ()
        text = "".join(pair(lead, (*names, str(put.place[-1])), put.value, self.style) for put in puts)
        if table.end is None and self._touches(at):
            text += self.style.newline
        return at, text

    def _top(self, table: Table) -> int:
        """The statement after which the first key of the top table goes: a comment at the start stays first."""
        if table.end is not None:
            return table.end
        first = next((at for at, one in enumerate(self.statements) if one.kind != "blank"), len(self.statements))
        while first and not self._is_blank(first - 1):
            first -= 1
        return first - 1

    def _sibling(self, table: Table) -> int | None:
        fields = [child.at for child in table.children.values() if isinstance(child, Field)]
        return fields[-1] if fields else table.header

    def _lead(self, at: int | None) -> str:
        return "" if at is None else self.statements[at].lead

    def _spaced(self, at: int, texts: list[str], is_later: bool) -> list[str]:
        """New tables with a blank line before each, and after them if other text follows at once."""
        newline = self.style.newline
        is_first = not is_later and (at < 0 or (self._is_blank(at) and at not in self.gone))
        spaced = [text if is_first and not index else newline + text for index, text in enumerate(texts)]
        if self._touches(at):
            spaced.append(newline)
        return spaced

    def _touches(self, at: int) -> bool:
        """Whether the next line that stays after a statement isn't blank."""
        left = next((n for n in range(at + 1, len(self.statements)) if n not in self.gone), None)
        return left is not None and not self._is_blank(left)


def _child(node: Table | Items | Field | None, key: str | int) -> Table | Items | Field | None:
    if isinstance(node, Table) and isinstance(key, str):
        return node.children.get(key)
    if isinstance(node, Items) and isinstance(key, int) and key < len(node.tables):
        return node.tables[key]
    return None


def _names(edit: Edit) -> tuple[str, ...]:
    return tuple(key for key in edit.place if isinstance(key, str))
