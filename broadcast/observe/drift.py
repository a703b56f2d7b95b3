"""Snapshot minus target: a Merkle comparison that finds what differs and which listings are missing (pure).

Equal tree ids prove a whole directory in step, so only differing directories are ever listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple, Protocol

from msgspec import Struct, field

from broadcast.errors import FileError
from broadcast.git import paths
from broadcast.git.objects import GITLINK, SYMLINK, TREE, Entry, Tree
from broadcast.observe import swaps, twins
from broadcast.observe.change import Change
from broadcast.snapshot.snapshot import Snapshot, Wanted, relative
from broadcast.snapshot.time_limit import Check, unchecked

MAX_SWAPPED = 50  # files of a directory that a file takes the place of

Listing = Mapping[str, Entry]  # the names in one tree


class Listings(Protocol):
    """Listings by tree oid; trees never change, so one serves the whole fleet."""

    def get(self, oid: str, /) -> Listing | None:
        """The names in a tree; None: not known."""


Observed = Mapping[str, Entry | None]  # what a commit has at the paths `roots()` names; None: nothing
Names = Mapping[str, Sequence[str]]  # directory → what is in it
NO_NAMES: Names = {}


class Candidate(NamedTuple):
    """A file of the target that goes if the source once had this very content at `source`."""

    path: str
    entry: Entry
    source: str


class Swap(NamedTuple):
    """A file where a directory should be, or the reverse: it is made where all that goes is our own version."""

    gone: tuple[Candidate, ...]
    then: tuple[Change, ...]
    obstacles: tuple[FileError, ...]  # the errors where it isn't made


class Gap(NamedTuple):
    """A directory that differs and whose names aren't known yet."""

    path: str
    oid: str
    tree: Tree | None  # what should stand there; None: nothing
    whole: bool  # every name in it counts, for files may have to go; else only ours do


class Drift(Struct):
    """What separates one commit from a snapshot; final once `gaps` is empty."""

    changes: list[Change] = field(default_factory=list)
    errors: list[FileError] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    swaps: list[Swap] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    local: frozenset[str] = frozenset()  # paths that the target has changed itself
    keeps: bool = False  # whether it may keep them
    gaps: list[Gap] = field(default_factory=list)


def roots(snapshot: Snapshot) -> tuple[str, ...]:
    """The paths whose entries in a commit show whether anything differs; parents come before children.

    Destinations and all directories above them: a parent that is a symlink, a submodule or a file is an obstacle.
    """
    mirrored = {one.dest for one in snapshot.territories}
    wanted = {directory for directory in snapshot.directories if directory != "." or "." in mirrored}
    wanted |= snapshot.removals
    wanted |= {path for path in snapshot.files if not any(paths.is_below(path, root) for root in wanted)}
    wanted |= {path for path in snapshot.shared if not any(paths.is_below(path, root) for root in wanted)}
    if "." in snapshot.directories and "." not in mirrored:  # our own top-level names only: the rest can be anything
        wanted |= set(snapshot.tree.entries)
    tops = {path for path in wanted if not any(paths.is_below(path, root) for root in wanted if root != path)}
    return tuple(sorted(tops | {parent for path in tops for parent in paths.parents(path)}))


def inside(snapshot: Snapshot) -> tuple[str, ...]:
    """The shared files in directories that are compared as a whole: what a target has of them is needed at once."""
    return tuple(sorted(snapshot.shared.keys() - {*roots(snapshot)})) if snapshot.shared else ()


def compare(
    snapshot: Snapshot, observed: Observed, listings: Listings, check: Check = unchecked, *, names: Names = NO_NAMES
) -> Drift:
    """The drift of a commit in which `observed` stands at the roots; trees found in `listings` are descended.

    `names` are what directories hold that aren't listed. Raises what `check` raises, which is called for each path.
    """
    drift = Drift()
    inner = {parent for path in observed for parent in paths.parents(path)}
    blocked: list[str] = []
    for path in sorted(observed):
        if any(paths.is_below(path, parent) for parent in blocked):
            continue
        entry = observed[path]
        wanted = _wanted_at(snapshot, path)
        if path in inner and (entry is None or entry.mode == TREE):
            continue
        if path in inner:
            blocked.append(path)
        _walk(_TreeWalk(snapshot, listings, drift, check), path, wanted, entry)
    beside = (twins.twins(snapshot, path, tree, names[path]) for path in names if (tree := _tree_at(snapshot, path)))
    drift.warnings = list(dict.fromkeys([*drift.warnings, *chain.from_iterable(beside)]))
    return drift


class _TreeWalk(NamedTuple):
    snapshot: Snapshot
    listings: Listings
    drift: Drift
    check: Check


def _walk(walk: _TreeWalk, path: str, wanted: Tree | Wanted | None, have: Entry | None) -> None:
    walk.check()
    if have is not None and have.mode == TREE and path.count("/") >= paths.MAX_DEPTH:
        # Each level costs a look, and one more call of ours.
        reason = f"holds more than {paths.MAX_DEPTH} directories one in another, and is left as it is"
        walk.drift.errors.append(FileError(path, reason, "remove it in the target, or exclude it"))
        return
    if isinstance(wanted, Wanted) and wanted.is_seed and have is not None:
        return
    if isinstance(wanted, Tree):
        _walk_tree(walk, path, wanted, have)
    elif have is not None and have.mode == TREE:
        _walk_other_tree(walk, path, wanted, have)
    elif wanted is None:
        if have is not None and have.mode != GITLINK:
            _walk_extra(walk, path, have)
    elif have is not None and have.mode == GITLINK:
        walk.drift.errors.append(obstacle(path, have))
    elif have is None or have != wanted.entry:
        walk.drift.changes.append(Change(path, have, wanted))


def _walk_tree(walk: _TreeWalk, path: str, wanted: Tree, have: Entry | None) -> None:
    if have is not None and have.mode != TREE:
        added = tuple(Change(below, None, walk.snapshot.files[below]) for below in _files_below(walk.snapshot, path))
        obstacles = tuple(obstacle(change.path, have, path) for change in added)
        _swap(walk, {path: have}, added, obstacles)
        return
    if have is not None and have.oid == wanted.oid:
        return
    listing: Listing | None = {} if have is None else walk.listings.get(have.oid)
    if listing is None:
        walk.drift.gaps.append(Gap(path, have.oid, wanted, _may_go(walk.snapshot, path)))  # type: ignore[union-attr]  # what is absent has a listing
        return
    names = [*wanted.entries, *(name for name in listing if name not in wanted.entries)]
    walk.drift.warnings.extend(twins.twins(walk.snapshot, path, wanted, listing))
    for name in names:
        below = paths.join(path, name)
        if name in wanted.entries or _may_go(walk.snapshot, below):
            _walk(walk, below, _wanted_name(walk.snapshot, wanted, name, below), listing.get(name))


def _walk_other_tree(walk: _TreeWalk, path: str, wanted: Wanted | None, have: Entry) -> None:
    """The target has a directory where the source has a file or nothing."""
    if wanted is not None:
        gone = _all_below(walk, path, have)
        if gone is not None:
            _swap(walk, gone, (Change(path, None, wanted),), (obstacle(path, have),))
    elif _may_go(walk.snapshot, path):
        listing = walk.listings.get(have.oid)
        if listing is None:
            walk.drift.gaps.append(Gap(path, have.oid, None, whole=True))
        for name, entry in (listing or {}).items():
            _walk(walk, paths.join(path, name), None, entry)


def _all_below(walk: _TreeWalk, path: str, have: Entry) -> dict[str, Entry] | None:
    """Every file in a directory of the target; None where that isn't known yet."""
    listing = walk.listings.get(have.oid)
    if listing is None:
        walk.drift.gaps.append(Gap(path, have.oid, None, whole=True))
        return None
    found: dict[str, Entry] = {}
    is_whole = True
    for name, entry in listing.items():
        below = paths.join(path, name)
        inside = _all_below(walk, below, entry) if entry.mode == TREE else {below: entry}
        is_whole = is_whole and inside is not None
        found |= inside or {}
    return found if is_whole else None


def _swap(walk: _TreeWalk, have: dict[str, Entry], then: tuple[Change, ...], obstacles: tuple[FileError, ...]) -> None:
    """A mirror swaps them; other modes only where all that goes is our own version, by the source's history."""
    snapshot = walk.snapshot
    if any(entry.mode == GITLINK for entry in have.values()) or len(have) > MAX_SWAPPED:
        walk.drift.errors.extend(obstacles)
    elif all(swaps.goes(snapshot, path) for path in have):
        walk.drift.changes.extend([*(Change(path, entry, None) for path, entry in have.items()), *then])
    else:
        gone = tuple(Candidate(path, entry, swaps.source_of(path, then)) for path, entry in have.items())
        walk.drift.swaps.append(Swap(gone, then, obstacles))


def _walk_extra(walk: _TreeWalk, path: str, have: Entry) -> None:
    """The target has a file that the source hasn't got."""
    snapshot = walk.snapshot
    if any(paths.is_below(path, error.path) for error in snapshot.errors):
        return  # a file that can't be sent is left as the target has it
    covering = [one for one in snapshot.territories if one.covers(path)]
    if any(paths.is_below(path, removal) for removal in snapshot.removals) or any(one.past is None for one in covering):
        walk.drift.changes.append(Change(path, have, None))
    else:
        for one in covering:
            walk.drift.candidates.append(Candidate(path, have, paths.join(one.past or ".", relative(path, one.dest))))


def _may_go(snapshot: Snapshot, path: str) -> bool:
    directories = [*snapshot.removals, *(one.dest for one in snapshot.territories)]
    return any(paths.is_below(path, one) or paths.is_below(one, path) for one in directories)


def _wanted_at(snapshot: Snapshot, path: str) -> Tree | Wanted | None:
    if path in snapshot.files:
        return snapshot.files[path]
    return _tree_at(snapshot, path)


def _tree_at(snapshot: Snapshot, path: str) -> Tree | None:
    tree: Tree | None = snapshot.tree
    for name in () if path == "." else path.split("/"):
        tree = tree.subtrees.get(name) if tree else None
    return tree


def _wanted_name(snapshot: Snapshot, tree: Tree, name: str, path: str) -> Tree | Wanted | None:
    return tree.subtrees.get(name) or snapshot.files.get(path)


def _files_below(snapshot: Snapshot, directory: str) -> Iterable[str]:
    return (path for path in snapshot.files if paths.is_below(path, directory))


def obstacle(path: str, have: Entry, at: str = "") -> FileError:
    """The error of a file that can't be sent for what a target has in its place."""
    kinds = {TREE: "a directory", SYMLINK: "a symlink", GITLINK: "a submodule"}
    return FileError(
        path,
        f"the target has {kinds.get(have.mode, 'a file')} at {at or path}",
        "move it away in the target, or send this file elsewhere",
    )
