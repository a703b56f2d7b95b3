"""Chooses how a plan is written: by GraphQL or by REST.

Every way does its writes once. When an answer is lost or a document is refused in part, `Interrupted` is raised; the
caller then looks at the target again and plans what is missing.
"""

from __future__ import annotations

from collections.abc import Callable

from broadcast.apply import graphql, pushing, ref_updates, rest
from broadcast.apply.task import Interrupted, Task, Unsupported, Written, uncertain
from broadcast.errors import Failure
from broadcast.github import refusals
from broadcast.github.client import GitHub, Scope, Unsure
from broadcast.github.validation import Malformed, reading
from broadcast.observe.state import State
from broadcast.plan.plan import Plan, Step
from broadcast.runner.inputs import Strategy

MAX_PAYLOAD = 20 * 1024 * 1024  # bytes of base64 in one createCommitOnBranch; about 40 MB is where GitHub gives up
MAX_FILES = 1_000


class Applier:
    """Writes plans one after the other; remembers which steps a server can't do by GraphQL."""

    def __init__(self, github: GitHub) -> None:
        self.github = github
        self._unsupported: set[Step] = set()
        self._no_force: set[str] = set()  # repositories whose rules forbid to move our branch back

    def heed(self, message: str, state: State) -> None:
        """Learn from a refusal."""
        if refusals.is_force_push(message):
            self._no_force.add(state.repository_id)

    def sweep(self, state: State, plan: Plan, scope: Scope) -> None:
        """Delete branches that an interrupted run left, each only if it hasn't moved. Raises Interrupted."""
        try:
            with reading():
                ref_updates.swap(self.github, state, [], scope, plan.leftovers)
        except (Unsure, Malformed) as failure:
            raise uncertain(failure) from failure

    def apply(self, work: Task, strategy: Strategy) -> Written:
        """Do the plan's step. Raises ApiError, Failure, Interrupted, Throttled."""
        plain = is_plain(work.plan, work.payload) and work.texts.author is None
        if strategy == "graphql" and not plain:
            raise Failure(
                "write-strategy: graphql can't set modes, make symlinks or send this much at once",
                "use write-strategy: auto",
            )
        by_rest = strategy == "rest" or work.plan.step in self._unsupported
        try:
            with reading():
                if work.plan.step == "rebuild" and work.state.repository_id in self._no_force:
                    return rest.append(self.github, work)
                return (_rest_steps if by_rest else _graphql_steps)(self.github, work, plain=plain)[work.plan.step]()
        except (Unsure, Malformed) as failure:  # it may have been done
            raise uncertain(failure) from failure
        except Unsupported as failure:
            if strategy == "graphql":
                raise
            self._unsupported.add(work.plan.step)
            raise Interrupted(failure.message) from failure


def is_plain(plan: Plan, payload: int) -> bool:
    """Whether one createCommitOnBranch can make these changes: no modes to set, not too much at once."""
    fits = payload * 4 // 3 <= MAX_PAYLOAD and len(plan.changes) <= MAX_FILES
    return fits and all(change.is_plain for change in plan.changes)


def _rest_steps(github: GitHub, work: Task, *, plain: bool) -> dict[Step, Callable[[], Written]]:
    return {
        "create": lambda: rest.create(github, work),
        "push": lambda: pushing.push(github, work, by_rest=True),
        "propose": lambda: rest.propose(github, work),
        "rebuild": lambda: rest.rebuild(github, work),
        "describe": lambda: rest.describe(github, work),
        "close": lambda: rest.close(github, work),
    }


def _graphql_steps(github: GitHub, work: Task, *, plain: bool) -> dict[Step, Callable[[], Written]]:
    return {
        "create": lambda: (graphql if plain else rest).create(github, work),
        "push": lambda: pushing.push(github, work, by_rest=not plain),
        "propose": lambda: graphql.propose(github, work),
        "rebuild": lambda: graphql.rebuild(github, work, plain=plain),
        "describe": lambda: graphql.describe(github, work),
        "close": lambda: graphql.close(github, work),
    }
