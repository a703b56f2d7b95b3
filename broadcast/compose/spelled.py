"""Scalars that are written as their document spells them (values)."""

from __future__ import annotations

from typing import Any


class Spelled:
    """A number or a date with its spelling; equal by value."""

    __slots__ = ("text", "value")

    def __init__(self, value: Any, text: str) -> None:
        self.value, self.text = value, text

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Spelled):
            return bool(self.value == other.value) or self.text == other.text  # `nan` is not equal to itself
        return bool(self.value == other)

    def __hash__(self) -> int:
        return hash(self.text if self.value != self.value else self.value)  # `nan`

    def __repr__(self) -> str:
        return f"Spelled({self.text})"


def plain(value: Any) -> Any:
    """A document's value, without spellings."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.value if isinstance(value, Spelled) else value
