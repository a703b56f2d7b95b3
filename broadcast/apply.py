"""A plan to a commit, a branch and a pull request, by GraphQL or by REST.

Every way does its writes once. When an answer is lost or a document is refused in part, `Interrupted` is raised; the
caller then looks at the target again and plans what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from broadcast import apply_graphql, apply_rest
from broadcast.api import mutations
from broadcast.api.client import GitHub, GraphQLAnswer, Scope, Unsure
from broadcast.errors import Failure
from broadcast.inputs import Strategy
from broadcast.plan import Plan
from broadcast.work import Interrupted, Work, Written

MAX_PAYLOAD = 20 * 1024 * 1024  # bytes of base64 in one createCommitOnBranch; about 40 MB is where GitHub gives up
MAX_FILES = 1_000


def apply(github: GitHub, work: Work, strategy: Strategy) -> Written:
    """Do the plan's step. Raises ApiError, Failure, Interrupted, Throttled."""
    plain = is_plain(work.plan, work.contents)
    if strategy == "graphql" and not plain:
        raise Failure(
            "write-strategy: graphql can't set modes, make symlinks or send this much at once",
            "use write-strategy: auto",
        )
    try:
        return _steps(github, work, strategy, plain=plain)[work.plan.step]()
    except Unsure as failure:
        raise Interrupted(failure.message, failure.remedy) from failure


def is_plain(plan: Plan, contents: dict[str, bytes]) -> bool:
    """Whether one createCommitOnBranch can make these changes: no modes to set, not too much at once."""
    payload = sum(len(content) for content in contents.values()) * 4 // 3
    return all(change.is_plain for change in plan.changes) and payload <= MAX_PAYLOAD and len(plan.changes) <= MAX_FILES


def set_labels(github: GitHub, labels: Sequence[tuple[Written, Sequence[str]]]) -> GraphQLAnswer:
    """Put labels, by id, on fresh pull requests of several targets at once."""
    inputs = {f"p{at}": {"pullRequestId": pull.id, "labelIds": list(ids)} for at, (pull, ids) in enumerate(labels)}
    return github.mutate(mutations.label(len(labels)), inputs, Scope("apply"), creates=False)


def _steps(github: GitHub, work: Work, strategy: Strategy, *, plain: bool) -> dict[str, Callable[[], Written]]:
    if strategy == "rest":
        return {
            "create": lambda: apply_rest.create(github, work),
            "rebuild": lambda: apply_rest.rebuild(github, work),
            "describe": lambda: apply_rest.describe(github, work),
            "close": lambda: apply_rest.close(github, work),
        }
    return {
        "create": lambda: (apply_graphql if plain else apply_rest).create(github, work),
        "rebuild": lambda: apply_graphql.rebuild(github, work, plain=plain),
        "describe": lambda: apply_graphql.describe(github, work),
        "close": lambda: apply_graphql.close(github, work),
    }
