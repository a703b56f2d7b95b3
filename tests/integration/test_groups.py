"""Groups from end to end: the order of the work, filters that narrow nothing, branches of the source, what is kept."""

from __future__ import annotations

import pytest

from tests.integration.test_guards import proposed, served
from tests.integration.test_main_job import changed
from tests.integration.test_people import later, writes
from tests.world import Ran, git

README = {"README.md": b"theirs\n"}
OURS = "broadcast/acme/templates"


def there(swift, *names: str) -> list:
    return [swift.hub.repository(f"acme/{name}", files=README) for name in names]


def on(swift, branch: str, **inputs: str) -> Ran:
    """A run on another branch of the source, which is checked out."""
    git(swift.source, "update-ref", "refs/remotes/origin/main", "main")  # as `fetch-depth: 0` has it
    git(swift.source, "checkout", "-q", branch)
    made = swift.environment

    def environment(**given: str) -> dict[str, str]:
        return made(**given) | {"GITHUB_REF": f"refs/heads/{branch}"}

    swift.environment = environment
    try:
        return later(swift, **inputs)
    finally:
        swift.environment = made
        git(swift.source, "checkout", "-q", "main")


# Several groups, one pull request

SHARED = """\
version: 1
files: [LICENSE]
groups:
  - {name: late, priority: 9, pr_title: late, pr_labels: [late], files: [{src: a, dest: late}], targets: [acme/api, acme/web]}
  - {name: early, pr_title: early, pr_labels: [early], files: [{src: b, dest: early}], targets: [{owner: acme, exclude: [web]}]}
"""
FILES = {"LICENSE": "MIT\n", "a": "a\n", "b": "b\n"}


def test_groups_that_reach_the_same_target_make_one_pull_request(swift):
    for name in ("api", "web"):
        swift.hub.repository(f"acme/{name}", files=README, labels=["late", "early"])
    swift.write(FILES, SHARED)
    ran = later(swift)
    assert ran.outcomes == {"acme/api": "created", "acme/web": "created"}
    api, web = (swift.hub.find(f"acme/{name}") for name in ("api", "web"))
    assert changed(api, OURS) == {"LICENSE": "A", "late": "A", "early": "A"}
    assert changed(web, OURS) == {"LICENSE": "A", "late": "A"}
    assert (api.pulls[0].title, sorted(api.pulls[0].labels)) == ("early", ["early", "late"])
    assert (web.pulls[0].title, web.pulls[0].labels) == ("late", ["late"])
    assert "acme/api: groups differ in pr_title" in ran.summary.replace("\\", "")
    assert set(later(swift).outcomes.values()) == {"open"}


@pytest.mark.parametrize("inputs", [{"only_groups": "late"}, {"only_groups": "early"}, {"only_targets": "acme/api"}])
def test_a_filter_by_group_never_narrows_what_a_pull_request_holds(swift, inputs):
    for name in ("api", "web"):
        swift.hub.repository(f"acme/{name}", files=README, labels=["late", "early"])
    swift.write(FILES, SHARED)
    ran = later(swift, **inputs)
    assert set(ran.outcomes) == ({"acme/api", "acme/web"} if inputs == {"only_groups": "late"} else {"acme/api"})
    assert changed(swift.hub.find("acme/api"), OURS) == {"LICENSE": "A", "late": "A", "early": "A"}
    assert ran.outcomes["acme/api"] == "created"
    assert later(swift).outcomes["acme/api"] == "open"


# The order of the work

CHAIN = """\
version: 1
files: [LICENSE]
groups:
  - {name: Third, id: third, depends_on: [second], targets: [acme/t3]}
  - {name: Second, id: second, depends_on: [first], targets: [acme/t2]}
  - {name: First, id: first, targets: [acme/t1, acme/t1b]}
  - {name: Apart, id: apart, targets: [acme/t0]}
"""
EVERYONE = ("t0", "t1", "t1b", "t2", "t3")


def test_the_work_goes_from_stage_to_stage(swift):
    there(swift, *EVERYONE)
    swift.write(FILES, CHAIN)
    ran = later(swift)
    assert (ran.code, set(ran.outcomes.values())) == (0, {"created"})
    order = served(swift)
    assert order.index("acme/t3") == 4
    assert order.index("acme/t2") == 3
    assert list(ran.outcomes) == ["acme/t3", "acme/t2", "acme/t1", "acme/t1b", "acme/t0"]


def test_stages_hold_for_updates_as_well(swift):
    there(swift, *EVERYONE)
    swift.write(FILES, CHAIN)
    for name in ("t3", "t2", "t1", "t1b", "t0"):
        later(swift, only_targets=f"acme/{name}")
    swift.write({"LICENSE": "new\n"})
    assert set(later(swift).outcomes.values()) == {"updated"}
    assert served(swift)[-2:] == ["acme/t2", "acme/t3"]


def test_a_failed_group_defers_all_that_depend_on_it_and_the_next_run_goes_on(swift):
    there(swift, *EVERYONE)
    swift.write(FILES, CHAIN)
    swift.hub.find("acme/t1b").no_creation = ["~ALL"]
    ran = later(swift)
    assert ran.code == 1
    assert ran.outcomes == {
        "acme/t3": "deferred", "acme/t2": "deferred", "acme/t1": "created", "acme/t1b": "failed", "acme/t0": "created",
    }  # fmt: skip
    assert ran.target("acme/t2")["reason"] == "depends on the group 'first', which failed at acme/t1b"
    assert "'first'" in ran.target("acme/t3")["reason"]
    swift.hub.find("acme/t1b").no_creation = []
    ran = later(swift)
    assert (ran.code, ran.outcomes) == (0, {
        "acme/t3": "created", "acme/t2": "created", "acme/t1": "open", "acme/t1b": "created", "acme/t0": "open",
    })  # fmt: skip


def test_what_needs_no_work_waits_for_no_one(swift):
    there(swift, *EVERYONE)
    swift.write(FILES, CHAIN)
    swift.hub.find("acme/t2").commit({"LICENSE": b"MIT\n"})
    swift.hub.find("acme/t1").no_creation = ["~ALL"]
    assert later(swift).outcomes["acme/t2"] == "in_sync"


def test_a_target_that_is_not_there_fails_its_group_too(swift):
    there(swift, "t0", "t1", "t2", "t3")
    swift.write(FILES, CHAIN)
    ran = later(swift)
    assert (ran.outcomes["acme/t1b"], ran.outcomes["acme/t2"], ran.outcomes["acme/t3"]) == (
        "failed",
        "deferred",
        "deferred",
    )


def test_a_group_that_is_disabled_or_left_out_holds_no_one_up(swift):
    there(swift, *EVERYONE)
    swift.write(FILES, CHAIN.replace("id: first", "id: first, enabled: false"))
    assert later(swift).outcomes == {"acme/t3": "created", "acme/t2": "created", "acme/t0": "created"}
    swift.write({"LICENSE": "new\n"}, CHAIN)
    assert later(swift, only_groups="third").outcomes == {"acme/t3": "updated"}
    assert later(swift, skip_groups="First, third").outcomes == {"acme/t2": "updated", "acme/t0": "updated"}


@pytest.mark.parametrize("inputs", [{"only_groups": "frist"}, {"skip_groups": "frist"}])
def test_a_group_that_no_one_wrote_stops_the_run(swift, inputs):
    there(swift, *EVERYONE)
    swift.write(FILES, CHAIN)
    ran = later(swift, **inputs)
    assert (ran.code, writes(swift)) == (2, [])
    assert "there is no group 'frist'" in ran.log
    assert "first" in ran.log


def test_plan_says_the_same_of_the_order_and_writes_nothing(swift):
    there(swift, "t0", "t1", "t2", "t3")
    swift.write(FILES, CHAIN)
    ran = later(swift, command="plan")
    assert (ran.outcomes["acme/t1b"], ran.outcomes["acme/t2"], writes(swift)) == ("failed", "deferred", [])


# Nothing is taken for dropped that this run was not to look at


@pytest.mark.parametrize(
    "inputs", [{"only_groups": "apart"}, {"skip_groups": "apart"}, {"only_targets": "acme/t0"}, {"shard": "1/2"}]
)
def test_under_a_filter_nothing_is_taken_for_dropped(swift, inputs):
    there(swift, *EVERYONE)
    swift.write(FILES, CHAIN)
    later(swift)
    swift.write({}, CHAIN.replace("acme/t1, acme/t1b", "acme/t1"))
    later(swift, **inputs)
    assert swift.hub.find("acme/t1b").pulls[0].state == "OPEN"
    assert later(swift).outcomes["acme/t1b"] == "closed"


def test_a_group_that_is_disabled_keeps_its_pull_requests_and_one_that_is_gone_does_not(swift):
    there(swift, *EVERYONE)
    swift.write(FILES, CHAIN)
    later(swift)
    swift.write({"LICENSE": "new\n"}, CHAIN.replace("id: apart", "id: apart, enabled: false"))
    ran = later(swift)
    assert "acme/t0" not in ran.outcomes
    assert "acme/t0" in proposed(swift)
    swift.write({}, "".join(line for line in CHAIN.splitlines(keepends=True) if "Apart" not in line))
    assert later(swift).outcomes["acme/t0"] == "closed"


def test_a_selector_of_a_disabled_group_keeps_what_it_once_found(swift):
    there(swift, "t0", "t1")
    groups = "version: 1\nfiles: [LICENSE]\ngroups:\n  - {name: a, targets: [acme/t1]}\n  - {name: b, targets: ['acme/t*']}\n"
    swift.write(FILES, groups)
    later(swift)
    swift.write({}, groups.replace("name: b", "name: b, enabled: false"))
    later(swift)
    assert proposed(swift) == ["acme/t0", "acme/t1"]


# Branches of the source

BRANCHES = """\
version: 1
groups:
  - {name: stable, targets: [acme/t0], files: [LICENSE]}
  - {name: next, source: {branch: next}, targets: [acme/t1], files: [only-next]}
"""


@pytest.fixture
def branched(swift):
    """A source whose branch `next` has a file of its own, and one target for each of its branches."""
    there(swift, "t0", "t1")
    swift.write({"LICENSE": "MIT\n"}, BRANCHES)
    git(swift.source, "checkout", "-q", "-b", "next")
    swift.write({"only-next": "next\n", "LICENSE": "not merged\n"})
    git(swift.source, "checkout", "-q", "-b", "feature")
    git(swift.source, "checkout", "-q", "main")
    return swift


def test_each_group_sends_from_its_own_branch_and_the_others_are_left_alone(branched):
    ran = later(branched)
    assert (ran.code, ran.outcomes) == (0, {"acme/t0": "created"}), ran.log
    assert "the group 'next' sends from next, and this is main" in ran.summary
    ran = on(branched, "next")
    assert (ran.code, ran.outcomes) == (0, {"acme/t1": "created"}), ran.log
    assert "the group 'stable' sends from main, and this is next" in ran.summary
    api = branched.hub.find("acme/t0")
    assert api.files(OURS)["LICENSE"][1] == b"MIT\n"
    assert changed(branched.hub.find("acme/t1"), OURS) == {"only-next": "A"}
    for branch in ("main", "next"):
        on(branched, branch)
        assert (writes(branched), proposed(branched)) == ([], ["acme/t0", "acme/t1"])


def test_a_branch_that_names_itself_is_refused(branched):
    """What the default branch's config says counts, and a branch that isn't merged can't let itself in."""
    git(branched.source, "checkout", "-q", "-b", "evil")
    branched.write({}, BRANCHES.replace("branch: next", "branch: evil"))
    ran = on(branched, "evil")
    assert (ran.code, branched.hub.requests) == (2, [])
    assert "sync runs on the default branch main, not on evil" in ran.log


def test_a_branch_is_refused_where_the_config_of_the_default_one_is_not_there(branched):
    git(branched.source, "checkout", "-q", "next")
    ran = branched.run({"GITHUB_REF": "refs/heads/next"})
    assert (ran.code, branched.hub.requests) == (2, [])
    assert "fetch-depth: 0" in ran.log


def test_a_branch_that_no_group_names_is_refused(branched):
    ran = on(branched, "feature")
    assert (ran.code, branched.hub.requests) == (2, [])
    assert "sync runs on the default branch main, not on feature" in ran.log
    assert on(branched, "feature", command="plan").code == 0


def test_what_is_selected_by_a_group_for_another_branch_is_not_taken_for_dropped(branched):
    config = BRANCHES.replace("[acme/t1]", "['acme/t*', '!acme/t0']")
    for branch in ("next", "main"):
        git(branched.source, "checkout", "-q", branch)
        branched.write({}, config)
    assert on(branched, "next").outcomes == {"acme/t1": "created"}
    later(branched)
    assert "acme/t1" in proposed(branched)
