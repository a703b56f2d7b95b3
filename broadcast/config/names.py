"""Compare names like GitHub: labels, logins, teams and milestones ignore letter case (pure)."""

from __future__ import annotations

from collections.abc import Iterable


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
