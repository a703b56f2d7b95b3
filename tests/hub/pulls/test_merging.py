"""Auto-merge: who may have it, when, and what GitHub says where there is nothing to wait for."""

from __future__ import annotations

import pytest

from tests.hub import Clock, Hub
from tests.hub.conftest import FILES, Client
from tests.hub.git.ids import node_id

ENABLE = """mutation($id: ID!, $head: GitObjectID) {
  enablePullRequestAutoMerge(input: {pullRequestId: $id, expectedHeadOid: $head}) { pullRequest { number } } }"""
STATE = """{ repository(owner: "acme", name: "api") { pullRequest(number: 1) {
  mergeable mergeStateStatus state autoMergeRequest { mergeMethod } } } }"""
CLEAN = "Pull request Pull request is in clean status"


@pytest.fixture
def hub(tmp_path):
    with Hub(tmp_path / "hub", clock=Clock()) as running:
        running.token("secret")
        yield running


@pytest.fixture
def api(hub):
    api = hub.repository("acme/api", files=FILES, allow_auto_merge=True, required_checks=True)
    api.commit({"new": b"1"}, branch="topic")
    api.open_pull("topic")
    return api


@pytest.fixture
def client(hub, api):
    client = Client(hub, "secret")
    yield client
    client.session.close()


def refused(client, api, **more):
    return client.refused(ENABLE, id=node_id("PR", api.id, 1), **more)[1]


def state(client):
    return client.data(STATE)["repository"]["pullRequest"]


def test_auto_merge_needs_leave_and_something_to_wait_for(client, api):
    api.allow_auto_merge = False
    assert refused(client, api) == "Pull request Auto merge is not allowed for this repository"
    api.allow_auto_merge, api.required_checks = True, False
    assert refused(client, api) == CLEAN
    api.required_checks = True
    client.data(ENABLE, id=node_id("PR", api.id, 1))
    assert state(client)["autoMergeRequest"] == {"mergeMethod": "MERGE"}


def test_right_after_its_creation_a_pull_request_is_unstable(hub, client, api):
    hub.unstable_for = 30.0
    for seconds in (0, 29):
        hub.clock.advance(seconds)
        assert refused(client, api) == "Pull request Pull request is in unstable status"
        assert (state(client)["mergeable"], state(client)["mergeStateStatus"]) == ("UNKNOWN", "UNKNOWN")
        assert client.rest("GET", "/repos/acme/api/pulls/1")[1]["mergeable"] is None
    hub.clock.advance(1)
    client.data(ENABLE, id=node_id("PR", api.id, 1))
    assert (state(client)["mergeable"], state(client)["mergeStateStatus"]) == ("MERGEABLE", "BLOCKED")


def test_the_head_must_be_the_expected_one(client, api):
    words = "Failed to add PR #1: expected head oid does not match the current head oid"
    assert refused(client, api, head=api.head()) == words
    client.data(ENABLE, id=node_id("PR", api.id, 1), head=api.head("topic"))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("clean status", CLEAN),
        ("in brackets", f'["{CLEAN}"]'),
        ("not configured", "Pull request Protected branch rules not configured for this branch"),
    ],
)
def test_how_github_says_that_nothing_is_left_to_wait_for_is_a_setting(hub, client, api, answer, words):
    hub.unknowns.auto_merge_clean, api.required_checks = answer, False
    assert refused(client, api) == words


@pytest.mark.parametrize(("answer", "found"), [("armed", "OPEN"), ("merged", "MERGED")])
def test_or_it_does_more_than_that(hub, client, api, answer, found):
    hub.unknowns.auto_merge_clean, api.required_checks = answer, False
    client.data(ENABLE, id=node_id("PR", api.id, 1))
    assert state(client)["state"] == found
    assert state(client)["autoMergeRequest"] == {"mergeMethod": "MERGE"}
