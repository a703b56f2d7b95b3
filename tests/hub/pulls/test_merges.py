"""Merging by the API: what GitHub says of a pull request beforehand, and what it refuses."""

from __future__ import annotations

import pytest

from tests.hub import ALTERNATIVES
from tests.hub.git.ids import node_id

MERGE = """mutation($pull: MergePullRequestInput!) { mergePullRequest(input: $pull) { pullRequest { state } } }"""
ENQUEUE = """mutation($pull: EnqueuePullRequestInput!) { enqueuePullRequest(input: $pull) { clientMutationId } }"""
STANDING = (
    """{ repository(owner: "acme", name: "api") { pullRequest(number: 1) { mergeStateStatus reviewDecision } } }"""
)


@pytest.fixture
def waiting(api):
    """A pull request that nothing keeps from being merged."""
    api.commit({"new": b"1"}, branch="waiting")
    return api.open_pull("waiting")


def standing(client) -> dict:
    return client.data(STANDING)["repository"]["pullRequest"]


def refusal(client, document, pull, **given) -> str:
    answer = client.ask(document, pull={"pullRequestId": node_id("PR", pull.repository.id, pull.number), **given})
    return "".join(error["message"] for error in answer.get("errors") or [])


def test_the_status_says_what_a_pull_request_lacks(client, api, waiting):
    assert standing(client)["mergeStateStatus"] == "CLEAN"
    api.report(waiting.head_oid, "ci", "PENDING")
    assert standing(client)["mergeStateStatus"] == "UNSTABLE"
    api.required_contexts = {"ci"}
    assert standing(client)["mergeStateStatus"] == "BLOCKED"
    api.commit({"more": b"1"})
    api.up_to_date = True
    assert standing(client)["mergeStateStatus"] == "BEHIND"
    waiting.draft = True
    assert standing(client)["mergeStateStatus"] == "DRAFT"


def test_a_decision_is_there_where_reviews_are_required(client, api, waiting):
    assert standing(client)["reviewDecision"] is None
    api.required_approvals = 1
    assert standing(client) == {"mergeStateStatus": "BLOCKED", "reviewDecision": "REVIEW_REQUIRED"}
    waiting.approvals = 1
    assert standing(client) == {"mergeStateStatus": "CLEAN", "reviewDecision": "APPROVED"}
    waiting.changes_requested = True
    assert standing(client)["reviewDecision"] == "CHANGES_REQUESTED"


def test_an_administrator_is_let_past_the_rules_and_others_are_not(client, hub, api, waiting):
    api.required_approvals = 1
    assert "At least 1 approving review" in refusal(client, MERGE, waiting)
    for token in hub.tokens.values():
        token.permission = "admin"
    assert standing(client)["mergeStateStatus"] == "BLOCKED"
    assert refusal(client, MERGE, waiting) == ""
    assert waiting.state == "MERGED"


def test_a_merge_of_another_head_is_refused(client, api, waiting):
    assert "Head branch was modified" in refusal(client, MERGE, waiting, expectedHeadOid=api.head())
    path = "/repos/acme/api/pulls/1/merge"
    assert client.rest("PUT", path, {"sha": api.head()})[0] == 409
    assert refusal(client, MERGE, waiting, expectedHeadOid=waiting.head_oid) == ""


def test_where_a_queue_is_required_nothing_else_merges(client, api, waiting):
    api.merge_queue = True
    assert refusal(client, MERGE, waiting) == "Changes must be made through the merge queue"
    assert refusal(client, ENQUEUE, waiting) == ""
    assert (waiting.in_merge_queue, waiting.state) == (True, "OPEN")


def test_a_queue_takes_only_what_the_rules_let_through(client, api, waiting):
    api.merge_queue, api.required_approvals = True, 1
    assert "approving review" in refusal(client, ENQUEUE, waiting)
    assert not waiting.in_merge_queue


@pytest.mark.parametrize("status", ALTERNATIVES["queue_status"])
def test_the_status_before_a_queue_is_a_setting(client, hub, api, waiting, status):
    api.merge_queue = True
    hub.unknowns.queue_status = status
    assert standing(client)["mergeStateStatus"] == status
