"""Whether a plan is pushed straight to the base, or proposed by a pull request (pure)."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import Literal

from msgspec.structs import replace

from broadcast.observe.change import Change
from broadcast.observe.history import replaced
from broadcast.observe.state import State
from broadcast.plan.plan import Plan, Rules
from broadcast.plan.reason import Reason

PULL_REQUEST, PUSH, EITHER = "pull_request", "push", "push_or_pull_request"


def pushed(plan: Plan, state: State, rules: Rules) -> Plan | None:
    """`plan` as a push, or held where that would overwrite what people made of our files; None: by a pull request.

    A rollback is always proposed: what it takes back is kept in its pull request. With push_or_pull_request, an open
    pull request goes on until it is merged or closed.
    """
    if rules.merge or state.delivery not in (PUSH, EITHER) or plan.back or (state.delivery == EITHER and plan.pull):
        return None
    again = reverted(state, plan.changes) if rules.repropose else {}
    lost = () if rules.overwrite else tuple(would_overwrite(plan, state, again))
    if not lost:
        return replace(plan, step="push", outcome="pushed")
    if state.delivery == EITHER:
        return None
    return replace(plan, step="nothing", outcome="edited", reason=_held(lost, state), changes=())


def _held(lost: Sequence[str], state: State) -> Reason:
    """The reason that paths give which people changed; there is one at least."""
    who, commit = _edited_by(lost[0], state)
    kind: Literal["would_overwrite", "would_overwrite_more"] = (
        "would_overwrite_more" if len(lost) > 1 else "would_overwrite"
    )
    return Reason(kind, name=lost[0], count=len(lost) - 1, other=who, commit=commit)


def _edited_by(path: str, state: State) -> tuple[str, str]:
    """Who changed a path since we sent it, and the commit."""
    edit = state.sent.changed.get(path)
    return (edit.who, edit.commit[:10]) if edit else ("people", "unknown")


def would_overwrite(plan: Plan, state: State, again: Container[str]) -> Iterable[str]:
    """The paths that we sent before and people changed since; not those whose pairs are to come `again`.

    What people reverted is only among the changes where the source requires it.
    """
    for change in plan.changes:
        is_changed = change.path in state.sent.changed and not _is_ours(change, state)
        if (change.path in plan.undoes or is_changed or reverted(state, [change])) and not all(
            pair in again for pair in change.pairs
        ):
            yield change.path


def _is_ours(change: Change, state: State) -> bool:
    """Whether all that would be replaced is something that we brought: people went back to it."""
    known = state.sent.pairs.keys() | state.merged.keys()
    return known >= {*replaced(change)} if change.parts else change.present in known


def reverted(state: State, changes: Iterable[Change]) -> dict[str, Reason]:
    """What commits of ours brought and people changed back, by its pair: it isn't pushed a second time.

    A content that a later commit of ours brought isn't people's work: the source went back to it.
    """
    sent, found = state.sent.pairs, dict[str, Reason]()
    for change in changes:
        for pair, present in change.pairs.items():
            if pair in sent and sent.get(present, 0.0) <= sent[pair]:
                who, commit = _edited_by(change.path, state)
                found[pair] = Reason("reverted", name=who, commit=commit)
    return found
