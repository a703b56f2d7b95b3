"""Work on the plans of a fleet: stage by stage, its parts side by side, one outcome for each target."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from functools import partial

from msgspec import Struct, field
from msgspec.structs import replace

from broadcast.apply.executor import Executor
from broadcast.config.selectors import Selector
from broadcast.config.targets import Target
from broadcast.errors import Failure
from broadcast.github.rate_limiter import Throttled
from broadcast.pipeline.fleet import Fleet, Seen
from broadcast.pipeline.parts import FleetPart
from broadcast.pipeline.streams import merged
from broadcast.plan import schedule
from broadcast.plan.guards import Plans
from broadcast.plan.outcome import FileDiff, Name, Outcome
from broadcast.plan.plan import Plan, pending
from broadcast.plan.reason import Reason, reason_of, said
from broadcast.plan.schedule import Budget, Turns
from broadcast.plan.standing import Standing, merges
from broadcast.runner.stop import Stop, Stopped

Diffs = Mapping[Target, Mapping[str, FileDiff]]


class Work(Struct, kw_only=True):
    """The work of one run; `began` and `ended` are called on the threads that do it."""

    fleet: Fleet
    seen: Seen
    plans: Plans
    diffs: Diffs
    budget: Budget
    turns: Turns
    stop: Stop
    began: Callable[[str], None]  # with a target's label
    ended: Callable[[Outcome], None]
    standings: Mapping[Target, Standing] = field(default_factory=dict)

    def outcomes(self) -> Iterable[Outcome]:
        """The outcomes as they come: failed selectors, targets that no token reaches, then stage by stage."""
        yield from map(_unlisted, self.fleet.unlisted.items())
        turns, order = self.turns, schedule.in_turn(self.plans)
        for target in self.fleet.unreached:
            yield turns.note(target, self._without_plan(target))
        by_label = {target.label: target for target in order}
        for stage in sorted({target.stage for target in order}):
            chosen = [target for target in order if target.stage == stage]
            streams = [partial(self._part, part, chosen) for part in self.fleet.parts]
            for outcome in merged(streams):
                yield turns.note(by_label[outcome.target], outcome)
        self.fleet.finish()

    def _part(self, part: FleetPart, chosen: Iterable[Target]) -> Iterable[Outcome]:
        """Work on the chosen targets of one part, one after the other."""
        part.syncer.admit = self.budget.admit
        for target in chosen:
            if target in part.observations:
                yield self._one(part, target)
        part.syncer.decorator.flush()

    def _one(self, part: FleetPart, target: Target) -> Outcome:
        plan = self.plans[target]
        admitted = self.budget.admit(self.turns.admit(target, plan)) if isinstance(plan, Plan) else plan
        self.began(target.label)
        outcome = self._timed(part.syncer, target, admitted)
        if isinstance(admitted, Plan) and admitted.outcome == "created" != outcome.name:
            self.budget.give_back()
        outcome = replace(outcome, diffs=self.diffs.get(target, {}), standing=self.standings.get(target))
        self.ended(outcome)
        return outcome

    def _without_plan(self, target: Target) -> Outcome:
        return self._timed(None, target, self.plans[target])

    def _timed(self, syncer: Executor | None, target: Target, plan: Plan | Failure) -> Outcome:
        began, started = syncer.github.now() if syncer else 0.0, time.perf_counter()
        outcome = self._outcome(syncer, target, plan)
        return replace(outcome, seconds=time.perf_counter() - started, began=began)

    def _outcome(self, syncer: Executor | None, target: Target, plan: Plan | Failure) -> Outcome:
        """The outcome of one target; nothing is raised, so that no target stops the others."""
        outcome = self._pending(syncer, target)
        try:
            return self._carried_out(outcome, syncer, target, plan)
        except Stopped:
            is_begun = syncer is not None and target.label in syncer.github.usage.written
            return replace(outcome, reason=Reason("stopped_writing" if is_begun else "stopped", name=self.stop.by))
        except Throttled as failure:
            return replace(outcome, reason=reason_of(failure))
        except Failure as failure:
            return replace(outcome, name="failed", reason=reason_of(failure))
        except Exception as error:  # a bug of ours
            why = said(f"unexpected {type(error).__name__}: {error}")
            return replace(outcome, name="failed", reason=why, traceback=traceback.format_exc())

    def _pending(self, syncer: Executor | None, target: Target) -> Outcome:
        """The outcome before any is known, with what was seen of the target."""
        snapshot, observation = self.seen.snapshots[target], self.seen.observations[target]
        merged = () if isinstance(observation, Failure) else merges(observation.state)
        commit = snapshot.back.commit if snapshot.back else syncer.context.commit if syncer else ""
        return replace(pending(target, snapshot), commit=commit, merged=merged)

    def _carried_out(self, outcome: Outcome, syncer: Executor | None, target: Target, plan: Plan | Failure) -> Outcome:
        """Carry out the plan. Raises Failure."""
        observation = self.seen.observations[target]
        if isinstance(plan, Failure):
            raise plan
        if isinstance(observation, Failure) or syncer is None:
            raise observation if isinstance(observation, Failure) else Failure("wasn't looked at")
        base = observation.state.base.name if observation.state.base else ""
        snapshot = self.seen.snapshots[target]
        outcome = syncer.sync(replace(outcome, base=base), target, snapshot, observation, plan)
        return replace(outcome, joined=outcome.name == "created" and not observation.state.pulls)


def _unlisted(selector_and_failure: tuple[Selector, Failure]) -> Outcome:
    selector, failure = selector_and_failure
    name: Name = "deferred" if isinstance(failure, Throttled) else "failed"
    return Outcome(selector.label, "", name, reason_of(failure))
