"""A file in the place of a directory, or the reverse: what may be deleted, and what replaces it (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from broadcast.git import paths

if TYPE_CHECKING:
    from broadcast.observe.change import Change
    from broadcast.snapshot.snapshot import Snapshot


def goes(snapshot: Snapshot, path: str) -> bool:
    """Whether a mirror or a removal clears a path whatever is there."""
    mirrors = [one for one in snapshot.territories if one.past is None]
    cleared = any(one.dest == path or one.covers(path) for one in mirrors)
    return cleared or any(paths.is_below(path, removal) for removal in snapshot.removals)


def source_of(path: str, then: tuple[Change, ...]) -> str:
    """Where the source would have what stands at `path`, by the files that take its place."""
    first = next(change for change in then if change.after)
    source = first.after.source if first.after else ""
    if paths.is_below(path, first.path):
        return paths.join(source, path[len(first.path) + 1 :])
    return source.removesuffix(first.path[len(path) :])


def swaps(changes: Iterable[Change]) -> Iterable[list[Change]]:
    """The changes that go together, as a file replaces a directory or the reverse; one list for each such place."""
    by_path = {change.path: change for change in changes}
    groups: dict[str, list[Change]] = {}
    for path, change in by_path.items():
        for parent in paths.parents(path):
            if parent in by_path:
                groups.setdefault(parent, [by_path[parent]]).append(change)
    return groups.values()


def has_swaps(changes: Iterable[Change]) -> bool:
    """Whether a file takes the place of a directory, or the reverse."""
    known = {change.path for change in changes}
    return any(parent in known for path in known for parent in paths.parents(path))
