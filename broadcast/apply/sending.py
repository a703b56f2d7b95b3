"""Sends many small mutations in few documents; says for each whether it was refused, and why.

All of them set a state, so repeating one is harmless.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from broadcast.apply import mutations
from broadcast.apply.requests import MetadataRequest
from broadcast.apply.task import Unsupported
from broadcast.errors import Failure
from broadcast.github import rate_limits
from broadcast.github.client import GitHub, GraphQLAnswer, Scope, Throttled, Unsure
from broadcast.github.graphql_errors import is_undefined
from broadcast.github.retry import tries
from broadcast.github.validation import reading

FULL = 10  # mutations; a document that takes GitHub more than ten seconds is cut off
LARGEST = 15  # which a document never exceeds
WAITS = (2.0, 2.0)  # seconds between tries
LEFT_OUT = "GitHub leaves them out"  # without a refusal; the others are set

_UNRESOLVED = "could not resolve to a node"  # a pull request made a moment ago, or what the token may not see
_ID = re.compile(r"could not resolve to a node with the global id of '([^']*)'", re.IGNORECASE)
_PULL_IDS = ("PR_", "MDExOlB1bGxSZXF1ZXN0")  # how the ids of pull requests begin, now and in the older format


class LeftOut(str):
    """A reason of ours: the ids that GitHub left out without a refusal."""


class Mutation(NamedTuple):
    """One field of a document."""

    kind: str  # the letter that `mutations.decorate` knows it by
    pull: str  # the id of the pull request
    input: Mapping[str, Any]


def send(github: GitHub, asked: Sequence[Mutation]) -> list[str]:
    """Why each was refused; empty for what was done. Raises ApiError, Malformed, Throttled, Unsupported, Unsure."""
    with reading():
        return [reason for start in range(0, len(asked), LARGEST) for reason in _send(github, asked[start:][:LARGEST])]


def post(github: GitHub, request: MetadataRequest, pull: str, scope: Scope) -> str:
    """The same for one REST write. Raises Throttled."""
    reason = ""
    for _ in tries(github.pace.pause, WAITS):
        try:
            github.write(request.verb, request.path, request.body, scope)
            return ""
        except Throttled:
            raise
        except Failure as failure:
            reason = failure.message
            if not isinstance(failure, Unsure) and not is_passing(reason, pull):
                return reason
    return reason


def is_passing(reason: str, pull: str) -> bool:
    """Whether a refusal may go by itself; words that name no id may be about a pull request that is too new."""
    return concerns_all(reason, pull) or (_UNRESOLVED in reason.lower() and not _ID.search(reason))


def concerns_all(reason: str, pull: str) -> bool:
    """Whether nothing of what was asked for is to blame: a limit refuses, or the pull request isn't found.

    The words for the latter are those for a team that the token may not read: the id in them shows which it is.
    """
    named = _ID.search(reason)
    is_pull = named is not None and (named[1] == pull or named[1].startswith(_PULL_IDS))
    return is_pull or bool(rate_limits.throttled_errors([{"message": reason}]))


def _send(github: GitHub, asked: Sequence[Mutation]) -> list[str]:
    reasons, left = dict.fromkeys(range(len(asked)), ""), list(range(len(asked)))
    for is_last in tries(github.pace.pause, WAITS):
        try:
            reasons |= zip(left, _document(github, [asked[at] for at in left]), strict=True)
            left = [at for at in left if is_passing(reasons[at], asked[at].pull)]
        except Unsure:
            if is_last:
                raise
        if not left:
            break
    return list(reasons.values())


def _document(github: GitHub, asked: Sequence[Mutation]) -> list[str]:
    """Send one document; if it is broken off as a whole, one pull request at a time, then one mutation at a time."""
    inputs = {f"{one.kind}{at}": one.input for at, one in enumerate(asked)}
    answer = github.mutate(mutations.decorate(list(inputs)), inputs, Scope("apply"))
    if answer.data:
        return [_reason(answer, name) or _left_out(answer.data[name], one) for name, one in inputs.items()]
    if is_undefined(answer.errors):
        raise Unsupported(_first(answer.errors), "use a server that knows these mutations")
    if len(asked) == 1:
        return [_first(answer.errors)]
    reasons: dict[int, str] = {}
    for part in _smaller(asked):
        reasons |= zip(part, _document(github, [asked[at] for at in part]), strict=True)
    return [reasons[at] for at in range(len(asked))]


def _smaller(asked: Sequence[Mutation]) -> list[list[int]]:
    """Positions by pull request; each by itself where there is only one."""
    parts: dict[str, list[int]] = {}
    for at, one in enumerate(asked):
        parts.setdefault(one.pull, []).append(at)
    return list(parts.values()) if len(parts) > 1 else [[at] for at in range(len(asked))]


def _reason(answer: GraphQLAnswer, name: str) -> str:
    """Why the field of that name is null; empty where it is not."""
    if answer.data.get(name) is not None:
        return ""
    own = [error for error in answer.errors if (error.get("path") or [name])[0] == name]
    return _first(own)


def _left_out(done: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    """Who isn't assigned though nothing was refused, as far as the answer shows who is."""
    nodes = ((done.get("assignable") or {}).get("assignees") or {}).get("nodes")
    if nodes is None or None in nodes:
        return ""
    there = {node["id"] for node in nodes}
    absent = [f"'{id_}'" for id_ in asked["assigneeIds"] if id_ not in there]
    return LeftOut(f"{LEFT_OUT} ({', '.join(absent)})") if absent else ""


def _first(errors: Iterable[Mapping[str, Any]]) -> str:
    return next((str(error.get("message", "")) for error in errors), "") or "GitHub gave no reason"
