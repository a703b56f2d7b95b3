"""A server that takes its time for every repository, and gives up on a document after ten seconds."""

from __future__ import annotations

import re

import pytest

from tests.hub import Clock, Hub
from tests.hub.unknowns import ALTERNATIVES
from tests.world import World

HELD = {"LICENSE": b"MIT\n"}


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def slow(tmp_path, clock):
    """A world whose hub takes 100 ms a repository; time is simulated."""
    with Hub(tmp_path / "hub", clock=clock) as hub:
        hub.weight = 0.1
        yield World(tmp_path, hub)


def fleet(world, count: int) -> None:
    names = [f"acme/t{n}" for n in range(count)]
    world.write({"LICENSE": "MIT\n"}, f"version: 1\ntargets: [{', '.join(names)}]\nfiles: [LICENSE]\n")
    for name in names:
        world.hub.repository(name, files=HELD)


def sizes(world) -> list[int]:
    """How many repositories each document of the last run asked about."""
    return [len(re.findall(r"\nq\d+: repository", one.document)) for one in world.hub.requests if one.document]


def test_many_targets_in_step_take_few_documents(world):
    """On a real clock, for documents that run side by side; `python -m tests.bench fleet` prints the figures for 1,000 targets."""
    world.hub.weight = 0.1
    fleet(world, 300)
    assert set(world.run(concurrency="8").outcomes.values()) == {"in_sync"}
    assert len(world.hub.requests) <= 39
    assert all(request.status == 200 for request in world.hub.requests)


def test_documents_begin_small_and_grow_to_what_takes_three_seconds(slow):
    fleet(slow, 100)
    slow.run()
    first, *others = sizes(slow)
    assert first == 10 - 2  # with two searches
    assert max(others) in range(25, 38)


@pytest.mark.parametrize("how", ALTERNATIVES["too_heavy"])
def test_documents_that_are_cut_for_their_weight_become_smaller_until_they_are_answered(slow, how):
    slow.hub.weight, slow.hub.unknowns.too_heavy = 2.0, how
    fleet(slow, 30)
    ran = slow.run()
    assert set(ran.outcomes.values()) == {"in_sync"}
    assert max(sizes(slow)[-5:]) <= 5
    assert len(slow.hub.requests) <= 30


def test_documents_shrink_where_answers_take_more_than_six_seconds(slow):
    slow.hub.weight = 0.8
    fleet(slow, 40)
    assert set(slow.run().outcomes.values()) == {"in_sync"}
    assert all(request.status == 200 for request in slow.hub.requests)
    assert max(sizes(slow)[1:]) <= 4


def test_a_target_that_no_document_can_hold_fails_alone(slow):
    slow.hub.weight = 0.0
    fleet(slow, 12)
    slow.hub.fail(lambda request: 'name: "t7"' in (request.document or ""), times=99, cut=True)
    ran = slow.run()
    assert {name for name, outcome in ran.outcomes.items() if outcome == "failed"} == {"acme/t7"}
    assert len(slow.hub.requests) <= 20


def test_a_server_that_answers_nothing_is_given_up_soon(slow):
    fleet(slow, 50)
    slow.hub.fail(lambda request: True, times=999, status=502)
    ran = slow.run()
    assert (ran.code, set(ran.outcomes.values())) == (1, {"failed"})
    assert len(slow.hub.requests) <= 12
