"""`plan --compare-to REF`: what a change of the source does by itself, whatever else a sync would do."""

from __future__ import annotations

import pytest

from tests.integration.test_people import later
from tests.markdown import page_of

CONFIG = "version: 1\ntargets: [{}]\ndirectories: [{{src: kit, mode: mirror}}]\n"
IN_STEP = {"kit/a.md": b"a\n", "kit/b.md": b"b\n"}


@pytest.fixture
def fleet(swift):
    """Three targets in step with the source."""
    for name in ("api", "web", "app"):
        swift.hub.repository(f"acme/{name}", files={**IN_STEP, "README.md": b"theirs\n"})
    swift.write({path: text.decode() for path, text in IN_STEP.items()}, CONFIG.format("acme/api, acme/web, acme/app"))
    return swift


def compared(world, ref: str = "HEAD^", **inputs: str):
    """The run, in which nothing was written, and what it says of the change."""
    ran = world.run(command="plan", compare_to=ref, **inputs)
    assert not {"rest write", "graphql mutation"} & set(world.hub.calls())
    page_of(ran.summary)
    return ran, ran.results["comparison"]


def test_a_changed_file_is_a_pull_request_for_each_target(fleet):
    fleet.write({"kit/a.md": "new\n"})
    ran, told = compared(fleet)
    assert ran.outputs["comparison"] == told["words"] == "+3 pull requests, 3 changes"
    assert ran.summary.startswith("## 📋 Compared with HEAD^: +3 pull requests, 3 changes\n")
    assert "acme/web: changed; in sync → created\n" in ran.log
    assert [one["files"]["changed"] for one in told["targets"]] == [1, 1, 1]


def test_who_joins_and_who_leaves_is_distinguished(fleet):
    fleet.hub.repository("acme/new", files={"README.md": b"theirs\n"})
    fleet.write({".github/broadcast.yml": CONFIG.format("acme/api, acme/web, acme/new")})
    ran, told = compared(fleet)
    assert told["words"] == "+1 pull request, 1 target joined, 1 target left, 2 additions"
    assert {one["target"]: one["effect"] for one in told["targets"]} == {"acme/new": "joined", "acme/app": "left"}
    assert "| **leaves**<br>no longer kept in step | `acme/app` |" in ran.summary


def test_the_pull_request_of_one_that_leaves_is_closed_by_the_change(fleet):
    fleet.write({"kit/a.md": "new\n"})
    later(fleet)
    fleet.write({".github/broadcast.yml": CONFIG.format("acme/api, acme/web")})
    ran, told = compared(fleet)
    assert told["words"] == "\N{MINUS SIGN}1 pull request, 1 target left, 1 file no longer proposed"
    assert ran.outcomes == {"acme/api": "open", "acme/web": "open", "acme/app": "closed"}


def test_deletions_are_counted(fleet):
    fleet.write({"kit/b.md": None})
    assert compared(fleet)[1]["words"] == "+3 pull requests, 3 deletions"


def test_what_a_sync_would_do_anyway_is_no_effect_of_the_change(fleet):
    fleet.hub.find("acme/api").commit({"kit/a.md": b"drifted\n"})
    fleet.write({"other.md": "not sent\n"})
    ran, told = compared(fleet)
    assert ran.outcomes["acme/api"] == "created"
    assert (told["words"], told["targets"]) == ("nothing changes for any target", [])


def test_a_pull_request_that_is_open_is_updated_by_the_change(fleet):
    fleet.write({"kit/a.md": "new\n"})
    later(fleet)
    fleet.write({"kit/b.md": "new\n"})
    assert compared(fleet)[1]["words"] == "3 pull requests updated, 3 changes"


def test_a_change_that_takes_itself_back_takes_its_pull_requests_along(fleet):
    fleet.write({"kit/a.md": "new\n"})
    later(fleet)
    fleet.write({"kit/a.md": "a\n"})
    assert compared(fleet)[1]["words"] == "\N{MINUS SIGN}3 pull requests, 3 files no longer proposed"


def test_where_there_was_no_config_every_target_joins(fleet):
    fleet.write({".github/broadcast.yml": None})
    fleet.write({"kit/a.md": "new\n", ".github/broadcast.yml": CONFIG.format("acme/api")})
    assert compared(fleet)[1]["words"] == "+1 pull request, 1 target joined, 1 change"


def test_a_config_that_was_wrong_can_be_compared_with_nothing(fleet):
    good = (fleet.source / ".github/broadcast.yml").read_text()
    fleet.write({".github/broadcast.yml": "version: 2\n"})
    fleet.write({".github/broadcast.yml": good})
    ran, told = compared(fleet)
    assert told is None
    assert ran.code == 0
    assert "nothing to compare with: sync can't run from HEAD^: 2 problems in .github/broadcast.yml" in ran.log


def test_selectors_say_who_joins_by_the_change_alone(fleet):
    fleet.write({".github/broadcast.yml": "version: 1\ntargets: [acme/a*]\ndirectories: [{src: kit}]\n"})
    fleet.write({".github/broadcast.yml": "version: 1\ntargets: [acme/*]\ndirectories: [{src: kit}]\n"})
    told = compared(fleet)[1]
    assert {one["target"]: one["effect"] for one in told["targets"]} == {"acme/web": "joined"}


def test_under_a_filter_only_the_targets_chosen_count(fleet):
    fleet.hub.repository("acme/new", files={"README.md": b"theirs\n"})
    fleet.write({"kit/a.md": "new\n", ".github/broadcast.yml": CONFIG.format("acme/api, acme/web, acme/new")})
    told = compared(fleet, only_targets="acme/new acme/api")[1]
    assert {one["target"]: one["effect"] for one in told["targets"]} == {"acme/api": "changed", "acme/new": "joined"}


def test_files_that_git_does_not_track_are_no_part_of_a_change(fleet):
    fleet.write({".github/broadcast.yml": CONFIG.format("acme/api").replace("mirror", "copy, untracked: true")})
    fleet.write({"kit/a.md": "new\n"})
    (fleet.source / "kit/built.md").write_text("built\n")
    assert compared(fleet)[1]["words"] == "1 change"


def test_looking_twice_asks_no_more_than_twice(fleet):
    fleet.write({"kit/a.md": "new\n"})
    fleet.run(command="plan")
    once = sum(fleet.hub.calls().values())
    compared(fleet)
    assert sum(fleet.hub.calls().values()) <= 2 * once


def test_a_commit_that_is_not_there_ends_the_run_before_anybody_is_asked(fleet):
    ran = fleet.run(command="plan", compare_to="origin/nope")
    assert (ran.code, fleet.hub.requests) == (2, [])
    assert "the commit origin/nope to compare with is not in the checkout" in ran.log
    assert "fetch-depth" in ran.summary


@pytest.mark.parametrize("command", ["sync", "check", "status", "validate"])
def test_it_goes_with_plan_alone(fleet, command):
    ran = fleet.run(command=command, compare_to="HEAD")
    assert (ran.code, fleet.hub.requests) == (2, [])
    assert "the input compare-to goes with command: plan" in ran.log
