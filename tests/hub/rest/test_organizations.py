"""What an organization tells of its repositories."""

from __future__ import annotations

import pytest

VALUES = "/orgs/acme/properties/values"
READS = "organization_custom_properties"


@pytest.fixture(autouse=True)
def fleet(hub):
    hub.repository("acme/api", properties={"tier": "gold", "langs": ["go", "c"], "ring": None})
    hub.repository("acme/web")
    hub.user("sam")
    hub.repository("sam/own")


def rows(client, query=""):
    status, found = client.rest("GET", VALUES + query)
    assert status == 200, found
    return {row["repository_name"]: {one["property_name"]: one["value"] for one in row["properties"]} for row in found}


def test_every_repository_has_a_row_and_a_value_is_a_text_several_or_null(client):
    assert rows(client) == {"api": {"tier": "gold", "langs": ["go", "c"], "ring": None}, "web": {}}
    assert list(rows(client, "?per_page=1&page=2")) == ["web"]
    assert client.rest("GET", "/orgs/sam/properties/values")[0] == 404
    assert client.rest("GET", "/orgs/nobody/properties/values")[0] == 404


@pytest.mark.parametrize(
    "options",
    [
        {"kind": "app", "permissions": {"contents": "read", READS: "read"}},
        {"kind": "fine-grained", "permissions": {"contents": "read", READS: "read"}},
        {"scopes": ["repo", "read:org"]},
    ],
)
def test_a_token_with_the_right_to_custom_properties_reads_them(as_token, options):
    assert set(rows(as_token(**options))) == {"api", "web"}


@pytest.mark.parametrize(
    "options",
    [
        {"kind": "app", "permissions": {"contents": "read"}},
        {"kind": "fine-grained", "permissions": {"contents": "read"}},
        {"scopes": ["repo"]},
    ],
)
def test_how_one_without_that_right_is_refused_is_a_setting(hub, as_token, options):
    assert as_token(**options).rest("GET", VALUES)[0] == 403
    hub.unknowns.properties_hidden = "404"
    assert as_token(**options).rest("GET", VALUES)[0] == 404
    hub.unknowns.properties_hidden = "shown"
    assert set(rows(as_token(**options))) == {"api", "web"}


def test_the_listing_may_have_custom_properties_or_not(hub, client):
    status, found = client.rest("GET", "/orgs/acme/repos?type=all")
    assert (status, [row["name"] for row in found]) == (200, ["api", "web"])
    assert found[0]["custom_properties"] == {"tier": "gold", "langs": ["go", "c"], "ring": None}
    hub.unknowns.properties_listed = "absent"
    assert "custom_properties" not in client.rest("GET", "/orgs/acme/repos")[1][0]
    assert client.rest("GET", "/orgs/sam/repos")[0] == 404


def test_a_teams_repositories_are_for_tokens_that_may_read_teams(hub, client, as_token):
    hub.team("acme", "platform", ["web"])
    path = "/orgs/acme/teams/platform/repos"
    assert [row["name"] for row in client.rest("GET", path)[1]] == ["web"]
    assert client.rest("PUT", "/orgs/acme/teams/platform/repos/acme/api")[0] == 204
    assert [row["name"] for row in client.rest("GET", path)[1]] == ["api", "web"]
    assert client.rest("GET", "/orgs/acme/teams/none/repos")[0] == 404
    assert as_token(kind="app", permissions={"contents": "read"}).rest("GET", path)[0] == 403
    assert as_token(kind="app", permissions={"members": "read"}).rest("GET", path)[0] == 200
