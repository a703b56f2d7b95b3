"""What keeps a run from going further than meant: over all plans of a fleet, before the first write (pure)."""

from __future__ import annotations

from threading import Lock

from msgspec.structs import replace

from broadcast.config import Config
from broadcast.errors import Failure
from broadcast.observe import Sight, Sights
from broadcast.outcome import Outcome
from broadcast.plan import Plan
from broadcast.targets import Target

Plans = dict[Target, Plan | Failure]


def without_twins(plans: Plans, sights: Sights, config: Config) -> Plans:
    """Two targets that turn out to be the same repository and branch: the second fails."""
    seen: dict[tuple[str, str], Target] = {}
    kept = dict(plans)
    for target, sight in sights.items():
        if isinstance(sight, Sight) and not target.dropped:
            base = sight.state.base
            twin = seen.setdefault((sight.state.repository_id, base.name if base else ""), target)
            if twin is not target:
                where = f"{config.file}:{twin.place.line}"
                text = f"is the same repository and branch as {twin.label} ({where})"
                kept[target] = Failure(text, "remove one of the two")
    return kept


def within_total(plans: Plans, config: Config) -> Plans:
    """Over `max_total_deletions` nothing at all is written."""
    total = sum(c.after is None for plan in plans.values() if isinstance(plan, Plan) for c in plan.changes)
    if total <= config.max_total_deletions:
        return plans
    guard = Failure(
        f"the run would delete {total} files, more than limits.max_total_deletions allows "
        f"({config.max_total_deletions}); nothing was written",
        "check the mappings; raise limits.max_total_deletions if they are meant to go",
    )
    return {target: guard if _is_work(plan) else plan for target, plan in plans.items()}


def _is_work(plan: Plan | Failure) -> bool:
    return isinstance(plan, Plan) and (plan.step != "nothing" or bool(plan.changes))


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
        deferred = replace(plan, step="nothing", outcome="deferred", reason=f"{self._name} is reached")
        return replace(deferred, remedy="a later run goes on")

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
        reason = f"depends on the group {group!r}, which failed at {self._failed[group]}"
        return replace(plan, step="nothing", outcome="deferred", reason=reason, remedy="a later run goes on")
