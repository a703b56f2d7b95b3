"""Who can be asked and assigned, and what is left of those who are gone."""

from __future__ import annotations

import pytest

from tests.hub.git.ids import node_id

ISSUE, REVIEWERS = "/repos/acme/api/issues/1", "/repos/acme/api/pulls/1/requested_reviewers"
REVIEW = """mutation($id: ID!, $people: [ID!]) { requestReviews(input: {pullRequestId: $id, userIds: $people})
  { pullRequest { number } } }"""
UPDATE = """mutation($id: ID!, $labels: [ID!], $people: [ID!]) { updatePullRequest(input: {pullRequestId: $id,
  labelIds: $labels, assigneeIds: $people}) { pullRequest { number } } }"""
ASSIGN = """mutation($id: ID!, $people: [ID!]!) { addAssigneesToAssignable(input: {assignableId: $id,
  assigneeIds: $people}) { clientMutationId } }"""
COMMENT = 'mutation($id: ID!) { addComment(input: {subjectId: $id, body: "b"}) { clientMutationId } }'
SEEN = """{ repository(owner: "acme", name: "api") { pullRequest(number: 1) { author { login }
  assignees(first: 9) { nodes { login } }
  timelineItems(first: 9, itemTypes: [CLOSED_EVENT]) { nodes { ... on ClosedEvent { actor { login } } } } } } }"""
MERGING = """{ repository(owner: "acme", name: "api") { pullRequests(first: 1) { nodes { %s } } } }"""
AUTHOR = "Review cannot be requested from pull request author."
STRANGERS = (
    "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a "
    "collaborator of the acme/api repository."
)


@pytest.fixture(autouse=True)
def pull(api):
    api.commit({"new": b"1"}, branch="topic")
    return api.open_pull("topic")


@pytest.fixture
def ids(hub):
    return lambda *logins: [node_id("U", hub.user(login).id) for login in logins]


def test_whether_graphql_refuses_the_author_as_a_reviewer_is_a_setting(hub, client, api, pull, ids):
    known = {"id": node_id("PR", api.id, 1), "people": ids("alice", "bob")}
    assert client.refused(REVIEW, **known) == ("UNPROCESSABLE", AUTHOR)
    hub.unknowns.author_review = "dropped"
    client.data(REVIEW, **known)
    assert pull.reviewers == ["bob"]
    status, body = client.rest("POST", REVIEWERS, {"reviewers": ["carol", "alice"]})
    assert (status, body["message"], pull.reviewers) == (422, AUTHOR, ["bob"])


def test_who_is_no_collaborator_cannot_be_asked(client, api, pull, ids):
    api.collaborators = {"bob"}
    assert client.refused(REVIEW, id=node_id("PR", api.id, 1), people=ids("bob", "carol"))[1] == STRANGERS
    assert client.rest("POST", REVIEWERS, {"reviewers": ["bob", "carol"]})[1]["message"] == STRANGERS
    assert client.rest("POST", REVIEWERS, {"reviewers": ["Bob"]})[0] == 201


def test_rest_leaves_out_who_cannot_be_assigned(hub, client, api, pull):
    api.collaborators = {"bob"}
    for login in ("bob", "carol", "sync[bot]"):
        hub.user(login)
    assert client.rest("POST", f"{ISSUE}/assignees", {"assignees": ["bob", "carol", "sync[bot]", "dave"]})[0] == 201
    assert pull.assignees == ["bob"]


def test_what_graphql_does_with_them_is_a_setting(hub, client, api, pull, ids):
    api.collaborators = {"bob"}
    known = {"id": node_id("PR", api.id, 1), "people": ids("bob", "carol")}
    for document in (ASSIGN, UPDATE):
        pull.assignees = []
        client.data(document, **known)
        assert pull.assignees == ["bob"]
    hub.unknowns.unassignable = "refused"
    for document in (ASSIGN, UPDATE):
        pull.assignees = []
        assert client.refused(document, **known)[0] == "UNPROCESSABLE"
        assert pull.assignees == []


@pytest.mark.parametrize(("answer", "left"), [("clears", []), ("keeps", ["sync"])])
def test_whether_an_empty_list_takes_the_labels_away_is_a_setting(hub, client, api, pull, answer, left):
    hub.unknowns.empty_label_ids, pull.labels = answer, ["sync"]
    client.data(UPDATE, id=node_id("PR", api.id, 1), labels=[])
    assert pull.labels == left


def test_a_deleted_account_is_null_to_graphql_and_the_ghost_to_rest(hub, client, api):
    api.assign_pull(1, "bob")
    api.close_pull(1, by="alice")
    hub.user("alice").deleted = True
    found = client.data(SEEN)["repository"]["pullRequest"]
    assert (found["author"], found["timelineItems"]["nodes"]) == (None, [{"actor": None}])
    assert client.rest("GET", "/repos/acme/api/pulls/1")[1]["user"]["login"] == "ghost"


def test_an_account_can_be_withheld(hub, client, api):
    api.assign_pull(1, "bob", "carol")
    hub.user("bob").withheld = "Resource not accessible by personal access token"
    answer = client.ask(SEEN)
    assert answer["data"]["repository"]["pullRequest"]["assignees"]["nodes"] == [None, {"login": "carol"}]
    (error,) = answer["errors"]
    assert (error["type"], error["path"][-3:]) == ("FORBIDDEN", ["assignees", "nodes", 0])


def test_a_locked_conversation_takes_comments_of_those_alone_who_may_write(as_token, api, pull):
    """Docs: locking conversations."""
    pull.locked = True
    words, issue = "Unable to create comment because issue is locked.", {"pull_requests": "write"}
    may, may_not = as_token(permissions={**issue, "contents": "write"}), as_token(permissions=issue)
    assert may_not.refused(COMMENT, id=node_id("PR", api.id, 1)) == ("FORBIDDEN", words)
    status, body = may_not.rest("POST", f"{ISSUE}/comments", {"body": "b"})
    assert (status, body["message"], pull.comments) == (403, words, [])
    may.data(COMMENT, id=node_id("PR", api.id, 1))
    assert may.rest("POST", f"{ISSUE}/comments", {"body": "b"})[0] == 201


def test_whether_an_app_may_read_how_a_pull_request_is_merged_is_a_setting(hub, client, as_token):
    app, fields = as_token(kind="app"), ("autoMergeRequest { mergeMethod }", "isInMergeQueue")
    for field in fields:
        assert "errors" not in app.ask(MERGING % field)
    hub.unknowns.merge_fields = "forbidden"
    nodes = [app.ask(MERGING % field)["data"]["repository"]["pullRequests"]["nodes"] for field in fields]
    assert nodes == [[{"autoMergeRequest": None}], [None]]
    assert app.refused(MERGING % fields[1]) == ("FORBIDDEN", "Resource not accessible by integration")
    assert "errors" not in client.ask(MERGING % fields[1])
