"""What to do about one target: its state against its snapshot (pure).

Idempotence and resumption come from here: the plan is made from what the target holds now, whatever an earlier run
or an earlier try of this run has already done.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from broadcast.drift import Change, Drift
from broadcast.errors import FileError
from broadcast.outcome import Name
from broadcast.pullrequest import MAX_PAIRS, PLAN_TRAILER, TRAILER, digest
from broadcast.snapshot import Snapshot
from broadcast.state import LogEntry, Pull, State

Step = Literal[
    "nothing",
    "create",  # branch, commit and pull request
    "propose",  # the pull request alone: its branch is there and right
    "rebuild",  # the branch anew on today's base, and a pull request where there is none
    "describe",  # the text of the pull request only
    "close",  # the pull request, and delete the branch
]


@dataclass(frozen=True)
class Plan:
    """The step to take and the outcome when it is done."""

    step: Step
    outcome: Name
    reason: str = ""
    remedy: str = ""
    changes: tuple[Change, ...] = ()  # what the pull request proposes
    left_out: tuple[tuple[str, str], ...] = ()  # path, reason
    file_errors: tuple[FileError, ...] = ()
    pull: Pull | None = None


def decide(
    state: State,
    snapshot: Snapshot,
    drift: Drift,
    branch_drift: Drift | None,
    *,
    sync_id: str,
    max_deletions: int,
    overwrite: bool = False,
) -> Plan:
    """The plan for one target, from its state and what separates its base and our branch from the snapshot."""
    if refusal := _refusal(state):
        return refusal
    declined = _declined(state, drift)
    changes = tuple(change for change in drift.changes if change.pair not in declined)
    withheld = tuple(change for change in drift.changes if change.pair in declined)
    left_out = tuple((change.path, f"declined in #{declined[change.pair]}") for change in withheld)
    errors = (*snapshot.errors, *drift.errors)
    pull = next((pull for pull in state.pulls if pull.state == "OPEN"), None)
    plan = Plan("nothing", "open", changes=changes, left_out=left_out, file_errors=errors, pull=pull)
    if pull and pull.queued:
        return replace(plan, outcome="deferred", reason=f"#{pull.number} is in the merge queue")
    tip = _tip(state)
    if tip and not overwrite and not _is_ours(tip, sync_id) and (pull or changes):
        reason = f"{state.ours.name if state.ours else 'our branch'} has commits of others ({tip.oid[:10]})"
        remedy = "merge or close the pull request, or run with overwrite: true to discard those commits"
        return replace(plan, outcome="edited", reason=reason, remedy=remedy)
    if not changes:
        return _without_changes(plan, withheld, declined)
    deletions = sum(change.after is None for change in changes)
    if deletions > max_deletions:
        reason = f"would lose {deletions} files, more than limits.max_deletions allows ({max_deletions})"
        remedy = "check the mapping; raise limits.max_deletions if they are meant to go"
        return replace(plan, outcome="failed", reason=reason, remedy=remedy, changes=())
    made = _made(plan, tip, branch_drift, frozenset(declined))
    if pull:
        return _with_pull(plan, pull, snapshot, made, frozenset(declined))
    step: Step = "create" if state.ours is None else "propose" if made.exactly else "rebuild"
    return replace(plan, step=step, outcome="created")


class _Made(NamedTuple):
    """What our branch already has of a plan."""

    holds: bool  # what the plan wants; perhaps more
    exactly: bool  # the commit of this very plan


def _made(plan: Plan, tip: LogEntry | None, branch_drift: Drift | None, declined: frozenset[str]) -> _Made:
    holds = branch_drift is not None and all(change.pair in declined for change in branch_drift.changes)
    mark = f"{PLAN_TRAILER}: {digest(change.pair for change in plan.changes)}"
    return _Made(holds, holds and tip is not None and mark in tip.message.splitlines())


def _refusal(state: State) -> Plan | None:
    if state.archived:
        return Plan("nothing", "skipped", "the repository is archived")
    if state.disabled:
        return Plan("nothing", "skipped", "the repository is disabled")
    if state.base is None:
        return Plan("nothing", "skipped", "the repository is empty", "push a first commit to it")
    return None


def _without_changes(plan: Plan, withheld: tuple[Change, ...], declined: dict[str, int]) -> Plan:
    if plan.pull:
        return replace(plan, step="close", outcome="closed", reason="nothing is left to change")
    if withheld:
        numbers = sorted({declined[change.pair] for change in withheld})
        listed = ", ".join(f"#{number}" for number in numbers)
        return replace(plan, outcome="declined", reason=f"people closed this change: {listed}")
    return replace(plan, outcome="in_sync")


def _with_pull(plan: Plan, pull: Pull, snapshot: Snapshot, made: _Made, declined: frozenset[str]) -> Plan:
    expected = frozenset(change.pair for change in plan.changes)
    marker = pull.marker
    known = marker.pairs if marker else frozenset()
    if len(expected) > MAX_PAIRS:  # too many for the marker, which then has their digest alone
        known = expected if marker and marker.digest == digest(expected) else frozenset()
    told = bool(known) and known - expected <= snapshot.pairs - declined
    if pull.conflicting or not made.holds or not (told or made.exactly):
        return replace(plan, step="rebuild", outcome="updated")
    if not told or expected - known:
        return replace(plan, step="describe", outcome="updated")
    return plan


def _declined(state: State, drift: Drift) -> dict[str, int]:
    """Every pair that people closed unmerged, with the number of the pull request."""
    drifted = [change.pair for change in drift.changes]
    refused = [
        pull for pull in state.pulls if pull.state == "CLOSED" and pull.marker and not pull.marker.closed_by_us
    ]  # fmt: skip
    pairs = {pair: pull.number for pull in reversed(refused) for pair in (pull.marker.pairs if pull.marker else ())}
    whole = digest(drifted)  # of a plan too large for its marker, only the digest is known
    same = next((pull.number for pull in refused if pull.marker and pull.marker.digest == whole), None)
    return pairs if same is None else pairs | dict.fromkeys(drifted, same)


def _tip(state: State) -> LogEntry | None:
    """The last commit on our branch that isn't a merge of the base; None where nothing on it could be lost."""
    if state.ours is None or state.base is None or state.contained or state.ours.head.oid == state.base.head.oid:
        return None
    if any(pull.state == "MERGED" and pull.head_oid == state.ours.head.oid for pull in state.pulls):
        return None  # left over from a merge: nothing on it is lost
    log = {entry.oid: entry for entry in state.lineage}
    entry = log.get(state.ours.head.oid)
    while entry and len(entry.parents) == 2 and entry.message.startswith(f"Merge branch '{state.base.name}' into "):
        entry = log.get(entry.parents[0])
    return entry or LogEntry(state.ours.head.oid, "", (), amended=False)


def _is_ours(entry: LogEntry, sync_id: str) -> bool:
    return f"{TRAILER}: {sync_id}" in entry.message.splitlines() and not entry.amended
