"""Who may open a pull request, and of which kind, in GitHub's words."""

from __future__ import annotations

import pytest

from tests.hub.git.ids import node_id

OPEN = """mutation($id: ID!, $draft: Boolean) { createPullRequest(input: {repositoryId: $id, baseRefName: "main",
  headRefName: "topic", title: "t", draft: $draft}) { pullRequest { number } } }"""
PULLS, BODY = "/repos/acme/api/pulls", {"title": "t", "head": "topic", "base": "main"}
ACTIONS = "GitHub Actions is not permitted to create or approve pull requests"


@pytest.fixture
def refused(hub, api, as_token):
    """By GraphQL: type and words; by REST: status and words."""
    api.commit({"new": b"1"}, branch="topic")

    def ask(draft=False, **options):
        client = as_token(**options)
        by_graphql = client.refused(OPEN, id=node_id("R", api.id), draft=draft)
        status, body = client.rest("POST", PULLS, BODY | {"draft": draft})
        assert api.pulls == []
        return by_graphql, (status, body["errors"][0]["message"] if "errors" in body else body["message"])

    return ask


@pytest.mark.parametrize(("kind", "status"), [("UNPROCESSABLE", 422), ("FORBIDDEN", 403), ("NOT_FOUND", 404)])
def test_a_repository_without_pull_requests(hub, api, refused, kind, status):
    api.pulls_enabled, hub.unknowns.pulls_off = False, kind
    words = "Pull requests are disabled for this repository."
    assert refused() == ((kind, words), (status, words))


def test_collaborators_alone_may_open_them(client, api, refused):
    api.collaborators, api.collaborators_only = {"Alice"}, True
    assert refused() == (("UNPROCESSABLE", "must be a collaborator"), (422, "must be a collaborator"))
    api.collaborators.add("broadcast-bot")
    client.data(OPEN, id=node_id("R", api.id))


def test_drafts_are_not_supported_everywhere(client, api, refused):
    api.drafts_supported = False
    words = "Draft pull requests are not supported in this repository."
    assert refused(draft=True) == (("UNPROCESSABLE", words), (422, words))
    client.data(OPEN, id=node_id("R", api.id))


@pytest.mark.parametrize("kind", ["FORBIDDEN", "UNPROCESSABLE"])
def test_a_workflows_token_may_be_kept_from_it(hub, client, api, refused, kind):
    api.actions_may_open, hub.unknowns.actions_refused = False, kind
    assert refused(login="github-actions", kind="app") == ((kind, ACTIONS), (403, f"{ACTIONS}."))
    client.data(OPEN, id=node_id("R", api.id))


def test_a_repository_that_is_locked_for_migration_is_read_only(client, api, refused):
    api.locked = True
    words = "Repository has been locked for migration."
    assert refused() == (("FORBIDDEN", words), (403, words))
    document = '{ repository(owner: "acme", name: "api") { isLocked lockReason } }'
    assert client.data(document)["repository"] == {"isLocked": True, "lockReason": "MIGRATING"}
    assert client.rest("GET", "/repos/acme/api")[0] == 200
