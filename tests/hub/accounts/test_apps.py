"""GitHub Apps: an assertion proves who they are, an installation lends them an account's repositories for an hour."""

from __future__ import annotations

import pytest

from tests.hub import Hub
from tests.hub.conftest import NOW, keys
from tests.hub.git.ids import node_id

API = "/repos/acme/api"
SEEN = """{ repository(owner: "acme", name: "%s") { name
  defaultBranchRef { name } pullRequests(first: 1) { totalCount } viewerPermission } viewer { login } }"""


@pytest.fixture
def now():
    return [float(NOW)]


@pytest.fixture
def hub(tmp_path, now):
    with Hub(tmp_path / "hub", clock=lambda: now[0]) as running:
        running.token("secret")
        running.repository("acme/api", files={"a": b"a"})
        running.repository("acme/web", files={"a": b"a"})
        running.repository("acme/open", files={"a": b"a"}, private=False)
        running.repository("other/lib", files={"a": b"a"})
        yield running


EXPIRED = "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires"
UNDECODED = "A JSON web token could not be decoded"


@pytest.mark.parametrize(
    ("claims", "status", "message"),
    [
        ({"exp": NOW - 1}, 401, EXPIRED),
        ({"exp": None}, 401, EXPIRED),
        ({"exp": NOW + 601}, 401, "'Expiration time' claim ('exp') is too far in the future"),
        (
            {"iat": NOW + 5},
            401,
            "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
        ),
        ({"iss": None}, 401, "Missing 'issuer' claim ('iss')"),
        ({"iss": "Iv1.other"}, 404, "Integration not found"),
        ({"private": "another's"}, 401, UNDECODED),
        ({"private": "x" * 64, "algorithm": "HS256"}, 401, UNDECODED),
    ],
)
def test_an_assertion_has_to_hold(app, sign, claims, status, message):
    if claims.get("private") == "another's":
        claims = {"private": keys()[0]}
    answer = sign(**claims).rest("GET", "/app")
    assert (answer[0], answer[1]["message"]) == (status, message)


def test_an_app_knows_itself_by_either_of_its_names(hub, app, sign):
    assert sign().rest("GET", "/app")[1]["slug"] == "sync"
    assert sign(iss=str(app.id)).rest("GET", "/app")[1]["client_id"] == "Iv23liabcdef"


def test_only_an_assertion_opens_what_is_the_apps_own_and_it_opens_nothing_else(hub, app, client, sign):
    assert client.rest("GET", "/app") == (
        401,
        {"message": UNDECODED, "documentation_url": "https://docs.github.com/rest", "status": "401"},
    )
    assert sign().rest("GET", API)[0] == 401
    answer = sign().session.post(f"{hub.url}/graphql", json={"query": "{ viewer { login } }"})
    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")


def test_a_token_works_in_its_account_alone(hub, app, lend):
    client, answer = lend(hub.install(app, "acme"))
    assert answer["token"].startswith("ghs_")
    assert answer["permissions"] == {"contents": "write", "metadata": "read", "pull_requests": "write"}
    assert (answer["repository_selection"], "repositories" in answer) == ("all", False)
    hub.repository("acme/later", files={})
    names = [each["name"] for each in client.rest("GET", "/installation/repositories")[1]["repositories"]]
    assert names == ["api", "web", "open", "later"]
    assert client.rest("GET", "/repos/other/lib")[0] == 404
    assert client.refused('{repository(owner: "other", name: "lib") {id}}')[0] == "NOT_FOUND"
    assert client.rest("POST", f"{API}/git/refs", {"ref": "refs/heads/x", "sha": hub.find("acme/api").head()})[0] == 201


def test_a_token_can_be_asked_for_fewer_repositories_and_permissions(hub, app, lend):
    installation = hub.install(app, "acme")
    client, answer = lend(installation, repositories=["api"], permissions={"contents": "read"})
    assert answer["permissions"] == {"contents": "read", "metadata": "read"}
    assert [each["full_name"] for each in answer["repositories"]] == ["acme/api"]
    assert client.rest("GET", "/repos/acme/web")[0] == 404
    assert client.rest("GET", f"{API}/git/trees/main")[0] == 200
    by_id, _ = lend(installation, repository_ids=[hub.find("acme/web").id])
    assert by_id.rest("GET", "/repos/acme/web")[0] == 200


def test_a_token_for_some_repositories_finds_nothing_in_others(hub, app, lend):
    for name in ("acme/api", "acme/web"):
        repository = hub.find(name)
        repository.commit({"b": b"b"}, branch="topic")
        repository.open_pull("topic")
    client, _ = lend(hub.install(app, "acme"), repositories=["api"])
    found = client.data(
        """{ search(type: ISSUE, query: "is:pr user:acme", first: 9) { nodes { ... on PullRequest {
            repository { name } } } } repositoryOwner(login: "acme") { repositories(first: 9) { nodes { name } } } }"""
    )
    assert found["search"]["nodes"] == [{"repository": {"name": "api"}}]
    assert [each["name"] for each in found["repositoryOwner"]["repositories"]["nodes"]] == ["api", "open"]
    assert client.refused('{repository(owner: "acme", name: "web") {id}}')[0] == "NOT_FOUND"
    pull = node_id("PR", hub.find("acme/web").id, 1)
    close = "mutation($id: ID!) { closePullRequest(input: {pullRequestId: $id}) { clientMutationId } }"
    assert client.refused(close, id=pull)[0] == "NOT_FOUND"


def test_it_stays_the_repositories_when_one_gets_another_name(hub, app, lend):
    client, _ = lend(hub.install(app, "acme"), repositories=["api"])
    hub.rename("acme/api", "acme/service")
    assert client.rest("GET", "/repos/acme/service")[0] == 200


def test_a_token_names_500_repositories_at_most_and_an_empty_list_names_none(hub, app, lend, sign):
    installation = hub.install(app, "acme")
    path = f"/app/installations/{installation.id}/access_tokens"
    assert sign().rest("POST", path, {"repositories": ["api"] * 500})[0] == 201
    assert sign().rest("POST", path, {"repositories": ["api"] * 501})[0] == 422
    assert lend(installation, repositories=[])[1]["repository_selection"] == "all"


def test_whether_a_token_can_be_asked_for_by_an_old_name_is_a_setting(hub, app, lend, sign):
    path = f"/app/installations/{hub.install(app, 'acme').id}/access_tokens"
    hub.rename("acme/api", "acme/service")
    assert sign().rest("POST", path, {"repositories": ["api"]})[0] == 422
    hub.unknowns.token_by_old_name = "taken"
    assert sign().rest("POST", path, {"repositories": ["api"]})[0] == 201


def test_whether_a_token_for_some_repositories_sees_teams_is_a_setting(hub, app, lend):
    hub.team("acme", "platform")
    installation = hub.install(app, "acme", permissions={"members": "read"})
    document = '{ organization(login: "acme") { team(slug: "platform") { slug } } }'
    assert lend(installation, repositories=["api"])[0].refused(document)[0] == "FORBIDDEN"
    assert lend(installation)[0].data(document)["organization"]["team"] == {"slug": "platform"}
    hub.unknowns.team_by_narrow_token = "shown"
    assert lend(installation, repositories=["api"])[0].data(document)["organization"]["team"] == {"slug": "platform"}


def test_more_than_was_granted_is_refused(hub, app, sign):
    installation = hub.install(app, "acme", ["api"], {"contents": "read"})
    path = f"/app/installations/{installation.id}/access_tokens"

    def refused(**body):
        status, answer = sign().rest("POST", path, body)
        return status, answer["message"]

    words = "The permissions requested are not granted to this installation."
    assert refused(permissions={"contents": "write"}) == (422, words)
    assert refused(permissions={"workflows": "write"}) == (422, words)
    assert refused(permissions={"pull-requests": "read"}) == (422, words)
    words = "There is at least one repository that does not exist or is not accessible to the parent installation."
    assert refused(repositories=["web"]) == (422, words)
    assert refused(repositories=["nowhere"]) == (422, words)
    assert refused(repository_ids=[hub.find("other/lib").id]) == (422, words)
    installation.suspended = True
    assert refused() == (403, "This installation has been suspended")


def test_permissions_hold_one_by_one_with_rest(hub, app, lend):
    installation = hub.install(app, "acme", permissions={"contents": "read", "pull_requests": "read"})
    client, _ = lend(installation, permissions={"contents": "read"})
    row = {"path": "b", "mode": "100644", "type": "blob", "content": "b"}
    assert client.rest("GET", f"{API}/contents/a")[0] == 200
    answer = client.session.post(f"{hub.url}{API}/git/trees", json={"tree": [row]})
    assert (answer.status_code, answer.json()["message"]) == (403, "Resource not accessible by integration")
    assert answer.headers["x-accepted-github-permissions"] == "contents=write"
    answer = client.session.get(f"{hub.url}{API}/issues/1")
    assert answer.headers["x-accepted-github-permissions"] == "issues=read; pull_requests=read"
    assert client.rest("GET", f"{API}/pulls")[0] == 403
    assert client.rest("GET", "/repos/acme/open/pulls")[0] == 200  # public


def test_permissions_hold_one_by_one_with_graphql(hub, app, lend):
    repository = hub.find("acme/api")
    repository.commit({"b": b"b"}, branch="topic")
    client, _ = lend(hub.install(app, "acme", permissions={"pull_requests": "write"}))
    answer = client.ask(SEEN % "api")
    assert answer["data"]["repository"] == {
        "name": "api",
        "defaultBranchRef": None,
        "pullRequests": {"totalCount": 0},
        "viewerPermission": None,
    }
    (error,) = answer["errors"]
    assert (error["type"], error["path"]) == ("FORBIDDEN", ["repository", "defaultBranchRef"])
    assert error["message"] == "Resource not accessible by integration"
    assert error["extensions"] == {"saml_failure": False}
    create = """mutation($id: ID!, $oid: GitObjectID!) {
        createRef(input: {repositoryId: $id, name: "refs/heads/x", oid: $oid}) { ref { name } }
        createPullRequest(input: {repositoryId: $id, baseRefName: "main", headRefName: "topic", title: "T"}) {
            pullRequest { author { __typename login } } } }"""
    answer = client.ask(create, id=node_id("R", repository.id), oid=repository.head())
    assert [each["path"] for each in answer["errors"]] == [["createRef"]]
    author = answer["data"]["createPullRequest"]["pullRequest"]["author"]
    assert author == {"__typename": "Bot", "login": "sync"}
    assert client.data("{ viewer { __typename login } }")["viewer"] == {"__typename": "User", "login": "sync[bot]"}
    assert client.rest("GET", f"{API}/pulls/1")[1]["user"]["login"] == "sync[bot]"


def test_the_viewer_of_an_app_is_its_bot(hub, app, lend):
    client, _ = lend(hub.install(app, "acme", permissions={"contents": "read"}))
    found = client.data("{ viewer { login databaseId } }")["viewer"]
    assert found["login"] == "sync[bot]"
    assert f"{found['databaseId']}+sync[bot]@users.noreply.github.com" == hub.user("sync[bot]").email
    assert client.rest("GET", "/user")[0] == 403


def test_workflows_are_a_permission_of_their_own(hub, app, lend):
    row = {"path": ".github/workflows/ci.yml", "mode": "100644", "type": "blob", "content": "on: push"}
    installation = hub.install(app, "acme", permissions={"contents": "write", "workflows": "write"})
    without, _ = lend(installation, permissions={"contents": "write"})
    assert without.rest("POST", f"{API}/git/trees", {"tree": [row]})[0] == 403
    having, _ = lend(installation)
    assert having.rest("POST", f"{API}/git/trees", {"tree": [row]})[0] == 201


def test_what_an_app_reads_of_public_repositories_elsewhere_is_a_setting(hub, app, lend):
    client, _ = lend(hub.install(app, "other"))
    document = '{ repository(owner: "acme", name: "open") { name defaultBranchRef { name } } }'
    assert client.data(document)["repository"] == {"name": "open", "defaultBranchRef": {"name": "main"}}
    hub.unknowns.public_elsewhere = "forbidden"
    answer = client.ask(document)
    assert answer["data"]["repository"] == {"name": "open", "defaultBranchRef": None}
    assert [error["type"] for error in answer["errors"]] == ["FORBIDDEN"]


def test_a_token_lasts_an_hour_or_as_long_as_the_test_wants(hub, app, lend, now):
    installation = hub.install(app, "acme")
    client, answer = lend(installation)
    assert answer["expires_at"] == "2025-06-15T16:06:40Z"
    now[0] += 3599
    assert client.rest("GET", API)[0] == 200
    now[0] += 1
    status, body = client.rest("GET", API)
    assert (status, body["message"]) == (401, "Bad credentials")
    now[0] = NOW
    hub.token_lifetime = 30
    client, _ = lend(installation)
    now[0] += 30
    assert client.session.post(f"{hub.url}/graphql", json={"query": "{ viewer { login } }"}).status_code == 401


def test_a_token_can_be_given_back(hub, app, lend):
    client, _ = lend(hub.install(app, "acme"))
    assert client.rest("DELETE", "/installation/token") == (204, None)
    assert client.rest("GET", API)[0] == 401


def test_a_fine_grained_token_has_the_same_permissions(hub, as_token):
    client = as_token(kind="fine-grained", permissions={"contents": "write"})
    row = {"path": "b", "mode": "100644", "type": "blob", "content": "b"}
    assert client.rest("POST", f"{API}/git/trees", {"tree": [row]})[0] == 201
    words = "Resource not accessible by personal access token"
    assert client.rest("POST", f"{API}/pulls", {})[1]["message"] == words
    kind, message = client.refused(
        '{repository(owner: "acme", name: "api") { pullRequests(first: 1) { totalCount } } }'
    )
    assert (kind, message) == ("FORBIDDEN", words)
