"""What a token without the right to workflows may not do: write their files, or point a ref at others."""

from __future__ import annotations

import base64

import pytest

from tests.hub.git.ids import node_id

FILE, OLD = ".github/workflows/ci.yml", {".github/workflows/ci.yml": b"on: push\n"}
REFS = "/repos/acme/api/git/refs"
COMMIT = """mutation($head: GitObjectID!, $path: String!, $contents: Base64String!) {
  createCommitOnBranch(input: {branch: {repositoryNameWithOwner: "acme/api", branchName: "main"},
    expectedHeadOid: $head, message: {headline: "m"},
    fileChanges: {additions: [{path: $path, contents: $contents}]}}) { commit { oid } } }"""
CREATE = """mutation($id: ID!, $oid: GitObjectID!) {
  createRef(input: {repositoryId: $id, name: "refs/heads/made", oid: $oid}) { ref { name } } }"""
UPDATE = """mutation($id: ID!, $oid: GitObjectID!) {
  updateRef(input: {refId: $id, oid: $oid, force: true}) { ref { name } } }"""
UPDATES = """mutation($id: ID!, $oid: GitObjectID!) {
  updateRefs(input: {repositoryId: $id, refUpdates: [{name: "refs/heads/topic", afterOid: $oid, force: true}]})
    { clientMutationId } }"""
APP, FINE = ({"kind": "app", "workflow": False}, {"kind": "fine-grained", "workflow": False})
INTEGRATION, PERSONAL = (f"Resource not accessible by {kind}" for kind in ("integration", "personal access token"))
PERMISSIONS = "broadcast-bot does not have the correct permissions to execute `{}`"


@pytest.fixture
def behind(api):
    """The commit before the default branch got its workflow; `topic` is a commit after it."""
    old = api.head()
    api.commit(OLD)
    api.commit({"new": b"1"}, branch="topic")
    return old


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [(APP, 403, INTEGRATION), (FINE, 403, PERSONAL), ({"workflow": False}, 404, "Not Found")],
)
def test_rest_refuses_their_files(api, as_token, options, status, words):
    row = {"path": FILE, "mode": "100644", "type": "blob", "content": "on: push"}
    put = {"message": "m", "content": base64.b64encode(b"on: push").decode()}
    client = as_token(**options)
    for found in (
        client.rest("POST", "/repos/acme/api/git/trees", {"tree": [row]}),
        client.rest("PUT", f"/repos/acme/api/contents/{FILE}", put),
    ):
        assert (found[0], found[1]["message"]) == (status, words)
    assert FILE not in api.files()


@pytest.mark.parametrize(
    ("answer", "options", "words"),
    [
        (
            "refusing",
            APP,
            f"refusing to allow a GitHub App to create or update workflow `{FILE}` without `workflows` permission",
        ),
        (
            "refusing",
            FINE,
            f"refusing to allow a Personal Access Token to create or update workflow `{FILE}` without `workflow` scope",
        ),
        ("permissions", FINE, PERMISSIONS.format("CreateCommitOnBranch")),
        ("not accessible", APP, INTEGRATION),
    ],
)
def test_how_graphql_refuses_their_files_is_a_setting(hub, api, as_token, answer, options, words):
    hub.unknowns.commit_with_workflows_words = answer
    contents = base64.b64encode(b"on: push").decode()
    client = as_token(**options)
    assert client.refused(COMMIT, head=api.head(), path=FILE, contents=contents) == ("FORBIDDEN", words)
    client.data(COMMIT, head=api.head(), path="other", contents=contents)


@pytest.mark.parametrize(
    ("answer", "app", "fine"), [("permissions", None, None), ("not accessible", INTEGRATION, PERSONAL)]
)
def test_a_ref_at_other_workflows_than_the_default_branchs_is_refused(hub, api, behind, as_token, answer, app, fine):
    hub.unknowns.ref_with_workflows_words = answer
    identity, ref = node_id("R", api.id), node_id("REF", api.id, "refs/heads/topic")
    for options, bare in ((APP, app), (FINE, fine)):
        client = as_token(**options)
        name = PERMISSIONS.replace("bot", "bot[bot]") if options is APP else PERMISSIONS
        for document, node, mutation in (
            (CREATE, identity, "CreateRef"),
            (UPDATE, ref, "UpdateRef"),
            (UPDATES, identity, "UpdateRefs"),
        ):
            assert client.refused(document, id=node, oid=behind) == ("FORBIDDEN", bare or name.format(mutation))
    assert (api.head("made"), api.head("topic") != behind) == (None, True)


def test_rest_refuses_such_a_ref_without_a_reason(api, behind, as_token):
    for options, words in ((APP, INTEGRATION), (FINE, PERSONAL)):
        client = as_token(**options)
        for found in (
            client.rest("POST", REFS, {"ref": "refs/heads/made", "sha": behind}),
            client.rest("PATCH", f"{REFS}/heads/topic", {"sha": behind, "force": True}),
        ):
            assert (found[0], found[1]["message"]) == (403, words)


def test_a_ref_at_the_same_workflows_is_none_of_that(api, behind, as_token):
    api.commit({"later": b"1"})
    client = as_token(**APP)
    client.data(CREATE, id=node_id("R", api.id), oid=api.head("topic"))
    assert client.rest("PATCH", f"{REFS}/heads/topic", {"sha": api.head(), "force": True})[0] == 200
    assert client.rest("DELETE", f"{REFS}/heads/made")[0] == 204


def test_whether_such_a_ref_is_refused_at_all_is_a_setting(hub, client, api, behind, as_token):
    client.data(UPDATES, id=node_id("R", api.id), oid=behind)
    hub.unknowns.ref_with_workflows = "allowed"
    as_token(**APP).data(CREATE, id=node_id("R", api.id), oid=behind)
