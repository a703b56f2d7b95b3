"""GraphQL mutations. They run one after the other; each is whole or has not happened."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from . import trees
from .errors import Refused, forbidden, invalid, unresolved
from .ids import parse, unknown
from .objects import REGULAR, Entry, Person
from .pulls import SIGNATURE
from .refs import ZERO
from .repository import HEADS
from .rest_git import GITHUB, WORKFLOWS
from .views import find
from .views_git import Commit, Ref, ref_view
from .views_people import Account, Label, Team, actor
from .views_pulls import IssueComment, PullRequest

if TYPE_CHECKING:
    from .context import Context
    from .repository import Repository

Input = dict[str, Any]
TOKEN_NAMES = {"app": "a GitHub App", "classic": "a Personal Access Token", "fine-grained": "a Personal Access Token"}


def _repository(context: Context, id_: str, mutation: str) -> Repository:
    kind, parts = parse(id_)
    repository = context.hub.repositories.get(parts[0]) if kind == "R" else None
    if not repository:
        raise unknown(id_)
    return context.writable(repository, mutation)


def _pull(context: Context, id_: str, mutation: str) -> PullRequest:
    view = find(context, id_)
    if not isinstance(view, PullRequest):
        raise unknown(id_)
    context.writable(view.stored, mutation)
    return view


def _ref(context: Context, id_: str, mutation: str) -> tuple[Repository, str]:
    view = find(context, id_)
    if not isinstance(view, Ref):
        raise unknown(id_)
    return context.writable(view.stored, mutation), view.prefix + view.name


def _answer(input_: Input, **fields: Any) -> dict[str, Any]:
    return {"clientMutationId": input_.get("clientMutationId")} | fields


class RefMutations:
    def createRef(self, context: Context, input: Input) -> Any:  # noqa: A002
        with context.hub.lock:
            repository = _repository(context, input["repositoryId"], "CreateRef")
            repository.create_ref(input["name"], input["oid"], context.token.login)
            return _answer(input, ref=ref_view(repository, input["name"]))

    def updateRef(self, context: Context, input: Input) -> Any:  # noqa: A002
        with context.hub.lock:
            repository, name = _ref(context, input["refId"], "UpdateRef")
            repository.update_ref(name, input["oid"], force=bool(input.get("force")), by=context.token.login)
            return _answer(input, ref=ref_view(repository, name))

    def updateRefs(self, context: Context, input: Input) -> Any:  # noqa: A002
        with context.hub.lock:
            repository = _repository(context, input["repositoryId"], "UpdateRefs")
            updates = [
                (each["name"], each.get("beforeOid"), each["afterOid"], bool(each.get("force")))
                for each in input["refUpdates"]
            ]
            repository.update_refs(updates, context.token.login)
            return _answer(input)

    def deleteRef(self, context: Context, input: Input) -> Any:  # noqa: A002
        with context.hub.lock:
            repository, name = _ref(context, input["refId"], "DeleteRef")
            repository.delete_ref(name, context.token.login)
            return _answer(input)

    def createCommitOnBranch(self, context: Context, input: Input) -> Any:  # noqa: A002
        with context.hub.lock:
            repository, branch = _branch(context, input["branch"])
            tip, expected = repository.head(branch), input["expectedHeadOid"]
            if tip is None:
                raise Refused(f'Branch "{branch}" not found', kind="NOT_FOUND")
            if tip != expected:
                text = f'Expected branch to point to "{expected}" but it did not. Pull and try again.'
                raise Refused(text, kind="STALE_DATA")
            changes = _file_changes(context, repository, input.get("fileChanges") or {})
            oid = _commit(context, repository, tip, changes, input["message"])
            repository.update_ref(HEADS + branch, oid, by=context.token.login)
            commit = Commit(repository, repository.objects.commit(oid))
            return _answer(input, commit=commit, ref=ref_view(repository, HEADS + branch))


def _branch(context: Context, branch: Input) -> tuple[Repository, str]:
    mutation = "CreateCommitOnBranch"
    if branch.get("id"):
        repository, name = _ref(context, branch["id"], mutation)
        return repository, name.removeprefix(HEADS)
    name = branch.get("repositoryNameWithOwner") or ""
    repository = context.readable(context.hub.find(name), name)
    return context.writable(repository, mutation), (branch.get("branchName") or "").removeprefix(HEADS)


def _file_changes(context: Context, repository: Repository, given: Input) -> dict[str, Entry | None]:
    """No mode can be given: whatever is written becomes an ordinary file."""
    changes: dict[str, Entry | None] = {each["path"]: None for each in given.get("deletions") or ()}
    for each in given.get("additions") or ():
        try:
            body = base64.b64decode(each["contents"], validate=True)
        except binascii.Error:
            raise Refused(f"The contents of {each['path']} are not valid Base64") from None
        if each["path"] in changes:
            raise Refused(f"A path may be named once: {each['path']}")
        changes[each["path"]] = Entry(REGULAR, repository.objects.add("blob", body))
    for path in changes:
        _check_path(context, path)
    return changes


def _check_path(context: Context, path: str) -> None:
    if not path or {"", ".", "..", ".git"} & set(path.lower().split("/")):
        raise Refused(f'A path was requested which is not valid: "{path}"')
    if path.startswith(WORKFLOWS) and not context.token.workflow:
        scope = "`workflows` permission" if context.token.is_app else "`workflow` scope"
        who = TOKEN_NAMES[context.token.kind]
        raise forbidden(f"refusing to allow {who} to create or update workflow `{path}` without {scope}")


def _commit(context: Context, repository: Repository, tip: str, changes: Any, message: Input) -> str:
    try:
        tree = trees.edit(repository.objects, repository.objects.commit(tip).tree, changes)
    except trees.Missing as missing:
        raise Refused(
            f"A path was requested for deletion which does not exist as of commit oid `{tip}`: {missing}"
        ) from None
    body = message.get("body") or ""
    text = f"{message['headline']}\n\n{body}" if body else message["headline"]
    author = context.hub.person(context.token.login)
    committer = Person(*GITHUB, author.seconds, author.zone)
    return repository.write_commit(tree, [tip], text, author, committer, SIGNATURE)


class PullMutations:
    def createPullRequest(self, context: Context, input: Input) -> Any:  # noqa: A002
        with context.hub.lock:
            repository = _repository(context, input["repositoryId"], "CreatePullRequest")
            head = input["headRefName"].removeprefix(HEADS).removeprefix(f"{repository.owner}:")
            base = input["baseRefName"].removeprefix(HEADS)
            pull = repository.open_pull(
                head,
                base,
                input["title"],
                input.get("body") or "",
                author=context.token.login,
                draft=bool(input.get("draft")),
            )
            return _answer(input, pullRequest=PullRequest(pull))

    def updatePullRequest(self, context: Context, input: Input) -> Any:  # noqa: A002
        """Labels and assignees replace what was there."""
        with context.hub.lock:
            view = _pull(context, input["pullRequestId"], "UpdatePullRequest")
            values = {"title": input.get("title"), "body": input.get("body"), "base": input.get("baseRefName")}
            if input.get("labelIds") is not None:
                values["labels"] = [_label(context, each).name for each in input["labelIds"]]
            if input.get("assigneeIds") is not None:
                values["assignees"] = [_account(context, each).login for each in input["assigneeIds"]]
            if input.get("milestoneId") is not None:
                number = find(context, input["milestoneId"]).number
                values["milestone"] = view.stored.milestone(number)
            state = (input.get("state") or "").lower() or None
            view.stored.edit_pull(view.pull, context.token.login, state=state, **values)
            me = actor(context.hub, context.token.login)
            return _answer(input, pullRequest=PullRequest(view.pull), actor=me)

    def closePullRequest(self, context: Context, input: Input) -> Any:  # noqa: A002
        with context.hub.lock:
            view = _pull(context, input["pullRequestId"], "ClosePullRequest")
            view.stored.close_pull(view.number, context.token.login)
            return _answer(input, pullRequest=PullRequest(view.pull))

    def reopenPullRequest(self, context: Context, input: Input) -> Any:  # noqa: A002
        with context.hub.lock:
            view = _pull(context, input["pullRequestId"], "ReopenPullRequest")
            view.stored.reopen_pull(view.number, context.token.login)
            return _answer(input, pullRequest=PullRequest(view.pull))

    def enablePullRequestAutoMerge(self, context: Context, input: Input) -> Any:  # noqa: A002
        with context.hub.lock:
            view = _pull(context, input["pullRequestId"], "EnablePullRequestAutoMerge")
            method = input.get("mergeMethod") or "MERGE"
            view.stored.enable_auto_merge(view.pull, method, context.token.login)
            me = actor(context.hub, context.token.login)
            return _answer(input, pullRequest=PullRequest(view.pull), actor=me)

    def disablePullRequestAutoMerge(self, context: Context, input: Input) -> Any:  # noqa: A002
        with context.hub.lock:
            view = _pull(context, input["pullRequestId"], "DisablePullRequestAutoMerge")
            if not view.pull.auto_merge:
                raise Refused("Can't disable auto-merge for this pull request.")
            view.pull.auto_merge = view.pull.auto_merge_by = None
            me = actor(context.hub, context.token.login)
            return _answer(input, pullRequest=PullRequest(view.pull), actor=me)

    def requestReviews(self, context: Context, input: Input) -> Any:  # noqa: A002
        with context.hub.lock:
            view = _pull(context, input["pullRequestId"], "RequestReviews")
            people = [_account(context, each).login for each in input.get("userIds") or ()]
            teams = [_account(context, each).account.login.partition("/")[2] for each in input.get("teamIds") or ()]
            if view.pull.author in people:
                raise Refused("Review cannot be requested from pull request author.")
            kept = (view.pull.reviewers, view.pull.team_reviewers) if input.get("union") else ([], [])
            view.pull.reviewers = list(dict.fromkeys(kept[0] + people))
            view.pull.team_reviewers = list(dict.fromkeys(kept[1] + teams))
            me = actor(context.hub, context.token.login)
            return _answer(input, pullRequest=PullRequest(view.pull), actor=me)


def _label(context: Context, id_: str) -> Label:
    found = find(context, id_)
    if not isinstance(found, Label):
        raise unknown(id_)
    return found


def _account(context: Context, id_: str) -> Account:
    found = find(context, id_)
    if not isinstance(found, Account):
        raise unknown(id_)
    return found


class IssueMutations:
    def addComment(self, context: Context, input: Input) -> Any:  # noqa: A002
        with context.hub.lock:
            view = _pull(context, input["subjectId"], "AddComment")
            comment = view.stored.comment(view.pull, input["body"], context.token.login)
            edge = {"cursor": "", "node": IssueComment(view.pull, comment)}
            return _answer(input, commentEdge=edge, subject=view)

    def createLabel(self, context: Context, input: Input) -> Any:  # noqa: A002
        with context.hub.lock:
            repository = _repository(context, input["repositoryId"], "CreateLabel")
            if repository.label(input["name"]):
                raise invalid("Label", "name", "already_exists", "Name has already been taken")
            label = repository.add_label(input["name"], input["color"], input.get("description"))
            return _answer(input, label=Label(repository, label))

    def addLabelsToLabelable(self, context: Context, input: Input) -> Any:  # noqa: A002
        with context.hub.lock:
            view = _pull(context, input["labelableId"], "AddLabelsToLabelable")
            names = [_label(context, each).name for each in input["labelIds"]]
            view.pull.labels = list(dict.fromkeys(view.pull.labels + names))
            return _answer(input, labelable=view)

    def removeLabelsFromLabelable(self, context: Context, input: Input) -> Any:  # noqa: A002
        with context.hub.lock:
            view = _pull(context, input["labelableId"], "RemoveLabelsFromLabelable")
            names = {_label(context, each).name for each in input["labelIds"]}
            view.pull.labels = [name for name in view.pull.labels if name not in names]
            return _answer(input, labelable=view)

    def addAssigneesToAssignable(self, context: Context, input: Input) -> Any:  # noqa: A002
        with context.hub.lock:
            view = _pull(context, input["assignableId"], "AddAssigneesToAssignable")
            logins = [_account(context, each).login for each in input["assigneeIds"]]
            view.pull.assignees = list(dict.fromkeys(view.pull.assignees + logins))
            return _answer(input, assignable=view)


class Mutations(RefMutations, PullMutations, IssueMutations):
    """Everything under `mutation`."""


__all__ = ["ZERO", "Mutations", "Team", "unresolved"]
