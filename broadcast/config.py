"""The sync config: YAML text to frozen values, with every mistake reported at its place (pure).

`written` says what may stand in the file; the types here are what the rest of the program works with.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from broadcast import paths
from broadcast.errors import ConfigError, Problem
from broadcast.patterns import DEFAULT_EXCLUDES, Excludes
from broadcast.pullrequest import is_legal_branch
from broadcast.written import (
    Mode,
    OnDecline,
    WrittenConfig,
    WrittenGroup,
    WrittenMapping,
    WrittenSettings,
    WrittenTarget,
)
from broadcast.yamlreader import Place, Reader

DEFAULT_PATH = ".github/broadcast.yml"
PLACEHOLDERS = ("source", "target", "base", "files")

TOP, GROUP, TARGET = 0, 1, 2  # the more specific level wins a destination

_OWNER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})")  # 39 characters, no underscore: GitHub's form for a login
_NAME = re.compile(r"(?!\.\.?$)[A-Za-z0-9._-]{1,100}")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")


@dataclass(frozen=True, slots=True)
class Mapping:
    """A file or directory of the source and where it goes in a target."""

    src: str
    dest: str
    mode: Mode
    exclude: tuple[str, ...]
    required: bool  # whether a target may not opt out of it
    directory: bool  # written under `directories:` or with a trailing slash; a `files:` entry may turn out to be one
    level: int
    place: Place


@dataclass(frozen=True, slots=True)
class Removal:
    """A path that no target should have."""

    path: str
    level: int
    place: Place


@dataclass(frozen=True, slots=True)
class Settings:
    """What the pull request of one target looks like."""

    branch_prefix: str = "broadcast"
    commit_message: str = "chore: sync files from {source}"
    pr_title: str = "chore: sync files from {source}"
    pr_draft: bool = False
    pr_auto_merge: bool = False
    pr_merge_method: str = ""  # "" takes the repository's own
    pr_milestone: str = ""
    pr_labels: tuple[str, ...] = ()
    pr_assignees: tuple[str, ...] = ()
    pr_reviewers: tuple[str, ...] = ()
    pr_team_reviewers: tuple[str, ...] = ()

    @property
    def is_decorated(self) -> bool:
        """Whether a pull request gets labels, people or a milestone."""
        people = self.pr_assignees or self.pr_reviewers or self.pr_team_reviewers
        return bool(people or self.pr_labels or self.pr_milestone)


@dataclass(frozen=True, slots=True)
class TargetSpec:
    """One target as one group names it."""

    owner: str
    name: str
    base: str | None
    mappings: tuple[Mapping, ...]
    removals: tuple[Removal, ...]
    written: tuple[WrittenSettings, ...]  # the most specific first
    place: Place
    enabled: bool = True  # False: nothing is sent, and what is open is left alone


@dataclass(frozen=True, slots=True)
class Config:
    """A config without mistakes that the file alone can show."""

    file: str
    id: str
    targets: tuple[TargetSpec, ...]
    max_targets: int | None
    max_deletions: int
    max_total_deletions: int
    max_pull_requests: int | None  # new ones, in one run
    max_open_pull_requests: int | None
    ignored_authors: frozenset[str]
    supersedes: tuple[str, ...]  # branch prefixes of an older tool
    on_decline: OnDecline
    sources: tuple[Mapping, ...]  # every mapping once, for checks against the checkout


def parse(text: str, file: str, source: str) -> Config:
    """The config in `text`; `source` is the owner/name of the repository it stands in.

    Raises ConfigError with all problems found, each with its place.
    """
    reader = Reader(text, file)
    written: WrittenConfig | None = reader.read(WrittenConfig)
    config = _Builder(reader).config(written, source) if written else None
    if reader.problems or config is None:
        raise ConfigError(sorted(reader.problems, key=lambda problem: (problem.line, problem.column)))
    return config


class _Builder:
    """Checks what the types can't say and resolves what stands where."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def config(self, written: WrittenConfig, source: str) -> Config:
        if not written.targets and not written.groups:
            self.reader.problem(written.place, "there are no targets", "add `targets: [owner/repo]`")
        if written.id and not _ID.fullmatch(written.id):
            self.reader.problem(
                written.place, f"the id {written.id!r} can't name a branch", "use letters, digits, - _ . /"
            )
        top = self._mappings(written, TOP)
        removals = self._removals(written.remove, TOP, written.place)
        groups = [*([_implicit_group(written)] if written.targets else []), *written.groups]
        if not all(prefix.strip("/ ") for prefix in written.supersedes):
            self.reader.problem(
                written.place, "supersedes: an empty prefix begins every branch", "give the older tool's own prefix"
            )
        for settings in (written, *(group.defaults for group in written.groups)):
            self._check_settings(settings)
        specs = [
            spec
            for group in sorted(groups, key=lambda group: group.priority)
            for spec in self._group(group, top, removals, written)
        ]
        sources = tuple(dict.fromkeys(mapping for spec in specs if spec.enabled for mapping in spec.mappings))
        limits = written.limits
        return Config(
            self.reader.file, written.id or source, tuple(specs),
            limits.max_targets, limits.max_deletions, limits.max_total_deletions,
            limits.max_pull_requests, limits.max_open_pull_requests,
            frozenset(author.lower() for author in written.ignored_authors), tuple(written.supersedes),
            written.on_decline, sources,
        )  # fmt: skip

    def _group(
        self, group: WrittenGroup, top: Sequence[Mapping], removals: Sequence[Removal], config: WrittenConfig
    ) -> Iterable[TargetSpec]:
        shared = [*top, *self._mappings(group, GROUP)]
        removed = [*removals, *self._removals(group.remove, GROUP, group.place)]
        if not group.targets:
            self.reader.problem(group.place, f"the group {group.name!r} has no targets", "add `targets: [owner/repo]`")
        for target in group.targets:
            self._check_target(target)
            owner, _, name = target.repo.partition("/")
            mappings = (*shared, *self._mappings(target, TARGET))
            own = self._removals(target.remove, TARGET, target.place)
            if not mappings and not removed and not own:
                self.reader.problem(target.place, f"nothing is sent to {target.repo}", "add `files:` or `directories:`")
            settings = (target, group.defaults, config)
            base = target.branch or None
            yield TargetSpec(owner, name, base, mappings, (*removed, *own), settings, target.place, group.enabled)

    def _mappings(self, written: WrittenConfig | WrittenGroup | WrittenTarget, level: int) -> list[Mapping]:
        entries = [
            *((entry, False) for entry in written.files),
            *((entry, True) for entry in written.directories),
        ]
        return [mapping for entry, directory in entries if (mapping := self._mapping(entry, directory, level))]

    def _mapping(self, entry: WrittenMapping, directory: bool, level: int) -> Mapping | None:
        src = self._path(entry.src, "src", entry.place)
        dest = self._path(entry.dest, "dest", entry.place) if entry.dest else src
        if src is None or dest is None:
            return None
        directory = directory or entry.src.endswith("/") or src == "."
        if dest == "." and not directory:
            self.reader.problem(entry.place, "dest names no file", "write the whole path of the file in the target")
            return None
        if entry.dest.endswith("/") and not directory:
            dest = paths.join(dest, src.rsplit("/", 1)[-1])  # cp's habit: a file into a directory keeps its name
        defaults = DEFAULT_EXCLUDES if entry.default_excludes else ()
        exclude = (*defaults, *entry.exclude)
        try:
            Excludes(exclude)
        except ValueError as error:
            self.reader.problem(entry.place, str(error), "exclude takes gitignore patterns")
            return None
        return Mapping(src, dest, entry.mode, exclude, entry.required, directory, level, entry.place)

    def _removals(self, written: Sequence[str], level: int, place: Place) -> list[Removal]:
        found = (self._path(path, "remove", place) for path in written)
        return [Removal(path, level, place) for path in found if path is not None]

    def _path(self, path: str, key: str, place: Place) -> str | None:
        try:
            normal = paths.normalise(path)
        except ValueError as error:
            self.reader.problem(place, f"{key}: {path!r}: {error}", "write it from the root of the repository")
            return None
        if key == "remove" and normal == ".":
            self.reader.problem(place, "remove: names the whole repository", "name the files to remove")
            return None
        return normal

    def _check_target(self, target: WrittenTarget) -> None:
        owner, slash, name = target.repo.partition("/")
        if not slash or not _OWNER.fullmatch(owner) or not _NAME.fullmatch(name):
            self.reader.problem(
                target.place, f"{target.repo!r} names no repository", "write owner/repo or owner/repo@branch"
            )
        if target.branch and not is_legal_branch(target.branch):
            self.reader.problem(target.place, f"{target.branch!r} can't be the name of a branch")
        self._check_settings(target)

    def _check_settings(self, settings: WrittenSettings) -> None:
        for key in ("pr_title", "commit_message"):
            for name in _placeholders(getattr(settings, key)):
                if name not in PLACEHOLDERS:
                    allowed = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
                    self.reader.problem(settings.place, f"{key}: unknown placeholder {{{name}}}", f"allowed: {allowed}")
        if settings.branch_prefix and not is_legal_branch(settings.branch_prefix):
            self.reader.problem(settings.place, f"branch_prefix {settings.branch_prefix!r} can't start a branch name")


def settings_of(written: Sequence[WrittenSettings]) -> Settings:
    """The settings of one target: scalars from the most specific level that has them, lists united."""
    values: dict[str, Any] = {}
    for one in fields(Settings):
        said = [value for level in written if (value := getattr(level, one.name)) not in ("", None, [])]
        if said:
            several = isinstance(said[0], list)
            values[one.name] = tuple(dict.fromkeys(item for value in said for item in value)) if several else said[0]
    return Settings(**values)


def _implicit_group(written: WrittenConfig) -> WrittenGroup:
    return WrittenGroup(name="", targets=written.targets, place=written.place)


def _placeholders(text: str) -> list[str]:
    try:
        return [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    except ValueError:
        return [text]


def problem_at(config: Config, place: Place, message: str, remedy: str) -> Problem:
    """A problem of the config that only the checkout shows."""
    return Problem(config.file, place.line, place.column, message, remedy)
