"""REST's pages of a list, as the query asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .routing import Call

DEFAULT, LARGEST = 30, 100


def page(call: Call, rows: Sequence[Any]) -> Sequence[Any]:
    size, number = min(int(call.query.get("per_page", DEFAULT)), LARGEST), int(call.query.get("page", 1))
    return rows[(number - 1) * size : number * size]
