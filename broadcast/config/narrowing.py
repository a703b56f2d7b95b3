"""The targets that a run is for: by name, pattern and group (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from broadcast.config.model import Config
from broadcast.config.selectors import Selector, matches
from broadcast.config.targets import Target
from broadcast.errors import Failure, NotAsked, UsageError

NO_TARGET = ("[]",)  # names of targets, where a JSON list was given that is empty: the opposite of no list


def chosen(
    targets: Sequence[Target], only: Sequence[str], unanswered: Mapping[Selector, Failure] | None = None
) -> list[Target]:
    """The targets that match `only`, or all if it is empty, or none if it is NO_TARGET; `!pattern` excludes.

    Raises UsageError for a pattern that matches none, unless it may match what a selector would have found: then the
    selector's failure.
    """
    if tuple(only) == NO_TARGET:
        return []
    wanted = [pattern for pattern in only if not pattern.startswith("!")]
    unwanted = [pattern[1:] for pattern in only if pattern.startswith("!")]
    for pattern in (*wanted, *unwanted):
        if any(_is(target, pattern) for target in targets):
            continue
        failures = list((unanswered or {}).values())
        if not failures:
            raise UsageError(
                f"only-targets: {pattern!r} matches no target of the config",
                f"the config has: {', '.join(target.label for target in targets[:20])}",
            )
        if failure := next((one for one in failures if not isinstance(one, NotAsked)), None):
            raise failure
    return [
        target
        for target in targets
        if (not wanted or any(_is(target, pattern) for pattern in wanted))
        and not any(_is(target, pattern) for pattern in unwanted)
    ]


def in_groups(targets: Sequence[Target], config: Config, only: Sequence[str], skip: Sequence[str]) -> list[Target]:
    """The targets of the groups in `only`, or of all, without those that only groups in `skip` have.

    Raises UsageError for an unknown group.
    """
    groups = {spec.group for spec in config.targets}
    names = {name for group in groups for name in (group.id, group.name) if name}
    for key, given in (("only-groups", only), ("skip-groups", skip)):
        for name in given:
            if name not in names:
                have = ", ".join(sorted(names)) or "none"
                raise UsageError(f"{key}: there is no group {name!r}", f"the config has: {have}")
    wanted = {group.id or group.name for group in groups if {group.id, group.name} & set(only)}
    unwanted = {group.id or group.name for group in groups if {group.id, group.name} & set(skip)}
    return [
        target
        for target in targets
        if (not wanted or wanted & set(target.groups)) and not (unwanted and set(target.groups) <= unwanted)
    ]


def _is(target: Target, pattern: str) -> bool:
    return any(matches(name, pattern) for name in (target.full_name, target.label))
