"""The pipeline: config → targets → snapshots → observe → plan → apply, one outcome per target."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from broadcast.apply import review_digest
from broadcast.apply.executor import Executor
from broadcast.apply.texts import Writer
from broadcast.config.targets import Found, Target
from broadcast.errors import Failure, UsageError
from broadcast.github.auth import Permissions
from broadcast.github.client_pool import ClientPool
from broadcast.github.rate_limiter import Throttled
from broadcast.observe.selection import find
from broadcast.observe.state import Observation, Observations
from broadcast.pipeline import remaining
from broadcast.pipeline.desired import Prepared, permissions, prepare, read
from broadcast.pipeline.diffs import Diffs
from broadcast.pipeline.estimate import estimate
from broadcast.pipeline.fleet import Fleet, FleetPart, merged
from broadcast.pipeline.run import Run
from broadcast.plan import guards, schedule
from broadcast.plan import permissions as diagnose
from broadcast.plan.decide import decide
from broadcast.plan.guards import Plans
from broadcast.plan.outcome import FileDiff, Outcome
from broadcast.plan.plan import Plan
from broadcast.plan.reason import Reason, Refused, reason_of, said
from broadcast.plan.schedule import Budget, Turns
from broadcast.progress import Tell, silence
from broadcast.runner.inputs import Inputs
from broadcast.runner.stop import Stopped
from broadcast.snapshot.snapshot import Snapshot
from broadcast.snapshot.time_limit import TimeLimit

if TYPE_CHECKING:
    from broadcast.source.checkout import Checkout
    from broadcast.source.revision import Revision

log = logging.getLogger(__name__)


def execute(
    run: Run,
    root: Path,
    clients: Callable[[Permissions], ClientPool],
    report: Callable[[Outcome], None] = lambda _: None,
    progress: Tell = silence,
) -> None:
    """Run the command; every problem ends in `run`, none is raised.

    `report` hears of each outcome as it comes, `progress` of how far the work before is.
    """
    try:
        source = read(run, root, progress)
        revision = _revision(source.checkout, run.inputs)
        selectors = {spec.selector for spec in source.config.targets if spec.enabled and spec.selector}
        if not run.inputs.asks:
            prepare(run, source, {}, dict.fromkeys(selectors, Failure("not asked")))
            return
        with run.phase("targets"):
            reached = clients(permissions(run, source))
            found, unanswered = find(selectors, reached)
        wanted = prepare(run, source, found, unanswered)
        remaining.expect(run, wanted.snapshots | dict.fromkeys(wanted.unfound, wanted.nothing))
        if run.inputs.explain:
            from broadcast.pipeline.explain import explain

            run.explanation = explain(wanted, run.inputs.explain.strip("/"))
            return
        for outcome in _outcomes(run, wanted, reached, progress):
            run.outcomes.append(outcome)
            report(outcome)
        if revision:
            _compare(run, revision, {target.label for target in (*wanted.snapshots, *wanted.unfound)}, found, reached)
    except Stopped:
        pass  # the report says so, and what is left
    except Failure as failure:
        run.failure = failure
    finally:
        run.listings.save()
        run.warnings += run.listings.warnings


def _revision(checkout: Checkout, inputs: Inputs) -> Revision | None:
    if not inputs.compare_to:
        return None
    from broadcast.source.revision import Revision

    return Revision.of(checkout, inputs.config, inputs.compare_to)


def _compare(run: Run, revision: Revision, named: set[str], found: Found, clients: ClientPool) -> None:
    """Tell what this change alone does; of targets that were renamed or that nobody can see, both tell the same."""
    from broadcast.pipeline import compare_to
    from broadcast.plan.comparison import compare

    past = Run(
        compare_to.inputs_of(run.inputs),
        replace(run.context, commit=revision.commit),
        listings=run.listings,
        stop=run.stop,
    )
    told: dict[str, Outcome] = {}
    try:
        with run.phase("compare"):
            if source := compare_to.source(past, revision):
                selectors = {spec.selector for spec in source.config.targets if spec.enabled and spec.selector}
                more, unanswered = find(selectors - found.keys(), clients)
                wanted = prepare(past, source, {**found, **more}, unanswered)
                wanted = compare_to.narrowed(wanted, run.inputs, named)
                told = {one.target: one for one in _outcomes(past, wanted, clients)}
    except UsageError as failure:
        run.warnings.append(f"nothing to compare with: sync can't run from {run.inputs.compare_to}: {failure.message}")
        return
    after = {one.target: one for one in run.outcomes}
    run.comparison = compare(run.inputs.compare_to, revision.commit, told, after, named)


def _outcomes(run: Run, wanted: Prepared, clients: ClientPool, progress: Tell = silence) -> Iterable[Outcome]:
    with run.phase("observe"):
        fleet = Fleet(run, wanted, clients, progress)
        observations = fleet.observe()
        remaining.expect(run, fleet.snapshots)
        run.notes = fleet.notes
    with run.phase("plan"):
        plans = _plans(run, wanted, fleet, observations)
        source = wanted.source
        run.plan_digest = review_digest.whole(plans, observations, Writer(run.context, source.config, source.rules))
        review_digest.expect(run.inputs.expect_plan, run.plan_digest)
        plans |= _objections(run, fleet, plans, observations)
        _preflight(run, wanted, fleet, plans, observations)
    diffs = _diffs(run, fleet, plans)
    fleet.learn_news(plans, observations)
    with run.phase("apply"):
        order, budget, turns = schedule.in_turn(plans), _budget(run, wanted, plans), Turns()

        def work(part: FleetPart, stage: int) -> Iterable[Outcome]:
            for target in (one for one in order if one in part.observations and one.stage == stage):
                plan = plans[target]
                admitted = budget.admit(turns.admit(target, plan)) if isinstance(plan, Plan) else plan
                remaining.begin(run, target.label)
                outcome = _one(
                    part.syncer, target, fleet.snapshots[target], observations[target], admitted, run.stop.by
                )
                if isinstance(admitted, Plan) and admitted.outcome == "created" != outcome.name:
                    budget.give_back()
                yield remaining.end(run, replace(outcome, diffs=diffs.get(target, {})))
            part.syncer.decorator.flush()

        for target in fleet.unreached:
            failure = _one(None, target, fleet.snapshots[target], observations[target], plans[target], run.stop.by)
            yield turns.note(target, failure)
        for stage in sorted({target.stage for target in order}):
            by_label = {target.label: target for target in order}
            for outcome in merged([partial(work, part, stage) for part in fleet.parts]):
                yield turns.note(by_label[outcome.target], outcome)
        fleet.finish()
    remaining.settle(run)


def _diffs(run: Run, fleet: Fleet, plans: Plans) -> dict[Target, dict[str, FileDiff]]:
    """What the plans would change inside of files, where that is what the run is for."""
    found: dict[Target, dict[str, FileDiff]] = {}
    if run.inputs.command in ("sync", "plan") and not run.inputs.writes:
        with run.phase("diff"):
            for part in fleet.parts:
                own = {target: plan for target in part.observations if isinstance(plan := plans[target], Plan)}
                found |= Diffs(part.github, part.syncer.renderer, part.observer.time_limit).of(own)
    return found


def _plans(run: Run, wanted: Prepared, fleet: Fleet, observations: Observations) -> Plans:
    plans: Plans = {}
    for part in fleet.parts:
        for target in part.observations:
            plans[target] = _plan(wanted, run.context.source, target, observations[target], part.observer.time_limit)
    plans |= fleet.unreached
    return guards.within_total(guards.without_twins(plans, observations, wanted.config), wanted.config)


def _objections(run: Run, fleet: Fleet, plans: Plans, observations: Observations) -> Plans:
    """What a token may not do; no part of a plan, for who reviews one may have another token."""
    found: Plans = {}
    for target, part in [(target, one) for one in fleet.parts for target in one.observations]:
        plan, observation = plans[target], observations[target]
        if isinstance(plan, Plan) and isinstance(observation, Observation) and run.inputs.diagnoses:
            is_idle = plan.step in ("nothing", "sweep") and run.inputs.writes
            if not is_idle and (objection := diagnose.objection(observation.state, plan, part.github.scopes)):
                found[target] = Refused(objection)
    return found


def _budget(run: Run, wanted: Prepared, plans: Plans) -> Budget:
    limits = (run.inputs.max_pull_requests, wanted.config.max_pull_requests)
    most = min((one for one in limits if one is not None), default=None)
    return Budget(plans, most, wanted.config.max_open_pull_requests)


def _plan(
    wanted: Prepared, source: str, target: Target, observation: Observation | Failure, time_limit: TimeLimit
) -> Plan | Failure:
    if isinstance(observation, Failure):
        return observation
    state = observation.state
    if state.full_name.lower() == source.lower():
        return Refused(Reason("is_source", name=source))
    owner = state.full_name.partition("/")[0]
    if owner.lower() != target.owner.lower():
        return Refused(Reason("moved", repository=state.full_name, other=owner))
    if state.base is None and target.base and target.selected and not state.archived:
        return Plan("nothing", "skipped", Reason("no_branch", name=target.base))
    if state.base is None and target.base and not state.archived:
        return Refused(Reason("no_named_branch", name=target.base))
    drifts = (observation.drift, observation.branch_drift)
    plan = time_limit.attempt(target, partial(decide, state, observation.snapshot, *drifts, wanted.source.rules))
    if isinstance(plan, Failure):
        return plan
    return replace(plan, reason=Reason("dropped")) if target.dropped and plan.step == "close" else plan


def _preflight(run: Run, wanted: Prepared, fleet: Fleet, plans: Plans, observations: Observations) -> None:
    """Estimate what the writes take; a run that writes says it before the first of them."""
    if run.inputs.command in ("sync", "plan", "cancel"):
        budget = _budget(run, wanted, plans)
        planned = ((target, plans[target]) for target in schedule.in_turn(plans))
        admitted = {target: budget.admit(plan) for target, plan in planned if isinstance(plan, Plan)}
        run.estimate = estimate(fleet.parts, observations, admitted, run.inputs.write_strategy)
    if run.estimate and run.estimate.calls and run.inputs.writes:
        log.info("%s", run.estimate.words)


def _one(
    syncer: Executor | None,
    target: Target,
    snapshot: Snapshot,
    observation: Observation | Failure,
    plan: Plan | Failure,
    by: str,
) -> Outcome:
    started = time.perf_counter()
    outcome = Outcome(target.label, target.base or "", "failed", file_errors=snapshot.errors, files=len(snapshot.files))
    try:
        if syncer and isinstance(observation, Observation) and isinstance(plan, Plan):
            base = observation.state.base.name if observation.state.base else ""
            outcome = syncer.sync(replace(outcome, base=base), target, snapshot, observation, plan)
            outcome = replace(outcome, joined=outcome.name == "created" and not observation.state.pulls)
        else:
            failure = plan if isinstance(plan, Failure) else observation
            if isinstance(failure, Failure):
                raise failure
    except Stopped:
        is_begun = syncer is not None and target.label in syncer.github.usage.written
        reason = Reason("stopped_writing" if is_begun else "stopped", name=by)
        outcome = replace(outcome, name="deferred", reason=reason)
    except Throttled as failure:
        outcome = replace(outcome, name="deferred", reason=reason_of(failure))
    except Failure as failure:
        outcome = replace(outcome, name="failed", reason=reason_of(failure))
    except Exception as error:  # a bug in one target must not stop the others
        why = said(f"unexpected {type(error).__name__}: {error}")
        outcome = replace(outcome, name="failed", reason=why, traceback=traceback.format_exc())
    return replace(outcome, seconds=time.perf_counter() - started)
