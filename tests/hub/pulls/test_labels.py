"""Labels, milestones and assignees: what Pull requests: write does, and what takes Issues: write."""

from __future__ import annotations

import pytest

from tests.hub.git.ids import node_id

ISSUE = "/repos/acme/api/issues/1"
READ = """{ repository(owner: "acme", name: "api") { label(name: "sync") { name } labels(first: 9) { totalCount }
  milestones(first: 9) { totalCount } milestone(number: 1) { title } name } }"""
MAKE = """mutation($id: ID!) { createLabel(input: {repositoryId: $id, name: "new", color: "ededed"}) { label { name } } }"""
SET = """mutation($id: ID!, $labels: [ID!]!) { updatePullRequest(input: {pullRequestId: $id, labelIds: $labels})
  { pullRequest { number } } }"""
ADD = """mutation($id: ID!, $labels: [ID!]!) { addLabelsToLabelable(input: {labelableId: $id, labelIds: $labels})
  { clientMutationId } }"""
REFUSED = {
    "message": "You do not have permission to create labels on this repository.",
    "errors": [{"resource": "Repository", "field": "label", "code": "unauthorized"}],
    "documentation_url": "https://docs.github.com/v3/issues/labels/",
    "status": "403",
}
WORDS = "Resource not accessible by integration"


@pytest.fixture
def pull(api):
    api.commit({"new": b"1"}, branch="topic")
    return api.open_pull("topic")


@pytest.fixture
def by_pulls(as_token):
    return as_token(kind="app", permissions={"pull_requests": "write"})


@pytest.fixture
def by_issues(as_token):
    return as_token(kind="app", permissions={"issues": "write", "pull_requests": "write"})


def test_a_label_that_is_there_needs_no_more_than_pull_requests(api, pull, by_pulls):
    assert by_pulls.rest("POST", f"{ISSUE}/labels", {"labels": ["Sync"]})[0] == 200
    assert pull.labels == ["sync"]
    assert by_pulls.rest("PATCH", ISSUE, {"labels": ["sync"], "milestone": 1})[0] == 200
    by_pulls.data(ADD, id=node_id("PR", api.id, 1), labels=[node_id("LA", api.id, api.label("sync").id)])


def test_a_label_that_is_not_there_takes_issues_and_nothing_is_done_without(api, pull, by_pulls, by_issues):
    assert by_pulls.rest("POST", f"{ISSUE}/labels", {"labels": ["sync", "new"]}) == (403, REFUSED)
    assert by_pulls.rest("PATCH", ISSUE, {"labels": ["new"], "title": "New"}) == (403, REFUSED)
    assert (pull.labels, pull.title, api.label("new")) == ([], "Change", None)
    assert by_issues.rest("POST", f"{ISSUE}/labels", {"labels": ["sync", "new"]})[0] == 200
    assert by_issues.rest("PATCH", ISSUE, {"labels": ["newer"]})[0] == 200
    assert pull.labels == ["newer"]


def test_whether_pull_requests_makes_a_label_by_itself_is_a_setting(hub, api, by_pulls, by_issues):
    identity = node_id("R", api.id)
    assert by_pulls.rest("POST", "/repos/acme/api/labels", {"name": "new"}) == (403, REFUSED)
    assert by_pulls.refused(MAKE, id=identity) == ("FORBIDDEN", WORDS)
    hub.unknowns.create_label = "either right"
    assert by_pulls.rest("POST", "/repos/acme/api/labels", {"name": "other"})[0] == 201
    by_pulls.data(MAKE, id=identity)
    hub.unknowns.create_label = "issues"
    assert by_issues.rest("POST", "/repos/acme/api/labels", {"name": "third"})[0] == 201


def test_whether_it_sets_what_exists_is_a_setting(hub, api, pull, by_pulls, by_issues):
    hub.unknowns.pull_conversation = "issues"
    known = {"id": node_id("PR", api.id, 1), "labels": [node_id("LA", api.id, api.label("sync").id)]}
    for path, body in ((f"{ISSUE}/labels", {"labels": ["sync"]}), (f"{ISSUE}/assignees", {"assignees": []})):
        assert by_pulls.rest("POST", path, body)[1]["message"] == WORDS
        assert by_issues.rest("POST", path, body)[0] in {200, 201}
    assert by_pulls.rest("PATCH", ISSUE, {"milestone": 1})[1]["message"] == WORDS
    assert by_pulls.rest("PATCH", ISSUE, {"title": "New"})[0] == 200
    assert by_pulls.rest("DELETE", f"{ISSUE}/labels/sync")[1]["message"] == WORDS
    for document in (ADD, SET):
        assert by_pulls.refused(document, **known) == ("FORBIDDEN", WORDS)
        by_issues.data(document, **known)


def test_whether_labels_and_milestones_can_be_read_without_issues_is_a_setting(hub, api, by_pulls, by_issues, client):
    assert "errors" not in by_pulls.ask(READ)
    hub.unknowns.label_fields = hub.unknowns.milestone_fields = "forbidden"
    answer = by_pulls.ask(READ)
    assert answer["data"]["repository"] == dict.fromkeys(("label", "labels", "milestones", "milestone")) | {
        "name": "api"
    }
    assert {(error["type"], error["message"]) for error in answer["errors"]} == {("FORBIDDEN", WORDS)}
    assert [error["path"][-1] for error in answer["errors"]] == ["label", "labels", "milestones", "milestone"]
    for reader in (by_issues, client):
        assert "errors" not in reader.ask(READ)
    api.private = False
    assert "errors" not in by_pulls.ask(READ)
