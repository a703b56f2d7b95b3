"""An owner's repositories, as far as a token sees them: pages, filters, orders, and what each tells of itself."""

from __future__ import annotations

import pytest

LIST = """query($login: String!, $first: Int, $after: String, $archived: Boolean, $fork: Boolean, $locked: Boolean,
    $visibility: RepositoryVisibility, $privacy: RepositoryPrivacy, $order: RepositoryOrder,
    $owners: [RepositoryAffiliation] = [OWNER], $affiliations: [RepositoryAffiliation]) {
  repositoryOwner(login: $login) { __typename login
    repositories(first: $first, after: $after, isArchived: $archived, isFork: $fork, isLocked: $locked,
        visibility: $visibility, privacy: $privacy, orderBy: $order, ownerAffiliations: $owners,
        affiliations: $affiliations) {
      totalCount pageInfo { hasNextPage endCursor } nodes { name } } } }"""
ABOUT = """query($topics: Int!) { repositoryOwner(login: "acme") { repositories(first: 9) { nodes {
  id name nameWithOwner owner { login } isArchived isFork isPrivate isDisabled visibility primaryLanguage { name }
  defaultBranchRef { name target { oid } }
  repositoryTopics(first: $topics) { totalCount pageInfo { hasNextPage endCursor } nodes { topic { name } } } } } } }"""
UP, DOWN = {"field": "NAME", "direction": "ASC"}, {"field": "NAME", "direction": "DESC"}


def page(client, login="acme", first=100, **variables):
    found = client.data(LIST, login=login, first=first, **variables)["repositoryOwner"]["repositories"]
    return [each["name"] for each in found["nodes"]], found


def names(client, **variables):
    return page(client, **variables)[0]


@pytest.fixture
def fleet(hub):
    """One of each kind, the newest last."""
    hub.repository("acme/old", archived=True)
    hub.repository("acme/fork", fork=True, private=False)
    hub.repository("acme/Zoo", visibility="public")
    hub.repository("acme/shared", visibility="internal")
    hub.repository("acme/web").locked = True
    hub.repository("other/lib")


def test_an_owner_is_an_organization_or_a_user_and_no_one_else(hub, client, fleet):
    hub.user("sam")
    hub.repository("sam/dots")
    for login, kind in (("ACME", "Organization"), ("sam", "User")):
        found = client.data(LIST, login=login, first=1)["repositoryOwner"]
        assert (found["__typename"], found["login"]) == (kind, login.lower())
    assert names(client, login="sam") == ["dots"]
    hub.user("sync[bot]")
    hub.team("acme", "platform")
    for login in ("nobody", "sync[bot]", "acme/platform"):
        assert client.ask(LIST, login=login, first=1) == {"data": {"repositoryOwner": None}}


def test_a_token_sees_what_it_covers_and_all_that_is_public(hub, client, fleet, as_token):
    assert names(client) == ["old", "fork", "Zoo", "shared", "web"]
    assert names(as_token(repositories=["acme/web"])) == ["fork", "Zoo", "web"]
    assert names(as_token(kind="app", repositories=["other/lib"])) == ["fork", "Zoo"]
    assert names(as_token(scopes=["public_repo"])) == ["fork", "Zoo"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"archived": True}, ["old"]),
        ({"archived": False, "fork": False}, ["Zoo", "shared", "web"]),
        ({"fork": True}, ["fork"]),
        ({"locked": True}, ["web"]),
        ({"visibility": "PUBLIC"}, ["fork", "Zoo"]),
        ({"visibility": "PRIVATE"}, ["old", "web"]),
        ({"visibility": "INTERNAL"}, ["shared"]),
        ({"privacy": "PRIVATE"}, ["old", "shared", "web"]),
        ({"owners": None}, ["old", "fork", "Zoo", "shared", "web"]),
        ({"owners": ["COLLABORATOR"]}, []),
        ({"affiliations": ["OWNER"]}, ["old", "fork", "Zoo", "shared", "web"]),
        ({"order": UP}, ["fork", "old", "shared", "web", "Zoo"]),
        ({"order": DOWN, "fork": False}, ["Zoo", "web", "shared", "old"]),
        ({"order": {"field": "CREATED_AT", "direction": "DESC"}}, ["web", "shared", "Zoo", "fork", "old"]),
    ],
)
def test_filters_and_orders(client, fleet, filters, expected):
    found, whole = page(client, **filters)
    assert (found, whole["totalCount"]) == (expected, len(expected))


def test_a_repository_that_cannot_be_given_is_null_with_an_error_among_the_others(hub, client, fleet):
    words = "`acme` forbids access via a personal access token (classic)."
    hub.find("acme/fork").hidden_in_listings = words
    answer = client.ask(LIST, login="acme", first=3)
    found = answer["data"]["repositoryOwner"]["repositories"]
    assert (found["nodes"], found["totalCount"]) == ([{"name": "old"}, None, {"name": "Zoo"}], 5)
    (error,) = answer["errors"]
    assert (error["type"], error["message"]) == ("FORBIDDEN", words)
    assert error["path"] == ["repositoryOwner", "repositories", "nodes", 1]
    assert "errors" not in client.ask('{ repository(owner: "acme", name: "fork") { name } }')


def test_a_field_that_cannot_be_given_is_null_and_takes_its_node_along_where_it_may_not_be_null(hub, client, fleet):
    fields = "name isPrivate defaultBranchRef { name } viewerPermission"
    document = f'{{ repositoryOwner(login: "acme") {{ repositories(first: 2) {{ nodes {{ {fields} }} }} }} }}'
    hub.find("acme/fork").refused_fields = {"viewerPermission": "Resource not accessible by integration"}
    hub.find("acme/old").refused_fields = {"isPrivate": "Resource not accessible by integration"}
    answer = client.ask(document)
    old, fork = answer["data"]["repositoryOwner"]["repositories"]["nodes"]
    assert (old, fork["name"], fork["viewerPermission"]) == (None, "fork", None)
    assert [(each["type"], each["path"][-2:]) for each in answer["errors"]] == [
        ("FORBIDDEN", [0, "isPrivate"]),
        ("FORBIDDEN", [1, "viewerPermission"]),
    ]


def test_what_cannot_be_answered_is_refused(hub, client, fleet):
    refusal = client.refused(LIST, login="acme", first=1, privacy="PRIVATE", visibility="PRIVATE")
    assert "cannot be combined" in refusal[1]
    kind, words = client.refused(LIST, login="acme", first=101)
    assert kind == "EXCESSIVE_PAGINATION"
    assert "Requesting 101 records on the `repositories` connection" in words
    assert client.refused(LIST, login="acme")[0] == "MISSING_PAGINATION_BOUNDARIES"
    for cursor in ("nonsense", "Y3Vyc29yOnYyOjE="):
        kind, words = client.refused(LIST, login="acme", first=1, after=cursor)
        assert (kind, words) == ("INVALID_CURSOR_ARGUMENTS", f"`{cursor}` does not appear to be a valid cursor.")
    assert "does not implement" in client.refused(LIST, login="acme", first=1, affiliations=["COLLABORATOR"])[1]
    assert hub.unimplemented == ["repositories affiliations"]


def test_a_long_list_comes_in_pages(hub, client):
    for number in range(205):
        hub.repository(f"acme/r{number:03}")
    found, after, sizes = [], None, []
    while True:
        part, whole = page(client, after=after)
        found, sizes = found + part, [*sizes, len(part)]
        assert whole["totalCount"] == 205
        if not whole["pageInfo"]["hasNextPage"]:
            break
        after = whole["pageInfo"]["endCursor"]
    assert (sizes, found) == ([100, 100, 5], [f"r{number:03}" for number in range(205)])


@pytest.mark.parametrize(("order", "first", "rest"), [(UP, ["a", "b"], ["c", "d"]), (DOWN, ["d", "c"], ["b", "a"])])
def test_a_cursor_holds_while_repositories_come_and_go(hub, client, order, first, rest):
    made = {name: hub.repository(f"acme/{name}") for name in "abcd"}
    found, whole = page(client, first=2, order=order)
    assert found == first
    after = whole["pageInfo"]["endCursor"]
    hub.repository("acme/" + ("_" if order is UP else "z"))
    made[first[-1]].archived = made[rest[0]].archived = True
    assert names(client, first=2, order=order, after=after) == rest
    assert names(client, first=2, order=order, after=after, archived=False) == rest[1:]


def test_a_repository_reports_itself(hub, client):
    api = hub.repository("acme/api", {"a": b"a"}, topics=["go", "cli", "tool"], language="Go", visibility="internal")
    hub.repository("acme/old", archived=True, fork=True, disabled=True, private=False)
    full, bare = client.data(ABOUT, topics=2)["repositoryOwner"]["repositories"]["nodes"]
    topics = full.pop("repositoryTopics")
    assert ([each["topic"]["name"] for each in topics["nodes"]], topics["totalCount"]) == (["go", "cli"], 3)
    assert topics["pageInfo"]["hasNextPage"]
    assert client.rest("GET", "/repos/acme/api")[1]["node_id"] == full.pop("id")
    assert full == {
        "name": "api",
        "nameWithOwner": "acme/api",
        "owner": {"login": "acme"},
        **dict.fromkeys(("isArchived", "isFork", "isDisabled"), False),
        "isPrivate": True,
        "visibility": "INTERNAL",
        "primaryLanguage": {"name": "Go"},
        "defaultBranchRef": {"name": "main", "target": {"oid": api.head()}},
    }
    assert [bare[name] for name in ("isArchived", "isFork", "isDisabled", "isPrivate")] == [True, True, True, False]
    assert (bare["visibility"], bare["primaryLanguage"], bare["defaultBranchRef"]) == ("PUBLIC", None, None)


def test_topics_have_pages_of_their_own(hub, client):
    hub.repository("acme/api", topics=[f"t{number:02}" for number in range(25)])
    document = """query($after: String) { repository(owner: "acme", name: "api") { repositoryTopics(first: 20,
        after: $after) { pageInfo { hasNextPage endCursor } nodes { topic { name } } } } }"""
    first = client.data(document)["repository"]["repositoryTopics"]
    rest = client.data(document, after=first["pageInfo"]["endCursor"])["repository"]["repositoryTopics"]
    found = [each["topic"]["name"] for each in first["nodes"] + rest["nodes"]]
    assert (found, rest["pageInfo"]["hasNextPage"]) == ([f"t{number:02}" for number in range(25)], False)


def test_a_listing_is_counted_by_its_pages(client, fleet):
    document = """{ rateLimit { cost nodeCount } repositoryOwner(login: "acme") { repositories(first: 100) { nodes {
        repositoryTopics(first: 20) { nodes { topic { name } } }
        defaultBranchRef { target { ... on Commit { history(first: 5, path: "a") { nodes { oid } } } } } } } } }"""
    assert client.data(document)["rateLimit"] == {"cost": 2, "nodeCount": 100 + 100 * 20 + 100 * 5}
    part = 'repositoryOwner(login: "acme") { repositories(first: 100) { nodes { repositoryTopics(first: 100) { nodes { id } } } } }'
    fleets = [f"o{number}: {part}" for number in range(50)]
    kind, words = client.refused("{" + "".join(fleets) + "}")
    assert (kind, "up to 505,000 possible nodes" in words) == ("MAX_NODE_LIMIT_EXCEEDED", True)
    assert "errors" not in client.ask("{" + "".join(fleets[1:]) + "}")


def test_rest_says_the_same(hub, client, fleet):
    hub.repository("acme/api", topics=["go"], language="Go", visibility="internal")
    found = client.rest("GET", "/repos/acme/api")[1]
    told = [found[name] for name in ("visibility", "private", "topics", "language", "archived", "fork")]
    assert told == ["internal", True, ["go"], "Go", False, False]
    found = client.rest("GET", "/repos/acme/fork")[1]
    assert [found[name] for name in ("visibility", "private", "language", "fork")] == ["public", False, None, True]
    assert client.rest("GET", "/repos/acme/old")[1]["archived"] is True
