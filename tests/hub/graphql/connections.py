"""Pages of a list, by GitHub's cursors."""

from __future__ import annotations

import base64
import json
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any

from tests.hub.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

PREFIX = b"cursor:v2:"


def connection(
    items: Sequence[Any],
    first: int | None = None,
    last: int | None = None,
    after: str | None = None,
    before: str | None = None,
    orderBy: Any = None,  # noqa: N803  GraphQL's name
    keys: Sequence[Any] | None = None,
    down: bool = False,
) -> dict[str, Any]:
    """`keys`, which the items are sorted by, make cursors that hold while others come and go."""
    keys = range(len(items)) if keys is None else keys
    start = _place(keys, after, past=True, down=down) if after else 0
    end = _place(keys, before, past=False, down=down) if before else len(items)
    if first is not None:
        end = min(end, start + first)
    if last is not None:
        start = max(start, end - last)
    page = items[start:end]
    cursors = [_cursor(key) for key in keys[start : start + len(page)]]
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


def _cursor(key: Any) -> str:
    return base64.b64encode(PREFIX + json.dumps(key, separators=(",", ":")).encode()).decode()


def _place(keys: Sequence[Any], cursor: str, *, past: bool, down: bool) -> int:
    """Where the list goes on past the cursor, or ends before it, whether or not its item is there still."""
    try:
        key = json.loads(base64.b64decode(cursor, validate=True).removeprefix(PREFIX))
        if down:
            return len(keys) - (bisect_left if past else bisect_right)(keys[::-1], key)
        return (bisect_right if past else bisect_left)(keys, key)
    except (ValueError, TypeError):
        raise Refused(f"`{cursor}` does not appear to be a valid cursor.", kind="INVALID_CURSOR_ARGUMENTS") from None
