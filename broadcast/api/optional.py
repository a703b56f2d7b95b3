"""Fields that a query can do without: some tokens may not read them, some GHES versions don't have them (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_STRING = r'"(?:[^"\\]|\\.)*"'
_NULLABLE = ("viewerPermission", "rateLimit", "compare")  # a refused one is null, and its neighbours stay
_REQUIRED = ("isInMergeQueue", "isDisabled", "mergeable", "authoredDate", "committedDate", "timelineItems", "dropped")
_SELECTIONS = {  # what else belongs to a field besides its name
    "rateLimit": r"\brateLimit \{ cost \}",
    "compare": rf"\bcompare\(headRef: {_STRING}\) \{{ behindBy \}}",
    "timelineItems": r"\btimelineItems\([^)]*\) \{ nodes \{.*?\n  \} \}",
    "dropped": r"\bdropped: search\(.*",
}
_SCHEMA_NAMES = {"dropped": "search"}  # of aliases


def without(document: str, names: Iterable[str]) -> str:
    """The document with these fields left out."""
    for name in names:
        flags = re.DOTALL if name == "timelineItems" else 0
        document = re.sub(_SELECTIONS.get(name, rf"\b{name}\b"), "__typename", document, flags=flags)
    return document


def refused(data: Mapping[str, Any], errors: Sequence[Mapping[str, Any]]) -> set[str]:
    """The fields without which the same document should be asked again."""
    text = " ".join(str(error.get("message", "")) for error in errors)
    names = {*_NULLABLE, *_REQUIRED}
    unknown = {
        name for name in names if not data and re.search(rf"\b[Ff]ield ['\"]{_SCHEMA_NAMES.get(name, name)}\b", text)
    }
    # A required field that is refused takes with it what it belongs to: a pull request would seem not to be there.
    return unknown | {str(error["path"][-1]) for error in errors if error.get("path")} & {*_REQUIRED}


def is_optional(path: Sequence[object]) -> bool:
    """Whether an error at `path` can be overlooked."""
    return str(path[-1]) in {*_NULLABLE, *_REQUIRED}
