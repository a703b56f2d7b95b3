"""What a pull request is to be given, as values, and what is left of it after a refusal."""

from __future__ import annotations

from datetime import datetime

import pytest
from msgspec.structs import replace

from broadcast.apply import requests
from broadcast.apply.requests import Fresh, Thing, Wish
from broadcast.apply.task import Written
from broadcast.observe.state import Milestone, State
from broadcast.plan.plan import Plan
from tests.unit.config.test_names import PULL, pull, target

STATE = State(
    "R_1", "acme/api", archived=False, disabled=False, permission=None, base=None, ours=None, labels={"sync": "LA_1"},
    milestone=Milestone("MI_1", 7),
)  # fmt: skip
SETTINGS = """\
pr_labels: [sync, new]
pr_assignees: [sam, gone]
pr_milestone: "1.0"
pr_reviewers: [alice, me, gone]
pr_team_reviewers: [platform, acme/secret]
"""
IDS = {"sam": "U_1", "alice": "U_2", "me": "U_3", "acme/platform": "T_1"}
OURS = "PR_1"
SYNC, CI, NEW = Thing("sync", "LA_1"), Thing("ci", "LA_2"), Thing("new")
SAM, LEE, TEAM = Thing("sam", "U_1"), Thing("lee", "U_4"), Thing("acme/platform", "T_1")


def fresh(settings: str = SETTINGS, **more) -> Fresh:
    return Fresh(target(settings), replace(STATE, **more), Written(OURS, 3, "https://x/3"))


def wish(what: requests.What, *things: Thing, is_narrowed: bool = False, by_rest: bool = False) -> Wish:
    return Wish(fresh(), what, things, is_narrowed, by_rest)


def named(found: list[Wish]) -> list[tuple[str, ...]]:
    return [(one.what, *(thing.name for thing in one.things)) for one in found]


def test_what_has_ids_goes_together_and_the_rest_by_itself():
    found = requests.wishes(fresh(), IDS, "Me")
    assert named(found) == [
        ("label", "sync"),
        ("label", "new"),
        ("assignee", "sam"),
        ("milestone", "1.0"),
        ("reviewer", "alice", "acme/platform"),
        ("reviewer", "gone", "acme/secret"),
    ]
    assert [one.has_ids for one in found] == [True, False, True, True, True, False]
    assert requests.wishes(fresh("", milestone=None), IDS, "") == []


def test_what_is_known_to_be_missing_is_reported_without_trying():
    texts = list(requests.missing(fresh(milestone=None), IDS, "me"))
    assert [text.partition(": ")[0] for text in texts] == ["assignee gone", "milestone 1.0"]
    (hidden,) = requests.missing(fresh('pr_milestone: "1.0"\n', milestone=None, hides_milestones=True), IDS, "")
    assert "Issues: read" in hidden
    (alone,) = requests.missing(fresh("pr_reviewers: [ME]\n", milestone=None), IDS, "me")
    assert alone.startswith("reviewer ME: is the author")
    assert not list(requests.missing(fresh("pr_reviewers: [me, alice]\n"), IDS, "me"))


@pytest.mark.parametrize(
    ("asked", "graphql", "rest"),
    [
        (
            wish("label", SYNC, Thing("type/bug", "LA_3")),
            {"labelableId": OURS, "labelIds": ["LA_1", "LA_3"]},
            ("POST", "/repos/acme/api/issues/3/labels", {"labels": ["sync", "type/bug"]}),
        ),
        (
            wish("assignee", SAM),
            {"assignableId": OURS, "assigneeIds": ["U_1"]},
            ("POST", "/repos/acme/api/issues/3/assignees", {"assignees": ["sam"]}),
        ),
        (
            wish("milestone", Thing("1.0", "MI_1", 7)),
            {"pullRequestId": OURS, "milestoneId": "MI_1"},
            ("PATCH", "/repos/acme/api/issues/3", {"milestone": 7}),
        ),
        (
            wish("reviewer", SAM, TEAM),
            {"pullRequestId": OURS, "userIds": ["U_1"], "teamIds": ["T_1"], "union": True},
            (
                "POST",
                "/repos/acme/api/pulls/3/requested_reviewers",
                {"reviewers": ["sam"], "team_reviewers": ["platform"]},
            ),
        ),
    ],
)
def test_a_wish_can_be_said_in_graphql_and_in_rest(asked, graphql, rest):
    assert asked.input == graphql
    assert tuple(asked.request) == rest


@pytest.mark.parametrize(
    ("asked", "reason", "blamed", "left"),
    [
        (wish("label", SYNC, by_rest=True), "no", (SYNC,), []),
        (wish("label", SYNC, CI, by_rest=True), "no", (), [("label", "sync"), ("label", "ci")]),
        (wish("label", SYNC, CI), "not accessible by integration", (), [("label", "sync"), ("label", "ci")]),
        (wish("label", SYNC, CI), "unknown words", (), [("label", "sync", "ci")]),
        (wish("assignee", SAM, LEE), "unknown words", (), [("assignee", "sam"), ("assignee", "lee")]),
        (wish("label", NEW, CI), "node with the global id of ''", (), [("label", "new"), ("label", "ci")]),
        (wish("reviewer", SAM, LEE, TEAM), "the global id of 'T_1'.", (TEAM,), [("reviewer", "sam", "lee")]),
        (
            wish("reviewer", SAM, LEE, TEAM, is_narrowed=True),
            "the global id of 'T_1'.",
            (TEAM,),
            [("reviewer", "sam"), ("reviewer", "lee")],
        ),
        (wish("reviewer", SAM, TEAM), "neither 'U_1' nor 'T_1'", (SAM, TEAM), []),
    ],
)
def test_who_is_named_or_alone_is_to_blame_and_the_rest_is_tried_without_them(asked, reason, blamed, left):
    found, more = requests.refused(asked, reason)
    assert (found, named(more)) == (blamed, left)


@pytest.mark.parametrize("words", ["no", "the global id of 'U_1'", "the global id of 'T_1'", ""])
def test_after_so_many_rounds_of_refusals_nothing_is_left(words):
    left = [wish("reviewer", SAM, LEE, TEAM), wish("label", SYNC, CI, NEW)]
    for _ in range(requests.ROUNDS):
        left = [more for one in left for more in requests.refused(one, words)[1]]
    assert left == []


@pytest.mark.parametrize(
    ("asked", "thing", "reason", "text"),
    [
        (wish("label", NEW), NEW, "no", "label new: no; make it in the repository, or give the token Issues: write"),
        (wish("assignee", SAM), SAM, "Resource not accessible by integration", "give the token Issues: write"),
        (wish("reviewer", SAM), SAM, "no", "reviewer sam: no; give them access to the repository"),
        (wish("reviewer", TEAM), TEAM, "no", "Members: read is missing, or the team has no access"),
        (wish("label", Thing("a/b")), Thing("a/b"), "no", "make it in the repository"),
    ],
)
def test_a_refusal_is_reported_with_the_thing_and_the_remedy(asked, thing, reason, text):
    assert text in requests.refusal_text(asked, thing, reason)


@pytest.mark.parametrize(
    ("settings", "mutations", "calls"),
    [
        ("", 0, 0),
        ("pr_labels: [sync]\n", 1, 1),
        ("pr_labels: [new]\n", 1, 1),
        ("pr_labels: [sync, new]\npr_assignees: [sam]\n", 2, 2),
        (SETTINGS, 4, 2),
    ],
)
def test_what_pull_requests_take_can_be_counted(settings, mutations, calls):
    known = {} if "milestone" in settings else {"milestone": None}
    assert requests.count(target(settings).settings) == mutations
    assert requests.calls([fresh(settings, **known)]) == calls


@pytest.mark.parametrize(
    ("outcome", "events", "more", "merges"),
    [
        ("created", [], {}, True),
        ("open", [], {}, True),
        ("updated", [], {}, True),
        ("edited", [], {}, False),
        ("open", [{"__typename": "AutoMergeDisabledEvent"}], {}, False),
        ("open", [], {"undoes": {"a": 1}}, False),
        ("created", [], {"undoes": {"a": 1}}, False),
    ],
)
def test_auto_merge_is_for_new_pull_requests_and_those_that_never_had_it(outcome, events, more, merges):
    plan = Plan("nothing", outcome, pull=pull(events), **more)
    wanting = target("pr_auto_merge: true\n")
    assert requests.merges_itself(wanting, outcome, plan) is merges
    assert not requests.merges_itself(target(), outcome, plan)


def test_only_new_pull_requests_and_those_that_were_given_nothing_are_due():
    bare, whole = (
        pull(events)._replace(created_at="2026-01-01T00:00:00Z") for events in ([], [{"label": {"name": "sync"}}])
    )
    soon = datetime.fromisoformat("2026-01-01T12:00:00Z").timestamp()
    later = soon + requests.DAY
    assert requests.is_due("created", None, later)
    assert [requests.is_due("open", bare, now) for now in (soon, later)] == [True, False]
    assert [requests.is_due("updated", bare, now) for now in (soon, later)] == [True, True]
    assert not any(
        requests.is_due(outcome, one, soon) for outcome, one in (("open", whole), ("open", None), ("edited", bare))
    )
    assert PULL["id"] == bare.id
