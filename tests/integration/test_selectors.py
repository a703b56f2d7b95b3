"""Selectors: which repositories they find, in how many calls, and what happens where they find none or can't look."""

from __future__ import annotations

import html

import pytest

from tests.hub import Hub
from tests.hub.faults.clock import Clock
from tests.integration.test_people import later
from tests.integration.test_tokens import APP, PEM, PUBLIC, WRITE
from tests.world import World

REPOSITORIES = {
    "acme/api": {"topics": ["oss", "go"], "language": "Go"},
    "acme/web": {"topics": ["oss"], "language": "TypeScript"},
    "acme/svc-a": {"language": "Go", "private": True},
    "acme/svc-b": {"private": True, "topics": ["go"]},
    "acme/old": {"archived": True, "topics": ["oss"]},
    "acme/fork": {"fork": True, "topics": ["oss"]},
    "acme-labs/x": {"topics": ["oss"]},
}


@pytest.fixture
def swift(tmp_path):
    with Hub(tmp_path / "hub", clock=Clock()) as hub:
        for name, more in REPOSITORIES.items():
            hub.repository(name, files={"README.md": b"theirs\n"}, **{"private": False} | more)
        hub.repository("acme/templates", files={"README.md": b"ours\n"}, topics=["oss"])
        yield World(tmp_path, hub)


def config(targets: str, more: str = "") -> str:
    return f"version: 1\nfiles: [LICENSE]\ntargets: [{targets}]\n{more}"


def selected(swift, targets: str, more: str = "", **inputs) -> set[str]:
    swift.write({"LICENSE": "MIT\n"}, config(targets, more))
    ran = later(swift, **{"command": "plan", **inputs})
    assert ran.code == 0, ran.log
    return set(ran.outcomes)


EVERYTHING = {"acme/api", "acme/web", "acme/svc-a", "acme/svc-b"}


@pytest.mark.parametrize(
    ("targets", "found"),
    [
        ("acme/*", EVERYTHING),
        ("{repo: acme/*}", EVERYTHING),
        ("{owner: acme}", EVERYTHING),
        ("ACME/*", EVERYTHING),
        ("acme/svc-*", {"acme/svc-a", "acme/svc-b"}),
        ("acme/svc-?, '!acme/svc-b'", {"acme/svc-a"}),
        ("{owner: acme, exclude: [svc-*, acme/web]}", {"acme/api"}),
        ("{owner: acme, topic: oss}", {"acme/api", "acme/web"}),
        ("{owner: acme, topic: [go, none]}", {"acme/api", "acme/svc-b"}),
        ("{owner: acme, language: go}", {"acme/api", "acme/svc-a"}),
        ("{owner: acme, visibility: private}", {"acme/svc-a", "acme/svc-b"}),
        ("{owner: acme, visibility: [public, internal]}", {"acme/api", "acme/web"}),
        ("{owner: acme, topic: oss, archived: true}", {"acme/api", "acme/web", "acme/old"}),
        ("{owner: acme, topic: oss, forks: true}", {"acme/api", "acme/web", "acme/fork"}),
        ("{owner: [acme, acme-labs], topic: oss}", {"acme/api", "acme/web", "acme-labs/x"}),
        ("acme/svc-*, acme-labs/x", {"acme/svc-a", "acme/svc-b", "acme-labs/x"}),
    ],
)
def test_a_selector_finds(swift, targets, found):
    assert selected(swift, targets) == found


FURTHER = [
    ("{owner: acme, name: '/^svc-[ab]$/'}", {"acme/svc-a", "acme/svc-b"}),
    ("{owner: acme, name: '/WEB|api/'}", {"acme/web", "acme/api"}),
    ("{owner: acme, name: svc-?}", {"acme/svc-a", "acme/svc-b"}),
    ("{repo: acme/svc-*, name: /a$/}", {"acme/svc-a"}),
    ("{owner: acme, property: {tier: gold}}", {"acme/api", "acme/svc-a"}),
    ("{owner: acme, property: {TIER: gold}}", {"acme/api", "acme/svc-a"}),
    ("{owner: acme, property: {tier: [gold, silver], ring: 0}}", {"acme/api", "acme/web"}),
    ("{owner: acme, property: {langs: go}, topic: oss}", {"acme/api"}),
    ("{owner: acme, property: {critical: true}}", {"acme/svc-b"}),
    ("{owner: acme, property: {ring: '0'}, archived: true}", {"acme/api", "acme/web", "acme/old"}),
    ("{owner: [acme, acme-labs], property: {ring: 0}}", {"acme/api", "acme/web", "acme-labs/x"}),
    ("{owner: acme, team: platform}", {"acme/api", "acme/svc-b"}),
    ("{owner: acme, team: [platform, web], topic: oss}", {"acme/api", "acme/web"}),
    ("{owner: acme, team: PLATFORM, property: {tier: gold}}", {"acme/api"}),
    ("{owner: acme, template: true}", {"acme/web"}),
    ("{owner: acme, template: false, topic: oss}", {"acme/api"}),
    ("{owner: acme, template: true, property: {tier: silver}}", {"acme/web"}),
    ("{owner: acme, pushed_within: 30d}", EVERYTHING - {"acme/svc-a"}),
    ("{owner: acme, pushed_within: 30d, property: {tier: gold}}", {"acme/api"}),
    ("{owner: acme, pushed_within: 8w}", EVERYTHING),
]
PROPERTIES = {
    "acme/api": {"tier": "gold", "ring": "0", "langs": ["go", "c"]},
    "acme/web": {"tier": "silver", "ring": "0"},
    "acme/svc-a": {"tier": "gold", "ring": "1"},
    "acme/svc-b": {"tier": "Gold", "critical": "true"},
    "acme/old": {"ring": "0"},
    "acme-labs/x": {"ring": "0"},
}


@pytest.fixture
def described(swift):
    """The same fleet with custom properties, teams, a template and a repository that no one has pushed to lately."""
    for name, values in PROPERTIES.items():
        swift.hub.find(name).properties = values
    swift.hub.team("acme", "platform", ["api", "svc-b"])
    swift.hub.team("acme", "web", ["web"])
    swift.hub.find("acme/web").template = True
    swift.hub.find("acme/svc-a").pushed_at -= 40 * 86_400
    return swift


@pytest.mark.parametrize("listed", ["shown", "absent"])
@pytest.mark.parametrize(("targets", "found"), FURTHER)
def test_a_selector_finds_by_what_organizations_say_of_repositories(described, targets, found, listed):
    described.hub.unknowns.properties_listed = listed
    assert selected(described, targets) == found


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ("{owner: acme, property: {teir: gold}}", "no repository of acme has the custom property 'teir'"),
        ("{owner: acme, team: none}", "there is no team acme/none that this token can see"),
        ("{owner: sam, team: platform}", "there is no team sam/platform that this token can see"),
        ("{owner: sam, property: {tier: gold}}", "no repository of sam has the custom property 'tier'"),
    ],
)
def test_what_a_selector_names_and_is_not_there_fails_it_and_nothing_counts_as_dropped(described, targets, message):
    described.hub.user("sam")
    described.hub.repository("sam/own", files={"a": b"a"})
    described.write({"LICENSE": "MIT\n"}, config("acme/api, {owner: acme, topic: oss}"))
    later(described)
    described.write({}, config(f"acme/api, {targets}"))
    ran = later(described)
    assert ran.code == 1
    assert [one["reason"] for one in ran.results["targets"] if one["outcome"] == "failed"] == [message]
    assert described.hub.find("acme/web").pulls[0].state == "OPEN"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{owner: acme, property: {tier: [gold, silver]}}", "{owner: acme, property: {tier: gold}}"),
        ("{owner: acme, team: [platform, web]}", "{owner: acme, team: platform}"),
    ],
)
def test_a_repository_without_the_property_or_the_team_any_more_is_dropped(described, before, after):
    described.write({"LICENSE": "MIT\n"}, config(before))
    assert later(described).outcomes["acme/web"] == "created"
    described.write({}, config(after))
    assert later(described).outcomes["acme/web"] == "closed"


def test_a_hundred_repositories_with_their_properties_are_a_call(swift):
    for number in range(150):
        swift.hub.repository(f"big/r{number:03}", files={"README.md": b"x\n"}, properties={"ring": str(number % 2)})
    assert len(selected(swift, "{owner: big, property: {ring: 1}}")) == 75
    assert len([one for one in swift.hub.requests if one.path.startswith("/orgs/big/repos")]) == 2
    assert not [one for one in swift.hub.requests if "query Repositories" in (one.document or "")]


@pytest.mark.parametrize("repositories", [None, ["acme/api", "acme/svc-a", "acme/web"]])
def test_an_app_gets_the_permissions_that_selectors_need(apps, repositories):
    for name, tier in (("acme/api", "gold"), ("acme/svc-a", "gold"), ("acme/web", "silver")):
        apps.hub.repository(name, files={"README.md": b"theirs\n"}, properties={"tier": tier})
    apps.hub.team("acme", "platform", ["api", "web"])
    apps.hub.unknowns.properties_listed = "absent"
    granted = WRITE | {"members": "read", "organization_custom_properties": "read"}
    apps.hub.install(apps.hub.app(APP, PUBLIC), "acme", repositories=repositories, permissions=granted)
    apps.write({"LICENSE": "MIT\n"}, config("{owner: acme, property: {tier: gold}, team: platform}"))
    ran = apps.run(token="", client_id=APP, private_key=PEM)
    assert ran.outcomes == {"acme/api": "created"}


def test_an_app_without_them_is_shown_which_it_lacks(apps):
    apps.hub.repository("acme/api", files={"README.md": b"theirs\n"}, properties={"tier": "gold"})
    apps.hub.unknowns.properties_listed = "absent"
    apps.hub.install(apps.hub.app(APP, PUBLIC), "acme", permissions=WRITE)
    apps.write({"LICENSE": "MIT\n"}, config("{owner: acme, property: {tier: gold}}"))
    ran = apps.run(token="", client_id=APP, private_key=PEM)
    assert ran.code == 1
    assert "organization permission Custom properties: read" in ran.target("acme/*")["remedy"]


def test_an_archived_repository_that_is_asked_for_is_skipped(swift):
    swift.write({"LICENSE": "MIT\n"}, config("{owner: acme, archived: true, topic: oss}"))
    assert later(swift).outcomes == {"acme/api": "created", "acme/web": "created", "acme/old": "skipped"}


def test_what_is_found_is_printed_before_anything_is_written(swift):
    swift.write({"LICENSE": "MIT\n"}, config("acme/svc-*"))
    heard = []
    swift.hub.before(lambda request: request.writes, lambda *_: heard.append(len(swift.hub.requests)))
    ran = later(swift)
    line = "acme/svc-* selects 2 repositories: acme/svc-a, acme/svc-b"
    assert heard
    assert ran.log.index(line) < ran.log.index(" writes, ")


def test_a_hundred_repositories_are_a_call_whatever_the_number_of_selectors(swift):
    for number in range(150):
        swift.hub.repository(f"big/r{number:03}", files={"README.md": b"x\n"}, topics=["oss"] if number % 2 else [])
    targets = "big/r0*, {owner: big, topic: oss}, {owner: BIG, language: Go}"
    assert len(selected(swift, targets)) == 100 + 25
    asked = [request for request in swift.hub.requests if "query Repositories" in (request.document or "")]
    assert len(asked) == 2


def test_a_repository_that_is_named_too_is_one_target_with_what_its_name_says(swift):
    swift.write(
        {"LICENSE": "MIT\n"}, config("{owner: acme, language: Go, pr_draft: true}, {repo: acme/api, pr_draft: false}")
    )
    assert later(swift).outcomes == {"acme/api": "created", "acme/svc-a": "created"}
    drafts = {name: swift.hub.find(name).pulls[0].draft for name in ("acme/api", "acme/svc-a")}
    assert drafts == {"acme/api": False, "acme/svc-a": True}


def test_a_named_branch_that_is_not_there_is_skipped_where_a_selector_found_it(swift):
    api = swift.hub.find("acme/api")
    api.set_branch("next", api.head())
    swift.write({"LICENSE": "MIT\n"}, config("{owner: acme, topic: oss, branch: next}"))
    ran = later(swift)
    assert ran.outcomes == {"acme/api@next": "created", "acme/web@next": "skipped"}
    assert ran.target("acme/web@next")["reason"] == "has no branch next"


def test_a_selector_that_finds_nothing_is_a_warning(swift):
    swift.write({"LICENSE": "MIT\n"}, config("acme/api, acme/none-*"))
    ran = later(swift)
    assert (ran.code, ran.outcomes) == (0, {"acme/api": "created"})
    assert "acme/none-* selects no repository" in html.unescape(ran.summary)


def test_more_than_the_limit_stops_before_anything_is_written(swift):
    swift.write({"LICENSE": "MIT\n"}, config("acme/*", "limits: {max_targets: 3}\n"))
    ran = later(swift)
    assert (ran.code, ran.outcomes) == (2, {})
    assert "the config reaches 4 targets, more than limits.max_targets allows (3)" in ran.log


def test_an_owner_that_no_one_can_see_fails_alone_and_nothing_counts_as_dropped(swift):
    swift.write({"LICENSE": "MIT\n"}, config("acme/api, acme/web"))
    later(swift)
    swift.write({}, config("acme/api, nobody/*"))
    ran = later(swift)
    assert (ran.code, ran.outcomes) == (1, {"acme/api": "open", "nobody/*": "failed"})
    assert ran.target("nobody/*")["reason"] == "there is no owner nobody that this token can see"
    assert swift.hub.find("acme/web").pulls[0].state == "OPEN"


def test_a_repository_that_is_selected_no_longer_is_dropped(swift):
    swift.write({"LICENSE": "MIT\n"}, config("{owner: acme, topic: oss}"))
    assert later(swift).outcomes == {"acme/api": "created", "acme/web": "created"}
    swift.hub.find("acme/web").topics.remove("oss")
    assert later(swift).outcomes == {"acme/api": "open", "acme/web": "closed"}


def test_what_a_disabled_selector_may_mean_is_not_dropped(swift):
    groups = "groups: [{{name: oss, enabled: {}, targets: [{{owner: acme, topic: oss}}]}}]\n"
    swift.write({"LICENSE": "MIT\n"}, config("acme/svc-a", groups.format("true")))
    assert set(later(swift).outcomes) == {"acme/svc-a", "acme/api", "acme/web"}
    swift.write({}, config("acme/svc-a", groups.format("false")))
    assert later(swift).outcomes == {"acme/svc-a": "open"}
    assert swift.hub.find("acme/web").pulls[0].state == "OPEN"


@pytest.mark.parametrize(
    ("only", "found"),
    [
        ("acme/svc-*", {"acme/svc-a", "acme/svc-b"}),
        ("!acme/svc-*", {"acme/api", "acme/web"}),
        ("acme/*,!*/web", EVERYTHING - {"acme/web"}),
    ],
)
def test_filters_take_the_same_patterns(swift, only, found):
    assert selected(swift, "acme/*", only_targets=only) == found


def test_validate_asks_no_one(swift):
    swift.write({"LICENSE": "MIT\n"}, config("acme/*, acme/api"))
    ran = later(swift, command="validate")
    assert (ran.code, swift.hub.requests) == (0, [])
    assert "The config is valid" in ran.log


def test_validate_online_says_which_targets_can_not_be_written_to(swift):
    swift.write({"LICENSE": "MIT\n"}, config("acme/svc-*, acme/gone"))
    ran = later(swift, command="validate", online="true")
    assert ran.code == 1
    assert ran.outcomes["acme/gone"] == "failed"
    assert "1 of the targets can't be written to" in ran.log
    assert not [request for request in swift.hub.requests if request.writes]


def test_an_app_that_is_installed_for_some_repositories_selects_among_these(apps):
    for name in ("acme/api", "acme/svc-a", "acme/other"):
        apps.hub.repository(name, files={"README.md": b"theirs\n"}, private=False)
    apps.hub.install(apps.hub.app(APP, PUBLIC), "acme", repositories=["acme/api", "acme/svc-a"], permissions=WRITE)
    apps.write({"LICENSE": "MIT\n"}, config("acme/*"))
    ran = apps.run(token="", client_id=APP, private_key=PEM)
    assert ran.outcomes == {"acme/api": "created", "acme/svc-a": "created"}
