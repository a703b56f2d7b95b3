"""A document that GitHub breaks off: one error without type, path and data, and nothing after it is run."""

from __future__ import annotations

import pytest

from tests.hub.git.ids import node_id

ZERO = "0" * 40
MOVE = """mutation($id: ID!, $oid: GitObjectID!, $updates: [RefUpdate!]!) {
  one: createRef(input: {repositoryId: $id, name: "refs/heads/one", oid: $oid}) { ref { name } }
  moved: updateRefs(input: {repositoryId: $id, refUpdates: $updates}) { clientMutationId }
  two: createRef(input: {repositoryId: $id, name: "refs/heads/two", oid: $oid}) { ref { name } } }"""
FORCE = {"name": "refs/heads/topic", "force": True}
WORDS = (
    "Something went wrong while executing your query on 2025-06-15T15:06:40Z. "
    "Please include `HUB:1` when reporting this issue."
)


@pytest.fixture
def move(client, api):
    api.commit({"new": b"1"}, branch="topic")

    def ask(*updates):
        return client.ask(MOVE, id=node_id("R", api.id), oid=api.head(), updates=list(updates))

    return ask


@pytest.mark.parametrize("before", [ZERO, "1" * 40])
def test_update_refs_breaks_the_document_off_where_a_ref_is_not_as_expected(api, move, before):
    tip = api.head("topic")
    made = {"name": "refs/heads/made", "beforeOid": ZERO, "afterOid": api.head()}
    assert move(made, FORCE | {"beforeOid": before, "afterOid": api.head()}) == {"errors": [{"message": WORDS}]}
    assert api.branches().keys() == {"main", "topic", "one"}
    assert api.head("topic") == tip


def test_update_refs_of_a_ref_that_is_gone_breaks_the_document_off(api, move):
    gone = {"name": "refs/heads/gone", "beforeOid": api.head(), "afterOid": api.head("topic")}
    assert move(gone) == {"errors": [{"message": WORDS}]}


@pytest.mark.parametrize(("answer", "opaque"), [("typed", False), ("opaque", True)])
def test_how_update_refs_reports_a_ruleset_is_a_setting(hub, api, move, answer, opaque):
    hub.unknowns.update_refs_ruled, api.no_force_push = answer, ["topic"]
    found = move(FORCE | {"afterOid": api.head()})
    assert (found == {"errors": [{"message": WORDS}]}) == opaque
    assert ("two" in api.branches()) != opaque
    assert "topic" in api.branches()


@pytest.mark.parametrize(("answer", "opaque"), [("typed", False), ("opaque", True)])
def test_how_update_refs_says_what_cannot_be_is_a_setting(hub, api, move, answer, opaque):
    hub.unknowns.update_refs_impossible = answer
    found = move({"name": "refs/heads/topic", "afterOid": api.head()})
    assert (found == {"errors": [{"message": WORDS}]}) == opaque


def test_update_refs_takes_commits_only(api, move):
    blob = api.git("rev-parse", "main:dir0/file0.txt").strip()
    (error,) = move({"name": "refs/heads/made", "afterOid": blob})["errors"]
    assert (error["type"], error["path"]) == ("UNPROCESSABLE", ["moved"])
    assert error["message"] == "Invalid object type blob, expected commit"


@pytest.mark.parametrize(
    ("after", "branches"), [(False, {"main", "topic", "one"}), (True, {"main", "topic", "one", "x"})]
)
def test_a_test_can_break_any_document_off(hub, api, move, after, branches):
    hub.abort(lambda _request, path, *_: path == ["moved"], after_effect=after)
    assert move({"name": "refs/heads/x", "afterOid": api.head()}) == {"errors": [{"message": WORDS}]}
    assert api.branches().keys() == branches
    hub.abort(lambda _request, path, *_: path == ["two"])
    assert "data" not in move({"name": "refs/heads/x", "afterOid": api.head()})
