"""What a plan may propose, and what it leaves out and why, before a step is chosen (pure)."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

from msgspec.structs import replace

from broadcast.observe.change import Change
from broadcast.observe.drift import Drift
from broadcast.observe.state import State
from broadcast.plan import people, required, rollback, shared
from broadcast.plan.closings import closings, unanswered
from broadcast.plan.plan import Plan, Rules
from broadcast.plan.reason import Reason, said
from broadcast.snapshot.snapshot import Snapshot


def proposal(
    state: State, snapshot: Snapshot, drift: Drift, branch_drift: Drift | None, withheld: Mapping[str, Reason]
) -> Plan:
    """All that may be proposed, before a step is chosen."""
    on_branch = branch_drift.changes if branch_drift else ()
    changes = _proposed(drift.changes, withheld)
    return Plan(
        "nothing", "open", changes=changes, pull=state.open_pull, notes=tuple(map(said, drift.warnings)),
        on_branch=_proposed(on_branch, withheld),
        left_out=(*_left_out(drift.changes, withheld), *shared.held(snapshot)),
        undoes=people.undone(state, changes),
        overwrites=frozenset(change.path for change in changes if change.path in drift.local),
        file_errors=(*snapshot.errors, *drift.errors), back=rollback.undone_by(state, snapshot, changes),
    )  # fmt: skip


def with_closings(
    plan: Plan, drift: Drift, *, state: State, snapshot: Snapshot, withheld: Mapping[str, Reason], rules: Rules
) -> Plan:
    """`plan` with what people closed; nothing of that counts where it is proposed again anyway."""
    closed = closings(state, drift.changes, snapshot, withheld, rules.ignored_authors)
    must = required.pairs(plan.changes, snapshot)
    return replace(
        plan,
        required=frozenset(one.path for one in plan.changes if not must.isdisjoint(one.pairs)),
        closed=() if rules.repropose else closed,
        answers=unanswered(closed, rules.now) if rules.answers and not rules.repropose else (),
    )


def _proposed(changes: Sequence[Change], withheld: Container[str]) -> tuple[Change, ...]:
    return tuple(kept for change in changes if (kept := change.without(withheld)))


def _left_out(changes: Sequence[Change], withheld: Mapping[str, Reason]) -> Iterable[tuple[str, Reason]]:
    for change in changes:
        for pair in change.pairs:
            if pair in withheld:
                yield shared.named(change, pair), withheld[pair]


def withheld(
    state: State, drift: Drift, branch_drift: Drift | None, opt_out: people.OptOut, rules: Rules
) -> dict[str, Reason]:
    """Why changes of the base and of our branch may not be proposed, by their pair."""
    kept = drift.local if drift.keeps else frozenset()
    found: dict[str, Reason] = {}
    drifts = [one for one in (branch_drift, drift) if one]
    must = frozenset().union(*(required.pairs(one.changes, opt_out.snapshot) for one in drifts))
    for one in drifts:
        found |= people.withheld(
            state, one, opt_out, repropose=rules.repropose, resume=rules.resume, overwrite=rules.overwrite, kept=kept,
            ignored=rules.ignored_authors, must=must, now=rules.now,
        )  # fmt: skip
    comes_along = any(_proposed(drift.changes, found))
    return {pair: why for pair, why in found.items() if why.kind != "closed_again"} if comes_along else found
