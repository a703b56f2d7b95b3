"""Installations of an App, and the repositories that each of them lists."""

from __future__ import annotations

import pytest

from tests.hub.git.ids import node_id


@pytest.fixture(autouse=True)
def fleet(hub):
    hub.repository("acme/api", files={"a": b"a"})
    hub.repository("acme/web", files={"a": b"a"})
    hub.repository("acme/open", files={"a": b"a"}, private=False)
    hub.repository("other/lib", files={"a": b"a"})


def test_installations_are_found_by_account_and_by_repository(hub, app, sign):
    hub.user("sam")
    everywhere = hub.install(app, "acme")
    chosen = hub.install(app, "other", ["lib"])
    personal = hub.install(app, "sam")
    jwt_client = sign()
    found = jwt_client.rest("GET", "/app/installations?per_page=2")[1]
    assert [each["id"] for each in found] == [everywhere.id, chosen.id]
    assert jwt_client.rest("GET", "/orgs/acme/installation")[1]["repository_selection"] == "all"
    assert jwt_client.rest("GET", "/users/sam/installation")[1]["id"] == personal.id
    assert jwt_client.rest("GET", "/orgs/sam/installation")[0] == 404
    assert jwt_client.rest("GET", "/repos/other/lib/installation")[1]["id"] == chosen.id
    hub.repository("other/more", files={})
    assert jwt_client.rest("GET", "/repos/other/more/installation")[0] == 404
    assert jwt_client.rest("GET", "/orgs/nobody/installation")[0] == 404
    assert jwt_client.rest("GET", "/app/installations/999")[0] == 404


def test_an_installation_may_have_no_account_or_be_an_enterprises(hub, app, sign):
    hub.install(app, "acme")
    hub.install(app, "other").anonymous = True
    hub.install(app, "big", enterprise=True)
    organization, nameless, enterprise = sign().rest("GET", "/app/installations")[1]
    assert (organization["account"]["login"], nameless["account"]) == ("acme", None)
    assert (enterprise["account"]["slug"], enterprise["target_type"]) == ("big", "Enterprise")
    assert "login" not in enterprise["account"]
    assert sign().rest("GET", "/orgs/big/installation")[0] == 404


def test_an_installation_lists_its_repositories_whole_and_in_pages(hub, app, client, lend, as_token):
    hub.repository("acme/tool", topics=["go"], language="Go", visibility="internal", archived=True)
    whole, chosen = hub.install(app, "acme"), hub.install(app, "acme", ["web", "tool"])
    pages = [lend(whole)[0].rest("GET", f"/installation/repositories?per_page=3&page={n}")[1] for n in (1, 2, 3)]
    assert [(each["total_count"], each["repository_selection"]) for each in pages] == [(4, "all")] * 3
    assert [[row["name"] for row in each["repositories"]] for each in pages] == [["api", "web", "open"], ["tool"], []]
    (tool,) = pages[1]["repositories"]
    told = [tool[name] for name in ("visibility", "private", "topics", "language", "archived", "fork", "disabled")]
    assert told == ["internal", True, ["go"], "Go", True, False, False]
    assert (tool["node_id"], tool["owner"]["login"], tool["default_branch"], tool["permissions"]["pull"]) == (
        node_id("R", tool["id"]), "acme", "main", True,
    )  # fmt: skip
    for lent, names in ((lend(chosen), ["web", "tool"]), (lend(whole, repositories=["api"]), ["api"])):
        found = lent[0].rest("GET", "/installation/repositories")[1]
        assert (found["repository_selection"], [row["name"] for row in found["repositories"]]) == ("selected", names)
    bare = as_token(kind="app", repositories=["acme/web"]).rest("GET", "/installation/repositories")[1]
    assert (bare["total_count"], bare["repository_selection"]) == (1, "selected")
    assert client.rest("GET", "/installation/repositories")[0] == 403


def test_pages_of_an_installation_may_be_short_though_more_follow(hub, app, lend):
    client, _ = lend(hub.install(app, "acme"))
    hub.installation_page = 2
    path, pages = "/installation/repositories?per_page=100", []
    while path:
        answer = client.session.get(hub.url + path)
        pages.append([row["name"] for row in answer.json()["repositories"]])
        assert answer.json()["total_count"] == 3
        path = answer.links.get("next", {}).get("url", "").removeprefix(hub.url)
    assert pages == [["api", "web"], ["open"]]


def test_a_listing_may_leave_rows_out_that_it_counts(hub, app, lend):
    client, _ = lend(hub.install(app, "acme"))
    hub.find("acme/web").left_out = True
    found = client.rest("GET", "/installation/repositories")[1]
    assert (found["total_count"], [row["name"] for row in found["repositories"]]) == (3, ["api", "open"])
    assert "Link" not in client.session.get(f"{hub.url}/installation/repositories").headers
