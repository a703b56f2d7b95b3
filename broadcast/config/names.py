"""Names as GitHub compares them: labels, logins, teams and milestones that differ by case alone are the same (pure)."""

from __future__ import annotations

from collections.abc import Iterable


def folded(name: str) -> str:
    """What two names share that GitHub takes for one."""
    return name.casefold()


def is_same(one: str, other: str) -> bool:
    """Whether GitHub takes both for one name."""
    return folded(one) == folded(other)


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """Each name once, in its order and as it is written first."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(folded(name), name)
    return tuple(found.values())
