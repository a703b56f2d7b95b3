"""Files that targets have otherwise than they should: what people may have improved there (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from broadcast.compose.parts import BlockRemoval, Merge, Part
from broadcast.config.targets import Target
from broadcast.git.objects import EXECUTABLE, REGULAR, Entry
from broadcast.observe.change import Change
from broadcast.observe.history import merged_pairs
from broadcast.observe.state import Observation
from broadcast.observe.touches import Author
from broadcast.snapshot.content import Recipe
from broadcast.snapshot.snapshot import Wanted, pair

Chosen = Callable[[str, str], bool]  # of a path in the source and one in the target


class Find(Struct, frozen=True, eq=False):
    """One file of one target, or a part of one."""

    target: Target
    seen: Observation
    path: str  # in the target
    sent: Wanted  # the source's file
    entry: Entry  # what the target has
    part: Part | None = None  # None: the whole file
    theirs: bytes | None = None  # the content of what it has, where that is known already
    base: bytes | None = None  # of a merge
    is_new: bool = False  # the source has no such file

    @property
    def is_as_written(self) -> bool:
        """Whether the target gets the source's very bytes, so that ids of blobs tell which version it has."""
        return self.part is None and self.sent.recipe == Recipe()

    @property
    def needs_texts(self) -> bool:
        """Whether older versions have to be read, rendered and compared."""
        return not self.is_as_written and not isinstance(self.part, Merge)


class Improvement(Struct, frozen=True):
    """What people made of the source's file in one target."""

    target: str  # its label
    path: str  # in the target
    source: str  # path in the source
    before: bytes  # the source's file
    after: bytes  # the same with their edit
    authors: tuple[Author, ...] = ()
    mode: int = REGULAR  # of the source's file
    is_new: bool = False  # the source has no such file
    is_foreign: bool = False  # no version of ours is known that it comes from


class Unable(Struct, frozen=True):
    """An edit that can't be carried back."""

    target: str
    path: str
    source: str
    reason: str


def finds(target: Target, seen: Observation, chosen: Chosen, *, merges: bool) -> Iterable[Find]:
    """What a target has otherwise, without what pull requests of ours brought; people's merged files with `merges`."""
    ours = merged_pairs(seen.state)
    for change in seen.drift.changes:
        found = _whole(target, seen, change)
        if (
            found
            and chosen(found.sent.source, found.path)
            and pair(found.path, found.entry.mode, found.entry.oid) not in ours
        ):
            yield found
    for found, present in _parts(target, seen, merges=merges):
        came = not isinstance(found.part, Merge) and pair(found.path, 0, present) in ours  # a merge keeps people's text
        if chosen(found.sent.source, found.path) and not came:
            yield found


def _whole(target: Target, seen: Observation, change: Change) -> Find | None:
    before, after = change.before, change.after
    if before is None or after is None or change.path in seen.snapshot.shared or before.oid == after.oid:
        return None
    if not {before.mode, after.mode} <= {REGULAR, EXECUTABLE}:
        return None
    return Find(target, seen, change.path, after, before)


def _parts(target: Target, seen: Observation, *, merges: bool) -> Iterable[tuple[Find, str]]:
    """Parts of shared files, each with the identity of what stands there."""
    for path, parts in seen.snapshot.shared.items():
        file, entry = seen.snapshot.files.get(path), seen.state.base.head.at(path) if seen.state.base else None
        if file is None or entry is None or file.composition is None or file.composition.before is None:
            continue
        made = file.composition
        for one, state, piece in zip(parts, made.states, made.pieces, strict=False):
            if one.wanted is None or isinstance(one.part, BlockRemoval) or not state.present:
                continue
            is_merge = isinstance(one.part, Merge)
            if merges if is_merge else state.is_changed:
                found = Find(target, seen, path, one.wanted, entry, part=one.part, theirs=made.before, base=piece.base)
                yield found, state.present
