"""Compare names like GitHub, where labels, logins, teams and milestones ignore letter case; correct them (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable

MAX_ADDRESS = 300  # characters
_ADDRESS = re.compile(r"(?:[a-z]+://|[\w.-]+@)[^/:]+(?::\d+/|[/:])([\w-]+/[\w.-]+?)(?:\.git)?/?", re.ASCII)


def folded(name: str) -> str:
    """The key that is equal for names that GitHub considers equal."""
    return name.casefold()


def is_same(one: str, other: str) -> bool:
    """Whether GitHub considers two names equal."""
    return folded(one) == folded(other)


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """The names without duplicates, in order, each in its first spelling."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(folded(name), name)
    return tuple(found.values())


def how_to_write(repository: str) -> str:
    """The remedy for a text that names no repository: its name, where the text is its address."""
    found = _ADDRESS.fullmatch(repository) if len(repository) <= MAX_ADDRESS else None
    if found:
        return f"write {found[1]}"
    if " - " in repository:
        return "begin each `- ` of a list in the same column: this one continues the line above"
    return "write owner/repo or owner/repo@branch"
