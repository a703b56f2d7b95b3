"""What documents cost, and how large they may be."""

from __future__ import annotations

import time

from broadcast.github.questions import document
from broadcast.observe.repository import Details, select_repository
from tests.live.documents import words_of
from tests.live.marks import statement

PAGES = """query($owner: String!) { rateLimit { cost nodeCount } repositoryOwner(login: $owner) {
  repositories(first: 100) { nodes { repositoryTopics(first: 20) { nodes { topic { name } } }
    defaultBranchRef { target { ... on Commit { history(first: 5) { nodes { oid } } } } } } } } }"""
NODES = """query($owner: String!) { repositoryOwner(login: $owner) { repositories(first: 100) { nodes {
  pullRequests(first: 100) { nodes { comments(first: 100) { nodes { id } } } } } } } }"""
LOOKS = 100


@statement("one-point", reads=True)
def test_a_query_costs_what_its_connections_come_to(api, repository):
    found = api.data(PAGES, owner=repository.owner)["rateLimit"]
    assert found == {"cost": 2, "nodeCount": 100 + 100 * 20 + 100 * 5}


@statement("too-many-nodes", reads=True)
def test_a_query_for_too_many_nodes_is_refused(api, repository):
    (error,) = api.errors(NODES, owner=repository.owner)
    assert error["type"] == "MAX_NODE_LIMIT_EXCEEDED"


@statement("hundred-looks", question="too_heavy", reads=True)
def test_a_hundred_of_our_questions_in_one_document(api, place, repository, found):
    place.on_hub(lambda hub: (setattr(hub, "weight", 0.001), setattr(hub.limits, "weight", 0.05)))
    details = Details(("live",), "", auto_merge=True, others=True)
    one = select_repository(
        repository.owner,
        repository.name,
        base=None,
        branches=("live", "live-scratch"),
        roots=("README.md",),
        details=details,
    )
    started = time.monotonic()
    reply = api.post(document([one] * LOOKS), {})
    seconds = f"{time.monotonic() - started:.1f} s"
    place.on_hub(lambda hub: setattr(hub, "weight", 0.0))
    if reply.status != 200:
        found("cut" if reply.status == 0 else str(reply.status), seconds)
        return
    data = reply.body.get("data") or {}
    answered = sum(value is not None for name, value in data.items() if name.startswith("q"))
    if answered == LOOKS:
        found("answered", f"{seconds}, {data['rateLimit']['cost']} points")
    else:
        found(words_of(reply.body.get("errors", [])[:1]), f"{answered} of {LOOKS}, {seconds}")
