"""What a target lacks or refuses is left out one by one, naming the culprit; the rest is set, whichever way GitHub answers."""

from __future__ import annotations

import pytest

from tests.hub.git.ids import node_id
from tests.hub.unknowns import ALTERNATIVES
from tests.integration.test_metadata import (
    WHOLE,
    decorated,
    documents,
    fleet,
    kinds,
    warnings,
    world,
)

__all__ = ["world"]

PULLS = {"contents": "write", "pull_requests": "write"}
ISSUES, MEMBERS = {"issues": "write"}, {"members": "read"}
INTEGRATION = "Resource not accessible by integration"


def app(world, *more: dict[str, str]) -> dict[str, str]:
    """The token of an App with these permissions besides those that every run needs."""
    permissions = PULLS | {name: level for one in more for name, level in one.items()}
    world.hub.token("ghs_app", login="broadcast", kind="app", permissions=permissions)
    return {"token": "ghs_app"}


def idles(world, **inputs: str) -> None:
    """A run that finds everything as it should be, and writes nothing."""
    ran = world.run(**inputs)
    assert set(ran.outcomes.values()) == {"open"}
    assert not [request for request in world.hub.requests if request.writes]


def refuses(world, name: str, reason: str, culprit: str, **more) -> None:
    """Refuse every mutation of that name that is about the culprit, whose id is in its input."""
    world.hub.fail_field(
        lambda request, path, kind, field, arguments: field == name and culprit in str(arguments["input"]),
        reason, times=99, **more,
    )  # fmt: skip


# Labels


@pytest.mark.parametrize("written", ["Sync", "SYNC"])
def test_a_label_in_another_case_is_the_one_that_is_meant_and_costs_nothing_more(world, written):
    (api,) = fleet(world, "pr_labels: [sync]\n", labels=[written])
    assert warnings(world.run()) == []
    assert api.pulls[0].labels == [written]
    idles(world)
    api.set_labels(api.pulls[0], [], "alice")
    idles(world)
    assert api.pulls[0].labels == []


def test_labels_that_the_config_names_in_two_cases_are_one(world):
    (api,) = fleet(world, "pr_labels: [sync, Sync]\npr_assignees: [sam, SAM]\n")
    world.run()
    assert (api.pulls[0].labels, api.pulls[0].assignees) == (["sync"], ["sam"])


def test_labels_that_the_repository_lacks_are_made_by_rest(world):
    lacking, having = fleet(world, count=2, labels=[])
    having.add_label("sync")
    ran = world.run()
    assert (ran.code, warnings(ran)) == (0, [])
    assert [decorated(api.pulls[0]) for api in (lacking, having)] == [WHOLE] * 2
    assert [one.path for one in world.hub.requests if one.kind == "rest write"] == ["/repos/acme/t0/issues/1/labels"]


@pytest.mark.parametrize("there", [[], ["sync"], ["sync", "ci"]])
def test_an_app_without_issues_sets_the_labels_that_exist_and_names_the_others(world, there):
    (api,) = fleet(world, "pr_labels: [sync, new, ci]\n", labels=there)
    ran = world.run(**app(world))
    assert set(api.pulls[0].labels) == set(there)
    missing = [name for name in ("sync", "new", "ci") if name not in there]
    assert [text.partition(": GitHub")[0] for text in warnings(ran)] == [f"acme/t0: label {name}" for name in missing]
    assert all("permission to create labels" in text for text in warnings(ran))
    assert all(text.endswith("make it in the repository, or give the token Issues: write") for text in warnings(ran))
    assert set(api.labels) == set(there)


@pytest.mark.parametrize("more", [[], [ISSUES]])
def test_labels_whose_ids_are_hidden_are_set_by_name(world, more):
    world.hub.unknowns.label_fields = "forbidden"
    (api,) = fleet(world, "pr_labels: [sync, new, ci]\n", labels=["sync", "ci"])
    ran = world.run(**app(world, *more))
    assert set(api.pulls[0].labels) == {"sync", "ci", *(["new"] if more else [])}
    assert [text[: len("acme/t0: label new")] for text in warnings(ran)] == ([] if more else ["acme/t0: label new"])
    idles(world, token="ghs_app")


def test_where_labels_are_for_issues_alone_each_thing_is_named_with_its_remedy(world):
    world.hub.unknowns.pull_conversation = "issues"
    (api,) = fleet(world)
    ran = world.run(**app(world, MEMBERS))
    assert decorated(api.pulls[0]) == WHOLE | {"labels": [], "assignees": [], "milestone": None}
    names = ("label sync", "assignee sam", "milestone 1.0")
    assert warnings(ran) == [f"acme/t0: {name}: {INTEGRATION}; give the token Issues: write" for name in names]


@pytest.mark.parametrize("answer", ["issues", "either right"])
def test_with_issues_and_members_an_app_sets_everything_whatever_github_asks_for(world, answer):
    world.hub.unknowns.pull_conversation = world.hub.unknowns.create_label = answer
    (api,) = fleet(world, labels=[])
    ran = world.run(**app(world, ISSUES, MEMBERS))
    assert (warnings(ran), decorated(api.pulls[0])) == ([], WHOLE)


# Milestones


@pytest.mark.parametrize("milestones", [[], ["1.0.1", "11.0"]])
def test_a_milestone_that_is_not_there_is_named_and_the_rest_arrives(world, milestones):
    (api,) = fleet(world, milestones=milestones)
    ran = world.run()
    text = "acme/t0: milestone 1.0: there is no open milestone of that title; make it in the repository"
    assert (ran.code, warnings(ran)) == (0, [text])
    assert decorated(api.pulls[0]) == WHOLE | {"milestone": None}


def test_a_milestone_in_another_case_is_the_one_that_is_meant(world):
    (api,) = fleet(world, "pr_milestone: next\n", milestones=["Next"])
    assert warnings(world.run()) == []
    assert api.pulls[0].milestone.title == "Next"
    idles(world)


def test_milestones_that_are_hidden_are_reported_with_the_permission_that_shows_them(world):
    world.hub.unknowns.milestone_fields = "forbidden"
    (api,) = fleet(world)
    ran = world.run(**app(world, MEMBERS))
    assert [text.partition("; ")[2] for text in warnings(ran)] == ["give it Issues: read"]
    assert decorated(api.pulls[0]) == WHOLE | {"milestone": None}


@pytest.mark.parametrize("field", ["addLabelsToLabelable", "updatePullRequest", "requestReviews"])
def test_what_graphql_refuses_in_unknown_words_is_done_by_rest(world, field):
    (api,) = fleet(world)
    refuses(world, field, "Something that GitHub never said", "PR_")
    ran = world.run()
    assert warnings(ran) == []
    assert decorated(api.pulls[0]) == WHOLE


# Assignees


def test_a_user_that_does_not_exist_is_named_and_the_others_are_assigned(world):
    (api,) = fleet(world, "pr_assignees: [nobody-here, sam]\npr_labels: [sync]\n")
    ran = world.run()
    assert ran.code == 0
    (text,) = warnings(ran)
    assert text.startswith("acme/t0: assignee nobody-here: GitHub shows no user of that name; ")
    assert (api.pulls[0].assignees, api.pulls[0].labels) == (["sam"], ["sync"])


@pytest.mark.parametrize("names_it", [True, False])
def test_people_who_cannot_be_assigned_are_left_out_one_by_one(world, names_it):
    (api,) = fleet(world, "pr_assignees: [kim, sam, lee]\npr_labels: [sync]\n")
    kim, _ = (node_id("U", world.hub.user(login).id) for login in ("kim", "lee"))
    refuses(world, "addAssigneesToAssignable", f"'{kim}' can't be assigned" if names_it else "Not assignable", kim)
    ran = world.run()
    assert [text.partition(": ")[2].partition(": ")[0] for text in warnings(ran)] == ["assignee kim"]
    assert (api.pulls[0].assignees, api.pulls[0].labels) == (["sam", "lee"], ["sync"])
    assert [kinds(request) for request in documents(world)] == (["la", "a"] if names_it else ["la", "aaa"])


def test_where_no_one_is_asked_a_warning_says_so_and_labels_are_given_by_the_next_run(world):
    (api,) = fleet(world)
    world.hub.fail(
        lambda one: "user(login:" in (one.document or ""), status=200, body={"errors": [{"message": "no"}]}, times=3
    )
    (text,) = warnings(world.run())
    assert text.startswith("acme/t0: labels and reviewers may be missing: GitHub doesn't show these people: no; ")
    assert world.run().outcomes == {"acme/t0": "open"}
    assert decorated(api.pulls[0]) == WHOLE


# Questions that no one has answered


@pytest.mark.parametrize("answer", ALTERNATIVES["unassignable"])
def test_whatever_becomes_of_people_without_access_the_others_are_assigned(world, answer):
    world.hub.unknowns.unassignable = answer
    (api,) = fleet(world, "pr_assignees: [alice, sam]\npr_labels: [sync]\n")
    api.collaborators = {"sam"}
    ran = world.run()
    (text,) = warnings(ran)
    words = "Assignee is not assignable" if answer == "refused" else "GitHub leaves them out"
    remedy = "give them access to the repository, or take them out of pr_assignees"
    assert text == f"acme/t0: assignee alice: {words}; {remedy}"
    assert (api.pulls[0].assignees, api.pulls[0].labels) == (["sam"], ["sync"])
    assert [kinds(request) for request in documents(world)] == (["la", "aa"] if answer == "refused" else ["la"])


def test_assignees_that_the_token_may_not_see_are_taken_for_assigned(world):
    (api,) = fleet(world, "pr_assignees: [sam]\n")
    world.hub.fail_field(lambda request, path, *_: path[-1] == "assignees", "no", "FORBIDDEN")
    assert warnings(world.run()) == []
    assert api.pulls[0].assignees == ["sam"]


@pytest.mark.parametrize("answer", ALTERNATIVES["merge_fields"])
def test_an_app_that_may_not_see_auto_merge_does_not_set_it_in_every_run(world, answer):
    world.hub.unknowns.merge_fields = answer
    (api,) = fleet(world)
    assert warnings(world.run(**app(world, ISSUES, MEMBERS))) == []
    assert decorated(api.pulls[0]) == WHOLE
    idles(world, token="ghs_app")


@pytest.mark.parametrize("answer", ALTERNATIVES["empty_label_ids"])
def test_the_label_that_asks_for_a_rebuild_goes_whatever_an_empty_list_does(world, answer):
    world.hub.unknowns.empty_label_ids = answer
    (api,) = fleet(world, "")
    world.run()
    api.label_pull(1, "broadcast:rebuild")
    assert world.run().outcomes == {"acme/t0": "updated"}
    assert api.pulls[0].labels == []
    idles(world)


def test_what_is_refused_for_a_day_is_not_tried_at_every_run(world):
    fleet(world, "pr_labels: [new]\npr_team_reviewers: [platform]\n")
    token = app(world)
    assert len(warnings(world.run(**token))) == 2
    world.hub.clock.advance(3600)
    assert len(warnings(world.run(**token))) == 2
    world.hub.clock.advance(24 * 3600)
    idles(world, **token)
