"""Build snapshots from mappings and the checkout: the source file of every path."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable
from functools import partial
from itertools import count
from typing import NamedTuple

from msgspec.structs import replace

from broadcast.config import gobroadcast_patterns
from broadcast.config.mappings import Mapping, Removal
from broadcast.config.model import Config, problem_at
from broadcast.config.yaml_reader import Place, Text
from broadcast.errors import ConfigError, FileError, FileUnavailable, Problem
from broadcast.git import objects, paths
from broadcast.git.objects import REGULAR, SYMLINK, Entry, Tree
from broadcast.progress import Report, silence
from broadcast.snapshot.contest import Candidate, Contest
from broadcast.snapshot.filters import Filter
from broadcast.snapshot.snapshot import Shared, Snapshot, Territory, Wanted, relative
from broadcast.source.checkout import Checkout, SourceListing
from broadcast.source.worktree import SourceFile

_HABITS = frozenset(gobroadcast_patterns.excludes([*gobroadcast_patterns.ALWAYS, *gobroadcast_patterns.UNSAID]))
TICK = 1_000  # files between two progress reports


class Builder:
    """Builds snapshots from one checkout; targets with the same mappings share one."""

    def __init__(
        self, config: Config, checkout: Checkout, never_sent: frozenset[str], report: Report = silence
    ) -> None:
        self.config = config
        self._report, self._reported = report, set[Mapping]()  # directories with progress
        self.checkout = checkout
        self.never_sent = never_sent  # unless a `files:` entry names it
        self.warnings: dict[str, None] = {}
        self._filters: dict[tuple[tuple[str, ...], tuple[str, ...], bool], Filter] = {}
        for mapping in config.sources:
            if mapping.untracked:
                checkout.add_untracked(mapping.src, partial(self._prunes, mapping))
        self._known: dict[tuple[tuple[Mapping, ...], tuple[Removal, ...]], Snapshot] = {}

    def check_sources(self) -> None:
        """Raise ConfigError for mappings whose source is missing: a missing source never deletes files."""
        missing = [self._missing(mapping) for mapping in self.config.sources if not self._kind(mapping)]
        files = [mapping for mapping in self.config.sources if self._kind(mapping) == "file"]
        wrong = [self._not_a_directory(mapping) for mapping in files if mapping.directory]
        wrong += [self._not_mirrored(one) for one in files if one.mode in ("mirror", "prune") and not one.directory]
        if missing or wrong:
            raise ConfigError([*missing, *wrong])
        self.warnings.update(dict.fromkeys(filter(None, map(self._into_directory, files))))

    def snapshot(self, mappings: tuple[Mapping, ...], removals: tuple[Removal, ...]) -> Snapshot:
        """The snapshot of a target with these mappings. Raises ConfigError for equals with one destination."""
        key = (mappings, removals)
        if key not in self._known:
            self._known[key] = self._build(mappings, removals)
        return self._known[key]

    def _build(self, mappings: tuple[Mapping, ...], removals: tuple[Removal, ...]) -> Snapshot:
        contest = Contest(self.config)
        errors: dict[str, FileError] = {}
        unportable: list[str] = []
        territories, excluded = [], 0
        for mapping in mappings:
            whole = self._kind(mapping) == "directory"
            found = self._directory(mapping) if whole else self._file(mapping)
            excluded += found.excluded
            unportable += found.unportable
            errors.update((error.path, error) for error in found.errors)
            rank = (mapping.level, not whole)
            for dest, file in found.files:
                wanted = Wanted(file.mode, file.oid, file.path, mapping.required, mapping)
                contest.add(dest, Candidate(rank, wanted, mapping))
            if whole and mapping.mode in ("mirror", "prune"):
                territories.append(self._territory(mapping))
        removed = contest.remove(removals)
        contest.settle()
        shared = {path: parts for path, parts in contest.shared().items() if path not in errors}
        whole_files = sorted(contest.whole.keys() - errors.keys() - shared.keys())
        files = {dest: contest.whole[dest].file for dest in whole_files}
        if contest.problems:
            raise ConfigError(contest.problems)
        sent = {*files, *shared}
        self.warnings.update(dict.fromkeys(_unportable(sorted(sent), sorted(sent & {*unportable}))))
        directories = tuple(dict.fromkeys(m.dest for m in mappings if self._kind(m) == "directory"))
        return Snapshot(
            files=files,
            tree=self._tree(files, shared),
            directories=directories,
            territories=tuple(replace(one, never_sent=one.never_sent | shared.keys()) for one in territories),
            removals=removed,
            errors=tuple(errors.values()),
            excluded=excluded,
            shared=shared,
        )

    def _territory(self, mapping: Mapping) -> Territory:
        kept = [relative(path, mapping.src) for path in self.never_sent if paths.is_below(path, mapping.src)]
        dests = frozenset(paths.join(mapping.dest, path) for path in kept)
        past = mapping.src if mapping.mode == "prune" else None
        return Territory(mapping.dest, self.filter_of(mapping), dests, mapping.required, past)

    def filter_of(self, mapping: Mapping) -> Filter:
        """The filter of a mapping, which records the patterns that matched."""
        key = (mapping.exclude, mapping.include_only, mapping.hidden)
        if key not in self._filters:
            self._filters[key] = Filter(mapping.exclude, mapping.include_only, hidden=mapping.hidden)
        return self._filters[key]

    def unused_patterns(self) -> Iterable[str]:
        """Warnings of patterns that match nothing in the source, for modes that don't delete.

        Those of go-broadcast, which excludes them always, are no mistakes.
        """
        for mapping in () if self.config.read_as else self.config.sources:
            if mapping.mode in ("copy", "seed") and self._kind(mapping) == "directory":
                for pattern in self.filter_of(mapping).unused():
                    if isinstance(pattern, Text) and pattern not in _HABITS:
                        yield f"{self.config.file}:{pattern.place.line}: the pattern {str(pattern)!r} matches nothing"

    def _kind(self, mapping: Mapping) -> str | None:
        if mapping.src == "." and (mapping.untracked or self.checkout.exists(".") or self.checkout.repositories):
            return "directory"
        return self.checkout.exists(mapping.src, untracked=mapping.untracked)

    def _directory(self, mapping: Mapping) -> _Found:
        left_out, report = self.filter_of(mapping), self._report if mapping not in self._reported else silence
        self._reported.add(mapping)
        total, looked = self.checkout.count(mapping.src, untracked=mapping.untracked), count(1)
        never_sent, start = self.never_sent, _start(mapping)

        def wanted(path: str) -> bool:
            if (number := next(looked)) % TICK == 0 and number < total:
                report(f"{mapping.src}:", number, total, "files")
            return path not in never_sent and not left_out.match(path[start:])

        report(f"processing {mapping.src}:", 0, total, "files")
        listing = self.checkout.list(mapping.src, untracked=mapping.untracked, wanted=wanted)
        kept = len(listing.files) + len(listing.errors)
        report(f"{mapping.src}: {listing.unwanted} excluded,", kept, kept, "files")
        for path in listing.submodules:
            self.warnings[f"{path} is a submodule; submodules aren't sent"] = None
        for path in self.checkout.left_alone(mapping.src):
            self.warnings[f"{path} is a checkout of its own; it is sent only where `src` lies in it"] = None
        return self._found(mapping, listing, mapping.src)

    def _file(self, mapping: Mapping) -> _Found:
        return self._found(mapping, self.checkout.list(mapping.src, untracked=mapping.untracked), ".")

    def _prunes(self, mapping: Mapping, folder: str) -> bool:
        return self.filter_of(mapping).prunes(relative(folder, mapping.src))

    def _found(self, mapping: Mapping, listing: SourceListing, boundary: str) -> _Found:
        start, above = _start(mapping), paths.join(mapping.dest, "")

        def dest(path: str) -> str:
            if path == mapping.src:
                return mapping.dest
            return above + (path.rpartition("/")[2] if mapping.flat else path[start:])

        self.warnings.update(dict.fromkeys(listing.warnings))
        placed = [(dest(file.path), file) for file in listing.files]
        failed = [error._replace(path=dest(error.path)) for error in listing.errors]
        unportable = []
        for place, file in placed:
            if not (is_plain := paths.is_plain(place)):
                unportable.append(place)
            if file.mode == SYMLINK or not is_plain:
                failed += self._refused(file, place, boundary, mapping)
        if not placed and not failed:
            raise ConfigError([self._empty(mapping, excluded=listing.unwanted > 0)])
        return _Found(placed, failed, unportable, listing.unwanted)

    def _refused(self, file: SourceFile, place: str, boundary: str, mapping: Mapping) -> list[FileError]:
        try:
            reason = _unshareable(file, mapping) or self._escapes(file, boundary, mapping) or _illegal(place, file.mode)
        except FileUnavailable as failure:
            return [FileError(place, failure.message, failure.remedy)]
        return [FileError(place, reason, "fix or exclude it")] if reason else []

    def _escapes(self, file: SourceFile, boundary: str, mapping: Mapping) -> str:
        if file.mode != SYMLINK:
            return ""
        link = self.checkout.read(file.path, untracked=mapping.untracked).decode("utf-8", "surrogateescape")
        goal = posixpath.normpath(posixpath.join(posixpath.dirname(file.path), link))
        if link.startswith("/") or goal.startswith("../") or goal == ".." or not paths.is_below(goal, boundary):
            return f"is a symlink that points out of its mapping, to {link!r}"
        if paths.climbs(link):
            return f"is a symlink that goes up behind a name, to {link!r}: if that is a symlink too, it leads anywhere"
        if any(paths.is_git_directory(part) for part in link.split("/")):
            return f"is a symlink into git's own directory, to {link!r}"
        if mapping.flat and "/" in link:
            return f"is a symlink to {link!r}, which is not there without its directories"
        return ""

    def _tree(self, files: dict[str, Wanted], shared: dict[str, tuple[Shared, ...]]) -> Tree:
        sent = [file for parts in shared.values() for one in parts if (file := one.wanted)]
        try:
            if shared:  # their contents are known later, what is a directory now
                objects.build_tree(dict.fromkeys((*files, *shared), Entry(REGULAR, "")))
            return objects.build_tree({path: file.entry for path, file in files.items()})
        except objects.PathConflict as error:
            place = next((one.mapping.place for one in (*files.values(), *sent) if one.mapping), Place(1, 1))
            raise ConfigError([problem_at(self.config, place, str(error), "change one of the destinations")]) from error

    def _missing(self, mapping: Mapping) -> Problem:
        if mapping.untracked and self.checkout.untracked(mapping.src):
            return self._empty(mapping, excluded=True)
        what = "directory" if mapping.directory else "file or directory"
        remedy = "write its path from the root of this repository"
        if any(char in mapping.src for char in "*?["):
            remedy = "src takes no patterns: name the directory in `directories:`, and leave files out with `exclude:`"
        if not self.checkout.repositories and self.checkout.untracked(mapping.src):
            message = f"there is no .git here or above, and so {mapping.src} is in no commit"
            remedy = "check out with actions/checkout, name its `path:` in `directory`, or say `untracked: true`"
            return problem_at(self.config, mapping.place, message, remedy)
        if self.checkout.untracked(mapping.src):
            remedy = "it is there but git doesn't track it, or it isn't committed; commit it, or say `untracked: true`"
        return problem_at(self.config, mapping.place, f"there is no {what} {mapping.src} in this repository", remedy)

    def _empty(self, mapping: Mapping, *, excluded: bool) -> Problem:
        message = f"there are no files under {mapping.src}"
        remedy = "submodules aren't sent; remove the mapping"
        if excluded:
            message = f"every file under {mapping.src} is excluded"
            remedy = "loosen `exclude` or remove the mapping"
        return problem_at(self.config, mapping.place, message, remedy)

    def _not_mirrored(self, mapping: Mapping) -> Problem:
        message = f"mode: {mapping.mode} is for directories, and {mapping.src} is a file"
        return problem_at(self.config, mapping.place, message, "leave `mode` out: a file is made equal in any case")

    def _into_directory(self, mapping: Mapping) -> str:
        """A warning where a file is sent to what is a directory here, so that one is meant; else empty."""
        if mapping.dest == mapping.src or self.checkout.exists(mapping.dest) != "directory":
            return ""
        name = mapping.src.rpartition("/")[2]
        where, dest = f"{self.config.file}:{mapping.place.line}", mapping.dest
        return f"{where}: {mapping.src} is sent as the file {dest}; write {dest}/ for {dest}/{name}"

    def _not_a_directory(self, mapping: Mapping) -> Problem:
        return problem_at(self.config, mapping.place, f"{mapping.src} is a file", "list it under `files:`")


class _Found(NamedTuple):
    files: list[tuple[str, SourceFile]]
    errors: list[FileError]
    unportable: list[str]  # destinations that some systems can't check out
    excluded: int


def _start(mapping: Mapping) -> int:
    """The length of the mapping's directory in its paths, with the slash."""
    return 0 if mapping.src == "." else len(mapping.src) + 1


def _unshareable(file: SourceFile, mapping: Mapping) -> str:
    is_link = file.mode == SYMLINK and mapping.part is not None
    return f"is a symlink, which has no lines for `mode: {mapping.mode}`" if is_link else ""


def _illegal(dest: str, mode: int) -> str:
    try:
        paths.normalise(dest)
    except ValueError as error:
        return f"can't be sent: {error}"
    if mode == SYMLINK and paths.is_git_modules(dest.rpartition("/")[2]):
        return "can't be sent: git takes no symlink for .gitmodules"  # git's verify_path()
    return ""


def _unportable(files: Collection[str], found: Iterable[str]) -> Iterable[str]:
    """Warnings of paths that some systems can't check out."""
    for first, second in paths.collisions(files):
        yield f"{first} and {second} are one file on macOS and Windows, where a checkout has only one of them"
    if refused := paths.not_on_windows(found):
        more = f" and {len(refused) - 1} more" if len(refused) > 1 else ""
        yield f"{refused[0]}{more} can't be checked out on Windows"
