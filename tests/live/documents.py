"""The documents that several statements are tried with, and the shortest ways to a branch, a commit, a pull request."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from tests.live.api import Api
from tests.live.repositories import Made

ZERO = "0" * 40
FILE = """query($owner: String!, $name: String!, $path: String!) { repository(owner: $owner, name: $name) {
  defaultBranchRef { target { ... on Commit { file(path: $path) { mode type } } } } } }"""
CREATE_REF = """mutation($id: ID!, $ref: String!, $oid: GitObjectID!) {
  made: createRef(input: {repositoryId: $id, name: $ref, oid: $oid}) { ref { id name target { oid } } } }"""
UPDATE_REF = """mutation($id: ID!, $oid: GitObjectID!, $force: Boolean!) {
  moved: updateRef(input: {refId: $id, oid: $oid, force: $force}) { ref { name } } }"""
UPDATE_REFS = """mutation($id: ID!, $updates: [RefUpdate!]!) {
  moved: updateRefs(input: {repositoryId: $id, refUpdates: $updates}) { clientMutationId } }"""
COMMIT = """mutation($commit: CreateCommitOnBranchInput!) {
  commit: createCommitOnBranch(input: $commit) { commit { oid signature { isValid wasSignedByGitHub } } } }"""
OPEN = """mutation($pull: CreatePullRequestInput!) {
  pull: createPullRequest(input: $pull) { pullRequest { id number title state } } }"""
PULL = """query($owner: String!, $name: String!, $number: Int!) { repository(owner: $owner, name: $name) {
  pullRequest(number: $number) { state labels(first: 9) { nodes { name } } assignees(first: 9) { totalCount } } } }"""


def at(repository: Made, **variables: Any) -> dict[str, Any]:
    """The variables of a question about the repository."""
    return {"owner": repository.owner, "name": repository.name, **variables}


def packed(content: bytes) -> str:
    return base64.b64encode(content).decode()


def commit_input(
    repository: Made, head: str, files: Mapping[str, bytes | None], branch: str = "", headline: str = "Change"
) -> dict[str, Any]:
    """Input of createCommitOnBranch; None deletes."""
    return {
        "branch": {"repositoryNameWithOwner": repository.full_name, "branchName": branch or repository.branch},
        "expectedHeadOid": head,
        "message": {"headline": headline},
        "fileChanges": {
            "additions": [{"path": path, "contents": packed(body)} for path, body in files.items() if body is not None],
            "deletions": [{"path": path} for path, body in files.items() if body is None],
        },
    }


def commit(api: Api, repository: Made, files: Mapping[str, bytes | None], branch: str = "", head: str = "") -> str:
    """Commit; returns the commit's id."""
    given = commit_input(repository, head or repository.head, files, branch)
    return str(api.data(COMMIT, commit=given)["commit"]["commit"]["oid"])


def new_branch(api: Api, repository: Made, name: str, oid: str = "") -> str:
    """Make a branch; returns the ref's node id."""
    made = api.data(CREATE_REF, id=repository.id, ref=f"refs/heads/{name}", oid=oid or repository.head)
    return str(made["made"]["ref"]["id"])


def pull_input(repository: Made, branch: str = "", title: str = "Change") -> dict[str, Any]:
    """Input of createPullRequest, from the test's branch or this one."""
    refs = {"baseRefName": repository.branch, "headRefName": branch or repository.topic}
    return {"repositoryId": repository.id, "title": title, **refs}


def topic(api: Api, repository: Made, branch: str = "", files: Mapping[str, bytes] | None = None) -> str:
    """The test's branch, or this one, with one commit more than the default branch; returns the commit's id."""
    new_branch(api, repository, branch or repository.topic)
    return commit(api, repository, files or {"new.txt": b"new\n"}, branch or repository.topic)


def open_pull(api: Api, repository: Made) -> dict[str, Any]:
    """A pull request of the test's branch: id, number, title, state."""
    topic(api, repository)
    return dict(api.data(OPEN, pull=pull_input(repository))["pull"]["pullRequest"])


def tree(api: Api, repository: Made, rows: Sequence[Mapping[str, Any]], base: str = "") -> tuple[int, Any]:
    """POST git/trees."""
    body = {"tree": list(rows), **({"base_tree": base} if base else {})}
    status, answer, _ = api.rest("POST", f"{repository.path}/git/trees", body)
    return status, answer


def listing(api: Api, repository: Made, oid: str) -> dict[str, tuple[str, str]]:
    """Path → mode and id of everything in a tree that is no directory."""
    rows = api.rest("GET", f"{repository.path}/git/trees/{oid}?recursive=1").body["tree"]
    return {row["path"]: (row["mode"], row["sha"]) for row in rows if row["type"] != "tree"}


REVIEWED = {  # what a rule that requires pull requests must say
    "dismiss_stale_reviews_on_push": False, "require_code_owner_review": False, "require_last_push_approval": False,
    "required_approving_review_count": 0, "required_review_thread_resolution": False,
}  # fmt: skip


def ruleset(api: Api, repository: Made, kind: str, pattern: str) -> None:
    """Forbid something to branches; skips the test where the account's plan has no rulesets."""
    body = {
        "name": f"live {kind}",
        "target": "branch",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": [f"refs/heads/{pattern}"], "exclude": []}},
        "rules": [{"type": kind, **({"parameters": REVIEWED} if kind == "pull_request" else {})}],
    }
    status, answer, _ = api.rest("POST", f"{repository.path}/rulesets", body, keep=("name", "enforcement"))
    if status in {403, 404}:
        api.place.skip(f"no rulesets here: {answer['message']}")
    assert status == 201, answer


def words_of(errors: Sequence[Mapping[str, Any]]) -> str:
    """The errors, as a report has them."""
    return "; ".join(f"{error.get('type', 'no type')}: {error['message']}" for error in errors)
