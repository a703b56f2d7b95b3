"""Headers, redirects and problems as they were recorded of GitHub's REST API."""

from __future__ import annotations

import pytest

API = "/repos/acme/api"


def head(client, path=API):
    return client.session.get(client.hub.url + path, allow_redirects=False).headers


def test_scopes_are_reported_of_classic_tokens_alone_and_may_be_none(client, api, as_token):
    assert head(client)["x-oauth-scopes"] == "repo, workflow"
    assert head(as_token(scopes=["repo"]))["x-oauth-scopes"] == "repo"
    api.private = False
    assert head(as_token(scopes=[]))["x-oauth-scopes"] == ""
    for kind in ("app", "fine-grained"):
        assert "x-oauth-scopes" not in head(as_token(kind=kind))


def test_an_apps_assertion_has_no_budget_and_a_token_says_its_end(hub, app, sign, api, client):
    assert "x-ratelimit-limit" not in head(sign(), "/app")
    assert head(client)["x-ratelimit-limit"] == "5000"
    hub.token("ending").expires_at = hub.clock() + 60
    client.session.headers["Authorization"] = "token ending"
    assert head(client)["github-authentication-token-expiration"] == "2025-06-15 15:07:40 UTC"
    assert head(client)["x-github-api-version-selected"] == "2022-11-28"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/git/trees/main?recursive=1", 301), ("POST", "/git/trees", 307), ("PATCH", "/pulls/1", 307)],
)
def test_a_renamed_repository_redirects_by_its_id(hub, client, api, method, path, status):
    hub.rename("acme/api", "acme/new")
    answer = client.session.request(method, hub.url + API + path, json={}, allow_redirects=False)
    target = f"{hub.url}/repositories/{api.id}{path.partition('?')[0]}"
    assert (answer.status_code, answer.headers["Location"], answer.json()["url"]) == (status, target, target)
    assert answer.json()["message"] == "Moved Permanently"
    if method == "GET":
        assert "dir0/file0.txt" not in {row["path"] for row in client.session.get(target).json()["tree"]}


def test_a_problem_may_have_no_words(client, api):
    status, body = client.rest("POST", f"{API}/labels", {"name": "new", "color": "grey"})
    assert (status, body["message"]) == (422, "Validation Failed")
    assert body["errors"] == [{"resource": "Label", "code": "invalid", "field": "color"}]


def test_a_base_that_is_not_there_is_named(client, api):
    api.commit({"new": b"1"}, branch="topic")
    api.open_pull("topic")
    words = "Proposed base branch 'nowhere' was not found"
    body = client.rest("PATCH", f"{API}/pulls/1", {"base": "nowhere"})[1]
    assert body["errors"] == [{"resource": "PullRequest", "code": "invalid", "field": "base", "message": words}]


def test_a_token_of_an_installation_may_be_long(hub, app, api, lend):
    hub.unknowns.token_form = "stateless"
    client, answer = lend(hub.install(app, "acme"))
    kind, number, rest = answer["token"].split("_", 2)
    assert (kind, number, rest.count("."), 500 < len(answer["token"]) < 540) == ("ghs", str(app.id), 2, True)
    assert client.rest("GET", API)[0] == 200
    assert client.rest("DELETE", "/installation/token")[0] == 204
    assert client.rest("GET", API)[0] == 401
