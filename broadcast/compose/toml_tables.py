"""Finds where a TOML document defines each table and key (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from broadcast.compose.keys import Place
from broadcast.compose.parts import Unmergeable
from broadcast.compose.scanner import DEPTH
from broadcast.compose.style import Inline, Lines
from broadcast.compose.toml_scanner import Statement
from broadcast.compose.tree import LINE_END, Container, Node, valued


class Field:
    """A key with its value in one statement."""

    def __init__(self, at: int) -> None:
        self.at = at


class Items:
    """A list whose items are tables with a header each."""

    def __init__(self) -> None:
        self.tables: list[Table] = []


class Table:
    """A table, which statements in several places can define."""

    def __init__(self, place: Place, prefix: tuple[str, ...] | None = None) -> None:
        self.place = place
        self.prefix = prefix  # of its dotted keys, which alone define it
        self.children: dict[str, Table | Items | Field] = {}
        self.header: int | None = None  # the statement that names it
        self.end: int | None = None  # the last statement of its own
        self.last = -1  # likewise, or of a table in it

    def names(self) -> tuple[str, ...]:
        """What its header says."""
        return tuple(key for key in self.place if isinstance(key, str))

    def is_implied(self) -> bool:
        """Whether only tables in it say that it exists."""
        return bool(self.place) and self.header is None and self.prefix is None

    def statements(self) -> Iterator[int]:
        """All that define it or what it holds."""
        if self.header is not None:
            yield self.header
        for child in self.children.values():
            yield from defining(child)


def defining(node: Table | Items | Field) -> Iterator[int]:
    """All statements that define a node."""
    if isinstance(node, Field):
        yield node.at
    elif isinstance(node, Table):
        yield from node.statements()
    else:
        for table in node.tables:
            yield from table.statements()


def tables(statements: Sequence[Statement]) -> Table:
    """The document's top table."""
    root = section = Table(())
    way = [root]
    for at, statement in enumerate(statements):
        if statement.kind == "blank":
            continue
        if statement.kind == "pair":
            _add_pair(section, statement.names, at, way)
            continue
        way = [root]
        section = _headed(root, statement, at, way)
    return root


def _headed(root: Table, statement: Statement, at: int, way: list[Table]) -> Table:
    """The table of a header; `way` gets all tables that lead to it."""
    if len(statement.names) > DEPTH:
        raise Unmergeable(f"it nests deeper than {DEPTH} levels", "nest it less")
    table = root
    for name in statement.names[:-1]:
        table = _inner(table, name, None)
        way.append(table)
    name = statement.names[-1]
    if statement.kind == "item":
        items = table.children.setdefault(name, Items())
        if not isinstance(items, Items):
            raise _unreadable(name)
        table = Table((*table.place, name, len(items.tables)))
        items.tables.append(table)
    else:
        table = _inner(table, name, None)
    way.append(table)
    table.header = table.end = at
    for passed in way:
        passed.last = at
    return table


def _add_pair(section: Table, names: tuple[str, ...], at: int, way: list[Table]) -> None:
    if len(section.place) + len(names) > DEPTH:
        raise Unmergeable(f"it nests deeper than {DEPTH} levels", "nest it less")
    table = section
    passed = [*way]
    for index, name in enumerate(names[:-1]):
        table = _inner(table, name, names[: index + 1])
        passed.append(table)
    table.children[names[-1]] = Field(at)
    for one in passed:
        one.last = at
    for one in (section, *passed[len(way) :]):
        one.end = at


def _inner(table: Table, name: str, prefix: tuple[str, ...] | None) -> Table:
    child = table.children.get(name)
    if child is None:
        child = table.children[name] = Table((*table.place, name), prefix)
    if isinstance(child, Items):
        return child.tables[-1]
    if not isinstance(child, Table):
        raise _unreadable(name)
    return child


def _unreadable(name: str) -> Unmergeable:
    return Unmergeable(f"the key {name} has a value and is a table as well", "remove one of them")


def pair_value(statement: Statement) -> Node:
    """The value of a statement that has a key."""
    if statement.value is None:
        raise _unreadable(statement.key)
    return statement.value


def value_of(node: Table | Items | Field, statements: Sequence[Statement]) -> Any:
    """What a node says, with its spellings."""
    if isinstance(node, Table):
        return {name: value_of(child, statements) for name, child in node.children.items()}
    if isinstance(node, Items):
        return [value_of(table, statements) for table in node.tables]
    return _marked(pair_value(statements[node.at]))


def _marked(node: Node) -> Any:
    """What a value says, with the layout of its mappings and lists."""
    if not isinstance(node, Container):
        return node.value
    if node.open == "{":
        return Inline(valued(node))
    items = [_marked(entry.value) for entry in node.entries]
    return Lines(items) if items and LINE_END.search(node.entries[0].lead) else items
