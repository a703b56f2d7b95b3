"""What an organization or a repository forbids is refused alike by REST and by GraphQL, in GitHub's words."""

from __future__ import annotations

import base64

import pytest

from tests.hub.git.ids import node_id

API = "/repos/acme/api"
READ = '{ a: repository(owner: "acme", name: "api") { id } b: repository(owner: "acme", name: "web") { name } }'
MOVE = """mutation($id: ID!, $updates: [RefUpdate!]!) {
  moved: updateRefs(input: {repositoryId: $id, refUpdates: $updates}) { clientMutationId } }"""
CREATE = """mutation($id: ID!, $name: String!, $oid: GitObjectID!) {
  made: createRef(input: {repositoryId: $id, name: $name, oid: $oid}) { ref { name } } }"""
COMMIT = """mutation($head: GitObjectID!, $contents: Base64String!) {
  commit: createCommitOnBranch(input: {branch: {repositoryNameWithOwner: "acme/api", branchName: "sync/x"},
    expectedHeadOid: $head, message: {headline: "m"},
    fileChanges: {additions: [{path: "new", contents: $contents}]}}) { commit { oid } } }"""
SAML = (
    "Resource protected by organization SAML enforcement. "
    "You must grant your Personal Access token access to this organization."
)
ADDRESS = (
    "Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list "
    "enabled, and your IP address is not permitted to access this resource."
)
ZERO = "0" * 40


def violated(*rules: str) -> str:
    return "\n\n".join(["Repository rule violations found", *rules])


def post(client, document: str, **variables):
    return client.session.post(f"{client.hub.url}/graphql", json={"query": document, "variables": variables})


@pytest.fixture
def web(hub):
    return hub.repository("acme/web", files={"a": b"a"})


@pytest.fixture
def branch(api):
    """One commit by people on sync/x, one more on top of it that isn't on the branch."""
    first = api.commit({"new": b"1"}, branch="sync/x")
    api.commit({"new": b"2"}, branch="aside", parents=[first])
    return first


def test_saml_closes_a_repository_to_tokens_of_people(client, api, web, as_token):
    api.saml = True
    answer = post(client, READ)
    assert answer.json()["data"] == {"a": None, "b": {"name": "web"}}
    (error,) = answer.json()["errors"]
    assert (error["type"], error["path"], error["message"]) == ("FORBIDDEN", ["a"], SAML)
    assert error["extensions"] == {"saml_failure": True}
    header = answer.headers["x-github-sso"]
    assert header.startswith("required; url=http")
    assert "/orgs/acme/sso?authorization_request=" in header
    answer = client.session.get(client.hub.url + API)
    assert (answer.status_code, answer.json()["message"], answer.headers["x-github-sso"]) == (403, SAML, header)
    assert client.refused("query($id: ID!) { node(id: $id) { id } }", id=node_id("R", api.id)) == ("FORBIDDEN", SAML)
    assert client.refused(MOVE, id=node_id("R", api.id), updates=[])[1] == SAML
    assert as_token(kind="app").rest("GET", API)[0] == 200


def test_an_address_that_is_not_on_the_list_sees_nothing(client, api, web, as_token):
    api.ip_allow_list = True
    assert client.refused(READ) == ("FORBIDDEN", ADDRESS)
    assert as_token(kind="app").rest("GET", f"{API}/git/trees/main")[1]["message"] == ADDRESS
    assert client.rest("GET", "/repos/acme/web")[0] == 200


def test_closed_repositories_are_not_found_and_null_in_a_list(client, api, web):
    api.commit({"n": b"1"}, branch="topic")
    api.open_pull("topic")
    api.saml = True
    answer = client.ask("""{ organization(login: "acme") { repositories(first: 9) { nodes { name } } }
        search(query: "is:pr", type: ISSUE, first: 9) { issueCount } }""")
    assert answer["data"]["organization"]["repositories"]["nodes"] == [None, {"name": "web"}]
    (error,) = answer["errors"]
    assert (error["type"], error["path"]) == ("FORBIDDEN", ["organization", "repositories", "nodes", 0])
    assert answer["data"]["search"]["issueCount"] == 0


@pytest.mark.parametrize(
    ("pattern", "holds"),
    [
        ("sync/**", True),
        ("sync/*", True),
        ("refs/heads/sync/x", True),
        ("**/x", True),
        ("~ALL", True),
        ("*", False),
        ("~DEFAULT_BRANCH", False),
        ("sync", False),
    ],
)
def test_branches_match_by_their_parts(client, api, branch, pattern, holds):
    api.no_force_push = [pattern]
    body = {"sha": api.head(), "force": True}
    assert client.rest("PATCH", f"{API}/git/refs/heads/sync/x", body)[0] == (422 if holds else 200)


def test_no_force_push(client, api, branch):
    api.no_force_push = ["sync/**"]
    words = violated("Cannot force-push to this branch")
    forced = {"name": "refs/heads/sync/x", "afterOid": api.head(), "force": True}
    made = {"name": "refs/heads/made", "afterOid": api.head()}
    assert client.refused(MOVE, id=node_id("R", api.id), updates=[made, forced]) == ("UNPROCESSABLE", words)
    assert "made" not in api.branches()
    status, body = client.rest("PATCH", f"{API}/git/refs/heads/sync/x", {"sha": api.head(), "force": True})
    assert (status, body["message"]) == (422, words)
    update = "mutation($id: ID!, $oid: GitObjectID!) { updateRef(input: {refId: $id, oid: $oid, force: true}) { ref { id } } }"
    ref = node_id("REF", api.id, "refs/heads/sync/x")
    assert client.refused(update, id=ref, oid=api.head()) == ("UNPROCESSABLE", words)
    client.data(MOVE, id=node_id("R", api.id), updates=[forced | {"afterOid": api.head("aside")}])
    api.set_branch("sync/x", api.head())  # the test's own hand is free


def test_creations_and_deletions_can_be_restricted(client, api, branch):
    api.no_creation, api.no_deletion = ["sync/**"], ["sync/**"]
    words = violated("Cannot create ref due to creations being restricted.")
    assert client.refused(CREATE, id=node_id("R", api.id), name="refs/heads/sync/y", oid=api.head()) == (
        "UNPROCESSABLE",
        words,
    )
    made = {"name": "refs/heads/sync/y", "beforeOid": ZERO, "afterOid": api.head()}
    assert client.refused(MOVE, id=node_id("R", api.id), updates=[made])[1] == words
    status, body = client.rest("POST", f"{API}/git/refs", {"ref": "refs/heads/sync/y", "sha": api.head()})
    assert (status, body["message"]) == (422, words)
    words = violated("Cannot delete this branch")
    assert client.rest("DELETE", f"{API}/git/refs/heads/sync/x")[1]["message"] == words
    gone = {"name": "refs/heads/sync/x", "afterOid": ZERO}
    assert client.refused(MOVE, id=node_id("R", api.id), updates=[gone])[1] == words


@pytest.mark.parametrize("kind", ["UNPROCESSABLE", "FORBIDDEN"])
def test_the_type_of_a_rulesets_refusal_is_a_setting(hub, client, api, branch, kind):
    hub.unknowns.ruleset_type, api.no_deletion = kind, ["sync/**"]
    gone = {"name": "refs/heads/sync/x", "afterOid": ZERO}
    assert client.refused(MOVE, id=node_id("R", api.id), updates=[gone])[0] == kind


def test_how_a_creation_is_refused_is_a_setting(hub, client, api, branch):
    hub.unknowns.creation_ruled, api.no_creation = "bare", ["sync/**"]
    made = {"id": node_id("R", api.id), "name": "refs/heads/sync/y", "oid": api.head()}
    assert client.refused(CREATE, **made) == ("UNPROCESSABLE", "Ref cannot be created.")
    status, body = client.rest("POST", f"{API}/git/refs", {"ref": "refs/heads/sync/y", "sha": api.head()})
    assert (status, body["message"]) == (422, "Reference update failed")


def test_a_protected_branch_changes_by_pull_requests_alone(client, api, branch):
    """As the fixtures of skillsync and keystatic's code have it."""
    api.protected = ["sync/*"]
    words = "protected branch 'sync/x' check failed:\n  Changes must be made through a pull request."
    kind = "BRANCH_PROTECTION_RULE_VIOLATION"
    assert client.refused(COMMIT, head=branch, contents="MQ==") == (kind, words)
    move = {"name": "refs/heads/sync/x", "afterOid": api.head("aside")}
    assert client.refused(MOVE, id=node_id("R", api.id), updates=[move]) == (kind, words)
    status, body = client.rest("PATCH", f"{API}/git/refs/heads/sync/x", {"sha": api.head("aside")})
    assert (status, body["message"]) == (422, words)
    assert client.rest("POST", f"{API}/git/refs", {"ref": "refs/heads/sync/y", "sha": branch})[0] == 201


def test_signatures_can_be_required(client, api, branch, as_token):
    api.required_signatures = ["sync/**"]
    tree = client.rest("GET", f"{API}/git/commits/{branch}")[1]["tree"]["sha"]
    made = {"message": "m", "tree": tree, "parents": [branch]}
    unsigned = client.rest("POST", f"{API}/git/commits", made)[1]["sha"]
    signed = as_token(kind="app").rest("POST", f"{API}/git/commits", made)[1]["sha"]
    words = violated("Commits must have verified signatures.")
    status, body = client.rest("PATCH", f"{API}/git/refs/heads/sync/x", {"sha": unsigned})
    assert (status, body["message"]) == (422, words)
    move = {"name": "refs/heads/sync/x", "afterOid": unsigned}
    assert client.refused(MOVE, id=node_id("R", api.id), updates=[move]) == ("UNPROCESSABLE", words)
    assert client.rest("POST", f"{API}/git/refs", {"ref": "refs/heads/scratch", "sha": unsigned})[0] == 201
    assert client.rest("POST", f"{API}/git/refs", {"ref": "refs/heads/sync/y", "sha": unsigned})[1]["message"] == words
    assert client.rest("PATCH", f"{API}/git/refs/heads/sync/x", {"sha": signed})[0] == 200
    contents = base64.b64encode(b"3").decode()
    client.data(COMMIT, head=signed, contents=contents)


def test_several_rules_are_reported_at_once(client, api, branch):
    api.required_signatures = api.no_force_push = ["~ALL"]
    tree = client.rest("GET", f"{API}/git/commits/{branch}")[1]["tree"]["sha"]
    made = {"message": "m", "tree": tree, "parents": [api.head()]}
    oid = client.rest("POST", f"{API}/git/commits", made)[1]["sha"]
    body = client.rest("PATCH", f"{API}/git/refs/heads/sync/x", {"sha": oid, "force": True})[1]
    assert body["message"] == violated("Cannot force-push to this branch", "Commits must have verified signatures.")


def test_secrets_are_stopped_when_they_arrive(client, api, branch):
    api.secrets = [b"ghp_0123"]
    words = violated("Secret detected in content")
    plain, packed = "token: ghp_0123\n", base64.b64encode(b"token: ghp_0123\n").decode()
    status, body = client.rest("POST", f"{API}/git/blobs", {"content": packed, "encoding": "base64"})
    assert (status, body["message"]) == (422, words)
    assert body["metadata"]["secret_scanning"]["bypass_placeholders"]
    row = {"path": "new", "mode": "100644", "type": "blob", "content": plain}
    assert client.rest("POST", f"{API}/git/trees", {"tree": [row]})[1]["message"] == words
    status, body = client.rest("PUT", f"{API}/contents/other", {"message": "m", "content": packed})
    assert (status, body["message"]) == (409, words)
    assert client.refused(COMMIT, head=branch, contents=packed) == ("UNPROCESSABLE", words)
    assert client.rest("POST", f"{API}/git/blobs", {"content": "harmless"})[0] == 201


@pytest.mark.parametrize("kind", ["UNPROCESSABLE", "FORBIDDEN"])
def test_a_ruleset_can_ask_for_pull_requests(client, api, branch, kind):
    api.by_pull_request.append("sync/*")
    client.hub.unknowns.ruleset_type = kind
    contents = base64.b64encode(b"2").decode()
    (error,) = post(client, COMMIT, head=branch, contents=contents).json()["errors"]
    words = violated("Changes must be made through a pull request.")
    assert (error["type"], error["message"]) == (kind, words)
    path = f"{API}/git/refs/heads%2Fsync%2Fx"
    status, answer = client.rest("PATCH", path, {"sha": api.head("aside"), "force": False})[:2]
    assert (status, answer["message"]) == (422, words)
    assert api.head("sync/x") == branch
