"""Tokens that GitHub refuses though they are good, those that it refuses for good, and what that means for others."""

from __future__ import annotations

import pytest

from broadcast.github.token_retry import WAITS
from tests.hub.unknowns import ALTERNATIVES
from tests.integration.test_tokens import ACME, APP, LABS, PUBLIC, as_app, install, minted
from tests.world import World

TARGETS = ("acme/api", "acme/web", "labs/lib")


def fleet(world, *names: str, config: str = "") -> None:
    targets = config or f"targets: [{', '.join(names)}]"
    world.write({"LICENSE": "MIT\n"}, f"version: 1\n{targets}\nfiles: [LICENSE]\n")
    for name in names:
        world.hub.repository(name, files={"README.md": b"theirs\n"})


def run_as_app(world) -> World:
    return as_app(world, World.run)


@pytest.mark.parametrize("how", ALTERNATIVES["fresh_token"])
@pytest.mark.parametrize("lag", [0.5, 4.0, 20.0])
def test_a_token_that_was_just_made_may_be_refused_for_a_while(apps, how, lag):
    fleet(apps, *TARGETS, config="targets: [acme/*, {owner: labs}]")
    install(apps, "acme", "labs")
    apps.hub.token_lag, apps.hub.unknowns.fresh_token = lag, how
    ran = run_as_app(apps)
    assert (ran.code, ran.outcomes) == (0, dict.fromkeys(TARGETS, "created")), ran.log
    assert run_as_app(apps).outcomes == dict.fromkeys(TARGETS, "open")
    assert [len(apps.hub.find(name).pulls) for name in TARGETS] == [1, 1, 1]


@pytest.mark.parametrize("how", ["401", "403", "not found"])
def test_named_targets_of_a_token_that_was_just_made_are_asked_for_again(apps, how):
    fleet(apps, *TARGETS)
    install(apps, "acme", "labs")
    apps.hub.token_lag, apps.hub.unknowns.fresh_token = 10.0, how
    assert run_as_app(apps).outcomes == dict.fromkeys(TARGETS, "created")


def test_a_selected_installations_short_listing_is_asked_for_again(apps):
    fleet(apps, "acme/api", "acme/web", config="targets: [acme/*]")
    apps.hub.install(apps.hub.app(APP, PUBLIC), "acme", ["api", "web"])
    apps.hub.token_lag, apps.hub.unknowns.fresh_token = 5.0, "short"
    assert run_as_app(apps).outcomes == {"acme/api": "created", "acme/web": "created"}


def test_a_token_that_is_renewed_in_the_middle_of_a_run_may_be_refused_for_a_while(apps):
    names = [f"acme/t{n}" for n in range(30)]
    fleet(apps, *names)
    install(apps, "acme")
    apps.hub.token_lifetime, apps.hub.token_lag = 20, 3.0
    assert run_as_app(apps).outcomes == dict.fromkeys(names, "created")
    assert len(minted(apps)) > 1


def test_a_repository_that_is_not_there_is_reported_once_the_token_is_a_minute_old(apps):
    fleet(apps, "acme/api", config="targets: [acme/api, acme/gone]")
    install(apps, "acme")
    began = apps.hub.clock()
    ran = run_as_app(apps)
    assert ran.outcomes == {"acme/api": "created", "acme/gone": "failed"}
    assert "doesn't exist or the token can't see it" in ran.target("acme/gone")["reason"]
    assert apps.hub.clock() - began <= 61 + 5


@pytest.mark.parametrize("share", [0.02, 0.2])
def test_an_incident_that_refuses_good_tokens_at_random_stops_nothing(swift, share):
    names = [f"acme/t{n}" for n in range(40)]
    fleet(swift, *names)
    incident = swift.hub.bad_credentials(share, "seed")
    assert swift.run().outcomes == dict.fromkeys(names, "created")
    assert incident.refused
    assert {len(swift.hub.find(name).pulls) for name in names} == {1}


# What is final


def two_owners(world) -> None:
    world.hub.token(ACME, login="acme-bot", repositories=["acme/api", "acme/web"])
    world.hub.token(LABS, login="labs-bot", repositories=["labs/lib"])
    fleet(world, *TARGETS)


def test_one_owners_bad_token_leaves_the_other_owners_work_alone(swift):
    two_owners(swift)
    swift.hub.expire(LABS)
    ran = swift.run(token="", tokens=f"acme={ACME}\nlabs={LABS}")
    assert ran.outcomes == {"acme/api": "created", "acme/web": "created", "labs/lib": "failed"}
    assert ran.target("labs/lib")["reason"] == "GitHub refuses the token of labs (401 Bad credentials)"
    assert ran.target("labs/lib")["remedy"] == "give a token that is valid and not expired"
    assert sum(request.status == 401 for request in swift.hub.requests) == 1 + len(WAITS)


def test_one_owners_blocked_token_leaves_the_other_owners_work_alone(swift):
    two_owners(swift)
    words = (
        "Although you appear to have the correct authorization credentials, the `labs` enterprise has an IP allow list"
    )
    blocked = {"message": f"{words} enabled, and your IP address is not permitted to access this resource."}
    swift.hub.fail(lambda request: request.login == "labs-bot", times=99, status=403, body=blocked)
    ran = swift.run(token="", tokens=f"acme={ACME}\nlabs={LABS}")
    assert ran.outcomes == {"acme/api": "created", "acme/web": "created", "labs/lib": "failed"}
    assert "IP allow list" in ran.target("labs/lib")["reason"]
    assert "IP allow list" in ran.target("labs/lib")["remedy"]


def test_a_bad_token_of_a_selectors_owner_fails_that_selector_alone(swift):
    two_owners(swift)
    swift.write({}, "version: 1\ntargets: [{owner: acme}, {owner: labs}]\nfiles: [LICENSE]\n")
    swift.hub.expire(LABS)
    ran = swift.run(token="", tokens=f"acme={ACME}\nlabs={LABS}")
    assert ran.outcomes == {"acme/api": "created", "acme/web": "created", "labs/*": "failed"}
    assert "the token of labs" in ran.target("labs/*")["reason"]


def test_the_only_token_ends_the_run_when_it_is_bad(swift):
    fleet(swift, *TARGETS)
    swift.hub.expire("ghp_thisIsTheSecretOfTheTests0123456789")
    ran = swift.run()
    assert (ran.code, ran.results["targets"]) == (1, [])
    assert "GitHub refuses the token (401 Bad credentials)" in ran.log
    assert "trying again in 1 s" in ran.log


def test_what_github_says_of_a_json_web_token_reaches_the_user_at_once(swift):
    fleet(swift, "acme/api")
    swift.hub.install(swift.hub.app(APP, PUBLIC), "acme")  # by a clock that is years away from the hub's
    ran = as_app(swift, World.run)
    reason = ran.target("acme/api")["reason"]
    assert "GitHub refuses the GitHub App's key (401 '" in reason
    assert "clock" in ran.target("acme/api")["remedy"]
    assert sum(request.status == 401 for request in swift.hub.requests) <= 2


@pytest.mark.parametrize("row", ["enterprise", "nobody"])
def test_rows_without_a_login_beside_ours_in_the_list_of_installations_do_no_harm(apps, row):
    fleet(apps, "acme/api")
    app = apps.hub.app(APP, PUBLIC)
    apps.hub.install(app, "big", enterprise=row == "enterprise").anonymous = row == "nobody"
    apps.hub.install(app, "acme")
    assert run_as_app(apps).outcomes == {"acme/api": "created"}
