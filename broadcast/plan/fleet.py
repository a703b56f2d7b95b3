"""Plans for all targets of a run: each by itself, then the limits on all of them together (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from msgspec.structs import replace

from broadcast.config.model import Config
from broadcast.config.targets import Target
from broadcast.errors import Failure
from broadcast.observe.state import Observation, Observations, State
from broadcast.plan import guards, permissions
from broadcast.plan.decide import decide
from broadcast.plan.guards import Plans
from broadcast.plan.plan import Plan, Rules
from broadcast.plan.reason import Reason, Refused
from broadcast.snapshot.time_limit import TimeLimit

Scopes = Mapping[Target, frozenset[str] | None]  # of each target's token; None where it has no scopes


def plan_all(
    observations: Observations, time_limits: Mapping[Target, TimeLimit], *, source: str, rules: Rules, config: Config
) -> Plans:
    """The plans of a whole fleet, guarded; of a target without an time_limit, which no token reaches, why not.

    `source` is the source's owner/name.
    """
    plans: Plans = {
        target: plan_one(target, observations[target], time_limit, source=source, rules=rules)
        for target, time_limit in time_limits.items()
    }
    plans |= {
        target: failure
        for target, failure in observations.items()
        if target not in time_limits and isinstance(failure, Failure)
    }
    return guards.within_total(guards.without_twins(plans, observations, config), config)


def plan_one(
    target: Target, observation: Observation | Failure, time_limit: TimeLimit, *, source: str, rules: Rules
) -> Plan | Failure:
    """The plan for one target; a Failure where it can't be worked on."""
    if isinstance(observation, Failure):
        return observation
    if refusal := _refusal(target, observation.state, source, rules.running):
        return refusal
    drifts = (observation.drift, observation.branch_drift)
    plan = time_limit.attempt(
        target, partial(decide, observation.state, observation.snapshot, *drifts, rules.of(target.label))
    )
    if target.dropped and isinstance(plan, Plan) and plan.step == "close":
        return replace(plan, reason=Reason("dropped"))
    return plan


def _refusal(target: Target, state: State, source: str, running: str) -> Plan | Failure | None:
    """Why a target isn't worked on: it is the source's running branch, it has moved, or its branch is missing."""
    if state.full_name.lower() == source.lower():
        if target.full_name.lower() != source.lower():
            return Refused(Reason("is_source", name=source))
        if state.base and (not running or state.base.name == running):
            return Refused(Reason("is_running", name=state.base.name))
    owner = state.full_name.partition("/")[0]
    if owner.lower() != target.owner.lower():
        return Refused(Reason("moved", repository=state.full_name, other=owner))
    if state.base or not target.base or state.archived:
        return None
    if target.selected:
        return Plan("nothing", "skipped", Reason("no_branch", name=target.base))
    return Refused(Reason("no_named_branch", name=target.base))


def objections(plans: Plans, observations: Observations, scopes: Scopes, *, writes: bool) -> Plans:
    """Targets that their tokens may not write to; no part of a plan, for its reviewer may have another token."""
    found: Plans = {}
    for target, known in scopes.items():
        plan, observation = plans[target], observations[target]
        if not isinstance(plan, Plan) or not isinstance(observation, Observation):
            continue
        is_idle = plan.step in ("nothing", "sweep") and writes
        if not is_idle and (reason := permissions.objection(observation.state, plan, known)):
            found[target] = Refused(reason)
    return found
