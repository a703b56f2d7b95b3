"""Titles, bodies and comments that are too long are refused in GitHub's words."""

from __future__ import annotations

import pytest

from tests.hub.git.ids import node_id

OPEN = """mutation($id: ID!, $title: String!, $body: String) { createPullRequest(input: {repositoryId: $id,
  baseRefName: "main", headRefName: "topic", title: $title, body: $body}) { pullRequest { number } } }"""
EDIT = """mutation($id: ID!, $title: String, $body: String) { updatePullRequest(input: {pullRequestId: $id,
  title: $title, body: $body}) { pullRequest { number } } }"""
COMMENT = "mutation($id: ID!, $body: String!) { addComment(input: {subjectId: $id, body: $body}) { clientMutationId } }"
TITLE = "Title is too long (maximum is 256 characters)"
BODY = "Body is too long (maximum is 65536 characters)"
PULLS = "/repos/acme/api/pulls"


@pytest.fixture(autouse=True)
def topic(api):
    api.commit({"new": b"1"}, branch="topic")


@pytest.mark.parametrize(("title", "body", "words"), [("é" * 257, "", TITLE), ("t", "é" * 65_537, BODY)])
def test_what_is_too_long_is_refused_when_opened_and_when_changed(client, api, title, body, words):
    assert client.refused(OPEN, id=node_id("R", api.id), title=title, body=body) == ("UNPROCESSABLE", words)
    status, answer = client.rest("POST", PULLS, {"title": title, "body": body, "head": "topic", "base": "main"})
    field = words.partition(" ")[0].lower()
    problem = {"resource": "PullRequest", "code": "custom", "field": field, "message": words}
    assert (status, answer["message"], answer["errors"]) == (422, "Validation Failed", [problem])
    assert api.pulls == []
    client.data(OPEN, id=node_id("R", api.id), title=title[:256], body=body[:65_536])
    assert client.refused(EDIT, id=node_id("PR", api.id, 1), title=title, body=body) == ("UNPROCESSABLE", words)
    assert client.rest("PATCH", f"{PULLS}/1", {"title": title, "body": body})[1]["errors"] == [problem]
    assert client.rest("PATCH", "/repos/acme/api/issues/1", {"title": title, "body": body})[0] == 422
    assert api.pulls[0].title == title[:256]


def test_a_comment_can_be_too_long_likewise(client, api):
    api.open_pull("topic")
    assert client.refused(COMMENT, id=node_id("PR", api.id, 1), body="x" * 65_537) == ("UNPROCESSABLE", BODY)
    assert client.rest("POST", "/repos/acme/api/issues/1/comments", {"body": "x" * 65_537})[0] == 422


@pytest.mark.parametrize(("letter", "most"), [("a", 1024), ("é", 512)])
def test_whether_bytes_count_is_a_setting(hub, client, api, letter, most):
    hub.unknowns.title_limit = "1024 bytes"
    identity = node_id("R", api.id)
    assert client.refused(OPEN, id=identity, title=letter * (most + 1)) == ("UNPROCESSABLE", TITLE)
    client.data(OPEN, id=identity, title=letter * most)
