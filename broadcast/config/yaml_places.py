"""Where in a YAML file something was written (pure)."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec


class Place(NamedTuple):
    """Where in its file something stands; both count from 1."""

    line: int = 0
    column: int = 0


class Text(str):
    """A text that knows where in its file it was written."""

    place = Place()

    @classmethod
    def at(cls, text: str, place: Place) -> Text:
        """`text`, as it stands at `place`."""
        placed = cls(text)
        placed.place = place
        return placed


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """A value that knows where in its file it was written."""

    place: Place = Place()


def node_place(node: Any) -> Place:
    """Where a node or an event of YAML starts."""
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)
