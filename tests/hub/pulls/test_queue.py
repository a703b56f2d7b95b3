"""A pull request that waits in a merge queue loses its place when its branch moves."""

from __future__ import annotations

import pytest

from tests.hub.git.ids import node_id

QUEUED = '{ repository(owner: "acme", name: "api") { pullRequest(number: 1) { isInMergeQueue state } } }'
MOVE = """mutation($id: ID!, $oid: GitObjectID!) {
  updateRefs(input: {repositoryId: $id, refUpdates: [{name: "refs/heads/topic", afterOid: $oid, force: true}]})
    { clientMutationId } }"""
COMMIT = """mutation($head: GitObjectID!) {
  createCommitOnBranch(input: {branch: {repositoryNameWithOwner: "acme/api", branchName: "topic"},
    expectedHeadOid: $head, message: {headline: "m"}, fileChanges: {additions: [{path: "n", contents: "MQ=="}]}})
    { commit { oid } } }"""


@pytest.fixture
def pull(api):
    api.commit({"new": b"1"}, branch="topic")
    api.commit({"new": b"2"}, branch="other")
    pull = api.open_pull("topic")
    pull.in_merge_queue = True
    return pull


def queued(client) -> bool:
    return client.data(QUEUED)["repository"]["pullRequest"]["isInMergeQueue"]


def test_updating_the_refs_takes_it_out(client, api, pull):
    assert queued(client)
    client.data(MOVE, id=node_id("R", api.id), oid=api.head("topic"))
    assert queued(client)  # nothing has moved
    client.data(MOVE, id=node_id("R", api.id), oid=api.head("other"))
    assert not queued(client)


def test_so_does_rest(client, api, pull):
    body = {"sha": api.head("other"), "force": True}
    assert client.rest("PATCH", "/repos/acme/api/git/refs/heads/topic", body)[0] == 200
    assert not queued(client)


def test_so_does_a_commit(client, api, pull):
    client.data(COMMIT, head=pull.head_oid)
    assert not queued(client)


def test_so_does_closing_but_not_what_is_said_about_it(client, api, pull):
    client.rest("PATCH", "/repos/acme/api/pulls/1", {"title": "New", "body": "New"})
    client.rest("POST", "/repos/acme/api/issues/1/labels", {"labels": ["sync"]})
    api.commit({"moved": b"on"})
    assert queued(client)
    api.close_pull(1)
    assert not queued(client)
