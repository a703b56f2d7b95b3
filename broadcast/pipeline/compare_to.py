"""The source at the commit that a change is compared with."""

from __future__ import annotations

from collections.abc import Container

from msgspec.structs import replace

from broadcast.config import targets
from broadcast.config.parse import parse
from broadcast.pipeline.desired import Phase, Prepared, Source, source_of
from broadcast.runner.context import Context
from broadcast.runner.inputs import Inputs
from broadcast.source.revision import Revision


def inputs_of(inputs: Inputs) -> Inputs:
    """The inputs of a read-only run over every target: a filter may name targets that didn't exist then."""
    return replace(
        inputs, command="check", dry_run=False, explain="", compare_to="", to="", expect_plan="", only_targets=(),
        only_groups=(), skip_groups=(), only_waves=(), advance=(), shard=None, cleanup=False,
    )  # fmt: skip


def source(inputs: Inputs, context: Context, revision: Revision, phase: Phase) -> Source | None:
    """The config and the files of that commit; None where it has no config. Raises ConfigError, UsageError."""
    text = revision.text(inputs.config)
    if text is None:
        return None
    config = parse(text, inputs.config, context.source)
    config, _ = targets.on_branch(config, context.branch, context.default_branch)
    config = replace(config, rollout=None)  # waves decide when something is sent, not what
    return source_of(inputs, context, config, revision, phase=phase)


def narrowed(wanted: Prepared, inputs: Inputs, labels: Container[str]) -> Prepared:
    """The targets of a filtered run; all of them if there is no filter."""
    if not inputs.is_filtered:
        return wanted
    return replace(wanted, snapshots={one: held for one, held in wanted.snapshots.items() if one.label in labels})
