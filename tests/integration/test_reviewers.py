"""Who can't be asked for a review is left out by name, and the others are asked: authors, strangers, hidden teams."""

from __future__ import annotations

import pytest

from tests.hub.git.ids import node_id
from tests.hub.pulls.opening import STRANGERS
from tests.hub.unknowns import ALTERNATIVES
from tests.integration.test_labels_and_people import ISSUES, app, idles, refuses
from tests.integration.test_metadata import (
    EVERYTHING,
    WHOLE,
    decorated,
    decorates,
    documents,
    fleet,
    kinds,
    warnings,
    world,
)

__all__ = ["world"]


def test_the_author_is_never_asked_and_the_others_are(world):
    (api,) = fleet(world, "pr_reviewers: [Broadcast-Bot, alice]\n")
    ran = world.run()
    assert (warnings(ran), api.pulls[0].reviewers) == ([], ["alice"])
    assert not [one for one in world.hub.requests if decorates(one) and "Broadcast-Bot" in str(one.variables)]
    assert sum(" viewer {" in (one.document or "") for one in world.hub.requests) == 1


def test_an_author_who_is_the_only_reviewer_is_a_warning(world):
    fleet(world, "pr_reviewers: [broadcast-bot]\n")
    (text,) = warnings(world.run())
    assert text.startswith("acme/t0: reviewer broadcast-bot: is the author")


def test_an_author_whom_github_does_not_name_is_left_out_when_it_refuses(world):
    (api,) = fleet(world, "pr_reviewers: [broadcast-bot, alice]\npr_team_reviewers: [platform]\n")
    world.hub.fail_field(lambda request, path, *_: path == ["viewer"], "no", times=99)
    ran = world.run()
    assert [text.split(": ")[1] for text in warnings(ran)] == ["reviewer broadcast-bot"]
    assert (api.pulls[0].reviewers, api.pulls[0].team_reviewers) == (["alice"], ["platform"])


def test_who_is_no_collaborator_is_found_by_asking_one_by_one(world):
    (api,) = fleet(world, "pr_reviewers: [alice, sam, kim]\npr_team_reviewers: [platform]\npr_labels: [sync]\n")
    refuses(world, "requestReviews", STRANGERS.format("acme/t0"), node_id("U", world.hub.user("kim").id))
    ran = world.run()
    (text,) = warnings(ran)
    assert text.startswith("acme/t0: reviewer kim: Reviews may only be requested from collaborators.")
    assert text.endswith("give them access to the repository, or take them out of pr_reviewers")
    assert (set(api.pulls[0].reviewers), api.pulls[0].team_reviewers) == ({"alice", "sam"}, ["platform"])
    assert [kinds(request) for request in documents(world)] == ["lr", "rrrr"]


def test_a_team_whose_id_the_token_may_not_use_is_left_out_at_once(world):
    (api,) = fleet(world)
    team = node_id("T", world.hub.team("acme", "platform").id)
    refuses(
        world, "requestReviews", f"Could not resolve to a node with the global id of '{team}'.", team, type="NOT_FOUND"
    )
    started = world.hub.clock()
    ran = world.run()
    remedy = "Members: read is missing, or the team has no access"
    words = f"Could not resolve to a node with the global id of '{team}'."
    assert warnings(ran) == [f"acme/t0: reviewer acme/platform: {words}; {remedy}"]
    assert decorated(api.pulls[0]) == WHOLE | {"teams": []}
    assert [kinds(request) for request in documents(world)] == ["lapr", "r"]
    assert world.hub.clock() - started < 2


@pytest.mark.parametrize("answer", ["forbidden", "null"])
def test_an_app_without_members_asks_people_and_names_the_team(world, answer):
    world.hub.unknowns.team_reviewer = answer
    (api,) = fleet(world)
    ran = world.run(**app(world, ISSUES))
    (text,) = warnings(ran)
    assert text.startswith("acme/t0: reviewer acme/platform: GitHub answered HTTP 422")
    assert text.endswith("Members: read is missing, or the team has no access")
    assert decorated(api.pulls[0]) == WHOLE | {"teams": []}
    idles(world, token="ghs_app")


@pytest.mark.parametrize("answer", ["forbidden", "null"])
def test_a_team_that_was_asked_and_is_hidden_is_not_asked_in_every_run(world, answer):
    world.hub.unknowns.team_reviewer = answer
    (api,) = fleet(world, "pr_team_reviewers: [platform]\n")
    world.run()
    assert api.pulls[0].team_reviewers == ["platform"]
    idles(world, **app(world))


def test_a_team_that_does_not_exist_is_named_and_people_are_asked(world):
    (api,) = fleet(world, EVERYTHING.replace("[platform]", "[nobody-here]"))
    ran = world.run()
    assert ran.code == 0
    (text,) = warnings(ran)
    assert text.startswith("acme/t0: reviewer acme/nobody-here: ")
    assert f"\n{text.partition(' — ')[0][:40]}" in ran.log
    assert decorated(api.pulls[0]) == WHOLE | {"teams": []}


def test_a_person_that_does_not_exist_is_named_and_the_others_are_asked(world):
    (api,) = fleet(world, "pr_reviewers: [nobody-here, alice, nor-here]\n")
    ran = world.run()
    found = [text.split(": ")[1] for text in warnings(ran)]
    assert found == ["reviewer nobody-here", "reviewer nor-here"]
    assert api.pulls[0].reviewers == ["alice"]


def test_a_team_is_one_with_and_without_its_organization(world):
    (api,) = fleet(world, "pr_team_reviewers: [platform, acme/Platform]\n")
    assert warnings(world.run()) == []
    assert api.pulls[0].team_reviewers == ["platform"]


@pytest.mark.parametrize("answer", ALTERNATIVES["author_review"])
def test_whatever_becomes_of_an_author_among_the_reviewers_the_others_are_asked(world, answer):
    world.hub.unknowns.author_review = answer
    (api,) = fleet(world, "pr_reviewers: [broadcast-bot, alice]\n")
    world.hub.fail_field(lambda request, path, *_: path == ["viewer"], "no", times=99)
    ran = world.run()
    assert ran.code == 0
    assert [text.split(": ")[1] for text in warnings(ran)] == ["reviewer broadcast-bot"] * (answer == "refused")
    assert api.pulls[0].reviewers == ["alice"]


def test_people_without_access_are_not_asked_and_the_others_are(world):
    (api,) = fleet(world)
    api.collaborators = {"sam"}
    ran = world.run()
    assert [text.split(": ")[1] for text in warnings(ran)] == ["reviewer alice"]
    assert decorated(api.pulls[0]) == WHOLE | {"reviewers": []}
