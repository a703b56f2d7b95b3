"""What every target should hold, from the config and the checkout; only selectors need an answer of GitHub's."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from broadcast.config import narrowing, shards, targets
from broadcast.config.home import Home
from broadcast.config.model import Config, TargetSpec
from broadcast.config.parse import parse
from broadcast.config.rollout import check_names, strays
from broadcast.config.selectors import Selector
from broadcast.config.settings import settings_of
from broadcast.config.targets import Found, Target
from broadcast.config.yaml_places import Place
from broadcast.errors import Failure, UsageError
from broadcast.git.commits import CommitWords
from broadcast.github.auth import Permissions
from broadcast.ownership import trailer
from broadcast.pipeline.rival_configs import Rivals
from broadcast.plan import permissions as diagnose
from broadcast.plan.plan import Rules
from broadcast.progress import Report, silence
from broadcast.runner.context import Context
from broadcast.runner.inputs import Inputs
from broadcast.runner.provenance import placed, refuse_dirty, refuse_head, refuse_ref, unnamed
from broadcast.snapshot.absent import without_absent
from broadcast.snapshot.build import Builder
from broadcast.snapshot.render import Renderer
from broadcast.snapshot.snapshot import Snapshot
from broadcast.source import config_file
from broadcast.source.checkout import Checkout

Phase = Callable[[str], AbstractContextManager[None]]  # times a phase by its name; raises Stopped


class SourcePlace(Struct, frozen=True):
    """The checkout, and where its content stands in GitHub."""

    checkout: Checkout
    context: Context  # whose commit is the one that is sent
    event_commit: str  # 40 hex digits; empty where there is none


class Configured(Struct, frozen=True):
    """The config, as far as it is for the branch that is checked out."""

    config: Config
    warnings: tuple[str, ...]
    disabled: tuple[str, ...]  # targets and selectors of it with `enabled: false`


class Source(Struct, frozen=True):
    """What is sent and to whom, before GitHub is asked."""

    config: Config
    checkout: Checkout
    builder: Builder
    renderer: Renderer
    rules: Rules

    def words(self, commit: str) -> CommitWords | None:
        """What people wrote in a commit, as far as the checkout has it."""
        repository = self.checkout.main(self.config.file)
        return repository.words(commit) if repository else None


class Prepared(Struct, frozen=True):
    """Every target and what it should hold."""

    source: Source
    everything: tuple[Target, ...]  # that the config names, also those that this run doesn't work on
    snapshots: dict[Target, Snapshot]
    unlisted: dict[Selector, Failure]  # selectors whose repositories couldn't be listed
    nothing: Snapshot  # what a target should hold that the config names no longer
    warnings: tuple[str, ...]
    listed: frozenset[str] = frozenset()  # repositories that selectors tested: owner/name in lower case
    watched: dict[Target, Snapshot] = {}  # targets of earlier waves that this run doesn't work on

    @property
    def places(self) -> dict[str, Place]:
        """Where the config first names each target and selector, by their labels; dropped ones stand nowhere."""
        selectors = {spec.selector.label: spec.place for spec in reversed(self.config.targets) if spec.selector}
        return selectors | {one.label: one.place for one in self.snapshots if not one.dropped}

    @property
    def config(self) -> Config:
        """What the file says."""
        return self.source.config

    @property
    def files(self) -> int:
        """Files wanted, over all targets."""
        return sum(len(snapshot.paths) for snapshot in self.snapshots.values())

    @property
    def excluded(self) -> int:
        """Files excluded, over all targets."""
        return sum(snapshot.excluded for snapshot in self.snapshots.values())

    @property
    def matrix(self) -> list[str]:
        """The shards that the whole fleet should be split into."""
        return shards.matrix(len(self.everything))


def enter(inputs: Inputs, event: Context, root: Path, phase: Phase) -> SourcePlace:
    """Open the checkout at `root`. Raises UsageError."""
    with phase("snapshot"):
        checkout = Checkout.open(root, dirty=_is_dirty(inputs, event), loose=event.terminal)
        checkout.enter(inputs.config)
    with phase("config"):
        context = placed(event, checkout.main(inputs.config))
        return SourcePlace(
            checkout, replace(context, config=checkout.in_repository(inputs.config)), event_commit=event.commit
        )


def configure(inputs: Inputs, place: SourcePlace, root: Path, phase: Phase) -> Configured:
    """Read the config; refuse to write from what could be unmerged. Raises ConfigError, UsageError."""
    context, checkout = place.context, place.checkout
    with phase("config"):
        text = config_file.read(checkout, root, inputs.config, dirty=_is_dirty(inputs, context))
        config = parse(text, inputs.config, context.source)
        for mapping in config.sources:
            checkout.enter(mapping.src)
        warnings = _refuse_unmerged(inputs, place, config) if inputs.writes else []
        disabled = targets.disabled(config)
        _refuse_unwritable(inputs, config)
        config, more = targets.on_branch(config, context.branch, context.default_branch)
    return Configured(config, (*warnings, *more), disabled)


def _refuse_unwritable(inputs: Inputs, config: Config) -> None:
    """Raise UsageError where all is to go by GraphQL, which takes no author."""
    if inputs.write_strategy == "graphql" and any(settings_of([spec.said]).commit_author for spec in config.targets):
        raise UsageError("write-strategy: graphql can't set a commit_author", "use write-strategy: auto, or rest")


def _is_dirty(inputs: Inputs, context: Context) -> bool:
    """Whether the disk counts: what is being written may be validated before it is committed."""
    return context.dirty or (context.terminal and inputs.command == "validate")


def _refuse_unmerged(inputs: Inputs, place: SourcePlace, config: Config) -> list[str]:
    """Raise UsageError where what is checked out could be unmerged; returns warnings."""
    context, checkout, commit = place.context, place.checkout, place.event_commit

    def trusted() -> frozenset[str]:
        return _of_default_branch(checkout, inputs.config, context)

    refuse_ref(context, inputs.allow_ref, trusted)
    if not inputs.allow_head:
        used = (inputs.config, *(mapping.src for mapping in config.sources if not mapping.untracked))
        refuse_head(context, commit, dict.fromkeys(one for path in used for one in checkout.repositories_of(path)))
    return unnamed(replace(context, commit=commit))


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


def source_of(
    inputs: Inputs, context: Context, config: Config, checkout: Checkout, *, phase: Phase, progress: Report = silence
) -> Source:
    """What a config sends from a checkout. Raises ConfigError, UsageError."""
    with phase("snapshot"):
        workflows = {one.here(context.workflow) or "" for one in checkout.repositories} or {context.workflow}
        config, skipped = without_absent(config, checkout) if config.read_as else (config, ())
        builder = Builder(config, checkout, frozenset({inputs.config, *workflows}), progress)
        builder.check_sources()
        builder.warnings.update(dict.fromkeys(skipped))
        for spec in config.targets:
            if spec.enabled:
                builder.snapshot(spec.mappings, spec.removals)
    if inputs.writes:
        refuse_dirty(context, checkout.differences())
    rules = _rules(inputs, context, config, Rivals(checkout, config, context.source))
    return Source(config, checkout, builder, Renderer(checkout, context.source), rules)


def prepare(
    inputs: Inputs,
    context: Context,
    source: Source,
    *,
    found: Found,
    unanswered: Mapping[Selector, Failure],
    phase: Phase,
    listed: frozenset[str] = frozenset(),
) -> Prepared:
    """The targets, with what the selectors found, and their snapshots. Raises ConfigError, UsageError."""
    config, builder = source.config, source.builder
    with phase("config"):
        everything, warnings = targets.resolve(config, context.source, found, unanswered, home_of(context))
        chosen = narrowing.chosen(_in_shard(inputs, everything), inputs.only_targets, unanswered)
        chosen = narrowing.in_groups(chosen, config, inputs.only_groups, inputs.skip_groups)
        check_names(config.rollout, "only-waves", inputs.only_waves)
        check_names(config.rollout, "advance", inputs.advance)
        strayed = list(strays(config.rollout, everything)) if config.rollout and not unanswered else []
    with phase("snapshot"):
        snapshots = {target: builder.snapshot(target.mappings, target.removals) for target in chosen}
        unused = [] if inputs.writes else builder.unused_patterns()
        watched = _watched(inputs, config, everything, snapshots)
        lost = [f"{config.file}:{at.line}: rollout: {name} is no target of the config" for at, name in strayed]
        noted = (*lost, *warnings, *builder.warnings, *builder.checkout.differences(), *unused)
    return Prepared(
        source=source,
        everything=everything,
        snapshots=snapshots,
        unlisted={} if inputs.only_targets == narrowing.NO_TARGET else dict(unanswered),
        nothing=builder.snapshot((), ()),
        warnings=noted,
        listed=listed,
        watched={target: builder.snapshot(target.mappings, target.removals) for target in watched},
    )


def _watched(inputs: Inputs, config: Config, everything: Iterable[Target], chosen: Container[Target]) -> list[Target]:
    """The targets whose state decides on others that this run works on."""
    rollout = config.rollout if inputs.goes_by_waves else None
    return [target for target in everything if rollout and target not in chosen and rollout.may_be_early(target)]


def home_of(context: Context) -> Home:
    """The source, and the branch of it that runs."""
    return Home(context.source, context.branch, context.default_branch)


def _rules(inputs: Inputs, context: Context, config: Config, is_rival: Rivals) -> Rules:
    merges = inputs.command == "merge"
    return Rules(
        trailer=trailer(config.id, context.source),
        max_deletions=config.max_deletions,
        overwrite=inputs.overwrite and not merges,
        rebase="conflict" if merges else inputs.rebase,
        repropose=config.on_decline == "repropose",
        cancel=inputs.command == "cancel",
        resume=inputs.resume,
        merge=merges,
        answers=inputs.command == "sync",
        ignored_authors=config.ignored_authors,
        running=home_of(context).running,
        is_rival=is_rival,
    )


def _in_shard(inputs: Inputs, everything: Sequence[Target]) -> Sequence[Target]:
    if inputs.shard is None:
        return everything
    number, count = inputs.shard
    owners = [target.owner for target in everything]
    return [one for one in everything if shards.shard_of(one.owner, one.name, owners, count) == number]


def permissions(inputs: Inputs, source: Source, *, properties: bool = False) -> Permissions:
    """What a GitHub App's tokens need for this run; `properties` says that templates use custom ones."""
    specs = [spec for spec in source.config.targets if spec.enabled]
    snapshots = [source.builder.snapshot(spec.mappings, spec.removals) for spec in specs]
    paths = (path for snapshot in snapshots for path in (*snapshot.paths, *snapshot.removals))
    writes, goes_by_waves = inputs.writes and not inputs.proposes, inputs.goes_by_waves and source.config.rollout
    reads_checks = inputs.command in ("merge", "status") or bool(goes_by_waves) or inputs.shows_dashboard
    selectors = [spec.selector for spec in specs if spec.selector]
    rollout = source.config.rollout
    by_property = any(one.properties for one in selectors) or (rollout is not None and rollout.needs_properties)
    return diagnose.permissions(
        paths,
        checks=inputs.diagnoses,
        writes=writes,
        reads_checks=reads_checks,
        teams=any(one.teams for one in selectors),
        properties=properties or by_property,
        proposes=inputs.command != "sync" or not specs or any(map(_may_propose, specs)),
    )


def _may_propose(spec: TargetSpec) -> bool:
    """Whether its targets may get pull requests."""
    return settings_of([spec.said]).delivery != "push"
