"""Which pull requests are ours, how their marker and history are read, and who closed them."""

from __future__ import annotations

from typing import Any

import pytest

from broadcast.observe.pull_requests import Ownership, is_apart, read_pulls, select_pulls
from broadcast.observe.state import Pull, State
from broadcast.ownership import Marker, enclosed
from tests.unit.plan.test_guards import target

TARGET = target("api")
US = Ownership("kit", "acme/kit")
NOON, SOON, LATER = "2026-01-01T12:00:00Z", "2026-01-01T12:00:05Z", "2026-01-01T12:00:06Z"


def body(sync_id: str = "kit", source: str = "acme/kit", **more: Any) -> str:
    values = {"config": "c.yml", "commit": "c" * 40, "title": "t", "pairs": frozenset(), "digest": "x"}
    return enclosed("text", Marker(sync_id, source, **{**values, **more}))


def node(text: str | None = None, **more: Any) -> dict[str, Any]:
    values = {
        "id": "PR_1", "number": 1, "url": "https://x/1", "state": "OPEN", "title": "t",
        "body": body() if text is None else text, "headRefOid": "a" * 40, "baseRefName": "main",
        "isCrossRepository": False,
    }  # fmt: skip
    return {**values, **more}


def read(*open_: Any, past: tuple[Any, ...] = (), **more: Any) -> State:
    blank = State("R_1", "acme/api", archived=False, disabled=False, permission=None, base=None, ours=None, labels={})
    data = {"open": {"nodes": list(open_)}, "past": {"nodes": list(past)}, **more}
    return read_pulls(blank, data, TARGET, US)


def closed(**more: Any) -> Pull:
    return read(past=(node(state="CLOSED", **more),)).pulls[0]


@pytest.mark.parametrize(("text", "is_ours"), [
    (body(), True),
    (body(source="Acme/Kit"), True),
    (body("other"), False),
    (body(source="acme/other"), False),
    ("no marker", False),
    ("", False),
    ("<!-- broadcast:marker {broken -->", False),
    ('<!-- broadcast:marker {"id": "kit"} -->', False),
    (body("other") + "\n" + body(), True),
    (body() + "\n" + body("other"), False),
])  # fmt: skip
def test_a_pull_request_is_ours_by_the_last_marker_in_its_body(text, is_ours):
    state = read(node(text))
    assert [one.number for one in state.pulls] == [1] * is_ours
    assert state.others == (() if is_ours else ((1, "main"),))


def test_a_forks_pull_request_is_never_ours():
    state = read(node(isCrossRepository=True))
    assert (state.pulls, state.others) == ((), ())


def test_what_the_token_may_not_see_is_left_out():
    assert [one.number for one in read(None, node()).pulls] == [1]


def test_a_closed_pull_request_of_others_stands_in_no_ones_way():
    assert read(past=(node("none", state="CLOSED"),)).others == ()


def test_a_marker_says_that_we_closed_it():
    assert closed(body=body(closed_by_us=True)).marker.closed_by_us


@pytest.mark.parametrize(("actor", "login"), [
    ({"__typename": "User", "login": "sam"}, "sam"),
    ({"__typename": "Bot", "login": "stale"}, "stale[bot]"),
    ({"__typename": "Bot", "login": "stale[bot]"}, "stale[bot]"),
    (None, ""),
])  # fmt: skip
def test_an_app_is_known_by_the_login_that_people_see(actor, login):
    event = {"__typename": "ClosedEvent", "createdAt": NOON, "actor": actor}
    assert closed(closing={"nodes": [event]}).closed_by == login


@pytest.mark.parametrize(("deleted", "by_github"), [(NOON, True), (SOON, True), (LATER, False), (None, False)])
def test_github_closed_it_where_its_base_was_deleted_at_that_moment(deleted, by_github):
    events: list[Any] = [{"__typename": "ClosedEvent", "createdAt": NOON, "actor": None}]
    events += [{"__typename": "BaseRefDeletedEvent", "createdAt": deleted}] if deleted else []
    assert closed(closing={"nodes": events}).base_deleted == by_github


@pytest.mark.parametrize(
    ("answer", "gone"), [({"baseRef": None}, True), ({"baseRef": {"name": "main"}}, False), ({}, False)]
)
def test_a_base_is_gone_only_where_github_was_asked_and_has_none(answer, gone):
    assert closed(**answer).base_gone == gone


def test_one_that_changes_nothing_is_empty_and_one_of_unknown_size_is_not():
    assert closed(changedFiles=0).empty
    assert not closed().empty


@pytest.mark.parametrize(("mergeable", "conflicting"), [("CONFLICTING", True), ("UNKNOWN", False), (None, False)])
def test_a_conflict_is_what_github_calls_one(mergeable, conflicting):
    assert read(node(mergeable=mergeable)).pulls[0].conflicting == conflicting


@pytest.mark.parametrize(("what", "flag"), [("pause", "paused"), ("rebuild", "rebuild")])
def test_people_ask_by_a_ticked_box(what, flag):
    text = f"- [x] <!-- broadcast:{what} --> please\n{body()}"
    assert getattr(read(node(text)).pulls[0], flag)
    assert not getattr(read(node(text.replace("[x]", "[ ]"))).pulls[0], flag)


def commit(**more: Any) -> dict[str, Any]:
    values = {"oid": "1" * 40, "message": "m", "parents": {"nodes": []}, "authoredDate": NOON, "committedDate": NOON}
    return {**values, **more}


def lineage(*nodes: Any, compare: Any = None) -> State:
    return read(ours={"target": {"history": {"nodes": nodes}}, "compare": compare})


@pytest.mark.parametrize(("committed", "amended"), [(NOON, False), (SOON, False), (LATER, True), (None, False)])
def test_a_commit_made_again_later_was_rewritten(committed, amended):
    assert lineage(commit(committedDate=committed)).lineage[0].amended == amended


def test_an_author_is_known_by_every_name_without_case():
    author = {"name": "Sam", "email": "Sam@Example.com", "user": {"login": "SAM-1"}}
    assert lineage(commit(author=author)).lineage[0].authors == {"sam", "sam@example.com", "sam-1"}
    assert lineage(commit(author={"name": None, "email": None, "user": None})).lineage[0].authors == frozenset()


@pytest.mark.parametrize(("compare", "ahead"), [({"behindBy": 0}, 0), ({"behindBy": 3}, 3), (None, None)])
def test_how_far_our_branch_is_ahead_is_what_the_base_lacks(compare, ahead):
    assert lineage(compare=compare).ahead == ahead


def test_without_our_branch_there_is_no_lineage():
    state = read(ours=None)
    assert (state.lineage, state.ahead, state.has_pulls) == ((), None, True)


@pytest.mark.parametrize(("one", "other", "apart"), [
    (NOON, SOON, False), (NOON, LATER, True), (LATER, NOON, True), (None, NOON, "unknown"), (NOON, "", "unknown"),
])  # fmt: skip
def test_two_moments_are_apart_by_more_than_a_few_seconds(one, other, apart):
    assert is_apart(one, other, unknown=True) == (apart in (True, "unknown"))
    assert is_apart(one, other, unknown=False) == (apart is True)


def test_the_timeline_is_selected_only_for_pull_requests_that_get_something():
    bare, full = (select_pulls("acme", "api", "b", "main", decorated=one) for one in (False, True))
    assert "decoration" not in bare.fragments
    assert "decoration" in full.fragments
