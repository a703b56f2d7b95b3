"""Runs by waves, rollbacks and merges that are killed at any of their requests: the next run goes on, nothing is early."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import pytest

from tests.hub import Clock, Hub
from tests.integration.test_kills import run_and_kill_at
from tests.integration.test_waves import CANARIES, NAMES, Fleet
from tests.storms import BRANCH, SCRATCH
from tests.world import World

PASSED = "{send: passed}"


class Job(NamedTuple):
    """A run that is killed: what comes before it, and what each target has to hold after the next run."""

    requests: int  # of a run that nothing stops
    prepare: Callable[[Fleet], Mapping[str, str]]  # returns the inputs
    proposed: Mapping[str, str]  # target → what its open pull request brings; others have none
    advance: str = "{}"


def nothing_before(_: Fleet) -> dict[str, str]:
    return {}


def canaries_merged(fleet: Fleet) -> dict[str, str]:
    fleet.run()
    fleet.merge(*CANARIES)
    return {}


def canaries_busy(fleet: Fleet) -> dict[str, str]:
    canaries_merged(fleet)
    fleet.swift.write({"LICENSE": "two\n"})
    return {}


def everything_merged(fleet: Fleet) -> None:
    for names in (CANARIES, NAMES[2:3], NAMES[3:]):
        fleet.run()
        fleet.merge(*names)


def bad_sync_merged(fleet: Fleet) -> dict[str, str]:
    everything_merged(fleet)
    fleet.swift.write({"LICENSE": "bad\n"})
    everything_merged(fleet)
    return {"command": "rollback", "to": fleet.first}


def all_open(fleet: Fleet) -> dict[str, str]:
    for _ in range(3):
        fleet.run()
    return {"command": "merge", "only_targets": "*"}


JOBS = {
    "first wave": Job(4, nothing_before, dict.fromkeys(CANARIES, "one")),
    "second wave": Job(3, canaries_merged, {"acme/early-1": "one"}),
    "passed": Job(8, canaries_busy, {**dict.fromkeys(CANARIES, "two"), "acme/early-1": "one"}, PASSED),
    "rollback": Job(6, bad_sync_merged, dict.fromkeys(NAMES, "one")),
    "merge": Job(7, all_open, {}, "{when: opened}"),
}
KILLS = [(name, number) for name, job in JOBS.items() for number in range(2, job.requests + 1)]


@pytest.fixture
def world(tmp_path):
    with Hub(tmp_path / "hub", clock=Clock()) as hub:
        yield World(tmp_path, hub)


def begun(world: World, name: str) -> tuple[Fleet, Mapping[str, str]]:
    job = JOBS[name]
    fleet = Fleet(world, job.advance)
    inputs = job.prepare(fleet)
    world.hub.requests.clear()
    return fleet, inputs


def proposed(fleet: Fleet) -> dict[str, str]:
    """What the only open pull request of each target brings."""
    found = {}
    for name, api in fleet.targets.items():
        pulls = [one for one in api.pulls if one.state == "OPEN"]
        assert len(pulls) < 2
        if pulls:
            found[name] = api.files(BRANCH)["LICENSE"][1].decode().strip()
        assert set(api.branches()) <= {"main", BRANCH, SCRATCH}
    return found


def is_early(fleet: Fleet, name: str) -> bool:
    """Whether any target got a pull request before its wave."""
    return not proposed(fleet).keys() <= JOBS[name].proposed.keys() and JOBS[name].prepare is not all_open


@pytest.mark.parametrize("name", JOBS)
def test_a_run_that_nothing_stops_makes_so_many_requests(world, name):
    fleet, inputs = begun(world, name)
    ran = world.run_process(**inputs)
    assert ran.code == 0, ran.log
    assert len(world.hub.requests) == JOBS[name].requests
    assert proposed(fleet) == JOBS[name].proposed


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("name", "number"), KILLS)
def test_the_run_after_one_that_was_killed_goes_on(world, name, number, when):
    fleet, inputs = begun(world, name)
    run_and_kill_at(world, lambda kill, **how: world.hub.on_request(number, kill, **how), when == "after", **inputs)
    assert not is_early(fleet, name)
    ran = fleet.run(**inputs)
    assert ran.code == 0, ran.log
    assert proposed(fleet) == JOBS[name].proposed, ran.log
    assert not any(SCRATCH in api.branches() for api in fleet.targets.values())
    if inputs.get("command") == "merge":
        assert all(api.pulls[0].state == "MERGED" for api in fleet.targets.values())
