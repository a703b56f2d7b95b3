"""Validate `files`, `directories` and `remove` of one level of the config (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import count, repeat

from msgspec import Struct
from msgspec.structs import replace

from broadcast.compose.parts import BlockRemoval, Part
from broadcast.config.delimiters import Delimiters, delimiters_of
from broadcast.config.format import WrittenConfig, WrittenDirectoryList, WrittenFileList, WrittenLevel
from broadcast.config.format_entries import Mode, WrittenMapping, WrittenTransform
from broadcast.config.sharing import Sharing
from broadcast.config.yaml_reader import Place, Reader, Text, did_you_mean
from broadcast.git import paths
from broadcast.git.ignore import DEFAULT_EXCLUDES, Excludes

TOP, LIST, GROUP, SELECTED, TARGET = range(5)  # the more specific level wins a destination
EVERYWHERE = -1  # the group of the top level

_WILD = re.compile(r"[*?]")  # no brackets: routes of web frameworks have them in their names
_VARIABLE = re.compile(r"[^\s{}$]+")


class Transform(Struct, frozen=True):
    """Replacements in text files."""

    repo_name: bool | None = None  # None: another level decides
    variables: tuple[tuple[str, str], ...] = ()
    inherit: bool = True  # whether the levels above have a say

    def over(self, other: Transform) -> Transform:
        """This transform on top of another: its values win."""
        if not self.inherit:
            return self
        repo_name = other.repo_name if self.repo_name is None else self.repo_name
        return Transform(repo_name, tuple((dict(other.variables) | dict(self.variables)).items()), other.inherit)


class Mapping(Struct, frozen=True):
    """A file or directory of the source, with its destination."""

    src: str
    dest: str
    mode: Mode
    exclude: tuple[str, ...]  # as the config gives them, or without a place: by default
    include_only: tuple[str, ...]
    hidden: bool  # whether names that begin with a dot are sent
    flat: bool  # whether the files of subdirectories go right into dest
    required: bool  # whether a target may not opt out of it
    untracked: bool
    unless_exists: tuple[str, ...]
    template: bool
    delimiters: Delimiters
    transform: Transform
    directory: bool  # written under `directories:` or with a trailing slash; a `files:` entry may turn out to be one
    level: int
    group: int  # by its number in the file
    place: Place
    part: Part | None = None  # what it does to its part of a shared file; None: it sends whole files
    header: str = ""  # the first line of its files, with placeholders; empty: none

    @property
    def sends(self) -> tuple[object, ...]:
        """What decides on the content of its files; two that are equal don't contradict each other."""
        return self.src, self.rendering, self.part, self.header

    @property
    def rendering(self) -> tuple[object, ...]:
        """What decides on how its texts are changed."""
        return self.template, self.delimiters, self.transform


class Removal(Struct, frozen=True):
    """A path to delete in targets, or a block to take out of a file there."""

    path: str
    level: int
    place: Place
    block: BlockRemoval | None = None


class Entries:
    """Reads the entries of a config; reports problems to the reader."""

    def __init__(self, reader: Reader, config: WrittenConfig, *, later_wins: bool = False) -> None:
        self._reader, self._sharing, self._later_wins = reader, Sharing(reader), later_wins
        self._tried_lists = reader.tried(config.place, "file_lists", "directory_lists") or any(
            reader.tried(one.place, "id") for one in (*config.file_lists, *config.directory_lists)
        )
        self._files = self._by_id([(one, one.files) for one in config.file_lists], "file_lists")
        self._directories = self._by_id([(one, one.directories) for one in config.directory_lists], "directory_lists")
        for lists, directory in ((self._files, False), (self._directories, True)):
            for entry in (
                entry for entries in lists.values() for entry in entries
            ):  # validate lists without references, too
                _ = (
                    self._deleted(entry, directory)
                    if entry.delete
                    else self._mapping(entry, directory, LIST, EVERYWHERE)
                )

    def mappings(self, written: WrittenLevel, level: int, group: int) -> list[Mapping]:
        """All mappings of one level, with those of its lists."""
        entries = (one for one in self._entries(written, level) if not one[0].delete)
        found = (self._mapping(entry, directory, at, group) for entry, directory, at in entries)
        return [mapping for mapping in found if mapping]

    def removals(self, written: WrittenLevel, level: int) -> list[Removal]:
        """All removals of one level."""
        named = [
            Removal(one.path, level, place_of(one.path, one.place), self._sharing.removal(one))
            for one in written.remove
        ]
        named += [
            Removal(self._deleted(entry, directory), at, entry.place)
            for entry, directory, at in self._entries(written, level)
            if entry.delete
        ]
        for one in named:
            if _WILD.search(one.path):
                remedy = "name each path; `mode: mirror` deletes all that the source hasn't got"
                place = place_of(one.path, one.place)
                self._reader.problem(place, f"remove: {one.path!r} is a pattern, and only paths are removed", remedy)
        found = ((one, self._path(one.path, "remove", one.place)) for one in named if one.path)
        return [replace(one, path=path) for one, path in found if path is not None]

    def transform(self, written: WrittenTransform) -> Transform:
        """The transform in the config, validated."""
        for name in written.variables:
            if not _VARIABLE.fullmatch(name):
                remedy = "write the bare name: SERVICE replaces {{SERVICE}} and ${SERVICE}"
                self._reader.problem(place_of(name, written.place), f"{name!r} can't be the name of a variable", remedy)
        return Transform(written.repo_name, tuple(written.variables.items()), written.inherit)

    def _entries(self, written: WrittenLevel, level: int) -> Iterable[tuple[WrittenMapping, bool, int]]:
        """(entry, whether it is below `directories`, level)."""
        yield from ((entry, False, level) for entry in written.files)
        ranks = count(level + 1) if self._later_wins else repeat(level)
        yield from ((entry, True, rank) for entry, rank in zip(written.directories, ranks, strict=False))
        yield from ((entry, False, LIST) for entry in self._listed(written.file_list_refs, self._files))
        yield from ((entry, True, LIST) for entry in self._listed(written.directory_list_refs, self._directories))

    def _by_id(
        self, lists: Sequence[tuple[WrittenFileList | WrittenDirectoryList, list[WrittenMapping]]], key: str
    ) -> dict[str, list[WrittenMapping]]:
        found: dict[str, list[WrittenMapping]] = {}
        for one, entries in lists:
            if one.id and one.id in found:
                place = place_of(one.id, one.place)
                self._reader.problem(place, f"{key}: the id {one.id!r} is used twice", "give each list its own id")
            found[one.id] = entries
        return found

    def _listed(self, refs: Sequence[str], lists: dict[str, list[WrittenMapping]]) -> Iterable[WrittenMapping]:
        for ref in refs:
            if ref not in lists and not self._tried_lists:
                remedy = did_you_mean(ref, list(lists)) if lists else "define it under file_lists or directory_lists"
                self._reader.problem(place_of(ref, Place(1, 1)), f"there is no list with the id {ref!r}", remedy)
            yield from lists.get(ref, [])

    def _deleted(self, entry: WrittenMapping, directory: bool) -> str:
        if directory and entry.src:
            message = "delete: true would delete the directory that `src` is sent to"
            remedy = "use `mode: mirror` to delete what the source hasn't got, or `remove:` to delete all of it"
            self._reader.problem(entry.place, message, remedy)
            return ""
        return entry.dest or entry.src

    def _mapping(self, entry: WrittenMapping, directory: bool, level: int, group: int) -> Mapping | None:
        if not entry.src:
            if not self._reader.tried(entry.place, "src", "delete"):
                self._reader.problem(entry.place, "the key 'src' is missing", "add `src:`, or `delete: true`")
            return None
        src = self._path(entry.src, "src", entry.place)
        dest = self._path(entry.dest, "dest", entry.place) if entry.dest else src
        unless = tuple(self._path(path, "unless_exists", entry.place) or "" for path in entry.unless_exists)
        if src is None or dest is None or not all(unless):
            return None
        directory = directory or entry.src.endswith("/") or src == "."
        if dest == "." and not directory:
            self._reader.problem(entry.place, "dest names no file", "write the whole path of the file in the target")
            return None
        if entry.dest.endswith("/") and not directory:
            dest = paths.join(dest, src.rsplit("/", 1)[-1])  # cp's habit: a file into a directory keeps its name
        exclude = (*(DEFAULT_EXCLUDES if entry.default_excludes else ()), *entry.exclude)
        if not (self._understands(exclude, entry.place) and self._understands(entry.include_only, entry.place)):
            return None
        return Mapping(
            src=src,
            dest=dest,
            mode=entry.mode,
            exclude=exclude,
            include_only=tuple(entry.include_only),
            hidden=entry.include_hidden,
            flat=not entry.preserve_structure,
            required=entry.required,
            untracked=entry.untracked,
            unless_exists=unless,
            template=entry.template,
            delimiters=delimiters_of(self._reader, entry),
            transform=self.transform(entry.transform),
            directory=directory,
            level=level,
            group=group,
            place=entry.place,
            part=self._sharing.part(entry, src) if not directory else self._sharing.part(entry, ""),
            header=self._sharing.header(entry),
        )

    def _understands(self, patterns: Sequence[str], place: Place) -> bool:
        for pattern in patterns:
            try:
                Excludes([pattern])
            except ValueError as error:
                self._reader.problem(place_of(pattern, place), str(error), "patterns are those of a .gitignore")
                return False
        return True

    def _path(self, path: str, key: str, place: Place) -> str | None:
        place = place_of(path, place)
        try:
            normal = paths.normalise(path)
        except ValueError as error:
            self._reader.problem(place, f"{key}: {path!r}: {error}", "write it from the root of the repository")
            return None
        if key == "remove" and normal == ".":
            self._reader.problem(place, "remove: names the whole repository", "name the files to remove")
            return None
        return normal


def place_of(text: str, otherwise: Place) -> Place:
    """The place of `text`, or `otherwise` if it has none."""
    return text.place if isinstance(text, Text) else otherwise
