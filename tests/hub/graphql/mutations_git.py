"""GraphQL mutations of branches, and the one that commits."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from tests.hub.accounts.workflows import check_commit, check_ref
from tests.hub.errors import Refused
from tests.hub.git import trees
from tests.hub.git.objects import REGULAR, TREE, Entry, Person
from tests.hub.git.repository import HEADS
from tests.hub.graphql import inputs
from tests.hub.graphql.inputs import Input, answer
from tests.hub.graphql.views_git import Commit, ref_view
from tests.hub.pulls.pulls import GITHUB, SIGNATURE

if TYPE_CHECKING:
    from tests.hub.git.repository import Repository
    from tests.hub.graphql.context import Context


class GitMutations:
    def createRef(self, context: Context, input: Input) -> Any:
        with context.hub.lock:
            repository = inputs.repository(context, input["repositoryId"], "CreateRef")
            check_ref(repository, context.token, input["oid"], "CreateRef")
            repository.create_ref(input["name"], input["oid"], context.token.login)
            return answer(input, ref=ref_view(repository, input["name"]))

    def updateRef(self, context: Context, input: Input) -> Any:
        with context.hub.lock:
            repository, name = inputs.ref(context, input["refId"], "UpdateRef")
            check_ref(repository, context.token, input["oid"], "UpdateRef")
            repository.update_ref(name, input["oid"], force=bool(input.get("force")), by=context.token.login)
            return answer(input, ref=ref_view(repository, name))

    def updateRefs(self, context: Context, input: Input) -> Any:
        with context.hub.lock:
            repository = inputs.repository(context, input["repositoryId"], "UpdateRefs")
            updates = [
                (each["name"], each.get("beforeOid"), each["afterOid"], bool(each.get("force")))
                for each in input["refUpdates"]
            ]
            for _, _, after, _ in updates:
                check_ref(repository, context.token, after, "UpdateRefs")
            repository.update_refs(updates, context.token.login)
            return answer(input)

    def deleteRef(self, context: Context, input: Input) -> Any:
        with context.hub.lock:
            repository, name = inputs.ref(context, input["refId"], "DeleteRef")
            repository.delete_ref(name, context.token.login)
            return answer(input)

    def createCommitOnBranch(self, context: Context, input: Input) -> Any:
        with context.hub.lock:
            repository, branch = _branch(context, input["branch"])
            tip, expected = repository.head(branch), input["expectedHeadOid"]
            if tip is None:
                raise Refused(f'Branch "{branch}" not found', kind="NOT_FOUND")
            if tip != expected:
                raise Refused(_stale(context, branch, tip, expected), kind="STALE_DATA")
            changes = _file_changes(context, repository, input.get("fileChanges") or {})
            oid = _commit(context, repository, tip, changes, input["message"])
            repository.update_ref(HEADS + branch, oid, by=context.token.login)
            commit = Commit(repository, repository.objects.commit(oid))
            return answer(input, commit=commit, ref=ref_view(repository, HEADS + branch))


def _branch(context: Context, branch: Input) -> tuple[Repository, str]:
    mutation = "CreateCommitOnBranch"
    if branch.get("id"):
        repository, name = inputs.ref(context, branch["id"], mutation)
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
        repository.check_content(body)
        changes[each["path"]] = Entry(REGULAR, repository.objects.add("blob", body))
    for path in changes:
        _check_path(context, path)
    return changes


def _check_path(context: Context, path: str) -> None:
    if not path or {"", ".", "..", ".git"} & set(path.lower().split("/")):
        raise Refused(f'A path was requested which is not valid: "{path}"')
    check_commit(context.token, path, context.hub.unknowns.commit_with_workflows_words)


def _stale(context: Context, branch: str, tip: str, expected: str) -> str:
    if context.hub.unknowns.commit_stale == "is at":
        return f"Ref {HEADS}{branch} is at {tip} but expected {expected}"
    return f'Expected branch to point to "{expected}" but it did not.  Pull and try again.'


def _check_kinds(context: Context, repository: Repository, tree: str, changes: dict[str, Entry | None]) -> None:
    """A file where a directory is, or the reverse."""
    answer = context.hub.unknowns.commit_over_directory
    if answer == "always":
        return
    removed = set() if answer == "never" else {path for path, change in changes.items() if change is None}
    for path in (path for path, change in changes.items() if change):
        if trees.is_in_the_way(repository.objects, tree, path, removed):
            raise Refused(f'A file can\'t be written at "{path}"')  # in words of ours: GitHub's are in no record


def _check_modes(context: Context, repository: Repository, tree: str, changes: dict[str, Entry | None]) -> None:
    """An executable or a symlink that goes."""
    gone = [path for path, change in changes.items() if change is None]
    found = [(path, trees.find(repository.objects, tree, path)) for path in gone]
    special = next((path for path, entry in found if entry and entry.mode not in {REGULAR, TREE}), None)
    if special and context.hub.unknowns.commit_deletes_modes == "refused":
        raise Refused(f'A file can\'t be deleted at "{special}"')  # in words of ours: GitHub's are in no record


def _commit(context: Context, repository: Repository, tip: str, changes: Any, message: Input) -> str:
    base, absent = repository.objects.commit(tip).tree, context.hub.unknowns.commit_absent_type
    _check_kinds(context, repository, base, changes)
    _check_modes(context, repository, base, changes)
    try:
        tree = trees.edit(repository.objects, base, changes)
    except trees.Missing:
        words = f"A path was requested for deletion which does not exist as of commit oid `{tip}`"
        raise Refused(words, kind=absent) from None
    body = message.get("body") or ""
    text = f"{message['headline']}\n\n{body}" if body else message["headline"]
    author = context.hub.person(context.token.login)
    committer = Person(*GITHUB, author.seconds, author.zone)
    return repository.write_commit(tree, [tip], text, author, committer, SIGNATURE)
