"""Rollbacks in plans: what one takes back, and what a sync leaves to one that is open (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from broadcast.observe import rollbacks
from broadcast.observe.change import Change
from broadcast.observe.drift import Drift
from broadcast.observe.state import State
from broadcast.ownership import Marker
from broadcast.plan import people
from broadcast.plan.plan import Plan, Rules, Undone, pairs_of
from broadcast.plan.reason import Reason
from broadcast.snapshot.snapshot import Snapshot, digest


def undone_by(state: State, snapshot: Snapshot, changes: Sequence[Change]) -> Undone | None:
    """What a rollback with these changes takes back; None for another command."""
    back = snapshot.back
    if back is None:
        return None
    restored = snapshot.pairs | pairs_of(changes)
    return Undone(back.commit, rollbacks.undone(back, state, changes, restored))


def held(plan: Plan, snapshot: Snapshot, branch_drift: Drift | None, rules: Rules) -> Plan | None:
    """Leave an open rollback as it is while the source still wants what it takes back."""
    marker = plan.pull.marker if plan.pull else None
    if not (plan.pull and marker and marker.back) or snapshot.back or rules.resume or snapshot.is_nothing:
        return None
    wanted = pairs_of(branch_drift.changes) if branch_drift else frozenset()
    if people.undone_of(marker, wanted).isdisjoint(wanted):
        return None
    reason = Reason("rollback_open", pull=plan.pull.number, commit=marker.back[:10])
    return Plan("nothing", "open", reason, file_errors=plan.file_errors, notes=plan.notes, pull=plan.pull)


def without_changes(plan: Plan, snapshot: Snapshot) -> Plan | None:
    """A rollback that changes nothing: close a pull request of a later commit, leave others; None: as always."""
    back = snapshot.back
    commit = plan.back.commit[:10] if plan.back else ""
    marker = plan.pull.marker if plan.pull else None
    if marker and marker.back:
        return replace(plan, step="close", outcome="closed", reason=Reason("nothing_left"))
    if marker and back and back.is_later(marker.commit):
        return replace(plan, step="close", outcome="closed", reason=Reason("withdrawn", commit=commit))
    if plan.pull:
        return plan
    if any(why.kind == "edited_since" for _, why in plan.left_out):
        return replace(plan, outcome="edited", reason=Reason("all_edited", commit=commit))
    return None


def is_said(plan: Plan, marker: Marker) -> bool:
    """Whether the marker says the same of a rollback as the plan does."""
    if plan.back is None:
        return not marker.back
    return marker.back == plan.back.commit and marker.undone_digest == digest(plan.back.pairs)
