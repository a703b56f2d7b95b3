"""The pipeline: config → targets → snapshots → observe → plan → apply, one outcome per target."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from broadcast.config.freezes import active
from broadcast.config.model import Config
from broadcast.config.performance import METRICS_FILE
from broadcast.config.selectors import Selector
from broadcast.config.targets import Found, Target
from broadcast.errors import Failure, NotAsked, UsageError
from broadcast.github.auth import Permissions
from broadcast.github.client_pool import ClientPool
from broadcast.observe.file_filters import decided
from broadcast.observe.selection import Selection, find
from broadcast.pipeline import remaining
from broadcast.pipeline.desired import (
    Prepared,
    Source,
    configure,
    enter,
    home_of,
    permissions,
    prepare,
    source_of,
)
from broadcast.pipeline.known_properties import learn, needing
from broadcast.pipeline.legs import Leg, estimated, expect_reviewed, objected, observed, work
from broadcast.pipeline.rollout import Reach, rolled_out
from broadcast.pipeline.run import Run
from broadcast.plan.outcome import Outcome
from broadcast.progress import Report, silence
from broadcast.runner.stop import Stopped
from broadcast.snapshot.snapshot import Snapshot

if TYPE_CHECKING:
    from broadcast.pipeline.roll_back import Rollback
    from broadcast.plan.standing import Standing
    from broadcast.source.revision import Revision


def execute(
    run: Run,
    root: Path,
    clients: Callable[[Permissions], ClientPool],
    report: Callable[[Outcome], None] = lambda _: None,
    progress: Report = silence,
) -> None:
    """Run the command and collect its results in `run`; every problem ends there, none is raised.

    `report` is called with each outcome as it comes, `progress` with how far longer steps are.
    """
    try:
        _execute(run, root, clients, report, progress)
    except Stopped:
        pass  # the report says so, and what is left
    except Failure as failure:
        run.failure = failure
    finally:
        run.listings.save()
        run.warnings += run.listings.warnings


def _execute(
    run: Run,
    root: Path,
    clients: Callable[[Permissions], ClientPool],
    report: Callable[[Outcome], None],
    progress: Report,
) -> None:
    source = _timed(run, _source(run, root, progress))
    revision, to = _revision(run, source), _way_back(run, source)
    selectors = _selectors(source.config)
    if not run.inputs.asks:
        unasked = Selection({}, dict.fromkeys(selectors, NotAsked()), frozenset())
        run.unresolved = len(selectors)
        _check_sent(run, _prepared(run, source, unasked))
        return
    with run.phase("targets"):
        reached = clients(permissions(run.inputs, source, properties=bool(needing(source))))
        source = _with_dashboard(run, source, reached)
        selection = decided(find(selectors, reached), source.config, reached)
        run.warnings += learn(source, selection, reached)
    found = selection.found
    wanted = _prepared(run, source, selection)
    _check_sent(run, wanted)
    remaining.expect(run, wanted.snapshots, wanted.unlisted)
    if run.inputs.explain:
        from broadcast.pipeline.explain import explain

        run.explanation = explain(wanted, run.inputs.explain.strip("/"))
        return
    rollback = _rollback(run, wanted, to, found, reached) if to else None
    wanted = rollback.prepared(wanted, run.context.commit) if rollback else wanted
    reach = Reach(reached, found)
    for outcome in _work(run, root, wanted, reach=reach, progress=progress, rollback=rollback):
        run.outcomes.append(outcome)
        report(outcome)
    if revision:
        _compare(run, revision, wanted, reach)


def _rollback(run: Run, wanted: Prepared, to: Revision, found: Found, reached: ClientPool) -> Rollback:
    from broadcast.pipeline import roll_back

    return roll_back.of(run.inputs, run.context, wanted, to, found=found, clients=reached, phase=run.phase)


def _work(
    run: Run, root: Path, wanted: Prepared, *, reach: Reach, progress: Report, rollback: Rollback | None
) -> Iterable[Outcome]:
    if run.inputs.command == "harvest":
        from broadcast.pipeline.harvest import harvest

        return harvest(run, root, wanted, clients=reach.clients, progress=progress)
    return _outcomes(run, wanted, reach, progress, rollback)


def _source(run: Run, root: Path, progress: Report) -> Source:
    place = enter(run.inputs, run.context, root, run.phase)
    run.context = place.context
    configured = configure(run.inputs, place, root, run.phase)
    run.warnings += configured.warnings
    _report_as(run, configured.config)
    _freeze(run, configured.config)
    run.disabled = configured.disabled
    return source_of(run.inputs, run.context, configured.config, place.checkout, phase=run.phase, progress=progress)


def _timed(run: Run, source: Source) -> Source:
    """The source with rules that know the time."""
    return replace(source, rules=replace(source.rules, now=run.started))


def _report_as(run: Run, config: Config) -> None:
    """Let the run report as the config says."""
    run.read_as, run.performance = config.read_as, config.performance
    if run.performance.metrics and not (run.inputs.metrics_file or run.context.terminal):
        run.inputs = replace(run.inputs, metrics_file=METRICS_FILE)


def _freeze(run: Run, config: Config) -> None:
    """Let a frozen run read and report only."""
    if not config.enabled:
        run.warnings.append(f"nothing is sent: {config.file} says enabled: false")
    span = active(config.freezes, run.started)
    if not (run.inputs.freeze or span):
        return
    reason = f": {span.reason}" if span and span.reason else ""
    words = f"until {span.until}{reason}" if span else "by the input freeze"
    if run.inputs.writes:
        run.frozen, run.inputs = words, replace(run.inputs, dry_run=True)
    else:
        run.freeze = words


def _with_dashboard(run: Run, source: Source, clients: ClientPool) -> Source:
    """The source with the rules that boxes on the dashboard ask for. Raises Failure."""
    if not run.inputs.reads_dashboard:
        return source
    from broadcast.pipeline import dashboard

    return replace(source, rules=dashboard.read(run, clients, source.config, source.rules))


def _selectors(config: Config) -> set[Selector]:
    return {spec.selector for spec in config.targets if spec.enabled and spec.selector}


def _prepared(run: Run, source: Source, selection: Selection) -> Prepared:
    wanted = prepare(
        run.inputs,
        run.context,
        source,
        found=selection.found,
        unanswered=selection.failures,
        phase=run.phase,
        listed=selection.listed,
    )
    run.warnings += wanted.warnings
    run.targets, run.files, run.excluded = len(wanted.snapshots), wanted.files, wanted.excluded
    run.matrix = wanted.matrix
    run.config, run.places = wanted.config, wanted.places
    return wanted


def _check_sent(run: Run, wanted: Prepared) -> None:
    """Raise ConfigError for what would fail, where that is what the run is for."""
    if run.inputs.command == "validate":
        from broadcast.pipeline.offline_check import check_sent

        with run.phase("snapshot"):
            run.warnings += check_sent(run.inputs, wanted, home_of(run.context))


def _revision(run: Run, source: Source) -> Revision | None:
    if not run.inputs.compare_to:
        return None
    from broadcast.source.revision import Revision

    return Revision.of(source.checkout, run.inputs.config, run.inputs.compare_to)


def _way_back(run: Run, source: Source) -> Revision | None:
    """The commit to roll back to. Raises UsageError."""
    if not run.inputs.to:
        return None
    from broadcast.pipeline import roll_back

    run.inputs = replace(run.inputs, cleanup=False)  # what the config no longer names isn't looked at
    return roll_back.revision(run.inputs, source)


def _compare(run: Run, revision: Revision, wanted: Prepared, reach: Reach) -> None:
    """What this change alone does: the plans from here, less those from the revision.

    Targets that were renamed or that the token can't see are the same in both.
    """
    from broadcast.plan.comparison import compare

    named = {target.label for target in wanted.snapshots} | {selector.label for selector in wanted.unlisted}
    try:
        with run.phase("compare"):
            before = _before(run, revision, named, reach)
    except UsageError as failure:
        run.warnings.append(f"nothing to compare with: sync can't run from {run.inputs.compare_to}: {failure.message}")
        return
    after = {one.target: one for one in run.outcomes}
    run.comparison = compare(run.inputs.compare_to, revision.commit, before, after, named)


def _before(run: Run, revision: Revision, named: set[str], reach: Reach) -> dict[str, Outcome]:
    """The outcomes that sync would have come to from the revision, by target. Raises ConfigError, UsageError."""
    from broadcast.pipeline import compare_to

    context = replace(run.context, commit=revision.commit)
    past = Run(compare_to.inputs_of(run.inputs), context, listings=run.listings, stop=run.stop, audience=run.audience)
    source = compare_to.source(past.inputs, context, revision, past.phase)
    if source is None:
        return {}
    source = _timed(run, source)
    more = find(_selectors(source.config) - reach.found.keys(), reach.clients)
    both = decided(more._replace(found={**reach.found, **more.found}), source.config, reach.clients)
    learn(source, both, reach.clients)
    wanted = compare_to.narrowed(_prepared(past, source, both), run.inputs, named)
    return {one.target: one for one in _outcomes(past, wanted, reach)}


def _outcomes(
    run: Run, wanted: Prepared, reach: Reach, progress: Report = silence, rollback: Rollback | None = None
) -> Iterable[Outcome]:
    with run.phase("observe"):
        first = observed(
            run, wanted, reach.clients, inputs=run.inputs, context=run.context, progress=progress, rollback=rollback
        )
        own = {target: one for target, one in first.seen.snapshots.items() if target not in wanted.watched}
        run.targets -= len(wanted.snapshots) - sum(target in first.seen.snapshots for target in wanted.snapshots)
        remaining.expect(run, own, wanted.unlisted)
    with run.phase("plan"):
        first = first._replace(plans=first.planned(run.context.source))
        legs = rolled_out(run, first, reach)
        remaining.expect(run, _in_order(first.seen.snapshots, [leg.seen.snapshots for leg in legs]), wanted.unlisted)
        expect_reviewed(run, legs)
        legs = [objected(run, leg) for leg in legs]
        run.estimate = estimated(run, legs)
        if run.dashboard:
            from broadcast.pipeline import dashboard

            dashboard.note(run, legs)
        if run.audience:
            run.audience.learn(legs)
    yield from work(run, legs, _standings(run, legs))


def _standings(run: Run, legs: Sequence[Leg]) -> Mapping[Target, Standing]:
    """Where each target stands, where that is what the run is for."""
    if run.inputs.command != "status":
        return {}
    from broadcast.pipeline.standings import standings

    return standings(run, legs)


def _in_order(every: Iterable[Target], snapshots: Iterable[Mapping[Target, Snapshot]]) -> dict[Target, Snapshot]:
    """The snapshots of the run's targets in the order of the config."""
    place = {target.label: at for at, target in enumerate(every)}
    found = [item for one in snapshots for item in one.items()]
    return dict(sorted(found, key=lambda item: place[item[0].label]))
