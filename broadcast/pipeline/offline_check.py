"""What `validate` finds in what is sent, for every target: names without a value, and parts that go into no file."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from msgspec.structs import replace

from broadcast.config import targets
from broadcast.config.home import Home
from broadcast.config.selectors import SelectedRepository, Selector
from broadcast.config.targets import Target
from broadcast.errors import ConfigError
from broadcast.pipeline.desired import Prepared
from broadcast.runner.inputs import Inputs
from broadcast.snapshot.offline import TemplateCheck
from broadcast.snapshot.offline_parts import PartCheck
from broadcast.snapshot.snapshot import Snapshot

MAX_LEFT_OUT = 50  # files
NOTE = "templates of targets that selectors find were checked with the values that the config has for all of them"


def check_sent(inputs: Inputs, wanted: Prepared, home: Home) -> tuple[str, ...]:
    """Warnings about what could not be checked in full. Raises ConfigError for what would fail."""
    templates, builder = TemplateCheck(wanted.source.renderer), wanted.source.builder
    parts = PartCheck(wanted.config, wanted.source.renderer)
    for target, snapshot in wanted.snapshots.items():
        templates.look(target, snapshot)
        parts.look(target, snapshot)
    is_partial = False
    samples = {} if inputs.is_filtered else _samples(wanted, home)
    for target, selector in samples.items():
        snapshot = builder.snapshot(target.mappings, target.removals)
        is_partial |= templates.look(target, snapshot, str(selector))
        parts.look(target, snapshot, str(selector))
    if problems := [*templates.problems(), *parts.problems()]:
        raise ConfigError(problems)
    return (*([NOTE] if is_partial else []), *_left_out(wanted.snapshots.values()))


def _left_out(snapshots: Iterable[Snapshot]) -> Iterable[str]:
    """Files that no run would send."""
    found = dict.fromkeys(error for snapshot in dict.fromkeys(snapshots) for error in snapshot.errors)
    yield from (f"left out {one.path}: {one.reason}; {one.remedy}" for one in islice(found, MAX_LEFT_OUT))
    if len(found) > MAX_LEFT_OUT:
        yield f"{len(found) - MAX_LEFT_OUT} more files are left out"


def _samples(wanted: Prepared, home: Home) -> dict[Target, Selector]:
    """For each selector that wasn't asked, a target as it would find them."""
    selectors = {f"selected-{number}": one for number, one in enumerate(wanted.unlisted)}
    found = {one: [_repository(one.owners[0], name)] for name, one in selectors.items()}
    config = replace(wanted.config, max_targets=None)
    resolved, _ = targets.resolve(config, home.source, found, wanted.unlisted, home)
    return {target: selectors[target.name] for target in resolved if target.selected and target.name in selectors}


def _repository(owner: str, name: str) -> SelectedRepository:
    return SelectedRepository(
        owner=owner, name=name, id=name, archived=False, fork=False, visibility="private", language="",
        topics=frozenset(),
    )  # fmt: skip
