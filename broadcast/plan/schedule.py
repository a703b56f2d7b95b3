"""Which targets are written, in which order, within which budget (pure)."""

from __future__ import annotations

from threading import Lock

from msgspec.structs import replace

from broadcast.config.targets import Target
from broadcast.plan.guards import Plans
from broadcast.plan.outcome import Outcome
from broadcast.plan.plan import Plan
from broadcast.plan.reason import Reason


def in_turn(plans: Plans) -> list[Target]:
    """The fair order of work: those that never got a pull request, then those whose last change is the longest ago."""

    def touched(target: Target) -> str:
        plan = plans[target]
        return plan.pull.updated_at if isinstance(plan, Plan) and plan.pull else ""

    return sorted(plans, key=touched)


class Budget:
    """How many new pull requests a run may open; what fails doesn't use it up, so that others get their turn."""

    def __init__(self, plans: Plans, most: int | None, most_open: int | None) -> None:
        already = sum(isinstance(plan, Plan) and plan.pull is not None for plan in plans.values())
        rooms = [(most, "max-pull-requests")] if most is not None else []
        rooms += [(max(0, most_open - already), "limits.max_open_pull_requests")] if most_open is not None else []
        self._left, self._name = min(rooms) if rooms else (len(plans), "")
        self._lock = Lock()

    def admit(self, plan: Plan) -> Plan:
        """`plan`, or its deferral where nothing is left; `give_back` what came to nothing."""
        if plan.outcome != "created":
            return plan
        with self._lock:
            if self._left > 0:
                self._left -= 1
                return plan
        return replace(plan, step="nothing", outcome="deferred", reason=Reason("no_budget", name=self._name))

    def give_back(self) -> None:
        """One that was admitted made no pull request."""
        with self._lock:
            self._left += 1


class Turns:
    """The order among groups: who depends on a group that failed isn't worked on."""

    def __init__(self) -> None:
        self._failed: dict[str, str] = {}  # group → the target that failed

    def note(self, target: Target, outcome: Outcome) -> Outcome:
        """Remember what became of a target."""
        if outcome.name == "failed":
            self._failed |= dict.fromkeys(target.groups, target.label)
        return outcome

    def admit(self, target: Target, plan: Plan) -> Plan:
        """`plan`, or its deferral."""
        group = next((one for one in sorted(target.waits_for) if one in self._failed), None)
        if group is None or plan.step == "nothing":
            return plan
        reason = Reason("group_failed", name=group, other=self._failed[group])
        return replace(plan, step="nothing", outcome="deferred", reason=reason)
