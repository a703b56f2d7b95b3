"""Moves and deletes branches, each only from the commit where it was observed.

GraphQL's `updateRefs` compares and writes in one step (docs/github.md, "Writing by GraphQL"). Where it refuses, REST
says why; it has no such step, so each write there follows a read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from broadcast.apply import mutations
from broadcast.apply.task import Passing
from broadcast.github.client import ApiError, GitHub, Scope
from broadcast.github.validation import present
from broadcast.observe.state import State

NOTHING = "0" * 40  # git's id for a ref that doesn't exist


class Move(NamedTuple):
    """A branch that goes from one commit to another; to NOTHING: it is deleted."""

    branch: str
    before: str
    after: str = NOTHING

    @property
    def update(self) -> dict[str, Any]:
        """As `updateRefs` takes it."""
        update = {"name": f"refs/heads/{self.branch}", "beforeOid": self.before, "afterOid": self.after}
        return update if self.after == NOTHING else {**update, "force": True}


def updates(state: State, moves: Iterable[Move]) -> dict[str, Any]:
    """The input of `updateRefs`, which does all or none."""
    return {"repositoryId": state.repository_id, "refUpdates": [move.update for move in moves]}


def swap(
    github: GitHub, state: State, moves: Sequence[Move], scope: Scope,
    leftovers: Sequence[tuple[str, str]] = (), *, by_rest: bool = False,
) -> None:  # fmt: skip
    """Do the moves and delete leftovers that haven't moved. Raises Interrupted, ApiError, Throttled, Unsure.

    With `by_rest` GraphQL isn't asked, for it was and gave no reason.
    """
    gone = [Move(*one) for one in leftovers]
    if not by_rest and _at_once(github, state, [*moves, *gone], scope):
        return
    for move in moves:
        if not _by_rest(github, state, move, scope):
            raise Passing("our branch moved in the meantime")
    for move in gone:
        _by_rest(github, state, move, scope)


def address(state: State, branch: str) -> str:
    """The path of a ref in REST; the slashes of its name must be encoded."""
    return f"/repos/{state.full_name}/git/refs/{quote(f'heads/{branch}', safe='')}"


def _at_once(github: GitHub, state: State, moves: Sequence[Move], scope: Scope) -> bool:
    """Whether all is done."""
    if not moves:
        return True
    try:
        answer = github.mutate(mutations.MOVE, {"refs": updates(state, moves)}, scope)
    except ApiError:
        return False
    return not answer.errors


def _by_rest(github: GitHub, state: State, move: Move, scope: Scope) -> bool:
    """Whether it was where it was seen, and so was moved."""
    if _head(github, state, move.branch, scope) != move.before:
        return False
    body = None if move.after == NOTHING else {"sha": move.after, "force": True}
    github.write("PATCH" if body else "DELETE", address(state, move.branch), body, scope)
    return True


def _head(github: GitHub, state: State, branch: str, scope: Scope) -> str:
    """Where a branch is; empty where there is none."""
    try:
        path = address(state, branch).replace("/git/refs/", "/git/ref/", 1)
        return str(present(github.get(path, scope, may_be_absent=True)["object"], "sha"))
    except ApiError as failure:
        if failure.status == 404:
            return ""
        raise
