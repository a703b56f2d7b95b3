"""The source as it was at the commit that a change is compared with, and what sync would have done from there."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING

from msgspec.structs import replace

from broadcast.config.parse import parse
from broadcast.pipeline.desired import Prepared, Source, source_of
from broadcast.runner.inputs import Inputs
from broadcast.source.revision import Revision

if TYPE_CHECKING:
    from broadcast.pipeline.run import Run


def inputs_of(inputs: Inputs) -> Inputs:
    """Those of a run that only looks, at every target: a filter may name some that weren't there."""
    return replace(
        inputs, command="check", dry_run=False, explain="", compare_to="", expect_plan="", only_targets=(),
        only_groups=(), skip_groups=(), shard=None, cleanup=False,
    )  # fmt: skip


def source(run: Run, revision: Revision) -> Source | None:
    """The config and the files of that commit; None where it has no config. Raises ConfigError, UsageError."""
    text = revision.text(run.inputs.config)
    if text is None:
        return None
    return source_of(run, parse(text, run.inputs.config, run.context.source), revision)


def narrowed(wanted: Prepared, inputs: Inputs, labels: Container[str]) -> Prepared:
    """The targets that a filtered run works on; all of them where there is no filter."""
    if not inputs.is_filtered:
        return wanted
    return replace(wanted, snapshots={one: held for one, held in wanted.snapshots.items() if one.label in labels})
