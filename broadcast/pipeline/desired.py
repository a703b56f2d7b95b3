"""From the config and the checkout to what every target should hold; only selectors need GitHub's answer between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from broadcast.config import shards, targets
from broadcast.config.model import Config
from broadcast.config.parse import parse
from broadcast.config.selectors import Selector
from broadcast.config.targets import Found, Target
from broadcast.errors import Failure, UsageError
from broadcast.github.auth import Permissions
from broadcast.ownership import trailer
from broadcast.pipeline.rival_configs import Rivals
from broadcast.plan import permissions as diagnose
from broadcast.plan.plan import Rules
from broadcast.progress import Tell, silence
from broadcast.runner.context import Context
from broadcast.runner.inputs import Inputs
from broadcast.runner.provenance import placed, refuse_dirty, refuse_head, refuse_ref, unnamed
from broadcast.snapshot.build import Builder
from broadcast.snapshot.render import Renderer
from broadcast.snapshot.snapshot import Snapshot
from broadcast.source import config_file
from broadcast.source.checkout import Checkout

if TYPE_CHECKING:
    from broadcast.pipeline.run import Run


class Source(Struct, frozen=True):
    """What is sent and to whom, before GitHub is asked."""

    config: Config
    checkout: Checkout
    builder: Builder
    renderer: Renderer
    rules: Rules


class Prepared(Struct, frozen=True):
    """Every target and what it should hold."""

    source: Source
    everything: tuple[Target, ...]  # that the config names, whatever this run was told to work on
    snapshots: dict[Target, Snapshot]
    unfound: dict[Target, Failure]  # selectors that nobody could answer
    nothing: Snapshot  # what a target should hold that the config names no longer

    @property
    def config(self) -> Config:
        """What the file says."""
        return self.source.config


def read(run: Run, root: Path, tell: Tell = silence) -> Source:
    """Read the config and the checkout. Raises ConfigError, UsageError."""
    inputs, event = run.inputs, run.context
    # What is being written may be validated before it is committed.
    dirty = event.dirty or (event.terminal and inputs.command == "validate")
    with run.phase("snapshot"):
        checkout = Checkout.open(root, dirty=dirty, loose=event.terminal)
        checkout.enter(inputs.config)
    with run.phase("config"):
        context = placed(event, checkout.main(inputs.config))
        run.context = replace(context, config=checkout.in_repository(inputs.config))
        text = config_file.read(checkout, root, inputs.config, dirty=dirty)
        config = parse(text, inputs.config, event.source)
        for mapping in config.sources:
            checkout.enter(mapping.src)
        if inputs.writes:
            _refuse_unmerged(run, event.commit, checkout, config)
    source = source_of(run, config, checkout, tell)
    if inputs.writes:
        refuse_dirty(run.context, checkout.differences())
    return source


def _refuse_unmerged(run: Run, commit: str, checkout: Checkout, config: Config) -> None:
    """Raise UsageError where what is checked out could be unmerged; `commit` is the event's."""
    inputs, context = run.inputs, run.context

    def trusted() -> frozenset[str]:
        return _of_default_branch(checkout, inputs.config, context)

    refuse_ref(context, inputs.allow_ref, trusted)
    run.warnings += unnamed(replace(context, commit=commit))
    if not inputs.allow_head:
        used = (inputs.config, *(mapping.src for mapping in config.sources if not mapping.untracked))
        refuse_head(context, commit, dict.fromkeys(one for path in used for one in checkout.repositories_of(path)))


def _of_default_branch(checkout: Checkout, config: str, context: Context) -> frozenset[str]:
    """The branches that the config sends from as the default branch has it, where the checkout has that branch."""
    repository = checkout.repository(config)
    if repository is None:
        return frozenset()
    from broadcast.source.revision import Revision  # noqa: PLC0415  hardly a run needs it

    try:
        text = Revision(checkout, repository, f"refs/remotes/origin/{context.default_branch}").text(config)
        return parse(text, config, context.source).branches if text else frozenset()
    except UsageError:
        return frozenset()


def source_of(run: Run, config: Config, checkout: Checkout, tell: Tell = silence) -> Source:
    """What a config says of a checkout. Raises ConfigError, UsageError."""
    inputs, context = run.inputs, run.context
    with run.phase("config"):
        config, warnings = targets.on_branch(config, context.branch, context.default_branch)
        run.warnings += warnings
    with run.phase("snapshot"):
        workflows = {one.here(context.workflow) or "" for one in checkout.repositories} or {context.workflow}
        builder = Builder(config, checkout, frozenset({inputs.config, *workflows}), tell)
        builder.check_sources()
        for spec in config.targets:
            if spec.enabled:
                builder.snapshot(spec.mappings, spec.removals)
    rules = _rules(config, run, Rivals(checkout, config, context.source))
    return Source(config, checkout, builder, Renderer(checkout, context.source), rules)


def prepare(run: Run, source: Source, found: Found, unanswered: Mapping[Selector, Failure]) -> Prepared:
    """The targets, with what the selectors found, and their snapshots. Raises ConfigError, UsageError."""
    inputs, config, builder = run.inputs, source.config, source.builder
    with run.phase("config"):
        everything, warnings = targets.resolve(config, run.context.source, found, unanswered)
        run.warnings += warnings
        chosen = targets.chosen(_in_shard(inputs, everything), inputs.only_targets)
        chosen = targets.in_groups(chosen, config, inputs.only_groups, inputs.skip_groups)
        unfound = {targets.standing_for(config, selector): failure for selector, failure in unanswered.items()}
        run.targets, run.matrix = len(chosen), shards.matrix(len(everything))
    with run.phase("snapshot"):
        snapshots = {target: builder.snapshot(target.mappings, target.removals) for target in chosen}
        run.warnings += (*builder.warnings, *builder.checkout.differences())
        if not inputs.writes:
            run.warnings += builder.unused_patterns()
        run.files = sum(len(snapshot.files) for snapshot in snapshots.values())
        run.excluded = sum(snapshot.excluded for snapshot in snapshots.values())
    return Prepared(source, everything, snapshots, unfound, builder.snapshot((), ()))


def _rules(config: Config, run: Run, is_rival: Rivals) -> Rules:
    inputs = run.inputs
    return Rules(
        trailer=trailer(config.id, run.context.source),
        max_deletions=config.max_deletions,
        overwrite=inputs.overwrite,
        rebase=inputs.rebase,
        repropose=config.on_decline == "repropose",
        cancel=inputs.command == "cancel",
        ignored_authors=config.ignored_authors,
        is_rival=is_rival,
    )


def _in_shard(inputs: Inputs, everything: Sequence[Target]) -> Sequence[Target]:
    if inputs.shard is None:
        return everything
    number, count = inputs.shard
    owners = [target.owner for target in everything]
    return [one for one in everything if shards.shard_of(one.owner, one.name, owners, count) == number]


def permissions(run: Run, source: Source) -> Permissions:
    """What a GitHub App's tokens need for this run."""
    specs = [spec for spec in source.config.targets if spec.enabled]
    snapshots = [source.builder.snapshot(spec.mappings, spec.removals) for spec in specs]
    paths = (path for snapshot in snapshots for path in (*snapshot.files, *snapshot.removals))
    return diagnose.permissions(paths, checks=run.inputs.diagnoses, writes=run.inputs.writes)
