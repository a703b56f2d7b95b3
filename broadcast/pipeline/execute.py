"""The pipeline: config → targets → snapshots → observe → plan → apply, one outcome per target."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from broadcast.apply import review_digest
from broadcast.apply.texts import Writer
from broadcast.config.freezes import active
from broadcast.config.model import Config
from broadcast.config.selectors import Selector
from broadcast.config.targets import Found, Target
from broadcast.errors import Failure, UsageError
from broadcast.github.auth import Permissions
from broadcast.github.client_pool import ClientPool
from broadcast.observe.selection import find
from broadcast.pipeline import remaining
from broadcast.pipeline.desired import Prepared, Source, configure, enter, permissions, prepare, source_of
from broadcast.pipeline.diffs import Diffs
from broadcast.pipeline.estimate import Estimate, estimate
from broadcast.pipeline.fleet import Fleet, Seen
from broadcast.pipeline.run import Run
from broadcast.pipeline.work import Work
from broadcast.plan import schedule
from broadcast.plan.fleet import objections, plan_all
from broadcast.plan.guards import Plans
from broadcast.plan.outcome import FileDiff, Outcome
from broadcast.plan.plan import MERGING, Plan
from broadcast.plan.schedule import Budget
from broadcast.progress import Report, silence
from broadcast.runner.stop import Stopped

if TYPE_CHECKING:
    from broadcast.pipeline.roll_back import Rollback
    from broadcast.source.revision import Revision

log = logging.getLogger(__name__)


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
    source = _source(run, root, progress)
    revision, to = _revision(run, source), _way_back(run, source)
    selectors = _selectors(source.config)
    if not run.inputs.asks:
        _check_sent(run, _prepared(run, source, {}, dict.fromkeys(selectors, Failure("not asked"))))
        return
    with run.phase("targets"):
        reached = clients(permissions(run.inputs, source))
        found, unanswered = find(selectors, reached)
    wanted = _prepared(run, source, found, unanswered)
    _check_sent(run, wanted)
    remaining.expect(run, wanted.snapshots, wanted.unlisted)
    if run.inputs.explain:
        from broadcast.pipeline.explain import explain

        run.explanation = explain(wanted, run.inputs.explain.strip("/"))
        return
    rollback = _rollback(run, wanted, to, found, reached) if to else None
    wanted = rollback.prepared(wanted, run.context.commit) if rollback else wanted
    for outcome in _work(run, root, wanted, clients=reached, progress=progress, rollback=rollback):
        run.outcomes.append(outcome)
        report(outcome)
    if revision:
        _compare(run, revision, wanted, found, reached)


def _rollback(run: Run, wanted: Prepared, to: Revision, found: Found, reached: ClientPool) -> Rollback:
    from broadcast.pipeline import roll_back

    return roll_back.of(run.inputs, run.context, wanted, to, found=found, clients=reached, phase=run.phase)


def _work(
    run: Run, root: Path, wanted: Prepared, *, clients: ClientPool, progress: Report, rollback: Rollback | None
) -> Iterable[Outcome]:
    if run.inputs.command == "harvest":
        from broadcast.pipeline.harvest import harvest

        return harvest(run, root, wanted, clients=clients, progress=progress)
    return _outcomes(run, wanted, clients, progress, rollback)


def _source(run: Run, root: Path, progress: Report) -> Source:
    place = enter(run.inputs, run.context, root, run.phase)
    run.context = place.context
    configured = configure(run.inputs, place, root, run.phase)
    run.warnings += configured.warnings
    _freeze(run, configured.config)
    return source_of(run.inputs, run.context, configured.config, place.checkout, phase=run.phase, progress=progress)


def _freeze(run: Run, config: Config) -> None:
    """Let a frozen run read and report only."""
    if not config.enabled:
        run.warnings.append(f"nothing is sent: {config.file} says enabled: false")
    span = active(config.freezes, run.started)
    if not run.inputs.writes or not (run.inputs.freeze or span):
        return
    reason = f": {span.reason}" if span and span.reason else ""
    run.frozen = f"until {span.until}{reason}" if span else "by the input freeze"
    run.inputs = replace(run.inputs, dry_run=True)


def _selectors(config: Config) -> set[Selector]:
    return {spec.selector for spec in config.targets if spec.enabled and spec.selector}


def _prepared(run: Run, source: Source, found: Found, unanswered: dict[Selector, Failure]) -> Prepared:
    wanted = prepare(run.inputs, run.context, source, found=found, unanswered=unanswered, phase=run.phase)
    run.warnings += wanted.warnings
    run.targets, run.files, run.excluded = len(wanted.snapshots), wanted.files, wanted.excluded
    run.matrix = wanted.matrix
    return wanted


def _check_sent(run: Run, wanted: Prepared) -> None:
    """Raise ConfigError for what would fail, where that is what the run is for."""
    if run.inputs.command == "validate":
        from broadcast.pipeline.offline_check import check_sent

        with run.phase("snapshot"):
            run.warnings += check_sent(run.inputs, wanted, run.context.source)


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


def _compare(run: Run, revision: Revision, wanted: Prepared, found: Found, clients: ClientPool) -> None:
    """What this change alone does: the plans from here, less those from the revision.

    Targets that were renamed or that the token can't see are the same in both.
    """
    from broadcast.plan.comparison import compare

    named = {target.label for target in wanted.snapshots} | {selector.label for selector in wanted.unlisted}
    try:
        with run.phase("compare"):
            before = _before(run, revision, named, found, clients)
    except UsageError as failure:
        run.warnings.append(f"nothing to compare with: sync can't run from {run.inputs.compare_to}: {failure.message}")
        return
    after = {one.target: one for one in run.outcomes}
    run.comparison = compare(run.inputs.compare_to, revision.commit, before, after, named)


def _before(run: Run, revision: Revision, named: set[str], found: Found, clients: ClientPool) -> dict[str, Outcome]:
    """The outcomes that sync would have come to from the revision, by target. Raises ConfigError, UsageError."""
    from broadcast.pipeline import compare_to

    context = replace(run.context, commit=revision.commit)
    past = Run(compare_to.inputs_of(run.inputs), context, listings=run.listings, stop=run.stop)
    source = compare_to.source(past.inputs, context, revision, past.phase)
    if source is None:
        return {}
    more, unanswered = find(_selectors(source.config) - found.keys(), clients)
    wanted = compare_to.narrowed(_prepared(past, source, {**found, **more}, unanswered), run.inputs, named)
    return {one.target: one for one in _outcomes(past, wanted, clients)}


def _outcomes(
    run: Run, wanted: Prepared, clients: ClientPool, progress: Report = silence, rollback: Rollback | None = None
) -> Iterable[Outcome]:
    with run.phase("observe"):
        fleet = Fleet(
            run.inputs, run.context, wanted, clients=clients, listings=run.listings, progress=progress,
            rollback=rollback,
        )  # fmt: skip
        seen = fleet.observe()
        run.warnings += seen.warnings
        run.notes = fleet.notes
        remaining.expect(run, seen.snapshots, wanted.unlisted)
    with run.phase("plan"):
        plans = _plans(run, wanted, fleet, seen)
        run.estimate = _estimate(run, wanted, fleet, seen, plans)
        if run.estimate and run.estimate.calls and run.inputs.writes:
            log.info("%s", run.estimate.words)
    diffs = _diffs(run, fleet, plans)
    fleet.learn_news(plans, seen.observations)
    with run.phase("apply"):
        work = Work(
            fleet=fleet, seen=seen, plans=plans, diffs=diffs, budget=_budget(run, wanted, plans), stop=run.stop,
            began=partial(remaining.begin, run), ended=partial(remaining.end, run),
        )  # fmt: skip
        yield from work.outcomes()
    remaining.settle(run)


def _plans(run: Run, wanted: Prepared, fleet: Fleet, seen: Seen) -> Plans:
    """The plans of the fleet, with what their tokens may not do. Raises Failure where another plan was reviewed."""
    source, rules, config = run.context.source, wanted.source.rules, wanted.config
    parts = {target: part for part in fleet.parts for target in part.observations}
    time_limits = {target: part.observer.time_limit for target, part in parts.items()}
    plans = plan_all(seen.observations, time_limits, source=source, rules=rules, config=config)
    run.plan_digest = review_digest.whole(plans, seen.observations, Writer(run.context, config, rules))
    review_digest.expect(run.inputs.expect_plan, run.plan_digest)
    if run.inputs.diagnoses:
        scopes = {target: part.github.scopes for target, part in parts.items()}
        plans |= objections(plans, seen.observations, scopes, writes=run.inputs.writes)
    return plans


def _estimate(run: Run, wanted: Prepared, fleet: Fleet, seen: Seen, plans: Plans) -> Estimate | None:
    """What the writes take; None where the command is for none."""
    if run.inputs.command not in ("sync", "plan", "cancel", "rollback", "merge"):
        return None
    admitted = schedule.admitted(plans, _budget(run, wanted, plans))
    if run.inputs.command == "merge":
        admitted = {target: plan for target, plan in admitted.items() if plan.step in MERGING}
    return estimate(fleet.parts, seen.observations, admitted, run.inputs.write_strategy)


def _budget(run: Run, wanted: Prepared, plans: Plans) -> Budget:
    most = schedule.lowest(run.inputs.max_pull_requests, wanted.config.max_pull_requests)
    return Budget(plans, most, wanted.config.max_open_pull_requests)


def _diffs(run: Run, fleet: Fleet, plans: Plans) -> dict[Target, dict[str, FileDiff]]:
    """What the plans would change inside of files, where that is what the run is for."""
    found: dict[Target, dict[str, FileDiff]] = {}
    if run.inputs.command in ("sync", "plan", "rollback") and not run.inputs.writes and not run.frozen:
        with run.phase("diff"):
            for part in fleet.parts:
                own = {target: plan for target in part.observations if isinstance(plan := plans[target], Plan)}
                diffs = Diffs(part.github, part.syncer.renderer, part.observer.time_limit, whole=run.inputs.diff)
                found |= diffs.of(own)
    return found
