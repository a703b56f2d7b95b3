"""Pages of a list, by GitHub's cursors."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

PREFIX = b"cursor:v2:"


def connection(
    items: Sequence[Any],
    first: int | None = None,
    last: int | None = None,
    after: str | None = None,
    before: str | None = None,
    orderBy: Any = None,  # noqa: N803
) -> dict[str, Any]:
    start = _position(after) + 1 if after else 0
    end = _position(before) if before else len(items)
    if first is not None:
        end = min(end, start + first)
    if last is not None:
        start = max(start, end - last)
    page = items[start:end]
    cursors = [_cursor(number) for number in range(start, start + len(page))]
    return {
        "nodes": page,
        "edges": [{"node": node, "cursor": cursor} for node, cursor in zip(page, cursors, strict=True)],
        "totalCount": len(items),
        "pageInfo": {
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
            "hasPreviousPage": start > 0,
            "hasNextPage": end < len(items),
        },
    }


def _cursor(number: int) -> str:
    return base64.b64encode(PREFIX + str(number).encode()).decode()


def _position(cursor: str) -> int:
    return int(base64.b64decode(cursor).removeprefix(PREFIX))
