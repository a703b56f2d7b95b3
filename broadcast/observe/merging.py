"""How our open pull requests stand to their checks and to the rules of their base, asked of all of them at once.

GitHub works out whether a pull request can be merged only when that is asked, so that the first answer may be unknown
(docs/github.md, "Pull requests, labels and people"); those are asked once more.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from broadcast.config.targets import Target
from broadcast.errors import Failure
from broadcast.github import batch
from broadcast.github.client import GitHub, Scope
from broadcast.github.questions import Question, Reply
from broadcast.github.retry import tries
from broadcast.github.validation import Malformed, reading
from broadcast.observe.state import CheckResult, MergeStatus, Observation, Observations, State

WAITS = (3.0,)  # seconds that GitHub gets to work out what it doesn't know yet
CHECKS = 100  # of a commit that are looked at

_PASSED = ("SUCCESS", "NEUTRAL", "SKIPPED")  # conclusions of check runs, and states of commit statuses
_WAITING = ("PENDING", "EXPECTED")  # states of commit statuses
_METHODS = ("mergeCommitAllowed", "squashMergeAllowed", "rebaseMergeAllowed")
_FIELDS = """
pullRequest(number: {number}) {{
  state headRefOid isDraft mergeStateStatus reviewDecision isInMergeQueue isMergeQueueEnabled changedFiles
  commits(last: 1) {{ nodes {{ commit {{ statusCheckRollup {{ state contexts(first: {checks}) {{ nodes {{
    __typename
    ... on CheckRun {{ name status conclusion completedAt isRequired(pullRequestNumber: {number}) }}
    ... on StatusContext {{ context state createdAt isRequired(pullRequestNumber: {number}) }}
  }} }} }} }} }} }}
}}
viewerDefaultMergeMethod mergeCommitAllowed squashMergeAllowed rebaseMergeAllowed"""


def resolve(
    github: GitHub, observations: Observations, scope: Scope, *, of: Container[Target], merges: bool
) -> Observations:
    """The observations with the merge status of open pull requests of ours; only `merges` can't do without it."""
    found = dict(observations)
    open_ones = [target for target, one in found.items() if target in of and _is_open(one)]
    for _ in tries(github.pace.pause, WAITS if open_ones and merges else ()):
        asked = [target for target in open_ones if _is_open(found[target])]
        questions = [select_status(one.state) for target in asked if isinstance(one := found[target], Observation)]
        replies = batch.ask(github, questions, scope) if questions else []
        for target, reply in zip(asked, replies, strict=True):
            seen = _taken(found[target], target, reply, github.now())
            found[target] = seen if merges or isinstance(seen, Observation) else found[target]
        if not any(_is_open(found[target]) for target in open_ones):
            break
    return found


def stands(github: GitHub, state: State, number: int, target: Target, scope: Scope) -> MergeStatus | None:
    """The merge status of one pull request as it is now, whatever became of it; None where GitHub doesn't say."""
    owner, _, name = state.full_name.partition("/")
    (reply,) = batch.ask(github, [Question(owner, name, _FIELDS.format(number=number, checks=1))], scope)
    try:
        with reading():
            return read_status(reply.data, target, github.now()) if reply.data else None
    except Malformed:
        return None


def _is_open(observation: Observation | Failure) -> bool:
    """Whether it has an open pull request whose status isn't known yet."""
    if isinstance(observation, Failure) or observation.state.open_pull is None:
        return False
    known = observation.state.merging
    return known is None or (known.state == "OPEN" and known.status == "UNKNOWN")


def select_status(state: State) -> Question:
    """How the open pull request stands to its checks and to the rules of its base."""
    owner, _, name = state.full_name.partition("/")
    number = state.open_pull.number if state.open_pull else 0
    return Question(owner, name, _FIELDS.format(number=number, checks=CHECKS))


def _taken(observation: Observation | Failure, target: Target, reply: Reply, now: float) -> Observation | Failure:
    if isinstance(observation, Failure) or reply.data is None:
        return reply.failure or Failure("no answer")
    try:
        with reading():
            status = read_status(reply.data, target, now)
    except Malformed as failure:
        return failure
    return replace(observation, state=replace(observation.state, merging=status))


def read_status(data: Mapping[str, Any], target: Target, now: float) -> MergeStatus:
    """Read the answer; the method is the config's, or the one GitHub gives to the token as the repository's."""
    node = data["pullRequest"]
    method = target.settings.pr_merge_method.upper() or data.get("viewerDefaultMergeMethod") or "MERGE"
    rollup = _rollup(node)
    allowed = dict(zip(("MERGE", "SQUASH", "REBASE"), (data.get(name) for name in _METHODS), strict=True))
    return MergeStatus(
        state=node["state"],
        head=node["headRefOid"],
        status=node.get("mergeStateStatus") or "",
        decision=node.get("reviewDecision") or "",
        draft=bool(node.get("isDraft")),
        queued=bool(node.get("isInMergeQueue")),
        has_queue=bool(node.get("isMergeQueueEnabled")),
        changed_files=int(node.get("changedFiles") or 0),
        method=method,
        is_method_allowed=allowed.get(method) is not False,
        unpassed=tuple(_unpassed(rollup)),
        seen=now,
        rollup=rollup.get("state") or "",
        checked=max((one.get("completedAt") or one.get("createdAt") or "" for one in _contexts(rollup)), default=""),
        hides_checks=bool(rollup) and None in _nodes(rollup),
    )


def _rollup(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """The checks of its head; empty where it has none or where the token may not read them."""
    commits = (node.get("commits") or {}).get("nodes") or []
    return (((commits[-1] or {}).get("commit") or {}).get("statusCheckRollup") if commits else None) or {}


def _contexts(rollup: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    return filter(None, _nodes(rollup))


def _nodes(rollup: Mapping[str, Any]) -> Sequence[Mapping[str, Any] | None]:
    """Its checks; None for each that the token may not read."""
    contexts = rollup.get("contexts", {})
    return (contexts.get("nodes") or ()) if contexts is not None else (None,)


def _unpassed(rollup: Mapping[str, Any]) -> Iterable[CheckResult]:
    """The checks that failed or still run."""
    for one in _contexts(rollup):
        is_run = one.get("__typename") == "CheckRun"
        running = one.get("status") != "COMPLETED" if is_run else one.get("state") in _WAITING
        if running or one.get("conclusion" if is_run else "state") not in _PASSED:
            name = str(one.get("name" if is_run else "context") or "")
            yield CheckResult(name, running, bool(one.get("isRequired")))
