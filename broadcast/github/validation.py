"""Validates GitHub's responses; raises Malformed for the single request that failed (pure).

Only what is read is looked at, by its name: the type checker takes over from there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Literal

from broadcast.errors import Failure

REMEDY = "see whether api-url is GitHub's own address, and https://www.githubstatus.com; then run again"

_Check = Callable[[Any], bool]


class Malformed(Failure):
    """GitHub answered something that can't be parsed."""

    def __init__(self, what: str) -> None:
        super().__init__(f"GitHub's answer can't be parsed: {what}", REMEDY)


def validate(data: Any, api: Literal["GraphQL", "REST"] = "GraphQL") -> None:
    """Raise Malformed for a value that its name does not allow, wherever in `data` it is.

    Where GraphQL may answer null, its schema says so; what REST leaves out is for `present`.
    """
    checks = _GRAPHQL if api == "GraphQL" else _REST
    for name, value in _named(data):
        check = checks.get(name)
        if check and (value is not None or api == "GraphQL") and not check(value):
            raise Malformed(f"{name} is {str(value)[:80]!r}")


def present(answer: Any, name: str) -> Any:
    """What stands there under a name, which must not be null; to be called under `reading`."""
    value = answer[name]
    if value is None:
        raise TypeError(f"{name} is null")
    return value


@contextmanager
def reading() -> Iterator[None]:
    """What is missing from an answer, or is no list or mapping there, is Malformed."""
    try:
        yield
    except (LookupError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
        raise Malformed(f"{type(error).__name__}: {error}") from error


def _named(data: Any) -> Iterable[tuple[str, Any]]:
    left = [data]
    while left:
        here = left.pop()
        if isinstance(here, dict):
            yield from here.items()
            left += here.values()
        elif isinstance(here, list):
            left += here


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _may_be_text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63


def _may_be_number(value: Any) -> bool:
    return value is None or _is_number(value)


def _is_oid(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9a-f]{40}", value) is not None


def _is_url(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"https?://[!-~]+", value) is not None


def _is_full_name(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"(?!\.+/|.*/\.+$)[\w.-]+/[\w.-]+", value, re.ASCII) is not None


def _may_be_moment(value: Any) -> bool:
    try:
        return value is None or datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _is_id(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _may_be_list(value: Any) -> bool:
    return value is None or isinstance(value, list)


_REST: dict[str, _Check] = {
    "id": _is_id, "number": _is_number, "sha": _is_oid, "html_url": _is_url, "full_name": _is_full_name,
    **dict.fromkeys(("node_id", "state", "login", "path", "token"), _is_text),
    **dict.fromkeys(("name", "language", "visibility"), _may_be_text),
    "expires_at": _may_be_moment, "truncated": _is_flag,
}  # fmt: skip
_GRAPHQL: dict[str, _Check] = {
    **dict.fromkeys(("id", "title", "state", "login", "headRefName", "baseRefName", "message", "visibility"), _is_text),
    **dict.fromkeys(("name", "body", "text", "email", "viewerPermission", "mergeable", "endCursor"), _may_be_text),
    **dict.fromkeys(("milestoneTitle", "viewerDefaultMergeMethod"), _may_be_text),
    **dict.fromkeys(("isArchived", "isCrossRepository", "isFork", "hasNextPage"), _is_flag),
    **dict.fromkeys(("oid", "headRefOid"), _is_oid),
    **dict.fromkeys(("number", "byteSize"), _is_number),
    **dict.fromkeys(("createdAt", "updatedAt", "closedAt", "authoredDate", "committedDate"), _may_be_moment),
    "behindBy": _may_be_number, "url": _is_url, "nameWithOwner": _is_full_name, "nodes": _may_be_list,
}  # fmt: skip
