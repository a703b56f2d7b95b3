"""A part of a run that sends one commit of the source: its targets as they were seen, and what is planned for them.

A run has one, or more where the waves of a rollout get different commits.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from broadcast.apply import review_digest
from broadcast.apply.texts import Writer
from broadcast.config.targets import Target
from broadcast.github.client_pool import ClientPool
from broadcast.observe.renames import renamed
from broadcast.observe.state import Observations
from broadcast.pipeline import remaining
from broadcast.pipeline.desired import Prepared
from broadcast.pipeline.diffs import Diffs
from broadcast.pipeline.estimate import Estimate, estimate
from broadcast.pipeline.fleet import Fleet, Seen
from broadcast.pipeline.run import Run
from broadcast.pipeline.work import Work
from broadcast.plan import schedule
from broadcast.plan.fleet import objections, plan_all
from broadcast.plan.guards import Plans
from broadcast.plan.outcome import FileDiff, Outcome
from broadcast.plan.plan import MERGING, Plan, Rules
from broadcast.plan.schedule import Budget, Turns
from broadcast.progress import Report

if TYPE_CHECKING:
    from broadcast.pipeline.roll_back import Rollback
    from broadcast.plan.standing import Standing
    from broadcast.runner.context import Context
    from broadcast.runner.inputs import Inputs

log = logging.getLogger(__name__)

ESTIMATED = ("sync", "plan", "cancel", "rollback", "merge")  # commands of which the writes are estimated


class Leg(NamedTuple):
    """One fleet at one commit of the source."""

    wanted: Prepared
    fleet: Fleet
    seen: Seen
    plans: Plans

    def planned(self, source: str, rules: Rules | None = None) -> Plans:
        """The plans for what was seen; `rules` are others than the config's."""
        limits = {target: part.observer.time_limit for part in self.fleet.parts for target in part.observations}
        rules, config = rules or self.wanted.source.rules, self.wanted.config
        return plan_all(self.seen.observations, limits, source=source, rules=rules, config=config)

    def only(self, targets: Collection[Target]) -> Leg:
        """The leg without all other targets: they aren't worked on."""
        self.fleet.keep(targets)
        plans = {target: plan for target, plan in self.plans.items() if target in targets}
        observations = {target: one for target, one in self.seen.observations.items() if target in targets}
        snapshots = {target: one for target, one in self.seen.snapshots.items() if target in targets}
        return self._replace(seen=self.seen._replace(observations=observations, snapshots=snapshots), plans=plans)


def observed(
    run: Run, wanted: Prepared, clients: ClientPool, *, inputs: Inputs, context: Context, progress: Report,
    rollback: Rollback | None = None, roster: Iterable[Target] = (),
) -> Leg:  # fmt: skip
    """Look at the targets. `roster` are those that tokens have to reach, if they are more. Raises Failure."""
    fleet = Fleet(
        inputs, context, wanted, clients=clients, listings=run.listings, progress=progress, rollback=rollback,
        roster=roster,
    )  # fmt: skip
    seen = fleet.observe()
    run.warnings += (*seen.warnings, *renamed(seen.observations, wanted.config.file))
    return Leg(wanted, fleet, seen, {})


def expect_reviewed(run: Run, legs: Sequence[Leg]) -> None:
    """Set the digest of what is planned. Raises Failure where another plan was reviewed."""
    wanted = legs[0].wanted
    writer = Writer(run.context, wanted.config, wanted.source.rules)
    run.plan_digest = review_digest.whole(union(legs), _seen(legs), writer)
    review_digest.expect(run.inputs.expect_plan, run.plan_digest)


def _seen(legs: Iterable[Leg]) -> Observations:
    return {target: one for leg in legs for target, one in leg.seen.observations.items()}


def union(legs: Iterable[Leg]) -> Plans:
    """The plans of all legs."""
    return {target: plan for leg in legs for target, plan in leg.plans.items()}


def objected(run: Run, leg: Leg) -> Leg:
    """The leg with what tokens may not do, where that is reported."""
    if not run.inputs.diagnoses:
        return leg
    scopes = {target: part.github.scopes for part in leg.fleet.parts for target in part.observations}
    found = objections(leg.plans, leg.seen.observations, scopes, writes=run.inputs.writes)
    return leg._replace(plans=leg.plans | found)


def estimated(run: Run, legs: Sequence[Leg]) -> Estimate | None:
    """What the writes take, which the log says; None where the command is for none."""
    if run.inputs.command not in ESTIMATED:
        return None
    admitted = schedule.admitted(union(legs), _budget(run, legs))
    if run.inputs.command == "merge":
        admitted = {target: plan for target, plan in admitted.items() if plan.step in MERGING}
    parts = [part for leg in legs for part in leg.fleet.parts]
    found = estimate(parts, _seen(legs), admitted, run.inputs.write_strategy)
    if found.calls and run.inputs.writes:
        log.info("%s", found.words)
    return found


def work(run: Run, legs: Sequence[Leg], standings: Mapping[Target, Standing]) -> Iterator[Outcome]:
    """Carry out the plans, leg by leg; the limits and the order of groups are those of the whole run."""
    budget, turns = _budget(run, legs), Turns()
    for leg in legs:
        leg.fleet.learn_news(leg.plans, leg.seen.observations)
    found = [_diffs(run, leg) for leg in legs]
    run.notes = lambda: [note for leg in legs for note in leg.fleet.notes()]
    with run.phase("apply"):
        for leg, diffs in zip(legs, found, strict=True):
            yield from Work(
                fleet=leg.fleet, seen=leg.seen, plans=leg.plans, diffs=diffs, budget=budget, stop=run.stop,
                turns=turns, began=partial(remaining.begin, run), ended=partial(remaining.end, run),
                standings=standings,
            ).outcomes()  # fmt: skip
    remaining.settle(run)


def _budget(run: Run, legs: Sequence[Leg]) -> Budget:
    config = legs[0].wanted.config
    most = schedule.lowest(run.inputs.max_pull_requests, config.max_pull_requests)
    return Budget(union(legs), most, config.max_open_pull_requests)


def _diffs(run: Run, leg: Leg) -> dict[Target, dict[str, FileDiff]]:
    """What the plans would change inside of files, where that is what the run is for."""
    found: dict[Target, dict[str, FileDiff]] = {}
    if run.inputs.command in ("sync", "plan", "rollback") and not run.inputs.writes and not run.frozen:
        with run.phase("diff"):
            for part in leg.fleet.parts:
                own = {target: plan for target in part.observations if isinstance(plan := leg.plans[target], Plan)}
                diffs = Diffs(part.github, part.syncer.renderer, part.observer.time_limit, whole=run.inputs.diff)
                found |= diffs.of(own)
    return found
