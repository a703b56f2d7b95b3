from __future__ import annotations

import pytest

ISSUE = """query($n: Int!) { repository(owner: "acme", name: "api") { issue(number: $n) {
  body state viewerDidAuthor lastEditedAt includesCreatedEdit author { login } editor { __typename login }
  userContentEdits(first: 10) { nodes { diff editor { login } } } } } }"""
LIST = """query($by: String) { repository(owner: "acme", name: "api") { hasIssuesEnabled
  issues(first: 10, filterBy: {createdBy: $by}, orderBy: {field: CREATED_AT, direction: DESC}) { nodes { number } }
  labelled: issues(first: 10, labels: ["board"]) { nodes { number } } } }"""


def issue_of(client, number):
    return client.data(ISSUE, n=number)["repository"]["issue"]


@pytest.fixture
def number(client, api):
    status, answer = client.rest("POST", "/repos/acme/api/issues", {"title": "A", "body": "one", "labels": ["board"]})
    assert status == 201
    return answer["number"]


def test_an_issue_is_made_with_labels_that_are_made_too(client, api, number):
    assert api.label("board") is not None
    found = issue_of(client, number)
    assert (found["body"], found["viewerDidAuthor"], found["lastEditedAt"]) == ("one", True, None)
    assert found["userContentEdits"]["nodes"] == []


def test_edits_have_the_whole_text_and_their_editor_the_newest_first(client, api, number):
    api.edit_issue(api.issue(number), "sam", "two")
    found = issue_of(client, number)
    assert found["includesCreatedEdit"]
    assert found["editor"] == {"__typename": "User", "login": "sam"}
    assert [(each["diff"], each["editor"]["login"]) for each in found["userContentEdits"]["nodes"]] == [
        ("two", "sam"),
        ("one", "broadcast-bot"),
    ]


def test_the_same_text_is_no_edit(client, api, number):
    client.rest("PATCH", f"/repos/acme/api/issues/{number}", {"body": "one"})
    assert issue_of(client, number)["lastEditedAt"] is None


def test_whether_edits_say_their_text_is_a_setting(hub, client, api, number):
    hub.unknowns.edit_diff = "null"
    api.edit_issue(api.issue(number), "sam", "two")
    assert [each["diff"] for each in issue_of(client, number)["userContentEdits"]["nodes"]] == [None, None]


def test_which_edit_comes_first_is_a_setting(hub, client, api, number):
    hub.unknowns.edit_order = "oldest first"
    api.edit_issue(api.issue(number), "sam", "two")
    assert [each["diff"] for each in issue_of(client, number)["userContentEdits"]["nodes"]] == ["one", "two"]


def test_issues_are_listed_by_label_and_by_who_made_them(client, api, number):
    other = api.open_issue("B", "x", "alice").number
    everything, by = (client.data(LIST, by=login)["repository"] for login in (None, "broadcast-bot"))
    assert [each["number"] for each in everything["issues"]["nodes"]] == [other, number]
    assert [each["number"] for each in by["issues"]["nodes"]] == [number]
    assert [each["number"] for each in everything["labelled"]["nodes"]] == [number]


def test_whether_an_app_is_known_with_its_suffix_is_a_setting(hub, client, api):
    api.open_issue("B", "x", "sync[bot]")
    assert len(client.data(LIST, by="sync[bot]")["repository"]["issues"]["nodes"]) == 1
    hub.unknowns.created_by_bot = "without suffix"
    assert client.data(LIST, by="sync[bot]")["repository"]["issues"]["nodes"] == []


def test_issues_take_the_permission_for_them(as_token, api):
    client = as_token(kind="app", permissions={"pull_requests": "write"})
    assert client.rest("POST", "/repos/acme/api/issues", {"title": "A"})[0] == 403
    assert client.refused(LIST, by=None)[0] == "FORBIDDEN"


def test_where_they_are_turned_off_none_is_made(client, api):
    api.issues_enabled = False
    assert client.rest("POST", "/repos/acme/api/issues", {"title": "A"})[0] == 410
    assert client.data(LIST, by=None)["repository"]["hasIssuesEnabled"] is False


def test_an_issue_is_closed_by_its_state(client, api, number):
    assert client.rest("PATCH", f"/repos/acme/api/issues/{number}", {"state": "closed"})[1]["state"] == "closed"
    assert issue_of(client, number)["state"] == "CLOSED"


def test_a_permission_is_said_with_metadata(hub, as_token, api):
    hub.strangers.add("mallory")
    for login in ("sam", "mallory"):
        hub.user(login)
    client = as_token(kind="app", permissions={})
    path = "/repos/acme/api/collaborators/{}/permission"
    assert client.rest("GET", path.format("sam"))[1]["permission"] == "write"
    assert client.rest("GET", path.format("mallory"))[1]["permission"] == "none"
    assert client.rest("GET", path.format("nobody"))[0] == 404


def test_whether_an_app_may_ask_for_it_is_a_setting(hub, as_token, api):
    hub.user("sam")
    hub.unknowns.permission_of_people = "refused"
    client = as_token(kind="app", permissions={})
    assert client.rest("GET", "/repos/acme/api/collaborators/sam/permission")[0] == 403
