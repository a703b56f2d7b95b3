"""Limits on a whole run, checked over all plans before the first write (pure)."""

from __future__ import annotations

from broadcast.config.model import Config
from broadcast.config.targets import Target
from broadcast.errors import Failure
from broadcast.observe.state import Observation, Observations
from broadcast.plan.plan import Plan
from broadcast.plan.reason import Reason, Refused

Plans = dict[Target, Plan | Failure]


def without_twins(plans: Plans, observations: Observations, config: Config) -> Plans:
    """Fail the second of two targets that are the same repository and branch."""
    seen: dict[tuple[str, str], Target] = {}
    kept = dict(plans)
    for target, observation in observations.items():
        if isinstance(observation, Observation) and not target.dropped:
            base = observation.state.base
            twin = seen.setdefault((observation.state.repository_id, base.name if base else ""), target)
            if twin is not target:
                where = f"{config.file}:{twin.place.line}"
                kept[target] = Refused(Reason("twin", name=twin.label, other=where))
    return kept


def within_total(plans: Plans, config: Config) -> Plans:
    """Fail every target with work if the run would delete more than `max_total_deletions` files."""
    total = sum(c.after is None for plan in plans.values() if isinstance(plan, Plan) for c in plan.changes)
    if total <= config.max_total_deletions:
        return plans
    guard = Refused(Reason("too_many_deletions_in_all", count=total, limit=config.max_total_deletions))
    return {target: guard if _is_work(plan) else plan for target, plan in plans.items()}


def _is_work(plan: Plan | Failure) -> bool:
    return isinstance(plan, Plan) and (plan.step != "nothing" or bool(plan.changes))
