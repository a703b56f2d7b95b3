"""Which pull requests are taken for dropped: those of owners that the config names or that we wrote, and no others."""

from __future__ import annotations

import pytest

from tests.hub import Hub
from tests.hub.unknowns import ALTERNATIVES
from tests.integration.test_cleanup import config, fleet, states
from tests.integration.test_people import OURS, later, writes
from tests.integration.test_tokens import ACME, APP, LABS, PUBLIC, as_app, install
from tests.world import World

SELECTED = "version: 1\ntargets: [{owner: acme}]\nfiles: [LICENSE]\n"


def searches(hub: Hub) -> list[str]:
    """The queries of the last run's searches."""
    found = [one.document.split('search(query: "')[1:] for one in hub.requests if one.document]
    return [text.partition('"')[0] for parts in found for text in parts]


def drop(swift, *targets: str, **inputs: str):
    swift.write({}, config(*targets))
    return later(swift, **inputs)


@pytest.mark.parametrize("places", ALTERNATIVES["search_places"])
def test_a_dropped_target_of_a_second_owner_is_closed(swift, places):
    swift.hub.unknowns.search_places = places
    _, web, _ = fleet(swift, "acme/api", "labs/web", "labs/lib")
    ran = drop(swift, "acme/api", "labs/lib")
    assert ran.outcomes == {"acme/api": "open", "labs/lib": "open", "labs/web": "closed"}
    assert states(web) == ["CLOSED"]


@pytest.mark.parametrize("places", ALTERNATIVES["search_places"])
def test_a_dropped_target_whose_owner_has_left_the_config_is_closed(swift, places):
    swift.hub.unknowns.search_places = places
    _, web = fleet(swift, "acme/api", "labs/web")
    assert drop(swift, "acme/api").outcomes == {"acme/api": "open", "labs/web": "closed"}
    assert states(web) == ["CLOSED"]


def test_the_same_where_every_owner_has_a_token_of_its_own(swift):
    swift.hub.token(ACME, login="acme-bot", repositories=["acme/api"])
    swift.hub.token(LABS, login="labs-bot", repositories=["labs/web"])
    tokens = {"token": "", "tokens": f"acme={ACME}\nlabs={LABS}"}
    swift.write({"LICENSE": "MIT\n"}, config("acme/api", "labs/web"))
    _, web = (swift.hub.repository(name, files={"README.md": b"theirs\n"}) for name in ("acme/api", "labs/web"))
    assert set(later(swift, **tokens).outcomes.values()) == {"created"}
    assert drop(swift, "acme/api", **tokens).outcomes == {"acme/api": "open", "labs/web": "closed"}
    assert states(web) == ["CLOSED"]


def test_the_same_with_an_app(apps):
    install(apps, "acme", "labs", "else")
    apps.write({"LICENSE": "MIT\n"}, config("acme/api", "labs/web"))
    _, web = (apps.hub.repository(name, files={"README.md": b"theirs\n"}) for name in ("acme/api", "labs/web"))
    assert set(as_app(apps, World.run).outcomes.values()) == {"created"}
    apps.write({}, config("acme/api"))
    assert as_app(apps, World.run).outcomes == {"acme/api": "open", "labs/web": "closed"}
    assert states(web) == ["CLOSED"]


def test_a_search_names_one_owner_or_us_and_never_all_of_github(swift):
    fleet(swift, *(f"org{n}/api" for n in range(25)))
    assert drop(swift, *(f"org{n}/api" for n in range(25))).outcomes
    places = [
        [word for word in query.split() if word.startswith(("user:", "author:"))] for query in searches(swift.hub)
    ]
    assert sorted(places) == sorted(
        [["author:@me"], ["user:acme", "author:@me"], *([f"user:org{n}"] for n in range(25))]
    )


def test_an_owner_whose_last_target_a_selector_no_longer_finds_is_searched(swift):
    text = "version: 1\ntargets: [{owner: acme, topic: kit}]\nfiles: [LICENSE]\n"
    swift.write({"LICENSE": "MIT\n"}, text)
    api = swift.hub.repository("acme/api", files={}, topics=["kit"])
    assert later(swift).outcomes == {"acme/api": "created"}
    api.topics = []
    assert later(swift).outcomes == {"acme/api": "closed"}


def test_a_copy_of_our_pull_request_at_an_outsider_is_not_our_business(swift):
    (api,) = fleet(swift, "acme/api")
    public = swift.hub.repository("outsider/copy", files={"README.md": b"theirs\n"}, private=False)
    public.commit({"LICENSE": b"MIT\n"}, branch=OURS)
    public.open_pull(OURS, body=api.pulls[0].body)
    ran = later(swift)
    assert (ran.code, ran.outcomes, writes(swift)) == (0, {"acme/api": "open"}, [])
    assert states(public) == ["OPEN"]


def test_every_prefix_and_base_of_ours_is_searched_for(swift):
    text = (
        "version: 1\nfiles: [LICENSE]\ntargets:\n  - acme/api\n"
        "  - {repo: acme/web, branch_prefix: kit}\n  - {repo: acme/lib, branch: release, branch_prefix: kit}\n"
    )
    swift.write({"LICENSE": "MIT\n"}, text)
    api, web, lib = (swift.hub.repository(f"acme/{name}", files={}) for name in ("api", "web", "lib"))
    lib.commit({"VERSION": b"2\n"}, branch="release")
    assert set(later(swift).outcomes.values()) == {"created"}
    swift.write(
        {},
        text.replace("  - acme/api\n", "").replace("  - {repo: acme/lib, branch: release, branch_prefix: kit}\n", ""),
    )
    assert later(swift).outcomes == {"acme/web": "open", "acme/api": "closed", "acme/lib@release": "closed"}
    assert [states(one) for one in (api, web, lib)] == [["CLOSED"], ["OPEN"], ["CLOSED"]]


def test_hits_are_read_page_by_page(swift):
    names = [f"acme/t{n}" for n in range(130)]
    fleet(swift, *names)
    ran = drop(swift, names[0], results_file="results.json")
    assert set(ran.outcomes.values()) == {"open", "closed"}
    assert sum(outcome == "closed" for outcome in ran.outcomes.values()) == 129


# Nothing incomplete is taken for whole


def select(swift, *names: str):
    """Repositories that a selector finds, each with a pull request of ours."""
    repositories = fleet(swift, *names, text=SELECTED)
    for repository in repositories:
        assert states(repository) == ["OPEN"]
    return repositories


def keeps_all(swift, repositories, ran, words: str) -> None:
    assert [states(one) for one in repositories] == [["OPEN"]] * len(repositories)
    assert [one for one in writes(swift) if not one.path.endswith("/access_tokens")] == []
    assert words in ran.log


def test_a_listing_with_a_null_node_fails_its_selector_and_closes_nothing(swift):
    repositories = select(swift, "acme/api", "acme/web")
    words = "`acme` forbids access via a personal access token (classic)."
    repositories[1].hidden_in_listings = words
    ran = later(swift)
    assert (ran.code, ran.outcomes) == (1, {"acme/*": "failed"})
    keeps_all(swift, repositories, ran, f"the listing of acme's repositories is incomplete: {words}")


@pytest.mark.parametrize("field", ["primaryLanguage", "repositoryTopics"])
def test_a_listing_with_a_field_that_is_refused_fails_its_selector(swift, field):
    repositories = select(swift, "acme/api", "acme/web")
    swift.hub.fail_field(
        lambda request, path, kind, name, _: name == field and "Repositories(" in request.document,
        "Resource not accessible by personal access token", type="FORBIDDEN", times=1,
    )  # fmt: skip
    ran = later(swift)
    assert (ran.code, ran.outcomes) == (1, {"acme/*": "failed"})
    keeps_all(swift, repositories, ran, "incomplete: Resource not accessible by personal access token")


def test_the_reason_why_a_whole_owner_is_refused_reaches_the_user(swift):
    repositories = select(swift, "acme/api")
    swift.hub.fail_field(
        lambda request, path, kind, name, _: path == ["repositoryOwner"],
        "Resource protected by organization SAML enforcement.", type="FORBIDDEN", times=1,
    )  # fmt: skip
    ran = later(swift)
    assert "SAML enforcement" in ran.target("acme/*")["reason"]
    assert "single sign-on" in ran.target("acme/*")["remedy"]
    keeps_all(swift, repositories, ran, "SAML enforcement")


def test_a_listing_of_an_installation_with_fewer_rows_than_it_counts_fails_its_selector(apps):
    app = apps.hub.app(APP, PUBLIC)
    apps.hub.install(app, "acme", ["api", "web"])
    apps.write({"LICENSE": "MIT\n"}, SELECTED)
    repositories = [apps.hub.repository(f"acme/{name}", files={}) for name in ("api", "web")]
    assert set(as_app(apps, World.run).outcomes.values()) == {"created"}
    repositories[1].left_out = True
    ran = as_app(apps, World.run)
    assert ran.outcomes == {"acme/*": "failed"}
    keeps_all(apps, repositories, ran, "GitHub counts 2, and shows 1")


def test_a_short_page_is_not_taken_for_the_last_one(apps):
    names = [f"t{n}" for n in range(30)]
    apps.hub.install(apps.hub.app(APP, PUBLIC), "acme", names)
    apps.hub.installation_page = 7
    apps.write({"LICENSE": "MIT\n"}, SELECTED)
    for name in names:
        apps.hub.repository(f"acme/{name}", files={})
    assert as_app(apps, World.run).outcomes == {f"acme/{name}": "created" for name in names}


def test_a_repository_that_a_selector_means_is_not_closed_though_the_listing_lacks_it(swift):
    repositories = select(swift, "acme/api", "acme/web")
    repositories[1].unlisted = True
    ran = later(swift)
    assert (ran.code, ran.outcomes) == (0, {"acme/api": "open"})
    keeps_all(swift, repositories, ran, "acme/web isn't in its owner's listing, though line 2 selects it")


def test_a_repository_that_no_selector_means_any_more_is_closed(swift):
    text = "version: 1\ntargets: [{owner: acme, topic: kit}]\nfiles: [LICENSE]\n"
    swift.write({"LICENSE": "MIT\n"}, text)
    api, web = (swift.hub.repository(f"acme/{name}", files={}, topics=["kit"]) for name in ("api", "web"))
    assert set(later(swift).outcomes.values()) == {"created"}
    web.topics = []
    assert later(swift).outcomes == {"acme/api": "open", "acme/web": "closed"}
    assert [states(one) for one in (api, web)] == [["OPEN"], ["CLOSED"]]


def test_a_search_that_shows_a_part_of_its_hits_closes_nothing_and_says_so(swift):
    _, web = fleet(swift, "acme/api", "acme/web")
    swift.write({}, config("acme/api"))
    swift.hub.fail_field(
        lambda request, path, kind, name, _: name == "repository" and "nodes" in path, "no", type="FORBIDDEN", times=9
    )
    ran = later(swift)
    assert (ran.code, states(web)) == (0, ["OPEN"])
    assert "may stay open: the search for" in ran.log
    assert "shows only a part of its hits" in ran.log


def test_a_search_that_fails_leaves_what_the_others_find(swift):
    _, web = fleet(swift, "acme/api", "acme/web")
    swift.write({}, config("acme/api"))
    swift.hub.fail_field(
        lambda request, path, kind, name, arguments: name == "search" and "author:" in arguments["query"],
        "The hub does not implement author", type="", times=9,
    )  # fmt: skip
    ran = later(swift)
    assert (ran.code, states(web)) == (0, ["CLOSED"])
    assert "may stay open" in ran.log
