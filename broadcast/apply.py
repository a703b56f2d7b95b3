"""A plan to a commit, a branch and a pull request.

Every function here does its writes once. When an answer is lost or a document is refused in part, it raises
`Interrupted`; the caller then looks at the target again and plans what is missing.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

from broadcast.api import mutations
from broadcast.api.client import ApiError, GitHub, GraphQLAnswer, Scope, Unsure
from broadcast.commit import commit_by_rest
from broadcast.drift import Change
from broadcast.errors import Failure
from broadcast.plan import Plan
from broadcast.pullrequest import mark_closed
from broadcast.state import State

Strategy = Literal["auto", "graphql", "rest"]
NOTHING = "0" * 40  # git's id for a ref that doesn't exist
MAX_PAYLOAD = 20 * 1024 * 1024  # bytes of base64 in one createCommitOnBranch; about 40 MB is where GitHub gives up
MAX_FILES = 1_000


class Interrupted(Failure):
    """Part of a write may be missing; look, then do what is missing."""


class Texts(NamedTuple):
    """What people will read."""

    title: str
    body: str
    message: str  # of the commit, with its trailers
    draft: bool


class Work(NamedTuple):
    """One target to write to."""

    label: str
    branch: str
    scratch: str
    state: State
    plan: Plan
    texts: Texts
    contents: dict[str, bytes]  # by path, of all that is added or changed

    @property
    def scope(self) -> Scope:
        """What its calls are counted under."""
        return Scope("apply", self.label)


class Written(NamedTuple):
    """The pull request as GitHub has it now."""

    id: str
    number: int
    url: str


def is_plain(changes: Sequence[Change], contents: dict[str, bytes]) -> bool:
    """Whether one createCommitOnBranch can make these changes: no modes to set, not too much at once."""
    payload = sum(len(content) for content in contents.values()) * 4 // 3
    return all(change.is_plain for change in changes) and payload <= MAX_PAYLOAD and len(changes) <= MAX_FILES


def apply(github: GitHub, work: Work, strategy: Strategy) -> Written:
    """Do the plan's step. Raises ApiError, Interrupted, Throttled."""
    by_graphql = strategy == "graphql" or (strategy == "auto" and is_plain(work.plan.changes, work.contents))
    steps: dict[str, Callable[[], Written]] = {
        "create": lambda: _create(github, work) if by_graphql else _create_by_rest(github, work),
        "rebuild": lambda: _rebuild(github, work, by_graphql=by_graphql),
        "describe": lambda: _describe(github, work),
        "close": lambda: _close(github, work),
    }
    try:
        return steps[work.plan.step]()
    except Unsure as failure:
        raise Interrupted(failure.message, failure.remedy) from failure


def set_labels(github: GitHub, labels: Sequence[tuple[Written, Sequence[str]]]) -> GraphQLAnswer:
    """Put labels, by id, on fresh pull requests of several targets at once."""
    inputs = {f"p{at}": {"pullRequestId": pull.id, "labelIds": list(ids)} for at, (pull, ids) in enumerate(labels)}
    return github.mutate(mutations.label(len(labels)), inputs, Scope("apply"), creates=False)


def _create(github: GitHub, work: Work) -> Written:
    base = _base_oid(work)
    ref = _new_ref(work, work.branch)
    commit = _commit_input(work, work.branch, base)
    answer = github.mutate(mutations.CREATE, {"ref": ref, "commit": commit, "pull": _pull_input(work)}, work.scope)
    return _pull_of(answer)


def _create_by_rest(github: GitHub, work: Work) -> Written:
    commit = _rest_commit(github, work)
    name = work.state.full_name
    github.write("POST", f"/repos/{name}/git/refs", {"ref": f"refs/heads/{work.branch}", "sha": commit}, work.scope)
    return _open_by_rest(github, work)


def _open_by_rest(github: GitHub, work: Work) -> Written:
    base = work.state.base.name if work.state.base else ""
    body = {
        "title": work.texts.title,
        "body": work.texts.body,
        "head": work.branch,
        "base": base,
        "draft": work.texts.draft,
    }
    made = github.write("POST", f"/repos/{work.state.full_name}/pulls", body, work.scope, creates=True)
    return Written(made["node_id"], made["number"], made["html_url"])


def _rebuild(github: GitHub, work: Work, *, by_graphql: bool) -> Written:
    """A new commit on the base, then our branch moved onto it: equal to the base, its pull request would close."""
    commit = _commit_on_scratch(github, work) if by_graphql else _rest_commit(github, work)
    gone = [_ref_update(work.scratch, commit, NOTHING)] if by_graphql else []
    before = work.state.ours.head.oid if work.state.ours else NOTHING
    refs = {
        "repositoryId": work.state.repository_id,
        "refUpdates": [{**_ref_update(work.branch, before, commit), "force": True}, *gone],
    }
    if work.plan.pull:
        pull = _update_input(work)
        return _pull_of(github.mutate(mutations.MOVE_AND_DESCRIBE, {"refs": refs, "pull": pull}, work.scope))
    return _pull_of(github.mutate(mutations.MOVE_AND_OPEN, {"refs": refs, "pull": _pull_input(work)}, work.scope))


def _commit_on_scratch(github: GitHub, work: Work) -> str:
    base = _base_oid(work)
    commit = _commit_input(work, work.scratch, base)
    left_over = work.state.scratch
    if left_over:
        update = {**_ref_update(work.scratch, left_over, base), "force": True}
        refs = {"repositoryId": work.state.repository_id, "refUpdates": [update]}
        answer = github.mutate(mutations.COMMIT_ON_RESET_BRANCH, {"refs": refs, "commit": commit}, work.scope)
    else:
        ref = _new_ref(work, work.scratch)
        answer = github.mutate(mutations.COMMIT_ON_NEW_BRANCH, {"ref": ref, "commit": commit}, work.scope)
    _check(answer)
    return str(answer.data["commit"]["commit"]["oid"])


def _describe(github: GitHub, work: Work) -> Written:
    return _pull_of(github.mutate(mutations.DESCRIBE, {"pull": _update_input(work)}, work.scope, creates=False))


def _close(github: GitHub, work: Work) -> Written:
    pull = work.plan.pull
    if pull is None or work.state.ours is None:
        raise Interrupted("the pull request is gone")
    comment = "Nothing is left to change here, so this pull request is closed and its branch deleted."
    gone = [_ref_update(work.branch, work.state.ours.head.oid, NOTHING)]
    variables = {
        "pull": {"pullRequestId": pull.id, "state": "CLOSED", "body": mark_closed(pull.body)},
        "comment": {"subjectId": pull.id, "body": comment},
        "refs": {"repositoryId": work.state.repository_id, "refUpdates": gone},
    }
    return _pull_of(github.mutate(mutations.CLOSE, variables, work.scope))


def _rest_commit(github: GitHub, work: Work) -> str:
    base = work.state.base
    if base is None:
        raise Interrupted("the base branch is gone")
    return commit_by_rest(
        github,
        work.state.full_name,
        base.head,
        work.plan.changes,
        work.contents,
        work.texts.message,
        work.scope,
    )


def _base_oid(work: Work) -> str:
    if work.state.base is None:
        raise Interrupted("the base branch is gone")
    return work.state.base.head.oid


def _new_ref(work: Work, branch: str) -> dict[str, str]:
    return {"repositoryId": work.state.repository_id, "name": f"refs/heads/{branch}", "oid": _base_oid(work)}


def _ref_update(branch: str, before: str, after: str) -> dict[str, Any]:
    return {"name": f"refs/heads/{branch}", "beforeOid": before, "afterOid": after}


def _commit_input(work: Work, branch: str, head: str) -> dict[str, Any]:
    headline, _, body = work.texts.message.partition("\n\n")
    changes = work.plan.changes
    return {
        "branch": {"repositoryNameWithOwner": work.state.full_name, "branchName": branch},
        "expectedHeadOid": head,
        "message": {"headline": headline, "body": body},
        "fileChanges": {
            "additions": [
                {"path": change.path, "contents": base64.b64encode(work.contents[change.path]).decode()}
                for change in changes
                if change.after
            ],
            "deletions": [{"path": change.path} for change in changes if not change.after],
        },
    }


def _pull_input(work: Work) -> dict[str, Any]:
    return {
        "repositoryId": work.state.repository_id,
        "baseRefName": work.state.base.name if work.state.base else "",
        "headRefName": work.branch,
        "title": work.texts.title,
        "body": work.texts.body,
        "draft": work.texts.draft,
    }


def _update_input(work: Work) -> dict[str, Any]:
    pull = work.plan.pull
    if pull is None:
        raise Interrupted("the pull request is gone")
    return {"pullRequestId": pull.id, "title": work.texts.title, "body": work.texts.body}


def _pull_of(answer: GraphQLAnswer) -> Written:
    _check(answer)
    pull = answer.data["pull"]["pullRequest"]
    return Written(pull["id"], pull["number"], pull["url"])


def _check(answer: GraphQLAnswer) -> None:
    if not answer.errors:
        return
    reasons = dict.fromkeys(str(error.get("message", "")) for error in answer.errors)
    message = f"GitHub answered: {'; '.join(reasons)}"
    if any(error.get("type") == "FORBIDDEN" for error in answer.errors):
        raise ApiError(403, message)
    raise Interrupted(message)
