"""Searching for pull requests over all that a token may read."""

from __future__ import annotations

import pytest

SEARCH = """query($query: String!, $first: Int, $after: String) {
  search(query: $query, type: ISSUE, first: $first, after: $after) {
    issueCount nodes { ... on PullRequest { number title repository { nameWithOwner } } }
    pageInfo { hasNextPage endCursor } } }"""


@pytest.fixture
def fleet(hub):
    """Two pull requests of ours, one of somebody else's on a branch of the same beginning, one closed, one archived."""
    made = {}
    for name in ("acme/api", "acme/web", "acme/old", "other/lib"):
        made[name] = hub.repository(name, files={"a": b"a"})
        made[name].commit({"b": b"b"}, branch="sync/x")
        made[name].open_pull("sync/x", title=f"Sync {name}", body="<!-- source: acme/templates -->", author="bot")
    made["acme/web"].commit({"c": b"c"}, branch="sync/x-2")
    made["acme/web"].open_pull("sync/x-2", title="By hand", body="acme and templates", author="alice")
    made["acme/api"].close_pull(1)
    made["acme/old"].archived = True
    return made


def found(client, query: str) -> list[str]:
    nodes = client.data(SEARCH, query=query, first=100)["search"]["nodes"]
    return sorted(f"{each['repository']['nameWithOwner']}#{each['number']}" for each in nodes)


OPEN = ["acme/old#1", "acme/web#1", "acme/web#2", "other/lib#1"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("is:pr is:open", OPEN),
        ("is:pr is:closed", ["acme/api#1"]),
        ("is:pr is:open archived:false", ["acme/web#1", "acme/web#2", "other/lib#1"]),
        ("is:pr is:open head:sync/x", OPEN),
        ("is:pr is:open head:sync/x-2", ["acme/web#2"]),
        ("is:pr is:open head:syn", []),
        ("is:pr author:bot org:acme", ["acme/api#1", "acme/old#1", "acme/web#1"]),
        ("is:pr -author:bot", ["acme/web#2"]),
        ("is:pr is:open user:other repo:acme/old", []),
        ("is:pr is:open user:acme repo:acme/old", ["acme/old#1"]),
        ("is:pr is:open user:acme org:other", []),
        ("is:pr is:open -user:acme", ["other/lib#1"]),
        ("is:pr is:open org:acme -repo:acme/old", ["acme/web#1", "acme/web#2"]),
        ("is:pr is:open -org:other -repo:acme/web", ["acme/old#1"]),
        ('is:pr is:open in:body "source: acme/templates"', ["acme/old#1", "acme/web#1", "other/lib#1"]),
        ('is:pr is:open in:title "source: acme/templates"', []),
        ("is:pr is:open templates acme", OPEN),
        ("is:pr is:open hand", ["acme/web#2"]),
        ("is:issue", []),
    ],
)
def test_qualifiers_and_words(client, fleet, query, expected):
    assert found(client, query) == expected


def test_an_older_server_takes_any_of_the_places(hub, client, fleet):
    hub.unknowns.search_places = "or"
    assert found(client, "is:pr is:open user:other repo:acme/old") == ["acme/old#1", "other/lib#1"]
    assert found(client, "is:pr user:other org:acme -repo:acme/web") == ["acme/api#1", "acme/old#1", "other/lib#1"]


def test_what_a_token_may_not_see_is_left_out_without_a_word(hub, fleet, as_token):
    fleet["acme/old"].saml = True
    app = as_token(kind="app", repositories=["acme/web"], permissions={"pull_requests": "read"})
    assert found(as_token(), "is:pr is:open") == ["acme/web#1", "acme/web#2", "other/lib#1"]
    assert found(app, "is:pr is:open user:acme") == ["acme/web#1", "acme/web#2"]
    assert found(as_token(kind="fine-grained", permissions={"contents": "read"}), "is:pr") == []


def test_a_token_finds_only_what_it_may_read(hub, fleet, as_token):
    assert found(as_token(repositories=["acme/web"]), "is:pr is:open") == ["acme/web#1", "acme/web#2"]
    fleet["acme/old"].private = False
    assert found(as_token(repositories=["acme/web"]), "is:pr") == ["acme/old#1", "acme/web#1", "acme/web#2"]


def test_an_app_is_an_author_of_its_own_kind(hub, client, fleet):
    fleet["acme/web"].pull(1).author = hub.user("sync[bot]").login
    assert found(client, "is:pr author:app/sync") == ["acme/web#1"]


def test_results_come_in_pages_and_end_at_a_thousand(hub, client, fleet):
    web = fleet["acme/web"]
    one = web.pull(1)
    web._pulls += [type(one)(**{**vars(one), "number": n, "created_at": one.created_at + n}) for n in range(3, 1100)]
    page, numbers, after = {"hasNextPage": True}, [], None
    while page["hasNextPage"]:
        answer = client.data(SEARCH, query="is:pr is:open repo:acme/web", first=100, after=after)["search"]
        assert answer["issueCount"] == 1099
        numbers += [each["number"] for each in answer["nodes"]]
        page, after = answer["pageInfo"], answer["pageInfo"]["endCursor"]
    assert (len(numbers), numbers[:2]) == (1000, [1099, 1098])
    kind, words = client.refused(SEARCH, query="is:pr", first=101)
    assert kind == "EXCESSIVE_PAGINATION"
    assert "Requesting 101 records on the `search` connection" in words


def test_a_qualifier_that_the_hub_lacks_is_reported_loudly(hub, client):
    assert "does not implement review:none" in client.refused(SEARCH, query="is:pr review:none", first=1)[1]
    assert "does not implement OR" in client.refused(SEARCH, query="user:acme OR user:other", first=1)[1]
    assert hub.unimplemented == ["search review:none", "search OR"]
