"""What people improved in the fleet, grouped by equal edits, and which of them to take (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from msgspec import Struct

from broadcast.compose.unified import Diff, unified
from broadcast.errors import UsageError
from broadcast.git.objects import REGULAR
from broadcast.observe.finds import Improvement, Unable
from broadcast.observe.touches import Author

MAX_GROUPS, MAX_UNABLE = 200, 200  # that are reported; the rest is counted
_NAMES = 5  # repositories that an error names


class Place(NamedTuple):
    """Where an edit was found."""

    target: str  # its label
    path: str


class Group(Struct, frozen=True):
    """One edit of one file of the source."""

    source: str
    before: bytes
    after: bytes
    places: tuple[Place, ...]
    authors: tuple[Author, ...]
    is_foreign: bool
    diff: Diff
    mode: int = REGULAR
    is_new: bool = False  # the source has no such file


class Harvest(Struct, frozen=True):
    """All edits, those of most repositories first."""

    groups: tuple[Group, ...] = ()
    unable: tuple[Unable, ...] = ()
    withheld: tuple[str, ...] = ()  # targets that fewer people can read than the source
    written: tuple[str, ...] = ()  # paths in the working tree


def grouped(found: Iterable[Improvement | Unable], withheld: Sequence[str]) -> Harvest:
    """Equal edits of a file in one group."""
    edits: dict[tuple[str, bytes], list[Improvement]] = defaultdict(list)
    unable = []
    for one in found:
        if isinstance(one, Unable):
            unable.append(one)
        else:
            edits[one.source, one.after].append(one)
    groups = [_group(those) for those in edits.values()]
    groups.sort(key=lambda group: (group.is_foreign, -len(group.places), group.source, group.places))
    return Harvest(tuple(groups), tuple(sorted(unable, key=lambda one: (one.source, one.target))), tuple(withheld))


def _group(those: Sequence[Improvement]) -> Group:
    first = those[0]
    return Group(
        source=first.source,
        before=first.before,
        after=first.after,
        places=tuple(Place(one.target, one.path) for one in those),
        authors=tuple(dict.fromkeys(author for one in those for author in one.authors)),
        is_foreign=all(one.is_foreign for one in those),
        diff=unified(first.before, first.after),
        mode=first.mode,
        is_new=first.is_new,
    )


def chooser(path: str) -> Callable[[str, str], bool]:
    """Tests whether a file is meant: by its path in the source, or in the target; an empty path means every file."""
    return lambda source, target: not path or path in (source, target)


def taken(harvest: Harvest) -> list[Group]:
    """One edit for each path. Raises UsageError where several contradict each other."""
    by_path: dict[str, list[Group]] = defaultdict(list)
    for group in harvest.groups:
        by_path[group.source].append(group)
    for path, groups in by_path.items():
        if len(groups) > 1:
            found = "; ".join(f"{number}: {named(group)}" for number, group in enumerate(groups[:_NAMES], 1))
            more = f" and {len(groups) - _NAMES} more" if len(groups) > _NAMES else ""
            raise UsageError(
                f"{path} has {len(groups)} different edits, in {found}{more}",
                f"choose one: only-targets: {groups[0].places[0].target}, for example",
            )
    return [groups[0] for groups in by_path.values()]


def named(group: Group, most: int = 2) -> str:
    """The repositories of a group, the first by name."""
    names = list(dict.fromkeys(place.target for place in group.places))
    if len(names) <= most + 1:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"
