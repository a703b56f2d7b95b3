"""What was submitted too quickly: REST says so with 422, GraphQL at the field that creates something."""

from __future__ import annotations

import pytest

from tests.hub.git.ids import node_id

OPEN = """mutation($id: ID!, $oid: GitObjectID!, $name: String!) {
  branch: createRef(input: {repositoryId: $id, name: $name, oid: $oid}) { ref { name } }
  pull: createPullRequest(input: {repositoryId: $id, baseRefName: "main", headRefName: "topic", title: "t"})
    { pullRequest { number } } }"""
PULLS = "/repos/acme/api/pulls"
BODY = {"title": "t", "head": "topic", "base": "main"}
PROBLEM = {"resource": "PullRequest", "code": "custom", "message": "was submitted too quickly"}


@pytest.fixture(autouse=True)
def topic(api):
    api.commit({"new": b"1"}, branch="topic")


def opened(client, api, name):
    return client.ask(OPEN, id=node_id("R", api.id), oid=api.head(), name=f"refs/heads/{name}")


def quick(answer):
    (error,) = answer["errors"]
    assert (error["type"], error["path"], error["message"]) == ("UNPROCESSABLE", ["pull"], "was submitted too quickly")
    return answer["data"]["pull"] is None


def test_a_test_can_ask_for_it(hub, client, api):
    hub.too_quickly(lambda request: True, times=2)
    for name in ("one", "two"):
        status, body = client.rest("POST", PULLS, BODY)
        assert (status, body["message"], body["errors"]) == (422, "Validation Failed", [PROBLEM])
        assert quick(opened(client, api, name))
    assert client.rest("POST", "/repos/acme/api/git/refs", {"ref": "refs/heads/x", "sha": api.head()})[0] == 201
    assert (api.branches().keys(), api.pulls) == ({"main", "topic", "one", "two", "x"}, [])
    assert client.rest("POST", PULLS, BODY)[0] == 201


def test_too_many_in_a_row_may_be_refused_so(hub, client, api):
    hub.limits.burst, hub.unknowns.burst = 1, "too quickly"
    assert client.rest("POST", "/repos/acme/api/git/refs", {"ref": "refs/heads/x", "sha": api.head()})[0] == 201
    assert client.rest("POST", PULLS, BODY)[1]["errors"] == [PROBLEM]
    assert quick(opened(client, api, "one"))
    assert "one" in api.branches()
    assert client.rest("POST", "/repos/acme/api/git/refs", {"ref": "refs/heads/y", "sha": api.head()})[0] == 403
    assert [each.limit for each in hub.rejected] == ["burst"] * 3
    hub.unknowns.burst = "secondary limit"
    assert client.rest("POST", PULLS, BODY)[0] == 403
