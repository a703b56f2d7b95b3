"""Teams are for tokens that may read an organization's members."""

from __future__ import annotations

import pytest

from tests.hub.git.ids import node_id

ASKED = """{ repository(owner: "acme", name: "api") { pullRequest(number: 1) {
  timelineItems(first: 9, itemTypes: [REVIEW_REQUESTED_EVENT]) { nodes { ... on ReviewRequestedEvent {
    requestedReviewer { ... on User { login } } } } }
  reviewRequests(first: 9) { nodes { requestedReviewer { ... on User { login } } } } } } }"""
TEAM = '{ organization(login: "acme") { login team(slug: "platform") { slug } } }'
REQUEST = """mutation($id: ID!, $team: ID!) { requestReviews(input: {pullRequestId: $id, teamIds: [$team]})
  { pullRequest { number } } }"""
PULL = ["repository", "pullRequest"]
INTEGRATION, PERSONAL = (f"Resource not accessible by {kind}" for kind in ("integration", "personal access token"))
UNABLE = [
    ({"kind": "app", "permissions": {"pull_requests": "write"}}, INTEGRATION),
    ({"kind": "fine-grained", "permissions": {"pull_requests": "write"}}, PERSONAL),
    ({"scopes": ["repo"]}, PERSONAL),
]
ABLE = [
    {"kind": "app", "permissions": {"pull_requests": "write", "members": "read"}},
    {"kind": "fine-grained", "permissions": {"pull_requests": "write", "members": "read"}},
    {"scopes": ["repo", "read:org"]},
    {},
]


@pytest.fixture(autouse=True)
def pull(hub, api):
    api.commit({"new": b"1"}, branch="topic")
    pull = api.open_pull("topic")
    api.request_review(1, "bob", teams=["platform"])
    return pull


def reviewers(answer) -> list:
    found = answer["data"]["repository"]["pullRequest"]
    return [
        [each["requestedReviewer"] for each in found[name]["nodes"]] for name in ("timelineItems", "reviewRequests")
    ]


@pytest.mark.parametrize(("options", "words"), UNABLE)
def test_a_requested_team_that_the_token_may_not_read_is_null_with_an_error(as_token, options, words):
    answer = as_token(**options).ask(ASKED)
    assert reviewers(answer) == [[{"login": "bob"}, None]] * 2
    found = [(error["type"], error["message"], error["path"]) for error in answer["errors"]]
    fields = ("timelineItems", "reviewRequests")
    assert found == [("FORBIDDEN", words, [*PULL, name, "nodes", 1, "requestedReviewer"]) for name in fields]


def test_or_null_without_an_error(hub, as_token):
    hub.unknowns.team_reviewer = "null"
    answer = as_token(**UNABLE[0][0]).ask(ASKED)
    assert reviewers(answer) == [[{"login": "bob"}, None]] * 2
    assert "errors" not in answer


@pytest.mark.parametrize("options", ABLE)
def test_who_may_read_members_sees_the_team(as_token, options):
    client = as_token(**options)
    assert reviewers(client.ask(ASKED)) == [[{"login": "bob"}, {}]] * 2
    assert client.data(TEAM)["organization"]["team"] == {"slug": "platform"}


def test_the_team_itself_is_refused_likewise(as_token):
    answer = as_token(**UNABLE[0][0]).ask(TEAM)
    assert answer["data"]["organization"] == {"login": "acme", "team": None}
    (error,) = answer["errors"]
    assert (error["type"], error["message"], error["path"]) == ("FORBIDDEN", INTEGRATION, ["organization", "team"])


@pytest.mark.parametrize(("options", "_words"), UNABLE)
def test_asking_a_team_that_the_token_may_not_read_asks_a_node_that_is_not_there(hub, api, as_token, options, _words):
    team = node_id("T", hub.team("acme", "other").id)
    client, words = as_token(**options), f"Could not resolve to a node with the global id of '{team}'."
    assert client.refused(REQUEST, id=node_id("PR", api.id, 1), team=team) == ("NOT_FOUND", words)
    path = "/repos/acme/api/pulls/1/requested_reviewers"
    status, body = client.rest("POST", path, {"team_reviewers": ["other"]})
    assert (status, body["message"], body["errors"]) == (422, "Validation Failed", [words])
