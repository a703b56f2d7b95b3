"""Which repositories the tokens of an App are for: those that a run works on; what looks further only reads."""

from __future__ import annotations

import pytest

from broadcast.github.auth import MOST_NAMED
from tests.hub.unknowns import ALTERNATIVES
from tests.integration.test_cleanup import config, states
from tests.integration.test_modes import outgrown, publish
from tests.integration.test_tokens import APP, PUBLIC, WRITE, as_app
from tests.world import World

README = {"README.md": b"theirs\n"}
WHOLE = "*"  # the whole installation
SEARCH = (WHOLE, "reads")
REFUSED = "for the whole installation, not for {} of its repositories"


def asked(world: World) -> list[tuple[str, str, str]]:
    """Every token that the last run asked for: the repositories, whether it may write, what GitHub answered."""
    found = []
    for one in world.hub.requests:
        if one.path.endswith("/access_tokens"):
            names = " ".join(one.body.get("repositories") or [WHOLE])
            kind = "writes" if "write" in one.body["permissions"].values() else "reads"
            found.append((names, kind, one.status))
    return found


def tokens(world: World) -> list[tuple[str, str]]:
    """The same of those that GitHub made."""
    return [(names, kind) for names, kind, status in asked(world) if status == 201]


def install(world: World, owner: str = "acme", repositories: list[str] | None = None, **permissions: str):
    app = world.hub.apps.apps[0] if world.hub.apps.apps else world.hub.app(APP, PUBLIC)
    return world.hub.install(app, owner, repositories, WRITE | permissions)


def fleet(world: World, *names: str, text: str = ""):
    world.write({"LICENSE": "MIT\n"}, text or config(*names))
    return [world.hub.repository(name, files=README) for name in names]


def sync(world: World, **inputs: str):
    world.hub.clock.advance(60)
    return as_app(world, World.run, **inputs)


def test_what_writes_is_for_the_targets_alone_and_what_searches_only_reads(apps):
    fleet(apps, "acme/web", "acme/api", "labs/lib")
    apps.hub.repository("acme/other", files=README)
    for owner in ("acme", "labs"):
        install(apps, owner)
    assert set(sync(apps).outcomes.values()) == {"created"}
    assert sorted(tokens(apps)) == sorted([("api web", "writes"), ("lib", "writes"), SEARCH, SEARCH])
    assert len(asked(apps)) == 4  # two an owner


@pytest.mark.parametrize("inputs", [{"cleanup": "false"}, {"only_targets": "acme/api"}])
def test_where_nothing_is_searched_there_is_one_token_an_owner(apps, inputs):
    fleet(apps, "acme/api")
    install(apps)
    assert sync(apps, **inputs).outcomes == {"acme/api": "created"}
    assert asked(apps) == [("api", "writes", 201)]


def test_a_filtered_run_has_a_token_for_what_it_works_on(apps):
    fleet(apps, "acme/api", "acme/web")
    install(apps)
    sync(apps, only_targets="acme/web")
    assert asked(apps) == [("web", "writes", 201)]


def test_a_selector_is_answered_by_a_token_that_only_reads(apps):
    text = "version: 1\ntargets: [{owner: acme, topic: kit}]\nfiles: [LICENSE]\n"
    api, _ = fleet(apps, "acme/api", "acme/web", text=text)
    api.topics = ["kit"]
    install(apps)
    assert sync(apps).outcomes == {"acme/api": "created"}
    assert asked(apps) == [(*SEARCH, 201), ("api", "writes", 201)]  # the search takes the selector's


def test_a_command_that_only_looks_gets_no_token_that_writes(apps):
    fleet(apps, "acme/api")
    install(apps)
    sync(apps, command="plan")
    assert sorted(tokens(apps)) == [SEARCH, ("api", "reads")]


def test_what_the_config_dropped_is_closed_by_a_token_of_its_own(apps):
    _, web, lib = fleet(apps, "acme/api", "acme/web", "acme/lib")
    install(apps)
    sync(apps)
    apps.write({}, config("acme/api"))
    assert sync(apps).outcomes == {"acme/api": "open", "acme/web": "closed", "acme/lib": "closed"}
    assert [states(one) for one in (web, lib)] == [["CLOSED"], ["CLOSED"]]
    assert sorted(asked(apps)) == [(*SEARCH, 201), ("api", "writes", 201), ("lib web", "writes", 201)]
    sync(apps)
    assert len(asked(apps)) == 2


@pytest.mark.parametrize("status", [403, 502])
def test_a_token_that_is_not_made_costs_the_search_and_nothing_else(apps, status):
    _, web = fleet(apps, "acme/api", "acme/web")
    install(apps)
    sync(apps)
    apps.write({}, config("acme/api"))
    reads = {"metadata": "read", "contents": "read", "pull_requests": "read"}
    apps.hub.fail(
        lambda request: request.path.endswith("/access_tokens") and request.body["permissions"] == reads,
        status=status, times=99,
    )  # fmt: skip
    ran = sync(apps)
    assert (ran.code, ran.outcomes, states(web)) == (0, {"acme/api": "open"}, ["OPEN"])
    assert "pull requests at acme can't be searched" in ran.log


def test_dropped_pull_requests_without_a_token_to_close_them_stay_open_and_the_run_says_so(apps):
    _, web = fleet(apps, "acme/api", "acme/web")
    install(apps)
    sync(apps)
    apps.write({}, config("acme/api"))
    apps.hub.fail(
        lambda request: request.path.endswith("/access_tokens") and request.body.get("repositories") == ["web"],
        status=403, times=99,
    )  # fmt: skip
    ran = sync(apps)
    assert (ran.code, ran.outcomes, states(web)) == (0, {"acme/api": "open"}, ["OPEN"])
    assert "pull requests at acme that the config dropped stay open" in ran.log


@pytest.mark.parametrize("answer", ALTERNATIVES["token_by_old_name"])
def test_a_target_by_an_old_name_fails_no_one(apps, answer):
    apps.hub.unknowns.token_by_old_name = answer
    fleet(apps, "acme/api", "acme/web")
    install(apps)
    apps.hub.rename("acme/web", "acme/site")
    ran = sync(apps)
    assert ran.outcomes == {"acme/api": "created", "acme/web": "created"}
    refused = answer == "refused"
    assert (f"only reads is {REFUSED.format(2)}" in ran.log) == refused
    assert "may write" not in ran.log
    looked = [("api web", "writes", 422), (*SEARCH, 201), ("api site", "writes", 201)]
    assert sorted(asked(apps)) == sorted([(*SEARCH, 201), *(looked if refused else [("api web", "writes", 201)])])
    sync(apps, command="plan", cleanup="false")
    looked = [("api web", "reads", 422), (*SEARCH, 201)]
    assert asked(apps) == (looked if refused else [("api web", "reads", 201)])


def test_with_nothing_to_write_a_refused_name_costs_no_token_that_writes(apps):
    fleet(apps, "acme/api", "acme/web")
    install(apps)
    sync(apps)
    apps.hub.rename("acme/web", "acme/site")
    assert set(sync(apps, cleanup="false").outcomes.values()) == {"open"}
    assert asked(apps) == [("api web", "writes", 422), (*SEARCH, 201)]


@pytest.mark.parametrize("private", [True, False])
def test_a_target_where_the_app_is_not_installed_fails_alone_and_as_before(apps, private):
    apps.write({"LICENSE": "MIT\n"}, config("acme/api", "acme/web"))
    for name in ("acme/api", "acme/web"):
        apps.hub.repository(name, files=README, private=private)
    install(apps, repositories=["api"])
    ran = sync(apps, cleanup="false")
    assert ran.outcomes == {"acme/api": "created", "acme/web": "failed"}
    words = "the token can't see it" if private else "not accessible by integration"
    assert words in ran.target("acme/web")["reason"]
    named = [("api", "writes", 201)] if private else [("api web", "writes", 422), (WHOLE, "writes", 201)]
    for_targets = [("api web", "writes", 422), (*SEARCH, 201), *named]
    # Of a public repository the source is asked, too, where the App isn't installed either.
    for_source = [] if private else [("templates", "reads", 422), (*SEARCH, 201)]
    assert sorted(asked(apps)) == sorted([*for_targets, *for_source])
    assert f"only reads is {REFUSED.format(2)}" in ran.log
    assert (f"may write is {REFUSED.format(2)}" in ran.log) != private


def test_a_target_that_is_not_there_fails_alone(apps):
    fleet(apps, "acme/api")
    apps.write({}, config("acme/api", "acme/nowhere"))
    install(apps)
    assert sync(apps).outcomes == {"acme/api": "created", "acme/nowhere": "failed"}


def test_a_permission_that_is_refused_is_no_matter_of_names(apps):
    fleet(apps, "acme/api")
    installation = install(apps)
    apps.hub.before(
        lambda request: request.path.endswith("/access_tokens"),
        lambda *_: installation.permissions.update(contents="read"),
    )
    ran = sync(apps, cleanup="false")
    assert "The permissions requested are not granted" in ran.target("acme/api")["reason"]
    assert "whole installation" not in ran.log


@pytest.mark.parametrize("covered", [True, False])
def test_the_source_is_read_by_a_token_for_it_alone(apps, covered):
    repos = outgrown(apps, "acme/api")
    install(apps, repositories=None if covered else ["api"])
    ran = sync(apps, cleanup="false")
    told = "nothing is pruned" in ran.log
    assert told != covered
    assert repos
    source = [("templates", "reads", 201)] if covered else [("templates", "reads", 422), (WHOLE, "reads", 201)]
    assert asked(apps) == [("api", "writes", 201), *source]


@pytest.mark.parametrize("answer", ALTERNATIVES["team_by_narrow_token"])
def test_where_teams_are_asked_for_reviews_the_token_is_for_the_whole_installation(apps, answer):
    apps.hub.unknowns.team_by_narrow_token = answer
    (api,) = fleet(apps, "acme/api", text=config("acme/api") + "pr_team_reviewers: [platform]\n")
    apps.hub.team("acme", "platform")
    install(apps)
    ran = sync(apps, cleanup="false")
    assert api.pulls[0].team_reviewers == ["platform"]
    assert asked(apps) == [(WHOLE, "writes", 201)]
    assert "the token for acme is for the whole installation: teams" in ran.log


def test_more_targets_than_a_token_can_name_take_the_whole_installation_and_the_run_says_so(apps):
    names = [f"acme/t{number:03}" for number in range(MOST_NAMED + 1)]
    apps.write({"LICENSE": "MIT\n"}, config(*names))
    install(apps)
    ran = sync(apps, command="plan", cleanup="false")
    assert asked(apps) == [(WHOLE, "reads", 201)]
    assert f"there are more than {MOST_NAMED} targets" in ran.log
    apps.write({}, config(*names[1:]))
    sync(apps, command="plan", cleanup="false")
    assert asked(apps)[0][0] == " ".join(name.removeprefix("acme/") for name in names[1:])


def test_a_renewed_token_is_for_the_same_repositories(apps):
    names = [f"acme/t{number:02}" for number in range(60)]
    fleet(apps, *names)
    install(apps)
    apps.hub.token_lifetime = 20
    assert set(sync(apps, cleanup="false").outcomes.values()) == {"created"}
    wanted = " ".join(name.removeprefix("acme/") for name in names)
    assert len(asked(apps)) >= 3
    assert set(asked(apps)) == {(wanted, "writes", 201)}


def test_a_target_that_is_renamed_before_a_renewal_stops_no_one(apps):
    names = [f"acme/t{number:02}" for number in range(60)]
    fleet(apps, *names)
    install(apps)
    apps.hub.token_lifetime = 20
    apps.hub.after(lambda request: request.kind == "graphql mutation", lambda *_: apps.hub.rename("acme/t59", "acme/x"))
    ran = sync(apps, cleanup="false")
    assert set(ran.outcomes.values()) == {"created"}
    assert [status for *_, status in asked(apps)].count(422) >= 1


def test_compared_plans_have_the_same_token(apps):
    fleet(apps, "acme/api", "acme/web")
    publish(apps)
    install(apps)
    apps.write({"LICENSE": "MIT 2\n"})
    ran = sync(apps, command="plan", compare_to="HEAD~1")
    assert ran.code == 0, ran.log
    assert sorted(asked(apps)) == [(*SEARCH, 201), ("api web", "reads", 201)]
