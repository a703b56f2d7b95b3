"""Parse the sync config: YAML text to values, with every mistake reported at its place (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from graphlib import CycleError, TopologicalSorter

import yaml

from broadcast.config import settings
from broadcast.config.foreign import refuse_another_tools
from broadcast.config.format import WrittenConfig, WrittenGroup, WrittenLevel, WrittenSource, WrittenTarget
from broadcast.config.format_entries import IGNORED, WrittenMapping
from broadcast.config.freezes import freezes_of
from broadcast.config.gobroadcast import TOOL, drop_empty, in_our_terms, is_its_config
from broadcast.config.mappings import (
    EVERYWHERE,
    GROUP,
    SELECTED,
    TARGET,
    TOP,
    Entries,
    Mapping,
    Removal,
    place_of,
)
from broadcast.config.model import Config, Group, TargetSpec, sources_of
from broadcast.config.names import how_to_write
from broadcast.config.performance import ignored_of, performance_of
from broadcast.config.rollout import rollout_of
from broadcast.config.selectors import is_selector, selector
from broadcast.config.settings import Said
from broadcast.config.values import merged
from broadcast.config.yaml_reader import Place, Placed, Reader, Text, did_you_mean, node_place
from broadcast.git.refs import is_legal_branch

_OWNER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})")  # 39 characters, no underscore: GitHub's form for a login
_NAME = re.compile(r"(?!\.\.?$)[A-Za-z0-9._-]{1,100}")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
_VAR = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SENDING = ("files", "directories", "remove", "file_list_refs", "directory_list_refs")
RESERVED = ("target", "source")  # what templates know besides the vars


def parse(text: str, file: str, source: str) -> Config:
    """The config in `text`; `source` is the owner/name of its repository.

    Raises ConfigError with all problems found, each with its place.
    """
    reader = Reader(text, file)
    refuse_another_tools(reader)
    return parsed(reader, source)


def parsed(reader: Reader, source: str) -> Config:
    """The config that a reader has. Raises ConfigError."""
    is_other = is_its_config(reader.root)
    if is_other:
        drop_empty(reader.root)
    written: WrittenConfig | None = reader.read(WrittenConfig)
    if written and is_other:
        written = in_our_terms(reader, written)
    config = _Builder(reader, written, source, is_other=is_other).config() if written else None
    if reader.problems or config is None:
        raise reader.refusal()
    return config


class _Builder:
    """Checks what types can't express, and resolves levels and groups."""

    def __init__(self, reader: Reader, written: WrittenConfig, source: str, *, is_other: bool) -> None:
        self.reader, self.written, self.source, self.is_other = reader, written, source, is_other
        self._entries = Entries(reader, written, later_wins=is_other)

    def config(self) -> Config:
        written = self.written
        self._check_top()
        top = self._entries.mappings(written, TOP, EVERYWHERE)
        removals = self._entries.removals(written, TOP)
        groups = [*([_implicit_group(written)] if written.targets else []), *written.groups]
        self._check_dependencies(written.groups)
        specs = [
            spec
            for number, group in sorted(enumerate(groups), key=lambda item: item[1].priority)
            for spec in self._group(number, group, top, removals)
        ]
        self._check_adding(specs)
        limits = written.limits
        return Config(
            file=self.reader.file,
            id=written.id or self.source,
            targets=tuple(specs),
            max_targets=limits.max_targets,
            max_deletions=limits.max_deletions,
            max_total_deletions=limits.max_total_deletions,
            max_pull_requests=limits.max_pull_requests,
            max_open_pull_requests=limits.max_open_pull_requests,
            ignored_authors=frozenset(author.lower() for author in written.ignored_authors),
            supersedes=tuple(written.supersedes),
            on_decline=written.on_decline,
            vars=tuple(written.vars.items()),
            sources=sources_of(specs),
            warnings=(*self._warnings(groups), *ignored_of(self.reader, written.performance)),
            freezes=freezes_of(self.reader, written.freeze),
            rollout=rollout_of(
                self.reader, written.rollout, written.advance, _known_as(groups), written.id or self.source
            ),
            enabled=written.enabled,
            lines=tuple(self.reader.lines),
            performance=performance_of(self.reader, written.performance),
            read_as=TOOL if self.is_other else "",
        )

    def _check_top(self) -> None:
        written = self.written
        if not written.targets and not written.groups and not self.reader.tried(written.place, "targets", "groups"):
            self.reader.problem(written.place, "there are no targets", "add `targets: [owner/repo]`")
        if written.id and not _ID.fullmatch(written.id):
            place = place_of(written.id, written.place)
            self.reader.problem(place, f"the id {written.id!r} can't name a branch", "use letters, digits, - _ . /")
        for prefix in written.supersedes:
            if not prefix.strip("/ "):
                message = "supersedes: an empty prefix begins every branch"
                self.reader.problem(place_of(prefix, written.place), message, "give the older tool's own prefix")
        self._check_level(written)

    def _check_level(self, written: WrittenLevel) -> None:
        settings.check(self.reader, written)
        for name in written.vars:
            if not _VAR.fullmatch(name) or name in RESERVED:
                taken = f"{name!r} is the {name}'s own facts" if name in RESERVED else f"{name!r} can't be a name"
                remedy = "use letters, digits and _, and neither target nor source"
                self.reader.problem(place_of(name, written.place), f"vars: {taken}", remedy)

    def _check_dependencies(self, groups: Sequence[WrittenGroup]) -> None:
        known: dict[str, WrittenGroup] = {}
        for group in groups:
            if group.id and group.id in known:
                place = place_of(group.id, group.place)
                self.reader.problem(place, f"the group id {group.id!r} is used twice", "give each group its own id")
            known[group.id] = group
        tried = self.reader.tried
        is_readable = tried(self.written.place, "groups") or any(tried(group.place, "id") for group in groups)
        for one, at in ((one, group.place) for group in groups for one in group.depends_on):
            if (not one or one not in known) and not is_readable:
                ids = [id_ for id_ in known if id_]
                remedy = did_you_mean(one, ids) if ids else "give that group an `id`"
                message = f"depends_on: there is no group with the id {one!r}"
                self.reader.problem(place_of(one, at), message, remedy)
        try:
            TopologicalSorter({id_: group.depends_on for id_, group in known.items() if id_}).prepare()
        except CycleError as error:
            circle = error.args[1][::-1]
            first = known[circle[0]]
            place = next(place_of(one, first.place) for one in first.depends_on if one == circle[1])
            message = f"depends_on goes in a circle: {' → '.join(circle)}"
            self.reader.problem(place, message, "remove one of these dependencies")

    def _group(
        self, number: int, group: WrittenGroup, top: Sequence[Mapping], removals: Sequence[Removal]
    ) -> Iterable[TargetSpec]:
        self._check_level(group)
        for one in (group.global_, group.defaults):
            settings.check(self.reader, one)
        source = self._source(group)
        shared = [*top, *self._entries.mappings(group, GROUP, number)]
        removed = [*removals, *self._entries.removals(group, GROUP)]
        if all(target.repo.startswith("!") for target in group.targets) and not self._tried_targets(group):
            what = f"the group {group.name!r} has" if group.name else "there are"
            self.reader.problem(group.place, f"{what} no targets", "add `targets: [owner/repo]`")
        excluded = tuple(target.repo[1:] for target in group.targets if target.repo.startswith("!"))
        known = Group(number, group.name, group.id, tuple(group.depends_on), source.branch)
        for target in group.targets:
            if not target.repo.startswith("!"):
                self._check_level(target)
                level = SELECTED if is_selector(target) else TARGET
                mappings = (*shared, *self._entries.mappings(target, level, number))
                own = (*removed, *self._entries.removals(target, level))
                sends = any(self._sends(one) for one in (self.written, group, target))
                if not sends and level == SELECTED:
                    self._refuse_idle(target.place, target.repo or "what this selects")
                yield self._spec(
                    target=target,
                    group=group,
                    known=known,
                    source=source,
                    mappings=mappings,
                    removals=own,
                    excluded=excluded,
                    sends=sends,
                )

    def _spec(
        self, *, target: WrittenTarget, group: WrittenGroup, known: Group, source: WrittenSource,
        mappings: tuple[Mapping, ...], removals: tuple[Removal, ...], excluded: Sequence[str], sends: bool,
    ) -> TargetSpec:  # fmt: skip
        found = selector(self.reader, target, excluded)
        if found is None:
            self._check_name(target, excluded)
        if target.branch and "/" in (target.repo or "/") and not is_legal_branch(target.branch):
            place = place_of(target.branch, target.place)
            self.reader.problem(place, f"{target.branch!r} can't be the name of a branch")
        owner, _, name = target.repo.partition("/")
        read = self._entries.transform
        transform = read(target.transform).over(read(group.transform)).over(read(self.written.transform))
        emails = ((source.security_email, target.security_email), (source.support_email, target.support_email))
        return TargetSpec(
            owner=owner,
            name=name,
            base=target.branch or None,
            selector=found,
            mappings=mappings,
            removals=removals,
            said=Said((target, group, group.global_), group.defaults, self.written),
            vars=tuple(merged(group.vars, target.vars).items()),
            transform=transform,
            emails=tuple(pair for pair in emails if all(pair) and pair[0] != pair[1]),
            group=known,
            place=target.place,
            enabled=self.written.enabled and group.enabled and target.enabled,
            adds=not sends and not found,
        )

    def _check_adding(self, specs: Sequence[TargetSpec]) -> None:
        """A named target that sends nothing must have another one to add to."""
        for spec in specs:
            if spec.adds and not any(other.may_mean(spec.owner, spec.name) for other in specs):
                self._refuse_idle(spec.place, f"{spec.owner}/{spec.name}" if spec.name else "what this selects")

    def _refuse_idle(self, place: Place, name: str) -> None:
        self.reader.problem(place, f"nothing is sent to {name}", "add `files:` or `directories:`")

    def _check_name(self, target: WrittenTarget, excluded: Sequence[str]) -> None:
        owner, slash, name = target.repo.partition("/")
        if self.reader.tried(target.place, "repo", "owner"):
            return
        if not target.repo:
            self.reader.problem(target.place, "this names no repository", "add `repo: owner/name` or `owner: …`")
        elif not slash or not _OWNER.fullmatch(owner) or not _NAME.fullmatch(name):
            place = place_of(target.repo, target.place)
            written = f"{target.repo}@{target.branch}" if target.branch and not slash else target.repo
            self.reader.problem(place, f"{written!r} names no repository", how_to_write(written))
        elif target.repo in excluded:
            self.reader.problem(target.place, f"{target.repo} is both named and excluded", "remove one of the two")

    def _source(self, group: WrittenGroup) -> WrittenSource:
        """The group's source, completed by the top level's."""
        own, top = group.source, self.written.source
        for one in (own, top):
            if one.repo and self.source and one.repo.lower() != self.source.lower():
                message = f"the source is {one.repo}, but this config stands in {self.source}"
                remedy = "keep a config in each source repository, and run Broadcast there"
                remedy += "; `broadcast migrate` writes this repository's" if self.is_other else ""
                self.reader.problem(place_of(one.repo, one.place), message, remedy)
        return WrittenSource(
            branch=own.branch or top.branch,
            security_email=own.security_email or top.security_email,
            support_email=own.support_email or top.support_email,
        )

    def _tried_targets(self, group: WrittenGroup) -> bool:
        return self.reader.tried(group.place, "targets") or (not group.name and not group.targets)

    def _sends(self, level: WrittenLevel) -> bool:
        """Whether a level sends anything, or has a key that failed to parse."""
        return any(getattr(level, key) for key in _SENDING) or self.reader.tried(level.place, *_SENDING)

    def _warnings(self, groups: Sequence[WrittenGroup]) -> Iterable[str]:
        """One warning for every key that is accepted without effect, and one for unsigned commits."""
        levels = [self.written, *groups, *(target for group in groups for target in group.targets)]
        lists = [*self.written.file_lists, *self.written.directory_lists]
        entries = [entry for level in (*levels, *lists) for entry in _entries_of(level)]
        placed: list[Placed] = [*levels, *(group.source for group in groups), self.written.source, *entries]
        for key, why in IGNORED.items():
            found = [node for one in placed if isinstance(node := getattr(one, key, None), yaml.Node)]
            nodes = list({id(node): node for node in found}.values())
            if nodes:
                nodes.sort(key=node_place)
                more = f" (and {len(nodes) - 1} more)" if len(nodes) > 1 else ""
                yield f"{self.reader.file}:{node_place(nodes[0]).line}{more}: `{key}` is ignored: {why}"
        named = [*levels, *(one for group in groups for one in (group.global_, group.defaults))]
        if author := next((one.commit_author for one in named if isinstance(one.commit_author, Text)), None):
            why = "GitHub signs no commit of an author that is named, and a target may require signatures"
            yield f"{self.reader.file}:{author.place.line}: commit_author: {why}"


def _entries_of(level: object) -> Iterable[WrittenMapping]:
    return (*getattr(level, "files", ()), *getattr(level, "directories", ()))


def _known_as(groups: Iterable[WrittenGroup]) -> dict[str, str]:
    """The ids and names of groups → how their targets call them."""
    return {name: group.id or group.name for group in groups for name in (group.name, group.id) if name}


def _implicit_group(written: WrittenConfig) -> WrittenGroup:
    return WrittenGroup(name="", targets=written.targets, place=written.place)
