"""Pull requests that the config no longer asks for are closed; those of an older tool are superseded; no others."""

from __future__ import annotations

import pytest

from broadcast.ownership import read_marker
from tests.hub import Repository
from tests.integration.test_people import OURS, later, writes
from tests.world import Ran

ASKED = "The config no longer asks for this, so this pull request is closed and its branch deleted."
BOTH = {"acme/api": "open", "acme/web": "open"}


def config(*targets: str, more: str = "") -> str:
    return f"version: 1\ntargets: [{', '.join(targets)}]\nfiles: [LICENSE]\n{more}"


def fleet(swift, *targets: str, text: str = "") -> list[Repository]:
    """Targets that each have a pull request of ours."""
    swift.write({"LICENSE": "MIT\n"}, text or config(*targets))
    names = dict.fromkeys(target.partition("@")[0] for target in targets)
    repositories = [swift.hub.repository(name, files={"README.md": b"theirs\n"}) for name in names]
    for repository, (_, at, branch) in ((swift.hub.find(one.partition("@")[0]), one.partition("@")) for one in targets):
        if at:
            repository.commit({"VERSION": b"2\n"}, branch=branch)
    assert set(later(swift).outcomes.values()) == {"created"}
    return repositories


def states(repository) -> list[str]:
    return [pull.state for pull in repository.pulls]


def drops_nothing(swift, outcomes: dict[str, str], **inputs: str) -> Ran:
    """A run that comes to these outcomes, hears of no one else, and writes nothing."""
    ran = later(swift, **inputs)
    assert (ran.code, ran.outcomes, writes(swift)) == (0, outcomes, [])
    return ran


# What is dropped


@pytest.mark.parametrize("strategy", ["graphql", "rest"])
def test_a_target_that_the_config_drops_gets_its_pull_request_closed_and_its_branch_deleted(swift, strategy):
    api, web = fleet(swift, "acme/api", "acme/web")
    swift.write({}, config("acme/api"))
    ran = later(swift, write_strategy=strategy)
    assert (ran.code, ran.outcomes) == (0, {"acme/api": "open", "acme/web": "closed"})
    assert ran.target("acme/web")["reason"] == "the config no longer asks for it"
    assert (states(web), [one.body for one in web.pulls[0].comments]) == (["CLOSED"], [ASKED])
    assert set(web.branches()) == {"main"}
    assert read_marker(web.pulls[0].body).closed_by_us
    assert states(api) == ["OPEN"]
    drops_nothing(swift, {"acme/api": "open"})


def test_a_target_that_comes_back_gets_a_new_pull_request_for_no_one_declined_it(swift):
    _, web = fleet(swift, "acme/api", "acme/web")
    swift.write({}, config("acme/api"))
    later(swift)
    swift.write({}, config("acme/api", "acme/web"))
    assert later(swift).outcomes == {"acme/api": "open", "acme/web": "created"}
    assert states(web) == ["CLOSED", "OPEN"]


def test_a_group_that_the_config_drops_takes_its_pull_requests_with_it(swift):
    one, two = (f"  - {{name: {name}, targets: [acme/{name}], files: [LICENSE]}}\n" for name in ("api", "web"))
    fleet(swift, "acme/api", "acme/web", text=f"version: 1\ngroups:\n{one}{two}")
    swift.write({}, f"version: 1\ngroups:\n{one}")
    assert later(swift).outcomes == {"acme/api": "open", "acme/web": "closed"}


def test_a_base_branch_that_the_config_drops_leaves_the_repositorys_other_targets_alone(swift):
    (api,) = fleet(swift, "acme/api", "acme/api@release/2.x", "acme/api@release/1.x")
    swift.write({}, config("acme/api", "acme/api@release/1.x"))
    assert later(swift).outcomes == {
        "acme/api": "open", "acme/api@release/1.x": "open", "acme/api@release/2.x": "closed",
    }  # fmt: skip
    open_ = {pull.head for pull in api.pulls if pull.state == "OPEN"}
    assert open_ == {OURS, f"{OURS}@release/1.x"} == set(api.branches()) - {"main", "release/1.x", "release/2.x"}
    swift.write({}, config("acme/api@release/1.x"))
    assert later(swift).outcomes == {"acme/api@release/1.x": "open", "acme/api": "closed"}


def test_a_dropped_target_with_commits_of_others_is_reported_and_left_alone(swift):
    _, web = fleet(swift, "acme/api", "acme/web")
    theirs = web.commit({"fix.txt": b"by hand\n"}, branch=OURS)
    swift.write({}, config("acme/api"))
    drops_nothing(swift, {"acme/api": "open", "acme/web": "edited"})
    assert (states(web), web.head(OURS)) == (["OPEN"], theirs)


def test_a_dropped_target_that_people_paused_is_left_alone(swift):
    _, web = fleet(swift, "acme/api", "acme/web")
    web.label_pull(1, "broadcast:pause")
    swift.write({}, config("acme/api"))
    drops_nothing(swift, {"acme/api": "open", "acme/web": "paused"})


def test_plan_shows_what_was_dropped_and_writes_nothing(swift):
    _, web = fleet(swift, "acme/api", "acme/web")
    swift.write({}, config("acme/api"))
    ran = drops_nothing(swift, {"acme/api": "open", "acme/web": "closed"}, command="plan")
    assert "The config no longer asks for these" in ran.summary
    assert states(web) == ["OPEN"]
    assert later(swift, expect_plan=ran.outputs["plan-digest"]).outcomes["acme/web"] == "closed"


# What is not


def test_a_group_that_is_turned_off_is_not_dropped(swift):
    text = (
        "version: 1\nfiles: [LICENSE]\ntargets: [acme/api]\ngroups: [{name: web, enabled: true, targets: [acme/web]}]\n"
    )
    _, web = fleet(swift, "acme/api", "acme/web", text=text)
    swift.write({}, text.replace("true", "false"))
    drops_nothing(swift, {"acme/api": "open"})
    assert states(web) == ["OPEN"]


@pytest.mark.parametrize("inputs", [{"only_targets": "acme/api"}, {"cleanup": "false"}, {"shard": "1/1"}])
def test_a_run_that_looks_at_a_part_of_the_fleet_or_is_asked_not_to_drops_nothing(swift, inputs):
    _, web = fleet(swift, "acme/api", "acme/web")
    swift.write({}, config("acme/api"))
    drops_nothing(swift, {"acme/api": "open"}, **inputs)
    assert states(web) == ["OPEN"]


def test_a_target_that_a_filter_leaves_out_is_not_dropped_even_where_another_is(swift):
    _, web, _ = fleet(swift, "acme/api", "acme/web", "acme/old")
    swift.write({}, config("acme/api", "acme/web"))
    drops_nothing(swift, {"acme/api": "open"}, only_targets="acme/api")
    assert states(web) == ["OPEN"]


def test_another_config_of_the_same_source_keeps_its_pull_requests(swift):
    swift.write({"LICENSE": "MIT\n", "other.yml": config("acme/web")}, config("acme/api"))
    repositories = [swift.hub.repository(name, files={"README.md": b"theirs\n"}) for name in BOTH]
    assert later(swift, config="other.yml").outcomes == {"acme/web": "created"}
    assert later(swift).outcomes == {"acme/api": "created"}
    drops_nothing(swift, {"acme/web": "open"}, config="other.yml")
    assert [states(one) for one in repositories] == [["OPEN"], ["OPEN"]]


@pytest.mark.parametrize("body", ["Mine.", "another source's", "another id's"])
def test_a_pull_request_from_a_branch_of_our_name_that_does_not_prove_to_be_ours_is_left_alone(swift, body):
    (api,) = fleet(swift, "acme/api")
    ours = api.pulls[0].body
    texts = {
        "another source's": ours.replace('"source":"acme/templates"', '"source":"acme/others"'),
        "another id's": ours.replace('"id":"acme/templates"', '"id":"others"'),
    }
    web = swift.hub.repository("acme/web", files={"README.md": b"theirs\n"})
    web.commit({"LICENSE": b"MIT\n"}, branch=OURS)
    web.open_pull(OURS, body=texts.get(body, body))
    drops_nothing(swift, {"acme/api": "open"})
    assert states(web) == ["OPEN"]


def test_a_forks_pull_request_with_our_marker_is_left_alone(swift):
    (api,) = fleet(swift, "acme/api")
    web = swift.hub.repository("acme/web", files={"README.md": b"theirs\n"})
    web.open_pull(OURS, body=api.pulls[0].body, cross_repository=True)
    drops_nothing(swift, {"acme/api": "open"})
    assert states(web) == ["OPEN"]


def test_a_repository_that_was_renamed_and_is_in_the_config_by_its_old_name_is_not_dropped(swift):
    _, web = fleet(swift, "acme/api", "acme/web")
    swift.hub.rename("acme/web", "acme/site")
    drops_nothing(swift, BOTH)
    assert states(web) == ["OPEN"]


def test_nothing_is_dropped_while_one_target_can_not_be_seen(swift):
    _, web = fleet(swift, "acme/api", "acme/web")
    swift.write({}, config("acme/api", "acme/gone"))
    ran = later(swift)
    assert (ran.outcomes, writes(swift)) == ({"acme/api": "open", "acme/gone": "failed"}, [])
    assert states(web) == ["OPEN"]


# An older tool


def superseding(swift, *held: str) -> Repository:
    swift.write({"LICENSE": "MIT\n"}, config("acme/api", more="supersedes: [repo-sync/, sync-]\n"))
    files = {"README.md": b"theirs\n"} | dict.fromkeys(held, b"MIT\n")
    api = swift.hub.repository("acme/api", files=files)
    for branch in ("repo-sync/templates/main", "sync-files", "my-repo-sync/x"):
        api.commit({"LICENSE": b"old\n"}, branch=branch)
        api.open_pull(branch)
    return api


def test_the_pull_requests_of_a_superseded_tool_are_closed_with_a_link_to_ours(swift):
    api = superseding(swift)
    ran = later(swift)
    assert ran.outcomes == {"acme/api": "created"}
    assert states(api) == ["CLOSED", "CLOSED", "OPEN", "OPEN"]
    link = ran.target("acme/api")["pull_request"]
    assert link.endswith("/acme/api/pull/4")
    for old in api.pulls[:2]:
        assert [one.body for one in old.comments] == [
            f"Superseded by {link}, which keeps these files in step from now on."
        ]
    assert "acme/api: #\u20601 of an older tool is closed: superseded" in ran.summary
    drops_nothing(swift, {"acme/api": "open"})


def test_where_everything_is_in_step_they_are_closed_without_a_link(swift):
    api = superseding(swift, "LICENSE")
    assert later(swift).outcomes == {"acme/api": "in_sync"}
    assert states(api) == ["CLOSED", "CLOSED", "OPEN"]
    text = "Superseded: acme/templates keeps these files in step from now on, and they are."
    assert [one.body for one in api.pulls[0].comments] == [text]
    drops_nothing(swift, {"acme/api": "in_sync"})


def test_pull_requests_to_other_bases_and_of_forks_are_not_superseded(swift):
    swift.write({"LICENSE": "MIT\n"}, config("acme/api", more="supersedes: [repo-sync/]\n"))
    api = swift.hub.repository("acme/api", files={"LICENSE": b"MIT\n"})
    api.commit({"VERSION": b"1\n"}, branch="release/1.x")
    api.commit({"LICENSE": b"old\n"}, branch="repo-sync/a")
    api.open_pull("repo-sync/a", base="release/1.x")
    api.open_pull("repo-sync/b", cross_repository=True)
    drops_nothing(swift, {"acme/api": "in_sync"})
    assert states(api) == ["OPEN", "OPEN"]


def test_an_empty_prefix_supersedes_nothing(swift):
    api = superseding(swift)
    swift.write({}, config("acme/api", more="supersedes: ['']\n"))
    assert later(swift).code == 2
    assert states(api) == ["OPEN"] * 3


def test_plan_supersedes_nothing(swift):
    api = superseding(swift)
    drops_nothing(swift, {"acme/api": "created"}, command="plan")
    assert states(api) == ["OPEN"] * 3
