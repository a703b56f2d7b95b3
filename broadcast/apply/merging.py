"""Merges a pull request, or adds it to the merge queue: only with the very head that was looked at.

After each failure the pull request is read again: a merge whose answer was lost counts, and is never sent twice.
"""

from __future__ import annotations

from broadcast.apply import graphql, mutations
from broadcast.apply.task import Interrupted, Passing, Written, uncertain
from broadcast.config.targets import Target
from broadcast.errors import Failure
from broadcast.github.client import ApiError, GitHub, Scope, Unsure
from broadcast.github.validation import Malformed, reading
from broadcast.observe import merging
from broadcast.observe.state import MergeStatus, Pull, State
from broadcast.plan.plan import MERGING, Plan

LASTS = 120.0  # seconds for which a look at the rules is believed


def is_due_again(plan: Plan, state: State, now: float) -> bool:
    """Whether the rules have to be looked at again before a merge, for that was some time ago."""
    return plan.step in MERGING and state.merging is not None and now - state.merging.seen > LASTS


def carry_out(github: GitHub, target: Target, state: State, plan: Plan, *, by_rest: bool) -> Written:
    """Merge, or enqueue. Raises ApiError, Interrupted, Throttled."""
    if plan.pull is None or state.merging is None:
        raise Interrupted("the pull request is gone")
    pull, scope = plan.pull, Scope("apply", target.label)
    try:
        with reading():
            if plan.step == "enqueue":
                _enqueue(github, pull, scope)
            elif by_rest:
                _merge_by_rest(github, state, pull, state.merging.method, scope)
            else:
                _merge(github, pull, state.merging.method, scope)
    except (ApiError, Interrupted):
        if not is_done(github, target, state, plan):
            raise
    except (Unsure, Malformed) as failure:  # it may have been done
        if not is_done(github, target, state, plan):
            raise uncertain(failure) from failure
    return Written(pull.id, pull.number, pull.url)


def is_done(github: GitHub, target: Target, state: State, plan: Plan) -> bool:
    """Whether what `plan` set out to do with its pull request has happened."""
    if plan.pull is None:
        return False
    try:
        found = merging.stands(github, state, plan.pull.number, target, Scope("look again", target.label))
    except Failure:
        return False
    return found is not None and _is_done(found, plan, plan.pull)


def _is_done(found: MergeStatus, plan: Plan, pull: Pull) -> bool:
    is_merged = found.state == "MERGED" and found.head == pull.head_oid
    return is_merged or (plan.step == "enqueue" and found.queued and found.head == pull.head_oid)


def _merge(github: GitHub, pull: Pull, method: str, scope: Scope) -> None:
    given = {"pullRequestId": pull.id, "expectedHeadOid": pull.head_oid, "mergeMethod": method}
    answer = github.mutate(mutations.MERGE, {"pull": given}, scope)
    graphql.check(answer)
    if answer.data["pull"]["pullRequest"]["state"] != "MERGED":
        raise Passing("the pull request isn't merged yet")


def _enqueue(github: GitHub, pull: Pull, scope: Scope) -> None:
    given = {"pullRequestId": pull.id, "expectedHeadOid": pull.head_oid}
    graphql.check(github.mutate(mutations.ENQUEUE, {"pull": given}, scope))


def _merge_by_rest(github: GitHub, state: State, pull: Pull, method: str, scope: Scope) -> None:
    body = {"sha": pull.head_oid, "merge_method": method.lower()}
    github.write("PUT", f"/repos/{state.full_name}/pulls/{pull.number}/merge", body, scope)
