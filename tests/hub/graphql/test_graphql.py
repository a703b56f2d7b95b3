"""GraphQL on the hub: answers, refusals and limits as GitHub gives them."""

from __future__ import annotations

import base64

import pytest

from tests.hub.git.ids import node_id

COMMIT = """
mutation($name: String!, $branch: String!, $head: GitObjectID!, $changes: FileChanges!) {
  commit: createCommitOnBranch(input: {
    branch: {repositoryNameWithOwner: $name, branchName: $branch}
    expectedHeadOid: $head, message: {headline: "Sync", body: "Body"}, fileChanges: $changes
  }) { commit { oid message author { name user { login } } committer { name } signature { isValid } } }
}"""
UPDATE_REFS = """
mutation($id: ID!, $updates: [RefUpdate!]!) {
  updateRefs(input: {repositoryId: $id, refUpdates: $updates}) { clientMutationId }
}"""
OPEN = """
mutation($id: ID!, $head: String!) {
  made: createPullRequest(input: {repositoryId: $id, baseRefName: "main", headRefName: $head, title: "T"}) {
    pullRequest { number }
  }
}"""
ZERO = "0" * 40


def addition(path: str, content: bytes) -> dict[str, str]:
    return {"path": path, "contents": base64.b64encode(content).decode()}


def test_a_fleet_is_read_in_one_query(hub, client):
    for number in range(50):
        hub.repository(f"acme/r{number}", files={"dir/a": b"a", "own": b"%d" % number})
    part = 'r%d: repository(owner: "acme", name: "r%d") { object(expression: "HEAD:dir") { oid } }'
    found = client.data("{" + "".join(part % (n, n) for n in range(50)) + "}")
    assert len({each["object"]["oid"] for each in found.values()}) == 1


def test_paths_are_found_by_expression_and_by_file(client, api):
    document = """{ repository(owner: "acme", name: "api") {
        root: object(expression: "main:") { ... on Tree { entries { name type mode path size } } }
        by_ref: object(expression: "refs/heads/main:dir0/file0.txt") { ... on Blob { text byteSize isBinary } }
        missing: object(expression: "HEAD:nowhere/at/all") { oid }
        branchless: object(expression: "nowhere:dir0") { oid }
        defaultBranchRef { target { ... on Commit {
            folder: file(path: "dir1") { type mode oid }
            inside: file(path: "dir1/file1.txt") { path mode object { ... on Blob { text } } }
            nothing: file(path: "dir1/file0.txt") { oid }
            history(first: 1, path: "dir1") { totalCount nodes { oid } } } } } } }"""
    answer = client.ask(document)
    assert [each["path"][-1] for each in answer["errors"]] == ["nothing"]
    found = answer["data"]["repository"]
    assert found["root"]["entries"][0] == {"name": "dir0", "type": "tree", "mode": 0o40000, "path": "dir0", "size": 0}
    assert found["by_ref"] == {"text": "line 0\n", "byteSize": 7, "isBinary": False}
    assert (found["missing"], found["branchless"]) == (None, None)
    commit = found["defaultBranchRef"]["target"]
    assert (commit["folder"]["type"], commit["nothing"]) == ("tree", None)
    assert commit["inside"] == {"path": "dir1/file1.txt", "mode": 0o100644, "object": {"text": "line 1\n"}}
    assert commit["history"]["totalCount"] == 1


def test_what_cannot_be_found_leaves_the_rest_whole(client, api):
    answer = client.ask('{a: repository(owner: "x", name: "y") {id} b: repository(owner: "acme", name: "api") {name}}')
    assert answer["data"] == {"a": None, "b": {"name": "api"}}
    (error,) = answer["errors"]
    assert (error["type"], error["path"]) == ("NOT_FOUND", ["a"])
    assert error["message"] == "Could not resolve to a Repository with the name 'x/y'."
    assert error["locations"] == [{"line": 1, "column": 2}]


def test_a_commit_on_a_branch_is_signed_and_makes_everything_an_ordinary_file(client, api):
    from tests.hub import File

    head = api.commit({"run.sh": File(b"old", 0o100755)}, branch="topic")
    changes = {
        "additions": [addition("run.sh", b"new"), addition("bin", b"\0\xff")],
        "deletions": [{"path": "dir0/file0.txt"}],
    }
    found = client.data(COMMIT, name="acme/api", branch="topic", head=head, changes=changes)["commit"]["commit"]
    assert found["message"] == "Sync\n\nBody"
    assert (found["author"]["user"]["login"], found["committer"]["name"]) == ("broadcast-bot", "GitHub")
    assert found["signature"]["isValid"]
    files = api.files("topic")
    assert files["run.sh"] == (0o100644, b"new")
    assert files["bin"] == (0o100644, b"\0\xff")
    assert "dir0/file0.txt" not in files
    assert api.git("fsck", "--strict") == ""


@pytest.mark.parametrize(
    ("branch", "head", "changes", "kind", "words"),
    [
        ("topic", ZERO, {}, "STALE_DATA", "Expected branch to point to"),
        ("nowhere", None, {}, "NOT_FOUND", "not found"),
        ("topic", None, {"deletions": [{"path": "nowhere"}]}, "UNPROCESSABLE", "A path was requested for deletion"),
        ("topic", None, {"deletions": [{"path": "dir0"}]}, "UNPROCESSABLE", "A path was requested for deletion"),
        ("topic", None, {"additions": [{"path": "a", "contents": "%"}]}, "UNPROCESSABLE", "Base64"),
        ("topic", None, {"additions": [{"path": ".git/config", "contents": ""}]}, "UNPROCESSABLE", "not valid"),
    ],
)
def test_a_commit_that_does_not_fit_changes_nothing(client, api, branch, head, changes, kind, words):
    tip = api.commit({"new": b"1"}, branch="topic")
    error = client.refused(COMMIT, name="acme/api", branch=branch, head=head or tip, changes=changes)
    assert error[0] == kind
    assert words in error[1]
    assert api.head("topic") == tip


def test_refs_are_updated_all_or_none(client, api):
    head, other = api.head(), api.commit({"new": b"1"}, branch="topic")
    identity = node_id("R", api.id)
    made = {"name": "refs/heads/made", "beforeOid": ZERO, "afterOid": head}
    moved = {"name": "refs/heads/topic", "beforeOid": other, "afterOid": head}
    assert client.refused(UPDATE_REFS, id=identity, updates=[made, moved]) == (
        "UNPROCESSABLE",
        "Update is not a fast forward",
    )
    assert "made" not in api.branches()
    client.data(UPDATE_REFS, id=identity, updates=[made, moved | {"force": True}])
    assert (api.head("made"), api.head("topic")) == (head, head)
    assert client.refused(UPDATE_REFS, id=identity, updates=[made])[1].startswith("Something went wrong")
    client.data(UPDATE_REFS, id=identity, updates=[{"name": "refs/heads/made", "afterOid": ZERO}])
    assert "made" not in api.branches()


def test_one_document_branches_commits_and_opens(client, api):
    document = """mutation($id: ID!, $head: GitObjectID!) {
        branch: createRef(input: {repositoryId: $id, name: "refs/heads/sync/x", oid: $head}) { ref { name } }
        again: createRef(input: {repositoryId: $id, name: "refs/heads/sync/x", oid: $head}) { ref { name } }
        inside: createRef(input: {repositoryId: $id, name: "refs/heads/sync/x/y", oid: $head}) { ref { name } }
        commit: createCommitOnBranch(input: {branch: {repositoryNameWithOwner: "acme/api", branchName: "sync/x"},
            expectedHeadOid: $head, message: {headline: "Sync"},
            fileChanges: {additions: [{path: "n", contents: "bg=="}]}}) { commit { oid } }
        pull: createPullRequest(input: {repositoryId: $id, baseRefName: "main", headRefName: "sync/x", title: "T"})
            { pullRequest { number mergeable isCrossRepository commits(first: 9) { totalCount } } } }"""
    answer = client.ask(document, id=node_id("R", api.id), head=api.head())
    assert answer["data"]["branch"] == {"ref": {"name": "sync/x"}}
    assert answer["data"]["pull"]["pullRequest"] == {
        "number": 1,
        "mergeable": "MERGEABLE",
        "isCrossRepository": False,
        "commits": {"totalCount": 1},
    }
    assert [(error["path"], error["message"]) for error in answer["errors"]] == [
        (["again"], 'A ref named "refs/heads/sync/x" already exists in the repository.'),
        (["inside"], "Ref cannot be created."),
    ]
    assert api.pulls[0].author == "broadcast-bot"


def test_pull_requests_are_refused_in_githubs_words(client, api):
    identity = node_id("R", api.id)
    api.commit({"new": b"1"}, branch="topic")
    api.set_branch("level", api.head())
    client.data(OPEN, id=identity, head="topic")
    words = "A pull request already exists for acme:topic."
    assert client.refused(OPEN, id=identity, head="topic") == ("UNPROCESSABLE", words)
    assert client.refused(OPEN, id=identity, head="level")[1] == "No commits between main and level"
    blank = "Head sha can't be blank, Base sha can't be blank, "
    words = blank + "No commits between main and nowhere, Head ref must be a branch"
    assert client.refused(OPEN, id=identity, head="nowhere")[1] == words


def test_updating_a_pull_request_replaces_its_sets(hub, client, api):
    api.commit({"new": b"1"}, branch="topic")
    pull = api.open_pull("topic")
    pull.labels, more = ["sync"], api.add_label("more")
    document = """mutation($id: ID!, $labels: [ID!], $people: [ID!], $milestone: ID) {
        updatePullRequest(input: {pullRequestId: $id, title: "New", labelIds: $labels, assigneeIds: $people,
            milestoneId: $milestone}) { pullRequest { title editor { login } } } }"""
    values = {"labels": [node_id("LA", api.id, more.id)], "people": [node_id("U", hub.user("bob").id)]}
    found = client.data(document, id=node_id("PR", api.id, 1), milestone=node_id("MI", api.id, 1), **values)
    assert found["updatePullRequest"]["pullRequest"] == {"title": "New", "editor": {"login": "broadcast-bot"}}
    assert (pull.labels, pull.assignees, pull.milestone.title) == (["more"], ["bob"], "v1")


def test_permissions_show_in_refusals(client, api, as_token):
    identity, head = node_id("R", api.id), "main"
    denied = "reader does not have the correct permissions to execute `CreatePullRequest`"
    assert as_token(login="reader", permission="read").refused(OPEN, id=identity, head=head) == ("FORBIDDEN", denied)
    app = as_token(kind="app", permission="read")
    assert app.refused(OPEN, id=identity, head=head) == ("FORBIDDEN", "Resource not accessible by integration")
    assert (
        app.data('{repository(owner: "acme", name: "api") {viewerPermission}}')["repository"]["viewerPermission"]
        is None
    )
    api.archived = True
    words = "Repository was archived so is read-only."
    assert client.refused(OPEN, id=identity, head=head) == ("FORBIDDEN", words)


def test_branches_are_compared(client, api):
    api.commit({"new": b"1"}, branch="topic", message="one")
    api.commit({"new": b"2"}, branch="topic", message="two")
    api.commit({"other": b"1"})
    document = """{repository(owner: "acme", name: "api") {ref(qualifiedName: "main") {compare(headRef: "topic") {
        aheadBy behindBy status commits(first: 9) {totalCount nodes {message}}}}}}"""
    found = client.data(document)["repository"]["ref"]["compare"]
    assert (found["aheadBy"], found["behindBy"], found["status"]) == (2, 1, "DIVERGED")
    assert [each["message"] for each in found["commits"]["nodes"]] == ["one", "two"]


def test_lists_come_in_pages(client, api):
    for number in range(5):
        api.commit({f"n{number}": b"1"}, branch=f"topic{number}")
        api.open_pull(f"topic{number}")
    api.close_pull(1)
    document = """query($after: String) {repository(owner: "acme", name: "api") {pullRequests(first: 3, after: $after,
        states: [OPEN], orderBy: {field: CREATED_AT, direction: DESC})
        {totalCount nodes {number} pageInfo {hasNextPage endCursor}}}}"""
    first = client.data(document)["repository"]["pullRequests"]
    assert (first["totalCount"], [each["number"] for each in first["nodes"]]) == (4, [5, 4, 3])
    second = client.data(document, after=first["pageInfo"]["endCursor"])["repository"]["pullRequests"]
    assert ([each["number"] for each in second["nodes"]], second["pageInfo"]["hasNextPage"]) == ([2], False)
