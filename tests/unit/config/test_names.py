"""Names that differ by case alone are one name to GitHub, and what a pull request was given is compared so."""

from __future__ import annotations

import pytest

from broadcast.config.names import distinct, is_same
from broadcast.config.parse import parse
from broadcast.config.settings import settings_of
from broadcast.config.targets import resolve
from broadcast.observe import pull_requests, repository

PULL = {
    "id": "PR_1", "number": 1, "url": "https://x/1", "state": "OPEN", "title": "t", "headRefOid": "0" * 40,
    "baseRefName": "main",
}  # fmt: skip
WANTED = """\
pr_labels: [sync]
pr_assignees: [Sam]
pr_milestone: V1
pr_reviewers: [alice]
pr_team_reviewers: [platform]
"""
LABELED, ASSIGNED, ASKED = ({"__typename": f"{name}Event"} for name in ("Labeled", "Assigned", "ReviewRequested"))


def target(settings: str = ""):
    config = parse(f"version: 1\ntargets: [acme/api]\nfiles: [a]\n{settings}", "c.yml", "acme/templates")
    (found,), _ = resolve(config, "acme/templates", {}, {})
    return found


def pull(events: list | None, settings: str = WANTED, **more):
    timeline = None if events is None else {"nodes": events}
    return pull_requests.read_pull(PULL | {"timelineItems": timeline} | more, target(settings))


@pytest.mark.parametrize("other", ["sync", "SYNC", "Sync"])
def test_case_makes_no_other_name(other):
    assert is_same("sync", other)
    assert distinct(["sync", other, "more"]) == ("sync", "more")


def test_what_the_config_names_twice_in_different_case_is_one():
    settings = target("pr_labels: [sync, Sync]\npr_reviewers: [Alice, alice]\n").settings
    assert (settings.pr_labels, settings.pr_reviewers) == (("sync",), ("Alice",))
    assert settings_of([]).pr_labels == ()


@pytest.mark.parametrize(
    "event",
    [
        LABELED | {"label": {"name": "Sync"}},
        ASSIGNED | {"assignee": {"login": "sam"}},
        {"__typename": "MilestonedEvent", "milestoneTitle": "v1"},
        ASKED | {"requestedReviewer": {"__typename": "User", "login": "ALICE"}},
        ASKED | {"requestedReviewer": {"__typename": "Team"}},
        ASKED | {"requestedReviewer": None},  # a team that the token may not read
        ASSIGNED | {"assignee": None},
        LABELED | {"label": None},
        None,
    ],
)
def test_what_was_given_or_is_hidden_is_not_given_in_every_run(event):
    assert pull([event]).decorated


@pytest.mark.parametrize(
    ("event", "settings"),
    [
        (LABELED | {"label": {"name": "bug"}}, WANTED),
        (ASSIGNED | {"assignee": {}}, WANTED),
        (ASKED | {"requestedReviewer": None}, "pr_labels: [sync]\n"),
        (ASSIGNED | {"assignee": None}, "pr_labels: [sync]\n"),
    ],
)
def test_what_others_gave_is_not_taken_for_ours(event, settings):
    assert not pull([event], settings).decorated


def test_where_the_timeline_is_hidden_nothing_is_given():
    assert pull(None).decorated
    assert not pull(None, auto_merge=None).lacks_auto_merge


@pytest.mark.parametrize("kind", pull_requests.ARMING)
def test_auto_merge_that_was_set_or_taken_away_once_is_not_missing(kind):
    assert not pull([{"__typename": kind}]).lacks_auto_merge


def test_auto_merge_is_missing_where_nothing_reports_it():
    assert pull([LABELED | {"label": {"name": "sync"}}]).lacks_auto_merge
    assert not pull([], autoMergeRequest={"enabledAt": "2026-01-01T00:00:00Z"}).lacks_auto_merge
    assert not pull([None]).lacks_auto_merge
    assert not pull([LABELED | {"label": {"name": "sync"}}] * pull_requests.EVENTS).lacks_auto_merge


@pytest.mark.parametrize("hidden", [None, {"nodes": None}, {"nodes": [None]}])
def test_labels_that_the_token_may_not_read_ask_for_nothing(hidden):
    found = pull([], labels=hidden)
    assert (found.paused, found.rebuild, found.rebuild_label) == (False, False, "")


def test_people_may_write_our_labels_in_their_own_case():
    nodes = [{"id": "LA_1", "name": "Broadcast:Pause"}, {"id": "LA_2", "name": "BROADCAST:REBUILD"}]
    found = pull([], labels={"nodes": nodes})
    assert (found.paused, found.rebuild, found.rebuild_label) == (True, True, "LA_2")


def test_of_two_milestones_the_one_is_meant_that_is_written_exactly_so():
    nodes = [{"id": "MI_1", "number": 1, "title": "v1"}, {"id": "MI_2", "number": 2, "title": "V1"}, None]
    assert repository._milestone(nodes, "V1").number == 2
    assert repository._milestone(nodes, "v1").number == 1
    assert repository._milestone(nodes[:1], "V1").number == 1
    assert repository._milestone(nodes, "v2") is None
