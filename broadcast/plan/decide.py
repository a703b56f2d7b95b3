"""The plan for one target, from its state and its snapshot (pure).

Plans are idempotent and resumable: they are made from what the target holds now, so that work of an earlier run or try
counts as done.
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import replace

from broadcast.observe import branches
from broadcast.observe.drift import Drift
from broadcast.observe.state import LogEntry, Pull, State
from broadcast.plan import delivery, merging, people, proposing, rollback
from broadcast.plan.plan import Plan, Rules, Step, pairs_of
from broadcast.plan.reason import Closing, Reason, not_sent
from broadcast.snapshot.snapshot import Snapshot, digest
from broadcast.snapshot.time_limit import Check, unchecked


def decide(
    state: State, snapshot: Snapshot, drift: Drift, branch_drift: Drift | None, rules: Rules, check: Check = unchecked
) -> Plan:
    """The plan for one target, from its state and what separates its base and our branch from the snapshot.

    `check` is called for each path that an opt-out file may withhold; what it raises is raised.
    """
    if refusal := _refusal(state) or _rivalry(state, rules):
        return refusal
    if rules.cancel:
        return _cancelled(state, rules)
    opt_out = people.OptOut(state, snapshot, check)
    reasons = proposing.withheld(state, drift, branch_drift, opt_out, rules)
    plan = proposing.proposal(state, snapshot, drift, branch_drift, reasons)
    plan = proposing.with_closings(plan, drift, state=state, snapshot=snapshot, withheld=reasons, rules=rules)
    plan = replace(plan, notes=(*opt_out.notes, *plan.notes))
    if opt_out.is_whole() and plan.pull is None:
        plan = replace(plan, outcome="skipped", reason=Reason("opted_out", name=", ".join(state.opt_outs)), changes=())
    else:
        withheld = frozenset(reasons)
        plan = _decided(
            plan=plan, state=state, snapshot=snapshot, branch_drift=branch_drift, rules=rules, withheld=withheld
        )
    if rules.merge:
        return merging.chosen(plan, state, rules)
    leftovers = _leftovers(plan, state, rules)
    return replace(plan, step="sweep" if leftovers and plan.step == "nothing" else plan.step, leftovers=leftovers)


def _decided(
    plan: Plan, state: State, snapshot: Snapshot, branch_drift: Drift | None, rules: Rules, withheld: frozenset[str]
) -> Plan:
    """`plan` with its step and outcome."""
    if held := _held_by_people(plan, state, snapshot, rules) or rollback.held(plan, snapshot, branch_drift, rules):
        return held
    if not plan.changes:
        done = rollback.without_changes(plan, snapshot) if plan.back else None
        return done or _without_changes(plan)
    if held := _too_large(plan, rules) or delivery.pushed(plan, state, rules) or _in_use(plan, state):
        return held
    pull, tip = plan.pull, branches.tip(state, rules.ignored_authors)
    made = _made(plan, tip, branch_drift)
    behind = tip is not None and _base(state) not in tip.parents
    strange = behind and branches.carries_more(state, rules.trailer, rules.ignored_authors)
    if pull is None:
        is_right = made.is_exactly(plan) and not strange
        step: Step = "create" if state.ours is None else "propose" if is_right else "rebuild"
        return replace(plan, step=step, outcome="created")
    if (
        pull.rebuild
        or rules.rebuild
        or strange
        or (behind and rules.rebase == "always")
        or pull.base != _base_name(state)
    ):
        return replace(plan, step="rebuild", outcome="updated")
    return _with_pull(plan, pull, snapshot, made, withheld)


def _held_by_people(plan: Plan, state: State, snapshot: Snapshot, rules: Rules) -> Plan | None:
    """The plan if people's work on the pull request or its branch comes first; else None."""
    pull = plan.pull
    if pull and pull.queued:
        return replace(plan, outcome="deferred", reason=Reason("queued", pull=pull.number))
    if pull and pull.paused:
        return replace(plan, outcome="paused", reason=Reason("paused", pull=pull.number))
    asked = pull is not None and (pull.rebuild or rules.rebuild)
    if pull and _is_retargeted(pull, state) and not (asked or rules.overwrite or snapshot.is_nothing):
        return _retargeted(plan, pull, state)
    stranger = None if asked else _stranger(state, rules)
    return _edited(plan, state, stranger) if stranger and (pull or plan.changes) else None


class _Made(NamedTuple):
    """What our branch already has of a plan."""

    holds: bool  # what the plan wants; perhaps more
    digest: str  # of the plan that its commit was made for

    def is_exactly(self, plan: Plan) -> bool:
        """Whether its commit was made for exactly this plan."""
        return self.holds and self.digest == digest(pairs_of(plan.changes))


def _made(plan: Plan, tip: LogEntry | None, branch_drift: Drift | None) -> _Made:
    return _Made(branch_drift is not None and not plan.on_branch, branches.plan_of(tip.message) if tip else "")


def _cancelled(state: State, rules: Rules) -> Plan:
    """Close the open pull request, unless its branch has commits of others."""
    pull = state.open_pull
    if pull is None:
        leftovers = _leftovers(Plan("nothing", "in_sync"), state, rules)
        step: Step = "sweep" if leftovers else "nothing"
        return Plan(step, "skipped", Reason("none_open"), leftovers=leftovers)
    leftovers = branches.scratch_left(state, rules.trailer)
    plan = Plan("close", "closed", Reason("cancelled"), pull=pull, leftovers=leftovers)
    if pull.queued:
        return replace(plan, step="nothing", outcome="deferred", reason=Reason("queued", pull=pull.number))
    stranger = _stranger(state, rules)
    return _edited(plan, state, stranger) if stranger else plan


def _stranger(state: State, rules: Rules) -> LogEntry | None:
    """The commit of others that keeps our branch from being moved or deleted."""
    return None if rules.overwrite else branches.stranger(state, rules.trailer, rules.ignored_authors)


def _edited(plan: Plan, state: State, tip: LogEntry) -> Plan:
    reason = Reason("edited", name=state.ours.name if state.ours else "", commit=tip.oid[:10])
    return replace(plan, step="nothing", outcome="edited", reason=reason)


def _is_retargeted(pull: Pull, state: State) -> bool:
    """Whether people changed its base. If only the config changed, the pull request moves with it."""
    placed = pull.marker.base if pull.marker else ""
    return pull.base != _base_name(state) and bool(placed) and pull.base != placed


def _retargeted(plan: Plan, pull: Pull, state: State) -> Plan:
    reason = Reason("retargeted", pull=pull.number, name=pull.base, other=_base_name(state))
    return replace(plan, step="nothing", outcome="edited", reason=reason)


def _in_use(plan: Plan, state: State) -> Plan | None:
    """A pull request from our branch that isn't ours; one that goes to today's base would be refused by GitHub."""
    others = [one for one in state.others if one[1] != _base_name(state)]
    if plan.pull or not others:
        return None
    number, base = others[0]
    return replace(plan, step="nothing", outcome="edited", reason=Reason("unmarked", pull=number, name=base))


def _too_large(plan: Plan, rules: Rules) -> Plan | None:
    deletions = sum(change.after is None for change in plan.changes)
    if deletions <= rules.max_deletions:
        return None
    reason = Reason("too_many_deletions", count=deletions, limit=rules.max_deletions)
    return replace(plan, outcome="failed", reason=reason, changes=())


def _refusal(state: State) -> Plan | None:
    if state.archived:
        return Plan("nothing", "skipped", Reason("archived"))
    if state.disabled:
        return Plan("nothing", "skipped", Reason("disabled"))
    if state.base is None:
        return Plan("nothing", "skipped", Reason("empty"))
    return None


def _rivalry(state: State, rules: Rules) -> Plan | None:
    """Fail if the pull request is another config's with our id: they would undo each other's work in every run."""
    pull = state.open_pull
    if pull is None or pull.marker is None or not rules.is_rival(pull.marker.config):
        return None
    return Plan("nothing", "failed", Reason("rival", pull=pull.number, name=pull.marker.config))


def _without_changes(plan: Plan) -> Plan:
    if plan.pull:
        return replace(plan, step="close", outcome="closed", reason=Reason("nothing_left"))
    if later := sorted(why.text for _, why in plan.left_out if why.kind == "closed_again"):
        return replace(
            plan, outcome="deferred", reason=Reason("all_closed_again", closings=_closings(plan), text=later[0])
        )
    if closings := _closings(plan):
        return replace(plan, outcome="declined", reason=Reason("all_declined", closings=closings))
    if back := next((why for _, why in plan.left_out if why.kind in ("rolled_back", "reverted")), None):
        return replace(plan, outcome="declined", reason=back)
    if plan.file_errors:
        return replace(plan, outcome="incomplete", reason=not_sent(plan.file_errors))
    return replace(plan, outcome="in_sync")


def _closings(plan: Plan) -> tuple[Closing, ...]:
    return tuple(dict.fromkeys(closing for _, why in plan.left_out for closing in why.closings))


def _with_pull(plan: Plan, pull: Pull, snapshot: Snapshot, made: _Made, withheld: frozenset[str]) -> Plan:
    """Keep an open pull request, rewrite its text, or rebuild its branch.

    The marker counts only if its digest is the commit's: the two are written one after the other. A plan that became
    smaller because the base caught up needs no new commit. A plan that grew does, even if our branch holds all of it:
    a merge keeps a file that only the base changed.
    """
    expected = pairs_of(plan.changes)
    marker = pull.marker
    known = marker.pairs if marker and marker.digest == made.digest else frozenset()
    covered = made.holds and expected <= known and known - expected <= snapshot.pairs - withheld
    exactly = made.is_exactly(plan)
    if pull.conflicting or not (exactly or covered):
        return replace(plan, step="rebuild", outcome="updated")
    if exactly and not _is_described(plan, pull, made, expected):
        return replace(plan, step="describe", outcome="updated")
    return plan


def _is_described(plan: Plan, pull: Pull, made: _Made, expected: frozenset[str]) -> bool:
    """Whether the marker lists this very plan for this base; GitHub moves a base to a branch's new name."""
    marker = pull.marker
    if marker is None or marker.digest != made.digest or marker.base not in ("", pull.base):
        return False
    return rollback.is_said(plan, marker) and (marker.pairs == expected or len(expected) > marker.room)


def half_made(state: State, rules: Rules) -> tuple[tuple[str, str], ...]:
    """Branches that an unfinished write left: the scratch branch, and ours if it has no pull request."""
    ours = state.ours
    has_pull = any(ours and pull.head_oid == ours.head.oid for pull in state.pulls)
    return _left(state, rules, with_ours=not has_pull)


def _leftovers(plan: Plan, state: State, rules: Rules) -> tuple[tuple[str, str], ...]:
    """Branches to delete: the scratch branch, and ours if it never got a pull request."""
    return _left(state, rules, with_ours=plan.outcome in ("in_sync", "incomplete") and not _is_kept(state))


def _left(state: State, rules: Rules, *, with_ours: bool) -> tuple[tuple[str, str], ...]:
    """The scratch branch and, `with_ours`, our branch; not those with commits of others."""
    leftovers = branches.scratch_left(state, rules.trailer)
    ours = state.ours if with_ours and state.has_pulls else None
    if ours and not branches.stranger(state, rules.trailer, rules.ignored_authors):
        leftovers += ((ours.name, ours.head.oid),)
    return leftovers


def _is_kept(state: State) -> bool:
    """Whether the head of our branch belongs to a pull request that we haven't closed ourselves."""
    head = state.ours.head.oid if state.ours else ""
    return any(
        pull.head_oid == head and not (pull.state == "CLOSED" and pull.marker and pull.marker.closed_by_us)
        for pull in state.pulls
    )


def _base(state: State) -> str:
    return state.base.head.oid if state.base else ""


def _base_name(state: State) -> str:
    return state.base.name if state.base else ""
