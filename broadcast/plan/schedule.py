"""The order of work, and the budget of new pull requests (pure)."""

from __future__ import annotations

from threading import Lock

from msgspec.structs import replace

from broadcast.config.targets import Target
from broadcast.plan.guards import Plans
from broadcast.plan.outcome import Outcome
from broadcast.plan.plan import Plan
from broadcast.plan.reason import Reason


def in_turn(plans: Plans) -> list[Target]:
    """The order of work: targets without a pull request, then by the last update of theirs, oldest first."""

    def touched(target: Target) -> str:
        plan = plans[target]
        return plan.pull.updated_at if isinstance(plan, Plan) and plan.pull else ""

    return sorted(plans, key=touched)


def lowest(*limits: int | None) -> int | None:
    """The strictest of several limits; None is no limit."""
    return min((one for one in limits if one is not None), default=None)


def admitted(plans: Plans, budget: Budget) -> dict[Target, Plan]:
    """The plans as `budget` lets them through, in the order of work; failures are left out."""
    return {target: budget.admit(plan) for target in in_turn(plans) if isinstance(plan := plans[target], Plan)}


class Budget:
    """The number of new pull requests that a run may open. Failures don't count."""

    def __init__(self, plans: Plans, most: int | None, most_open: int | None) -> None:
        already = sum(isinstance(plan, Plan) and plan.pull is not None for plan in plans.values())
        rooms = [(most, "max-pull-requests")] if most is not None else []
        rooms += [(max(0, most_open - already), "limits.max_open_pull_requests")] if most_open is not None else []
        self._left, self._name = min(rooms) if rooms else (len(plans), "")
        self._lock = Lock()

    def admit(self, plan: Plan) -> Plan:
        """`plan`, or its deferral if the budget is used up. Call `give_back` if it opened no pull request."""
        if plan.outcome != "created":
            return plan
        with self._lock:
            if self._left > 0:
                self._left -= 1
                return plan
        return replace(plan, step="nothing", outcome="deferred", reason=Reason("no_budget", name=self._name))

    def give_back(self) -> None:
        """Return the place of an admitted plan that opened no pull request."""
        with self._lock:
            self._left += 1


class Turns:
    """The order of groups: targets that depend on a group that failed somewhere, or lacks files, are deferred."""

    def __init__(self) -> None:
        self._failed: dict[str, str] = {}  # group → the target that failed

    def note(self, target: Target, outcome: Outcome) -> Outcome:
        """Record the outcome of a target; returns it."""
        if outcome.name == "failed" or outcome.is_incomplete:
            self._failed |= dict.fromkeys(target.groups, target.label)
        return outcome

    def admit(self, target: Target, plan: Plan) -> Plan:
        """`plan`, or its deferral if a group that it depends on failed."""
        group = next((one for one in sorted(target.waits_for) if one in self._failed), None)
        if group is None or plan.step == "nothing":
            return plan
        reason = Reason("group_failed", name=group, other=self._failed[group])
        return replace(plan, step="nothing", outcome="deferred", reason=reason)
