"""The wanted content of a target: path → mode, blob id; no bytes (pure)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cached_property

from msgspec import Struct

from broadcast.config.mappings import Mapping
from broadcast.errors import FileError
from broadcast.git import paths
from broadcast.git.ignore import Excludes
from broadcast.git.objects import Entry, Tree
from broadcast.snapshot.content import Recipe
from broadcast.snapshot.filters import Filter


class Wanted(Struct, frozen=True):
    """A wanted file."""

    mode: int
    oid: str
    source: str  # its path in the checkout
    required: bool = False  # whether the target may not opt out of it
    mapping: Mapping | None = None  # that sends it
    recipe: Recipe = Recipe()  # what makes it of the source's bytes

    @property
    def entry(self) -> Entry:
        """The entry in a tree."""
        return Entry(self.mode, self.oid)

    @property
    def is_seed(self) -> bool:
        """Whether it is sent only to targets that never had it."""
        return self.mapping is not None and self.mapping.mode == "seed"


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

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is sent or removed, as in a target that the config no longer names."""
        return not (self.files or self.removals or self.territories or self.errors)

    @cached_property
    def pairs(self) -> frozenset[str]:
        """The hashes of every (path, content) that this snapshot can propose."""
        wanted = (pair(path, file.mode, file.oid) for path, file in self.files.items())
        return frozenset([*wanted, *(pair(path, 0, "") for path in self.removals)])

    @cached_property
    def by_mapping(self) -> dict[Mapping, list[str]]:
        """The paths of each mapping."""
        found: dict[Mapping, list[str]] = {}
        for path, file in self.files.items():
            if file.mapping:
                found.setdefault(file.mapping, []).append(path)
        return found

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
