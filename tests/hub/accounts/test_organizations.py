"""What an organization refuses to kinds of tokens: its repositories, its listing, and REST alike."""

from __future__ import annotations

import pytest

API = "/repos/acme/api"
ASK = """{ api: repository(owner: "acme", name: "api") { name } lib: repository(owner: "other", name: "lib") { name }
  owner: repositoryOwner(login: "acme") { repositories(first: 9) { nodes { name } } }
  organization(login: "acme") { login } search(query: "is:pr", type: ISSUE, first: 9) { issueCount } }"""
CLASSIC = (
    "`acme` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or a personal "
    "access token with fine-grained permissions."
)
LIFETIME = (
    "The 'acme' organization forbids access via a fine-grained personal access tokens if the token's lifetime is greater "
    "than 366 days. Please adjust your token's lifetime at the following URL: "
)


@pytest.fixture
def acme(hub, api):
    api.commit({"new": b"1"}, branch="topic")
    api.open_pull("topic")
    hub.repository("other/lib", files={"a": b"a"})
    return hub.user("acme")


def refused(client) -> str:
    """The words, which are the same everywhere."""
    answer = client.ask(ASK)
    nothing = {"api": None, "owner": None, "organization": None}
    assert answer["data"] == nothing | {"lib": {"name": "lib"}, "search": {"issueCount": 0}}
    assert {(error["type"], error["path"][0]) for error in answer["errors"]} == {
        ("FORBIDDEN", name) for name in nothing
    }
    status, body = client.rest("GET", API)
    words = {error["message"] for error in answer["errors"]} | {body["message"]}
    assert (status, len(words)) == (403, 1)
    return words.pop()


def test_kinds_of_tokens_can_be_forbidden(acme, client, as_token):
    acme.forbidden_tokens = {"classic"}
    assert refused(client) == CLASSIC
    fine, app = as_token(kind="fine-grained"), as_token(kind="app")
    assert fine.rest("GET", API)[0] == app.rest("GET", API)[0] == 200
    acme.forbidden_tokens = {"fine-grained"}
    assert refused(fine).startswith("`acme` forbids access via a personal access token with fine-grained permissions.")
    assert client.rest("GET", API)[0] == app.rest("GET", API)[0] == 200


def test_tokens_that_live_too_long_can_be_forbidden(hub, acme, client, as_token):
    acme.longest_lifetime = 366
    fine = as_token(kind="fine-grained")
    assert fine.rest("GET", API)[0] == 200
    hub.tokens["other-0"].lifetime = 367
    assert refused(fine).startswith(LIFETIME)
    hub.tokens["other-0"].lifetime = 366
    assert fine.rest("GET", API)[0] == client.rest("GET", API)[0] == 200


def test_oauth_apps_can_be_restricted(acme, client, as_token):
    acme.oauth_restricted = True
    assert "the `acme` organization has enabled OAuth App access restrictions" in refused(client)
    assert as_token(kind="app").rest("GET", API)[0] == 200


def test_single_sign_on_closes_the_whole_organization(acme, client, as_token):
    acme.saml = True
    assert refused(client).startswith("Resource protected by organization SAML enforcement.")
    answer = client.session.post(f"{client.hub.url}/graphql", json={"query": ASK})
    assert "/orgs/acme/sso?authorization_request=" in answer.headers["x-github-sso"]
    assert as_token(kind="app").rest("GET", API)[0] == 200


def test_whether_an_address_off_the_list_closes_a_field_or_the_request_is_a_setting(hub, acme, client, as_token):
    acme.ip_allow_list = True
    words = refused(client)
    assert "the `acme` organization has an IP allow list enabled" in words
    hub.unknowns.ip_list_form = "http"
    answer = client.session.post(f"{hub.url}/graphql", json={"query": ASK})
    assert (answer.status_code, answer.json()["message"]) == (403, words)
    elsewhere = as_token(repositories=["other/lib"])
    assert elsewhere.data('{ repository(owner: "other", name: "lib") { name } }')


@pytest.mark.parametrize("status", [403, 451])
def test_the_status_of_a_blocked_repository_is_a_setting(hub, client, api, status):
    api.disabled, hub.unknowns.blocked_status = True, str(status)
    found, body = client.rest("GET", API)
    assert (found, body["message"]) == (status, "Repository access blocked")
