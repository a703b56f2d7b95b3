"""How long work is told of while it goes on (pure)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

Unit = Literal["files", "repositories"]
Tell = Callable[[str, int, int, Unit], None]  # what is done with how many of how many; with none: it begins


def silence(_what: str, _done: int, _total: int, _unit: Unit) -> None:
    """Tell nobody."""
