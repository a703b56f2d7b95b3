"""REST's pages of a list, as the query asks for them: "Using pagination in the REST API"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.hub.rest.routing import Call

DEFAULT, LARGEST = 30, 100


def page(call: Call, rows: Sequence[Any], largest: int | None = None) -> Sequence[Any]:
    """`largest` makes pages shorter than the query asks for, though more follow."""
    size, number = _asked(call, largest)
    return rows[(number - 1) * size : number * size]


def links(call: Call, count: int, largest: int | None = None) -> dict[str, str]:
    """The header that leads to the pages beside this one; there is none where all fits on one."""
    size, number = _asked(call, largest)
    last = max(1, -(-count // size))
    found = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
    wanted = {name: at for name, at in found.items() if 1 <= at <= last and at != number}
    path = call.request.path.partition("?")[0]
    queries = {name: call.query | {"page": str(at)} for name, at in wanted.items()}
    texts = {name: "&".join(f"{key}={value}" for key, value in query.items()) for name, query in queries.items()}
    header = ", ".join(f'<{call.hub.url}{path}?{text}>; rel="{name}"' for name, text in texts.items())
    return {"Link": header} if header else {}


def _asked(call: Call, largest: int | None) -> tuple[int, int]:
    size = min(int(call.query.get("per_page", DEFAULT)), largest or LARGEST, LARGEST)
    return size, int(call.query.get("page", 1))
