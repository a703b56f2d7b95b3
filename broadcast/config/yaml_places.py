"""Places of values in a YAML file (pure)."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec


class Place(NamedTuple):
    """Line and column, from 1."""

    line: int = 0
    column: int = 0


class Text(str):
    """A text with its place."""

    place = Place()

    @classmethod
    def at(cls, text: str, place: Place) -> Text:
        """`text` with a place."""
        placed = cls(text)
        placed.place = place
        return placed


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """A value with its place."""

    place: Place = Place()


def node_place(node: Any) -> Place:
    """The start of a YAML node or event."""
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)
