"""Optional fields of queries: left out where a token may not read them or a GHES version lacks them (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from broadcast.github.graphql_errors import OPTIONAL, is_overload

_STRING = r'"(?:[^"\\]|\\.)*"'
# A refused one takes with it what it belongs to, or would be taken for an answer: such a document is asked again.
_REQUIRED = (
    "isInMergeQueue", "isDisabled", "mergeable", "authoredDate", "committedDate", "timelineItems", "autoMergeRequest",
    "mergeStateStatus", "isMergeQueueEnabled",
)  # fmt: skip
_SELECTIONS = {  # what else belongs to a field besides its name
    "rateLimit": r"\brateLimit \{ cost \}",
    "compare": rf"\bcompare\(headRef: {_STRING}\) \{{ behindBy \}}",
    "timelineItems": r"\btimelineItems\([^)]*\) \{ nodes \{.*?\n  \} \}",
    "autoMergeRequest": r"\bautoMergeRequest \{ enabledAt \}",
}


def without(document: str, names: Iterable[str]) -> str:
    """The document with these fields left out."""
    for name in names:
        flags = re.DOTALL if name == "timelineItems" else 0
        document = re.sub(_SELECTIONS.get(name, rf"\b{name}\b"), "__typename", document, flags=flags)
    return document


def refused(data: Mapping[str, Any], errors: Sequence[Mapping[str, Any]]) -> set[str]:
    """The fields without which the same document should be asked again."""
    text = " ".join(str(error.get("message", "")) for error in errors)
    names = {*OPTIONAL, *_REQUIRED}
    unknown = {name for name in names if not data and re.search(rf"\b[Ff]ield ['\"]{name}\b", text)}
    paths = [error["path"] for error in errors if error.get("path") and not is_overload(error)]
    return unknown | {str(path[-1]) for path in paths} & {*_REQUIRED}
