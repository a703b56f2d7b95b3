"""Why a write was refused and what to do about it: a branch in the way, or a right that the token lacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from broadcast.config.targets import Target
from broadcast.errors import Failure
from broadcast.github import batch, refusals
from broadcast.github.client import ApiError, GitHub, Scope
from broadcast.github.questions import Question, quote
from broadcast.observe.state import State
from broadcast.plan.permissions import WORKFLOWS
from broadcast.plan.plan import MERGING, Plan

HEADS = "refs/heads/"
PROPOSE = "set delivery: push_or_pull_request to get a pull request there, or let the token bypass the rule of the base"
UNNAMED = "take commit_author out for this target: GitHub signs only commits of the token's own account"
MERGE_LATER = "see at the pull request what GitHub asks for, and run merge again once it is there"


def blocking_branch(github: GitHub, state: State, target: Target, scope: Scope) -> str:
    """A branch that git can't keep beside ours, above its name or below it; empty where none is known."""
    above = list(_above(target.branch))
    below = [f"{target.branch}/", f"{target.scratch}/", f"{target.spare}/"]
    owner, _, name = state.full_name.partition("/")
    try:
        replies = batch.ask(github, [_refs(owner, name, above), _prefixes(owner, name, below)], scope)
    except Failure:
        return ""
    found = [reply.data or {} for reply in replies]
    exact = [ref["name"] for at in range(len(above)) if (ref := found[0].get(f"ref{at}"))]
    lists = (found[1].get(f"refs{at}") or {} for at in range(len(below)))
    longer = [
        f"{at}{node['name'].removeprefix(at)}" for at, refs in zip(below, lists, strict=True) for node in _nodes(refs)
    ]
    return str(next(iter([*exact, *longer]), ""))


def _nodes(refs: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [node for node in refs.get("nodes") or [] if node]


def _above(branch: str) -> Iterable[str]:
    parts = branch.split("/")
    return ("/".join(parts[:end]) for end in range(1, len(parts)))


def _refs(owner: str, name: str, branches: Sequence[str]) -> Question:
    fields = (f"ref{at}: ref(qualifiedName: {quote(HEADS + one)}) {{ name }}" for at, one in enumerate(branches))
    return Question(owner, name, " ".join(fields))


def _prefixes(owner: str, name: str, prefixes: Sequence[str]) -> Question:
    fields = (
        f"refs{at}: refs(refPrefix: {quote(HEADS + one)}, first: 1) {{ nodes {{ name }} }}"
        for at, one in enumerate(prefixes)
    )
    return Question(owner, name, " ".join(fields))


def explained(failure: Failure, target: Target, plan: Plan, left: str) -> Failure:
    """The failure with what to do about it; `left` is added to its message."""
    status = failure.status if isinstance(failure, ApiError) else 0
    known = refusals.advice(failure.message)
    if plan.step in MERGING and known and known.ruled:
        known = None  # rules are no obstacle to get around
    remedy = known.remedy if known else failure.remedy
    if plan.step == "push" and (known is None or known.ruled):
        remedy = PROPOSE
    if target.settings.commit_author and refusals.wants_signatures(failure.message):
        remedy = UNNAMED
    if not remedy and status == 403:
        remedy = "give the token Contents: write and Pull requests: write on this repository"
    if refusals.is_about_rights(failure.message) or _is_forbidden(failure):
        remedy = "; ".join(filter(None, (remedy, *_workflows(target, plan))))
    if plan.step in MERGING:
        remedy = remedy or MERGE_LATER
    return ApiError(
        status, failure.message + left, remedy or "look at the target, mend what the message says and run again"
    )


def _is_forbidden(failure: BaseException | None) -> bool:
    """Whether a response had status 403 or 404, or the response that caused this failure."""
    while failure and not (isinstance(failure, ApiError) and failure.http):
        failure = failure.__cause__
    return isinstance(failure, ApiError) and failure.status in (403, 404)


def _workflows(target: Target, plan: Plan) -> Iterable[str]:
    """Why a refusal for a right may be for that of workflows, which GitHub doesn't name."""
    if any(change.path.startswith(WORKFLOWS) for change in plan.changes):
        yield refusals.WORKFLOWS
    elif target.base:
        yield f"if the workflows of {target.base} differ from the default branch's, {refusals.WORKFLOWS}"
