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
