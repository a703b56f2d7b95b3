"""Classic tokens see and do what their scopes let them; GraphQL refuses a document whole where one is missing."""

from __future__ import annotations

import pytest

from tests.hub.git.ids import node_id

LABEL = """mutation Add($id: ID!) {
  createLabel(input: {repositoryId: $id, name: "new", color: "ededed"}) { label { name } } }"""
TEAM = """{ organization(login: "acme") {
  team(slug: "platform") { __typename slug } } }"""
REVIEWERS = """{ repository(owner: "acme", name: "api") { pullRequest(number: 1) {
  reviewRequests(first: 9) { nodes { requestedReviewer { ... on User { login } ... on Team { name } } } } } } }"""
NEEDED = (
    "Your token has not been granted the required scopes to execute this query. The '%s' field requires one of the "
    "following scopes: [%s], but your token has only been granted the: [%s] scopes. Please modify your token's scopes "
    "at: https://github.com/settings/tokens."
)
TEAMS = "'read:org', 'read:discussion'"


@pytest.fixture
def public(hub):
    return hub.repository("acme/open", files={"a": b"a"}, private=False)


def test_without_repo_private_repositories_are_not_there(client, api, public, as_token):
    scoped = as_token(scopes=["public_repo", "read:org"])
    assert scoped.rest("GET", "/repos/acme/api")[0] == 404
    assert scoped.refused('{repository(owner: "acme", name: "api") { id }}')[0] == "NOT_FOUND"
    assert scoped.rest("POST", "/repos/acme/open/labels", {"name": "one"})[0] == 201
    answer = scoped.session.get(f"{scoped.hub.url}/user")
    assert answer.headers["x-oauth-scopes"] == "public_repo, read:org"


def test_without_any_scope_nothing_is_written(hub, public, as_token):
    scoped = as_token(scopes=[])
    answer = scoped.session.post(f"{hub.url}/repos/acme/open/labels", json={"name": "one"})
    assert (answer.status_code, answer.json()["message"]) == (404, "Not Found")
    assert answer.headers["x-accepted-oauth-scopes"] == "public_repo, repo"
    words = NEEDED % ("createLabel", "'public_repo'", "''")
    assert scoped.ask(LABEL, id=node_id("R", public.id)) == {
        "errors": [{"type": "INSUFFICIENT_SCOPES", "locations": [{"line": 2, "column": 3}], "message": words}]
    }
    assert public.label("new") is None


def test_teams_need_a_scope_of_their_own(hub, client, api, as_token):
    hub.team("acme", "platform")
    api.commit({"new": b"1"}, branch="topic")
    api.open_pull("topic")
    scoped = as_token(scopes=["workflow", "repo"])
    assert [error["message"] for error in scoped.ask(TEAM)["errors"]] == [
        NEEDED % (field, TEAMS, "'repo', 'workflow'") for field in ("team", "slug")
    ]
    assert scoped.refused(REVIEWERS) == ("INSUFFICIENT_SCOPES", NEEDED % ("name", TEAMS, "'repo', 'workflow'"))
    assert as_token(scopes=["repo", "admin:org"]).data(TEAM)["organization"]["team"]["slug"] == "platform"
    assert client.data(TEAM)["organization"]["team"]["slug"] == "platform"


def test_workflow_is_a_scope(hub, api, as_token):
    row = {"path": ".github/workflows/ci.yml", "mode": "100644", "type": "blob", "content": "on: push"}
    assert as_token(scopes=["repo"]).rest("POST", "/repos/acme/api/git/trees", {"tree": [row]})[0] == 404
    assert as_token(scopes=["repo", "workflow"]).rest("POST", "/repos/acme/api/git/trees", {"tree": [row]})[0] == 201
