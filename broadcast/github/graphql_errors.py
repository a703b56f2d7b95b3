"""Judges the errors in a GraphQL answer: which questions are refused, overloaded or answered all the same (pure).

An error counts by its type and by the place that it made null. Words are looked at only where GitHub gives no type,
for a message may quote a path: `src/timeout.ts` is no time-out. The recorded answers are in docs/github.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Error = Mapping[str, Any]

OVERLOADED = frozenset({"RESOURCE_LIMITS_EXCEEDED", "MAX_NODE_LIMIT_EXCEEDED", "TIMEOUT"})
ABSENT = frozenset({"NOT_FOUND"})
REFUSED = frozenset({"FORBIDDEN", "NOT_FOUND"})
# Fields whose null is an answer, and the types of error that may stand beside it. Numbers at the end of our aliases
# don't count; a node of a list counts as the list's field.
DISPENSABLE: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("at", "file", "optOut", "probe"), ABSENT),  # the path isn't there
    **dict.fromkeys(("label", "labels", "milestones"), REFUSED),  # a token without Issues
    **dict.fromkeys(("actor", "mergedBy", "assignee", "author", "user", "requestedReviewer"), REFUSED),  # hidden ones
    **dict.fromkeys(("closing", "timelineItems"), REFUSED),  # one event among others
    **dict.fromkeys(("statusCheckRollup", "contexts"), REFUSED),  # a token without Checks or Statuses
    "hit": REFUSED,  # one of a search's
}
OPTIONAL = ("viewerPermission", "visibility", "rateLimit", "compare")  # null for whatever reason
EXTRA = "names"  # how we call what serves a warning only: null for whatever reason, too

_QUOTED = re.compile(r"`[^`]*`|(?<!\w)'[^']*'|\"[^\"]*\"")  # but no apostrophe
_OVERLOAD_WORDS = re.compile(
    r"something went wrong while executing your query|time-?out|in time|resource limits", re.IGNORECASE
)
_ALIAS = re.compile(r"q(\d+)")


class Judged(NamedTuple):
    """What the errors of one document come to, by the question's number."""

    refused: dict[int, Error]  # questions that fail, with the error that says why
    overloaded: dict[int, Error]  # questions that the server had no time for
    shared: Error | None  # an error that names no question
    is_overload: bool  # whether that one is an overload


def judge(data: Mapping[str, Any], errors: Sequence[Error]) -> Judged:
    """Sort the errors of an answer; those beside a null that is an answer by itself are left out."""
    refused: dict[int, Error] = {}
    overloaded: dict[int, Error] = {}
    shared: Error | None = None
    for error in errors:
        number, overload = _question(error), is_overload(error)
        if not overload and _is_answered(data, error):
            continue
        if number is None:
            shared = shared or error
        elif overload:
            overloaded.setdefault(number, error)
        else:
            refused.setdefault(number, error)
    return Judged(refused, overloaded, shared, shared is not None and is_overload(shared))


def is_overload(error: Error) -> bool:
    """Whether the server ran out of time or resources."""
    kind = str(error.get("type") or "")
    words = unquoted(str(error.get("message", "")))
    return kind in OVERLOADED or (not kind and _OVERLOAD_WORDS.search(words) is not None)


def is_undefined(errors: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a server refused a whole document because it doesn't know one of its fields, as an older GHES does."""
    codes = {(error.get("extensions") or {}).get("code") for error in errors}
    return "undefinedField" in codes or any(
        "doesn't exist on type" in str(error.get("message", "")) for error in errors
    )


def unquoted(message: str) -> str:
    """A message without what it quotes."""
    return _QUOTED.sub("", message)


def null_place(data: Any, path: Sequence[object]) -> Sequence[object]:
    """Where the null is that an error at `path` made: there, or above where the schema allows none.

    GraphQL specification, "Handling Execution Errors".
    """
    here = data
    for depth, step in enumerate(path):
        inside = isinstance(here, list) and isinstance(step, int) and -1 < step < len(here)
        inside = inside or (isinstance(here, dict) and isinstance(step, str) and step in here)
        here = here[step] if inside else None
        if here is None:
            return path[: depth + 1]
    return path


def _is_answered(data: Mapping[str, Any], error: Error) -> bool:
    """Whether the null beside an error is what we asked for, or something that we can do without."""
    name = _field(null_place(data, error.get("path") or []))
    return name in (*OPTIONAL, EXTRA) or str(error.get("type") or "") in DISPENSABLE.get(name, ())


def _question(error: Error) -> int | None:
    match = _ALIAS.fullmatch(str((error.get("path") or [""])[0]))
    return int(match[1]) if match else None


def _field(path: Sequence[object]) -> str:
    """The name of the field at a place; of a search's node, which has no field of its own, `hit`."""
    names = [step for step in path if isinstance(step, str) and step != "nodes"]
    if len(names) == 1 and len(path) > 1:
        return "hit"
    return names[-1].rstrip("0123456789") if names else ""
