"""Values of `vars` from Python's, as the config would write them."""

from __future__ import annotations

from typing import Any

from broadcast.config.values import Flag, Number, Table, Value


def frozen(value: Any) -> Value:
    """The value as the config holds it."""
    if isinstance(value, bool):
        return Flag(str(value).lower())
    if isinstance(value, int | float):
        return Number(str(value))
    if isinstance(value, dict):
        return Table(tuple((name, frozen(one)) for name, one in value.items()))
    return tuple(map(frozen, value)) if isinstance(value, list | tuple) else value
