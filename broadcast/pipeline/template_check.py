"""What `validate` finds in templates: names without a value, for every target that the config names."""

from __future__ import annotations

from msgspec.structs import replace

from broadcast.config import targets
from broadcast.config.selectors import SelectedRepository, Selector
from broadcast.config.targets import Target
from broadcast.errors import ConfigError
from broadcast.pipeline.desired import Prepared
from broadcast.runner.inputs import Inputs
from broadcast.snapshot.offline import TemplateCheck

NOTE = "templates of targets that selectors find were checked with the values that the config has for all of them"


def check_templates(inputs: Inputs, wanted: Prepared, source: str) -> tuple[str, ...]:
    """Warnings about what could not be checked in full. Raises ConfigError for templates that would fail."""
    check, builder = TemplateCheck(wanted.source.renderer), wanted.source.builder
    for target, snapshot in wanted.snapshots.items():
        check.look(target, snapshot)
    samples = {} if inputs.is_filtered else _samples(wanted, source)
    looked = [
        check.look(target, builder.snapshot(target.mappings, target.removals), str(selector))
        for target, selector in samples.items()
    ]
    if problems := check.problems():
        raise ConfigError(problems)
    return (NOTE,) if any(looked) else ()


def _samples(wanted: Prepared, source: str) -> dict[Target, Selector]:
    """For each selector that wasn't asked, a target as it would find them."""
    selectors = {f"selected-{number}": one for number, one in enumerate(wanted.unlisted)}
    found = {one: [_repository(one.owners[0], name)] for name, one in selectors.items()}
    config = replace(wanted.config, max_targets=None)
    resolved, _ = targets.resolve(config, source, found, wanted.unlisted)
    return {target: selectors[target.name] for target in resolved if target.selected and target.name in selectors}


def _repository(owner: str, name: str) -> SelectedRepository:
    return SelectedRepository(
        owner=owner, name=name, id=name, archived=False, fork=False, visibility="private", language="",
        topics=frozenset(),
    )  # fmt: skip
