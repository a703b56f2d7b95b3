"""Resolve the targets of a config; a target is a repository at a base branch (pure)."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from collections.abc import Mapping as Known
from functools import reduce
from graphlib import TopologicalSorter

from msgspec import Struct
from msgspec.structs import replace

from broadcast.compose.parts import Block
from broadcast.config.home import Home
from broadcast.config.mappings import EVERYWHERE, Mapping, Removal, Transform
from broadcast.config.model import Config, TargetSpec, problem_at, sources_of
from broadcast.config.selectors import FileFilter, SelectedRepository, Selector
from broadcast.config.settings import Settings, settings_of
from broadcast.config.sharing import shares_with
from broadcast.config.values import Value, merged
from broadcast.config.yaml_reader import Place
from broadcast.errors import ConfigError, UsageError
from broadcast.ownership import branch_name, scratch_name, spare_name

Found = Known[Selector, Sequence[SelectedRepository]]


class Content(Struct, frozen=True):
    """The replacements of one group in text files for one target."""

    transform: Transform
    emails: tuple[tuple[str, str], ...] = ()  # the source's address → the target's


class Target(Struct, frozen=True):
    """A repository at a base branch, with its mappings and settings."""

    owner: str
    name: str
    base: str | None  # None: the repository's default branch
    branch: str  # ours
    mappings: tuple[Mapping, ...]
    removals: tuple[Removal, ...]
    settings: Settings
    place: Place  # where the config names it
    dropped: bool = False  # the config names it no longer, but a pull request of ours is there
    selected: bool = False  # by a selector, not by name
    chosen_by: str = ""  # the selector at `place`, in words; empty: its name
    groups: tuple[str, ...] = ()  # that reach it
    waits_for: frozenset[str] = frozenset()  # groups whose targets come first and must not fail
    stage: int = 0  # how many rounds of them
    vars: tuple[tuple[str, Value], ...] = ()
    contents: tuple[tuple[int, Content], ...] = ()  # by the group's number
    files: FileFilter = FileFilter()  # what its base branch must have and lack, or it is no target

    @property
    def full_name(self) -> str:
        """owner/name."""
        return f"{self.owner}/{self.name}"

    @property
    def scratch(self) -> str:
        """The scratch branch for new commits."""
        return scratch_name(self.branch)

    @property
    def spare(self) -> str:
        """The scratch branch to use if that name is taken."""
        return spare_name(self.branch)

    @property
    def label(self) -> str:
        """`owner/name` or `owner/name@branch`."""
        return f"{self.full_name}@{self.base}" if self.base else self.full_name

    def content(self, group: int) -> Content:
        """The replacements of a group; those of the first group for mappings of the top level."""
        known = dict(self.contents)
        return known[next(iter(known)) if group == EVERYWHERE else group]


def disabled(config: Config) -> tuple[str, ...]:
    """The labels of targets and selectors with `enabled: false`."""
    return tuple(dict.fromkeys(_label(spec) for spec in config.targets if not spec.enabled))


def _label(spec: TargetSpec) -> str:
    if spec.selector:
        return spec.selector.label
    return f"{spec.owner}/{spec.name}@{spec.base}" if spec.base else f"{spec.owner}/{spec.name}"


def on_branch(config: Config, branch: str, default: str) -> tuple[Config, list[str]]:
    """The part of `config` that sends from this branch of the source, and warnings; all of it if the branch is unknown.

    On a branch that some groups name, groups without a branch still send from the default branch only.
    """
    silent = default if branch in config.branches else branch

    def wanted(spec: TargetSpec) -> str:
        return spec.group.branch or silent

    def is_other(spec: TargetSpec) -> bool:
        return bool(branch and wanted(spec) and spec.enabled and wanted(spec) != branch)

    others = {spec.group: wanted(spec) for spec in config.targets if is_other(spec)}
    specs = tuple(replace(spec, enabled=False) if is_other(spec) else spec for spec in config.targets)
    named = {f"the group {group.name!r}" if group.name else "the config": at for group, at in others.items()}
    warnings = [f"{who} sends from {at}, and this is {branch}" for who, at in named.items()]
    return replace(config, targets=specs, sources=sources_of(specs)), warnings


def resolve(
    config: Config, source: str, found: Found, unanswered: Container[Selector] = (), home: Home | None = None
) -> tuple[tuple[Target, ...], tuple[str, ...]]:
    """The targets of `config`, with the repositories that its selectors found; and warnings.

    Groups that reach the same repository at the same base make one target: lists are united, scalars come from
    the group that comes first by priority. Raises ConfigError and UsageError.
    """
    merged: dict[tuple[str, str, str | None], list[TargetSpec]] = {}
    warnings: list[str] = list(config.warnings)
    adding = [spec for spec in config.targets if spec.enabled and spec.adds]
    for spec in (spec for spec in config.targets if spec.enabled and not spec.adds):
        named = list(_named(spec, source, found))
        if not named and spec.selector not in unanswered:
            warnings.append(f"{config.file}:{spec.place.line}: {spec.selector} selects no repository")
        for one in named:
            merged.setdefault((one.owner.lower(), one.name.lower(), one.base), []).append(one)
    for specs in merged.values():  # in one group, who is named by name is named more specifically
        place = {spec.group.number: at for at, spec in reversed(list(enumerate(specs)))}
        specs.sort(key=lambda one: (place[one.group.number], one.selector is not None))
    _refuse_collisions(config, list(merged.values()))
    if config.max_targets is not None and len(merged) > config.max_targets:
        raise UsageError(
            f"the config reaches {len(merged)} targets, more than limits.max_targets allows ({config.max_targets})",
            "remove targets, or raise limits.max_targets if that many are meant",
        )
    waits = _waits(config)
    targets = [_target(config, specs, waits, _adding_to(specs[0], adding)) for specs in merged.values()]
    open_ = any(spec.selector in unanswered for spec in config.targets if spec.selector)
    warnings += [] if open_ else _idle(config, adding, targets)
    for target in targets:
        if refusal := (home or Home(source)).refuses(target.full_name, target.base):
            raise ConfigError([problem_at(config, target.place, *refusal)])
    return tuple(targets), (*warnings, *_warnings(merged.values()))


def _named(spec: TargetSpec, source: str, found: Found) -> Iterable[TargetSpec]:
    if spec.selector is None:
        yield spec
        return
    for one in found.get(spec.selector, ()):
        if f"{one.owner}/{one.name}".lower() != source.lower():
            yield replace(spec, owner=one.owner, name=one.name)


def _waits(config: Config) -> dict[str, dict[str, int]]:
    """For every group with an id the ids that it depends on, directly or not, and their distance."""
    direct = {spec.group.id: spec.group.depends_on for spec in config.targets if spec.group.id}
    waits: dict[str, dict[str, int]] = {}
    for one in TopologicalSorter(direct).static_order():
        waits[one] = _awaited(direct.get(one, ()), waits)
    return waits


def _awaited(depends_on: Iterable[str], waits: dict[str, dict[str, int]]) -> dict[str, int]:
    """All that a group with these dependencies waits for."""
    found: dict[str, int] = {}
    for other in depends_on:
        found[other] = max(found.get(other, 0), 1)
        for further, distance in waits[other].items():
            found[further] = max(found.get(further, 0), distance + 1)
    return found


def _adding_to(spec: TargetSpec, adding: Iterable[TargetSpec]) -> list[TargetSpec]:
    return [one for one in adding if one.concerns(spec.owner, spec.name, spec.base)]


def _idle(config: Config, adding: Iterable[TargetSpec], targets: Sequence[Target]) -> Iterable[str]:
    """Warnings for named targets that send nothing, and that nothing else is sent to."""
    for spec in adding:
        if not any(spec.concerns(target.owner, target.name, target.base) for target in targets):
            yield f"{config.file}:{spec.place.line}: nothing is sent to {spec.owner}/{spec.name}: no selector finds it"


def _target(
    config: Config, specs: list[TargetSpec], waits: dict[str, dict[str, int]], adding: list[TargetSpec]
) -> Target:
    """One target of all groups that reach it; what `adding` says is more specific."""
    first = specs[0]
    awaited = [_awaited(spec.group.depends_on, waits) for spec in specs]
    settings = settings_of([spec.said for spec in (*adding, *specs)])
    contents: dict[int, Content] = {}
    for spec in specs:
        more = contents.get(spec.group.number, Content(Transform()))
        for one in (*adding, spec):
            more = Content(more.transform.over(one.transform), more.emails or one.emails)
        contents[spec.group.number] = more
    known = reduce(merged, (dict(spec.vars) for spec in reversed((*adding, *specs))), dict(config.vars))
    filters = {spec.selector.files if spec.selector else FileFilter() for spec in specs}
    return Target(
        owner=first.owner, name=first.name, base=first.base,
        branch=branch_name(settings.branch_prefix, config.id, first.base),
        mappings=tuple(dict.fromkeys(mapping for spec in specs for mapping in spec.mappings)),
        removals=tuple(dict.fromkeys(removal for spec in specs for removal in spec.removals)),
        settings=settings, place=first.place,
        selected=all(spec.selector is not None for spec in specs),
        chosen_by=str(first.selector) if first.selector else "",
        groups=tuple(dict.fromkeys(spec.group.id or spec.group.name for spec in specs)),
        waits_for=frozenset().union(*awaited) - {spec.group.id for spec in specs},
        stage=max((distance for one in awaited for distance in one.values()), default=0),
        vars=tuple(known.items()),
        contents=tuple(sorted(contents.items(), key=lambda item: item[0] != first.group.number)),
        files=filters.pop() if len(filters) == 1 else FileFilter(),  # those that differ were asked for before
    )  # fmt: skip


def _refuse_collisions(config: Config, groups: list[list[TargetSpec]]) -> None:
    problems = []
    for specs in groups:
        taken: dict[tuple[int, str], list[Mapping]] = {}
        for mapping in (mapping for spec in specs for mapping in spec.mappings if not mapping.directory):
            others = taken.setdefault((mapping.level, mapping.dest), [])
            first = next((one for one in others if not shares_with(one.part, mapping.part)), mapping)
            others.append(mapping)
            if first.sends != mapping.sends:
                message = f"{first.src} and {mapping.src} both go to {mapping.dest} of {specs[0].owner}/{specs[0].name}"
                is_block = isinstance(first.part, Block) and isinstance(mapping.part, Block)
                way_out = "give each block an `id`" if is_block else "keep one, or move one to the target"
                remedy = f"line {first.place.line} has the other; {way_out}"
                problems.append(problem_at(config, mapping.place, message, remedy))
    if problems:
        raise ConfigError(problems)


def _warnings(groups: Iterable[list[TargetSpec]]) -> list[str]:
    warnings = []
    for specs in groups:
        for field in Settings.__struct_fields__:
            said = {spec.group.number: spec.said.scalar(field) for spec in reversed(specs)}
            if len(set(said.values()) - {None}) > 1:
                name = f"{specs[0].owner}/{specs[0].name}"
                warnings.append(f"{name}: groups differ in {field}; the first by priority counts")
    return warnings
