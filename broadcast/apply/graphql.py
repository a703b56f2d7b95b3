"""Writes by GraphQL: branch, commit and pull request in one document; signed for every kind of token."""

from __future__ import annotations

import base64
from typing import Any

from msgspec.structs import replace

from broadcast.apply import identity, mutations, rest
from broadcast.apply.ref_updates import NOTHING, Move, updates
from broadcast.apply.task import Interrupted, Opaque, Passing, Task, Unsupported, Written
from broadcast.errors import Failure
from broadcast.github.client import ApiError, GitHub, GraphQLAnswer, Scope
from broadcast.github.graphql_errors import is_overload, is_undefined
from broadcast.observe.state import Pull
from broadcast.ownership import mark_closed

_UNLABELLING = {
    mutations.DESCRIBE: mutations.DESCRIBE_AND_UNLABEL,
    mutations.MOVE_AND_DESCRIBE: mutations.MOVE_DESCRIBE_AND_UNLABEL,
}
FINAL = ("FORBIDDEN", "BRANCH_PROTECTION_RULE_VIOLATION")  # types of errors that another try doesn't change


def create(github: GitHub, work: Task) -> Written:
    """Branch at the base, commit on it, pull request: one document."""
    ref = _new_ref(work, work.branch)
    commit = commit_input(work, work.branch)
    answer = github.mutate(mutations.CREATE, {"ref": ref, "commit": commit, "pull": _pull_input(work)}, work.scope)
    return _pull_of(noted(work, answer))


def propose(github: GitHub, work: Task) -> Written:
    """The pull request alone, for a branch that an interrupted run finished."""
    return _pull_of(github.mutate(mutations.OPEN, {"pull": _pull_input(work)}, work.scope))


def rebuild(github: GitHub, work: Task, *, plain: bool) -> Written:
    """A new commit on the base, then our branch moved onto it: equal to the base, its pull request would close."""
    if plain and not work.plan.pull and work.state.ours and work.state.ours.head.oid == work.base.head.oid:
        variables = {"commit": commit_input(work, work.branch), "pull": _pull_input(work)}
        return _pull_of(noted(work, github.mutate(mutations.COMMIT_AND_OPEN, variables, work.scope)))
    commit = _commit_on_scratch(github, work) if plain else rest.commit(github, work)
    if work.refs_by_rest:
        rest.move(github, _with_scratch(work, commit) if plain else work, commit)
        return describe(github, work) if work.plan.pull else propose(github, work)
    left = {**dict(work.plan.leftovers), **({work.scratch: commit} if plain else {})}
    before = work.state.ours.head.oid if work.state.ours else NOTHING
    moves = [Move(work.branch, before, commit), *(Move(*one) for one in left.items())]
    refs = updates(work.state, moves)
    if work.plan.pull:
        return _describe(github, work, mutations.MOVE_AND_DESCRIBE, {"refs": refs})
    return _pull_of(github.mutate(mutations.MOVE_AND_OPEN, {"refs": refs, "pull": _pull_input(work)}, work.scope))


def describe(github: GitHub, work: Task) -> Written:
    """Only the text."""
    return _describe(github, work, mutations.DESCRIBE, {})


def _describe(github: GitHub, work: Task, document: str, more: dict[str, Any]) -> Written:
    """Takes away the label that asked for it, too; no list of labels is sent, which would replace those of others."""
    variables = {**more, "pull": _update_input(work)}
    if not work.pull.rebuild_label:
        return _pull_of(github.mutate(document, variables, work.scope))
    variables["label"] = {"labelableId": work.pull.id, "labelIds": [work.pull.rebuild_label]}
    answer = github.mutate(_UNLABELLING[document], variables, work.scope)
    others = [error for error in answer.errors if error.get("path") != ["label"]]
    written = _pull_of(answer._replace(errors=others))
    if len(others) < len(answer.errors):
        rest.take_rebuild_label(github, work)
    return written


def close(github: GitHub, work: Task) -> Written:
    """Mark it as closed by us and say why; only then delete the branch, which alone would close it as people do."""
    pull = {"pullRequestId": work.pull.id, "state": "CLOSED", "body": work.closed_body}
    comment = {"subjectId": work.pull.id, "body": work.texts.closing}
    answer = github.mutate(mutations.CLOSE, {"pull": pull, "comment": comment}, work.scope)
    refused = {str((error.get("path") or [""])[0]) for error in answer.errors}
    if refused == {"comment"}:  # the one half has happened: the other is sent alone
        github.mutate(mutations.COMMENT, {"comment": comment}, work.scope)
    elif refused == {"pull"}:
        check(github.mutate(mutations.DESCRIBE, {"pull": pull}, work.scope))
    else:
        check(answer)
    refs = updates(work.state, [Move(*one) for one in ((work.branch, work.ours.head.oid), *work.plan.leftovers)])
    check(github.mutate(mutations.MOVE, {"refs": refs}, work.scope))
    return Written(work.pull.id, work.pull.number, work.pull.url)


def retract(github: GitHub, pull: Pull, scope: Scope) -> None:
    """Close, as our own mistake, a pull request that came to be over a branch that isn't ours."""
    update = {"pullRequestId": pull.id, "state": "CLOSED", "body": mark_closed(pull.body)}
    check(github.mutate(mutations.DESCRIBE, {"pull": update}, scope))


def stop_auto_merge(github: GitHub, pull: Pull, scope: Scope) -> None:
    """What comes to undo something must not merge itself."""
    check(github.mutate(mutations.STOP_AUTO_MERGE, {"pull": {"pullRequestId": pull.id}}, scope))


def _commit_on_scratch(github: GitHub, work: Task) -> str:
    commit = commit_input(work, work.scratch)
    left_over = work.left_over
    if taken := work.taken:
        raise Failure(
            f"the branches {taken[0].name} and {taken[1].name} have commits of others ({taken[0].oid[:10]})",
            "rename or delete one of them: new commits of ours are made under these names",
        )
    if left_over and work.refs_by_rest:
        rest.delete_scratch(github, work)
    if left_over and not work.refs_by_rest:
        refs = updates(work.state, [Move(work.scratch, left_over, work.base.head.oid)])
        answer = github.mutate(mutations.COMMIT_ON_RESET_BRANCH, {"refs": refs, "commit": commit}, work.scope)
    else:
        ref = _new_ref(work, work.scratch)
        answer = github.mutate(mutations.COMMIT_ON_NEW_BRANCH, {"ref": ref, "commit": commit}, work.scope)
    check(noted(work, answer))
    return str(answer.data["commit"]["commit"]["oid"])


def noted(work: Task, answer: GraphQLAnswer) -> GraphQLAnswer:
    """The same, with a warning about another author than the one who signed off."""
    made = ((answer.data.get("commit") or {}).get("commit") or {}).get("author")
    work.notes.extend(identity.mistaken(work.texts.signer, made))
    return answer


def _new_ref(work: Task, branch: str) -> dict[str, str]:
    return {"repositoryId": work.state.repository_id, "name": f"refs/heads/{branch}", "oid": work.base.head.oid}


def commit_input(work: Task, branch: str) -> dict[str, Any]:
    """The input of createCommitOnBranch: the plan's changes on the base's head, where `branch` is, too."""
    headline, _, body = work.texts.message.partition("\n\n")
    changes = work.plan.changes
    return {
        "branch": {"repositoryNameWithOwner": work.state.full_name, "branchName": branch},
        "expectedHeadOid": work.base.head.oid,
        "message": {"headline": headline, "body": body},
        "fileChanges": {
            "additions": [
                {"path": change.path, "contents": base64.b64encode(work.read(change.after)).decode()}
                for change in changes
                if change.after
            ],
            "deletions": [{"path": change.path} for change in changes if not change.after],
        },
    }


def _pull_input(work: Task) -> dict[str, Any]:
    return {
        "repositoryId": work.state.repository_id,
        "baseRefName": work.base.name,
        "headRefName": work.branch,
        "title": work.texts.title,
        "body": work.texts.body,
        "draft": work.texts.draft,
    }


def _update_input(work: Task) -> dict[str, Any]:
    moved = {} if work.pull.base == work.base.name else {"baseRefName": work.base.name}
    return {"pullRequestId": work.pull.id, "title": work.texts.title, "body": work.texts.body, **moved}


def _pull_of(answer: GraphQLAnswer) -> Written:
    check(answer)
    pull = answer.data["pull"]["pullRequest"]
    if pull["state"] != "OPEN":
        raise Passing("the pull request was closed in the meantime")
    return Written(pull["id"], pull["number"], pull["url"])


def check(answer: GraphQLAnswer) -> None:
    """Raise what the errors of an answer mean: ApiError, Unsupported, Opaque, Interrupted."""
    if not answer.errors:
        return
    reasons = dict.fromkeys(str(error.get("message", "")) for error in answer.errors)
    message = f"GitHub answered: {'; '.join(reasons)}"
    if any(error.get("type") in FINAL for error in answer.errors):
        raise ApiError(403, message)
    if not answer.data and is_undefined(answer.errors):
        raise Unsupported(message, "use write-strategy: auto or rest")
    if any(not error.get("path") and is_overload(error) for error in answer.errors):
        raise Opaque(message)
    raise Interrupted(message)


def _with_scratch(work: Task, head: str) -> Task:
    left = {**dict(work.plan.leftovers), work.scratch: head}
    return work._replace(plan=replace(work.plan, leftovers=tuple(left.items())))
