"""Which open pull request `command: merge` may merge, and what each of the others lacks (pure).

GitHub itself would let an administrator's token merge what the rules block, so that its status decides, not whether
the merge succeeds.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from broadcast.observe import branches
from broadcast.observe.state import LogEntry, MergeStatus, Pull, State
from broadcast.plan import requirements
from broadcast.plan.plan import Plan, Rules
from broadcast.plan.reason import Reason
from broadcast.plan.requirements import DECISIONS, STATUSES

READY = ("CLEAN", "HAS_HOOKS")
UNSURE = "GitHub doesn't say yet whether it can be merged"
NO_ONE: frozenset[str] = frozenset()  # whose commits would count as ours
_KEPT = ("edited", "paused", "failed")  # outcomes of pull requests that stay what they are


def chosen(plan: Plan, state: State, rules: Rules) -> Plan:
    """What becomes of sync's `plan` where pull requests are merged, and nothing else is written."""
    pull, idle = plan.pull, replace(plan, step="nothing", leftovers=())
    if pull is None and plan.outcome == "created":
        return replace(idle, outcome="skipped", reason=Reason("none_open"), changes=())
    if pull is None or plan.outcome in _KEPT:
        return idle
    if stranger := branches.stranger(state, rules.trailer, NO_ONE):
        return replace(idle, outcome="edited", reason=_edited(state, stranger))
    if _brings_more(plan, pull, state, rules):
        return replace(idle, outcome="edited", reason=Reason("brings_more", pull=pull.number))
    if obstacle := _obstacle(plan, pull, state.merging):
        return replace(idle, outcome="open", reason=obstacle)
    if state.merging and state.merging.has_queue:
        return replace(idle, step="enqueue", outcome="enqueued")
    return replace(idle, step="merge", outcome="merged")


def lacks(status: MergeStatus) -> tuple[str, ...]:
    """All that keeps a pull request from being merged as its rules ask, in words; nothing where it may be.

    A merge queue looks at the rules again itself, and may be the only thing that blocks.
    """
    found = [STATUSES["DRAFT"]] if status.draft else []
    found += [STATUSES[status.status]] if status.status in ("DIRTY", "BEHIND") else []
    found += [DECISIONS[status.decision]] if status.decision in DECISIONS else []
    found += _checks(status)
    if not status.is_method_allowed and not status.has_queue:
        found.append(f"the repository doesn't allow the merge method {status.method.lower()}")
    waits_for_queue = status.has_queue and status.status == "BLOCKED"
    if not found and status.status not in READY and not waits_for_queue:
        found.append(STATUSES.get(status.status, UNSURE))
    return tuple(found)


def _edited(state: State, stranger: LogEntry) -> Reason:
    return Reason("edited", name=state.ours.name if state.ours else "", commit=stranger.oid[:10])


def _brings_more(plan: Plan, pull: Pull, state: State, rules: Rules) -> bool:
    """Whether a merge would bring commits, or files, that aren't ours; what the base has already is counted too."""
    if branches.carries_more(state, rules.trailer, NO_ONE):
        return True
    ours = max(len({change.path for change in plan.changes}), len(pull.marker.pairs) if pull.marker else 0)
    is_current = plan.step == "nothing" and plan.outcome == "open"
    return is_current and state.merging is not None and state.merging.changed_files > ours


def _obstacle(plan: Plan, pull: Pull, status: MergeStatus | None) -> Reason | None:
    """Why an open pull request that is ours isn't merged."""
    if pull.queued or (status and status.queued):
        return Reason("queued", pull=pull.number)
    if pull.conflicting:
        return Reason("conflicting", pull=pull.number)
    if plan.step == "nothing" and plan.outcome == "open" and plan.reason:
        return plan.reason
    if plan.step != "nothing" or plan.outcome != "open":
        return Reason("outdated", pull=pull.number)
    if plan.undoes:
        return Reason("would_undo", pull=pull.number, name=min(plan.undoes))
    is_known = status is not None and status.state == "OPEN" and status.head == pull.head_oid
    missing = lacks(status) if status and is_known else (UNSURE,)
    return Reason("lacks", pull=pull.number, text=", ".join(missing)) if missing else None


def _checks(status: MergeStatus) -> Iterable[str]:
    """The checks that GitHub waits for: the required ones, or all where none is required."""
    if status.status in READY:
        return
    wanted = [one for one in status.unpassed if one.required or status.status == "UNSTABLE"]
    yield from requirements.checks(wanted)
