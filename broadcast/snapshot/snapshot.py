"""The wanted content of a target: path → mode, blob id; no bytes (pure)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from broadcast.compose.composition import Composition
from broadcast.compose.parts import Part
from broadcast.config import mappings
from broadcast.errors import FileError
from broadcast.git import paths
from broadcast.git.ignore import Excludes
from broadcast.git.objects import Entry, Tree
from broadcast.snapshot.content import Recipe
from broadcast.snapshot.filters import Filter

if TYPE_CHECKING:
    from broadcast.snapshot.back import Back


class Wanted(Struct, frozen=True):
    """A wanted file."""

    mode: int
    oid: str
    source: str  # its path in the checkout
    required: bool = False  # whether the target may not opt out of it
    mapping: mappings.Mapping | None = None  # that sends it
    recipe: Recipe = Recipe()  # what makes it of the source's bytes
    composition: Composition | None = None  # of a shared file: what its parts make of the target's own
    parts: tuple[Shared, ...] = ()  # of a shared file, one for each state of the composition

    @property
    def entry(self) -> Entry:
        """The entry in a tree."""
        return Entry(self.mode, self.oid)

    @property
    def is_seed(self) -> bool:
        """Whether it is sent only to targets that never had it."""
        return self.mapping is not None and self.mapping.mode == "seed"

    @property
    def origins(self) -> tuple[Wanted, ...]:
        """The files of the source that it comes from; of a shared file, those whose part changes something."""
        if self.composition is None:
            return (self,)
        parts = zip(self.parts, self.composition.states, strict=True)
        return tuple(one.wanted for one, state in parts if state.is_changed and one.wanted)

    def pairs(self, path: str) -> tuple[str, ...]:
        """The hashes of what is proposed at `path`: one for a whole file, one for each part that changes."""
        if self.composition is None:
            return (pair(path, self.mode, self.oid),)
        return tuple(pair(path, 0, one.identity) for one in self.composition.states if one.identity)


class Shared(Struct, frozen=True):
    """A part of a file that the target owns, too."""

    part: Part
    wanted: Wanted | None = None  # the source's file; None: the part is taken out


WHOLE = -1


class Sent(NamedTuple):
    """A file of the source at a path of the target."""

    path: str
    part: int  # the number of the part of a shared file; WHOLE: all of it
    file: Wanted


class Territory(Struct, frozen=True):
    """A directory in which files are deleted that the source doesn't have, but for excluded files."""

    dest: str
    excludes: Excludes | Filter
    never_sent: frozenset[str]  # destinations of the source's own config and workflow
    required: bool = False
    past: str | None = None  # of the source: only what it once had there goes; None: everything goes

    def covers(self, path: str) -> bool:
        """Whether the target's file at `path` is deleted if the source doesn't have it."""
        if path in self.never_sent or not paths.is_below(path, self.dest):
            return False
        return not self.excludes.match(relative(path, self.dest))


class Snapshot(Struct, frozen=True, eq=False, dict=True):
    """The resolved mappings of a target; equal targets share one snapshot."""

    files: dict[str, Wanted]
    tree: Tree
    directories: tuple[str, ...]  # destinations of whole directories
    territories: tuple[Territory, ...]
    removals: frozenset[str]
    errors: tuple[FileError, ...]  # by destination
    excluded: int
    shared: Mapping[str, tuple[Shared, ...]] = {}  # path → its parts; `files` has what they make of the target's file
    origin: Snapshot | None = None  # the same without what depends on the target's own files
    back: Back | None = None  # of a rollback: only what later commits brought counts

    @property
    def raw(self) -> Snapshot:
        """The snapshot before shared files were composed."""
        return self.origin or self

    @property
    def paths(self) -> Collection[str]:
        """The path of every file that is sent, whole or in part."""
        return self.files.keys() | self.shared.keys()

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is sent or removed, as in a target that the config no longer names."""
        return not (self.files or self.shared or self.removals or self.territories or self.errors)

    @cached_property
    def pairs(self) -> frozenset[str]:
        """The hashes of every (path, content) that this snapshot can propose."""
        wanted = (one for path, file in self.files.items() for one in file.pairs(path))
        return frozenset([*wanted, *(pair(path, 0, "") for path in self.removals)])

    @cached_property
    def by_mapping(self) -> dict[mappings.Mapping, list[Sent]]:
        """What each mapping sends: whole files, and parts of shared ones."""
        found: dict[mappings.Mapping, list[Sent]] = {}
        whole = (Sent(path, WHOLE, file) for path, file in self.files.items() if path not in self.shared)
        for one in chain(whole, self.parts):
            if one.file.mapping:
                found.setdefault(one.file.mapping, []).append(one)
        return found

    @property
    def parts(self) -> Iterable[Sent]:
        """The source's files that are parts of shared ones."""
        for path, parts in self.shared.items():
            yield from (Sent(path, at, one.wanted) for at, one in enumerate(parts) if one.wanted)

    @cached_property
    def probes(self) -> tuple[str, ...]:
        """Paths of `unless_exists`."""
        return tuple(sorted({path for mapping in self.by_mapping for path in mapping.unless_exists}))

    @cached_property
    def has_templates(self) -> bool:
        """Whether any file is a template."""
        return any(mapping.template for mapping in self.by_mapping)

    def is_required(self, path: str) -> bool:
        """Whether the target can't opt out of changes at `path`."""
        if path in self.shared:
            return any(one.wanted.required for one in self.shared[path] if one.wanted)
        file = self.files.get(path)
        return file.required if file else any(one.required and one.covers(path) for one in self.territories)


def relative(path: str, directory: str) -> str:
    """`path` relative to a directory above it."""
    return path if directory == "." else path[len(directory) + 1 :]


def pair(path: str, mode: int, oid: str) -> str:
    """A 128-bit hash of one proposed (path, content); a deletion has mode 0 and no oid."""
    return hashlib.sha256(f"{path}\0{mode:o}\0{oid}".encode()).hexdigest()[:32]


def digest(pairs: Iterable[str]) -> str:
    """One hash for a whole set of pairs."""
    return hashlib.sha256("".join(sorted(pairs)).encode()).hexdigest()[:32]
