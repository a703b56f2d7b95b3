"""Selectors to concrete targets: one target is one repository at one base branch (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase

from broadcast.config import Config, Mapping, Removal, Settings, TargetSpec, problem_at, settings_of
from broadcast.errors import ConfigError, UsageError
from broadcast.pullrequest import branch_name
from broadcast.yamlreader import Place


@dataclass(frozen=True, slots=True)
class Target:
    """A repository at a base branch, and what it should hold."""

    owner: str
    name: str
    base: str | None  # None: the repository's default branch
    branch: str  # ours
    mappings: tuple[Mapping, ...]
    removals: tuple[Removal, ...]
    settings: Settings
    place: Place  # where the config names it
    dropped: bool = False  # the config names it no longer, but a pull request of ours is there

    @property
    def full_name(self) -> str:
        """owner/name."""
        return f"{self.owner}/{self.name}"

    @property
    def scratch(self) -> str:
        """Where a new commit is made before our branch moves onto it."""
        return f"{self.branch}-scratch"

    @property
    def label(self) -> str:
        """How people write it: owner/name or owner/name@branch."""
        return f"{self.full_name}@{self.base}" if self.base else self.full_name


def resolve(config: Config, source: str) -> tuple[tuple[Target, ...], tuple[str, ...]]:
    """The targets of `config`, and warnings.

    Groups that reach the same repository at the same base make one target: lists are united, scalars come from
    the group that comes first by priority. Raises ConfigError and UsageError.
    """
    merged: dict[tuple[str, str, str | None], list[TargetSpec]] = {}
    for spec in (spec for spec in config.targets if spec.enabled):
        merged.setdefault((spec.owner.lower(), spec.name.lower(), spec.base), []).append(spec)
    _refuse_collisions(config, list(merged.values()))
    if config.max_targets is not None and len(merged) > config.max_targets:
        raise UsageError(
            f"the config reaches {len(merged)} targets, more than limits.max_targets allows ({config.max_targets})",
            "remove targets, or raise limits.max_targets if that many are meant",
        )
    targets = [_target(config, specs) for specs in merged.values()]
    for target in targets:
        if target.full_name.lower() == source.lower():
            message = f"{target.full_name} is the source itself"
            raise ConfigError([problem_at(config, target.place, message, "remove it from the targets")])
    return tuple(targets), tuple(_warnings(merged.values()))


def _target(config: Config, specs: list[TargetSpec]) -> Target:
    first = specs[0]
    levels = [level for spec in specs for level in spec.written[:-1]] + [first.written[-1]]
    settings = settings_of(levels)
    return Target(
        first.owner, first.name, first.base,
        branch_name(settings.branch_prefix, config.id, first.base),
        tuple(dict.fromkeys(mapping for spec in specs for mapping in spec.mappings)),
        tuple(dict.fromkeys(removal for spec in specs for removal in spec.removals)),
        settings, first.place,
    )  # fmt: skip


def _refuse_collisions(config: Config, groups: list[list[TargetSpec]]) -> None:
    problems = []
    for specs in groups:
        taken: dict[tuple[int, str], Mapping] = {}
        for mapping in (mapping for spec in specs for mapping in spec.mappings if not mapping.directory):
            first = taken.setdefault((mapping.level, mapping.dest), mapping)
            if first.src != mapping.src:
                message = f"{first.src} and {mapping.src} both go to {mapping.dest} of {specs[0].owner}/{specs[0].name}"
                remedy = f"line {first.place.line} has the other; keep one, or move one to the target"
                problems.append(problem_at(config, mapping.place, message, remedy))
    if problems:
        raise ConfigError(problems)


def chosen(targets: Sequence[Target], only: Sequence[str]) -> list[Target]:
    """Those that `only` names, if it names any. Raises UsageError for a pattern that names none."""
    for pattern in only:
        if not any(_matches(target, pattern) for target in targets):
            raise UsageError(
                f"only-targets: {pattern!r} matches no target of the config",
                f"the config has: {', '.join(target.label for target in targets[:20])}",
            )
    return [target for target in targets if not only or any(_matches(target, pattern) for pattern in only)]


def _matches(target: Target, pattern: str) -> bool:
    wanted = pattern.lower()
    return any(fnmatchcase(name.lower(), wanted) for name in (target.full_name, target.label))


def _warnings(groups: Iterable[list[TargetSpec]]) -> list[str]:
    warnings = []
    for specs in groups:
        for one in fields(Settings):
            said = {str(value) for spec in specs if (value := _group_scalar(spec, one.name))}
            if len(said) > 1:
                name = f"{specs[0].owner}/{specs[0].name}"
                warnings.append(f"{name}: groups differ in {one.name}; the first by priority counts")
    return warnings


def _group_scalar(spec: TargetSpec, name: str) -> object:
    value = getattr(spec.written[1], name)
    return None if isinstance(value, list) else value
