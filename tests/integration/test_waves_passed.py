"""`send: passed`: while the source changes, later waves get the newest commit that has passed the wave before theirs."""

from __future__ import annotations

import shutil

from tests.integration.test_people import OURS, writes
from tests.integration.test_waves import CANARIES, NAMES, Fleet
from tests.world import git

SENDS = "{send: passed, soak: 3h}"


def commit(swift, number: int) -> str:
    return swift.write({"LICENSE": f"{number}\n"})


def held(fleet, name: str, branch: str | None = None) -> str:
    """What a target has of the source."""
    files = fleet.targets[name].files(branch) if branch else fleet.targets[name].files()
    return files["LICENSE"][1].decode().strip() if "LICENSE" in files else ""


def hour(fleet, number: int) -> dict[str, str]:
    """The source changes, a run goes through the fleet, and the canaries merge; the outcomes."""
    commit(fleet.swift, number)
    outcomes = fleet.run(1).outcomes
    fleet.merge(*[name for name in CANARIES if any(one.state == "OPEN" for one in fleet.targets[name].pulls)])
    return outcomes


def test_a_source_that_changes_every_hour_does_not_starve_later_waves(swift):
    fleet = Fleet(swift, SENDS)
    found = [hour(fleet, number) for number in range(12)]
    assert all(one["acme/canary-1"] == "created" for one in found)
    early = [one["acme/early-1"] for one in found]
    assert early[:3] == ["waiting"] * 3
    assert early[3] == "created", early
    assert "created" in [one["acme/web"] for one in found] or held(fleet, "acme/early-1") == ""


def test_a_later_wave_gets_what_soaked_and_nothing_newer(swift):
    fleet = Fleet(swift, SENDS)
    for number in range(8):
        hour(fleet, number)
        has = held(fleet, "acme/early-1", OURS) if fleet.targets["acme/early-1"].pulls else ""
        assert has in ("", str(number - 3)), number
    pull = fleet.open("acme/early-1")
    assert "Source: " in fleet.targets["acme/early-1"].objects.commit(fleet.targets["acme/early-1"].head(OURS)).message
    assert pull.body.count("broadcast:marker") == 1


def test_the_last_wave_follows_the_one_before_it(swift):
    fleet = Fleet(swift, SENDS)
    seen = []
    for number in range(16):
        hour(fleet, number)
        if any(one.state == "OPEN" for one in fleet.targets["acme/early-1"].pulls):
            fleet.merge("acme/early-1")
        if fleet.targets["acme/web"].pulls:
            seen.append((number, held(fleet, "acme/web", OURS)))
    assert seen
    assert all(int(text) <= number - 6 for number, text in seen), seen


def test_what_is_in_step_with_the_passed_commit_waits_for_the_newer_one(swift):
    fleet = Fleet(swift, SENDS)
    hour(fleet, 0)
    fleet.run(3)
    fleet.merge("acme/early-1")
    commit(swift, 1)
    ran = fleet.expect("ccWW")
    assert "the wave canaries comes first" in ran.log
    assert [one["commit"] == ran.results["commit"] for one in ran.results["waves"]][:2] == [True, False]


def test_a_red_check_stops_older_commits_as_well(swift):
    fleet = Fleet(swift, SENDS)
    hour(fleet, 0)
    commit(swift, 1)
    fleet.run(1)
    fleet.check("FAILURE", "acme/canary-1")
    fleet.expect("ooWW", hours=5)


def test_what_the_source_has_taken_back_is_not_sent(swift):
    fleet = Fleet(swift, SENDS)
    fleet.run()
    fleet.merge(*CANARIES)
    fleet.run(4)
    fleet.merge("acme/early-1")
    fleet.run(4)
    fleet.merge("acme/web")
    hour(fleet, 1)
    swift.write({"LICENSE": "one\n"})
    fleet.run(4)
    assert not any(one.state == "OPEN" for one in fleet.targets["acme/early-1"].pulls)
    assert held(fleet, "acme/early-1") == "one"


def test_a_shallow_checkout_says_which_history_is_missing(swift, tmp_path):
    fleet = Fleet(swift, SENDS)
    hour(fleet, 0)
    commit(swift, 1)
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{swift.source}", str(shallow))
    shutil.rmtree(swift.source)
    shallow.rename(swift.source)
    ran = fleet.run(3)
    assert ran.outcomes["acme/canary-1"] == "created"
    assert ran.outcomes["acme/early-1"] == "failed"
    assert "give actions/checkout `fetch-depth: 0`" in ran.log


def test_many_merges_are_read_back_to_the_one_that_has_soaked(swift):
    fleet = Fleet(swift, "{send: passed, soak: 30h}", names=NAMES[:1] + NAMES[2:])
    for number in range(29):
        commit(swift, number)
        fleet.run(1)
        fleet.merge("acme/canary-1")
        assert not fleet.targets["acme/early-1"].pulls
    for number in range(29, 34):
        commit(swift, number)
        fleet.run(1)
        fleet.merge("acme/canary-1")
    assert int(held(fleet, "acme/early-1", OURS)) <= 33 - 30
    assert writes(swift)


def test_merge_merges_what_a_later_wave_has_of_an_older_commit(swift):
    fleet = Fleet(swift, SENDS)
    hour(fleet, 0)
    commit(swift, 1)
    fleet.run(3)
    assert held(fleet, "acme/early-1", OURS) == "0"
    ran = fleet.run(command="merge", only_waves="early")
    assert ran.outcomes == {"acme/early-1": "merged"}, ran.log
    assert held(fleet, "acme/early-1") == "0"
