"""GitHub's limits on a simulated clock: kept to where they are documented, obeyed where GitHub says more."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.hub import Clock, Hub, http_date
from tests.scenarios import LABEL, counted
from tests.world import World

HOUR = 3600
WAIT = 45  # seconds
UNTOLD = 60  # "wait for at least one minute"


@pytest.fixture
def world(tmp_path):
    with Hub(tmp_path / "hub", clock=Clock()) as hub:
        yield World(tmp_path, hub)


def fleet(world, count, more=""):
    """So many repositories that lack one file."""
    names = [f"acme/t{n}" for n in range(count)]
    world.write({"CODE": "new\n"}, f"version: 1\ntargets: [{', '.join(names)}]\nfiles: [CODE]\n{more}")
    return [world.hub.repository(name, {"README.md": b"theirs\n"}, labels=[LABEL]) for name in names]


def run(world, **inputs):
    return world.run(results_file="results.json", **inputs)


def pauses(hub):
    """Seconds between each request and the next."""
    times = [request.received_at for request in hub.requests]
    return [later - earlier for earlier, later in pairwise(times)]


# GitHub documents 500 writes an hour. A pull request is one write, and ten are labelled by one more, so that 500 an
# hour are the most without labels and 454 with them. Every request takes a second here, as it may on GitHub; counted
# are those opened in the first hour since the run's first request, its reading included.
@pytest.mark.parametrize(("more", "least"), [("", 450), (f"pr_labels: [{LABEL}]\n", 400)], ids=["plain", "labelled"])
def test_an_hour_is_enough_for(world, more, least):
    repos, hub = fleet(world, 520, more), world.hub
    hub.limits.documented()
    hub.fail(lambda _: True, times=10_000, delay=1.0)
    ran = run(world)
    assert counted(ran) == {"created": 520}
    assert not hub.rejected
    began = hub.requests[0].received_at
    assert sum(repo.pulls[0].created_at < began + HOUR for repo in repos) >= least
    assert all(repo.pulls[0].labels == [LABEL] * bool(more) for repo in repos)


@pytest.mark.parametrize(("limit", "writes"), [("content_minute", 20), ("burst", 4)])
@pytest.mark.parametrize("tells_wait", [True, False], ids=["told", "untold"])
def test_where_github_refuses_earlier_the_run_slows_down_and_does_all(world, limit, writes, tells_wait):
    repos, hub = fleet(world, 60), world.hub
    hub.limits.documented()
    setattr(hub.limits, limit, writes)
    hub.limits.tells_wait = tells_wait
    assert counted(run(world)) == {"created": 60}
    assert [len(repo.pulls) for repo in repos] == [1] * 60
    assert 0 < len(hub.rejected) <= 10
    assert {one.limit for one in hub.rejected} == {limit}


@pytest.mark.parametrize("status", [403, 429, 200])
@pytest.mark.parametrize("form", ["seconds", "date", "reset", "nothing"])
@pytest.mark.parametrize("what", ["graphql query", "graphql mutation"])
def test_a_refusal_is_obeyed_whatever_it_looks_like(world, status, form, what):
    repos, hub = fleet(world, 3), world.hub
    until = hub.clock() + WAIT
    told = {"seconds": WAIT, "date": http_date(until)}.get(form)
    reset = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{until:.0f}"} if form == "reset" else {}
    hub.fail(lambda request: request.kind == what, status=status, retry_after=told, headers=reset)
    assert counted(run(world)) == {"created": 3}
    assert [len(repo.pulls) for repo in repos] == [1] * 3
    refused = next(at for at, request in enumerate(hub.requests) if request.kind == what)
    assert pauses(hub)[refused] >= (UNTOLD if form == "nothing" else WAIT)
    assert sum(pauses(hub)) < 2 * UNTOLD


@pytest.mark.parametrize(("limit", "strategy"), [("graphql", "graphql"), ("core", "rest")])
def test_a_run_waits_for_the_next_hour_where_the_primary_limit_is_used_up(world, limit, strategy):
    count = 60 if limit == "graphql" else 16  # by REST a pull request takes four calls
    repos, hub = fleet(world, count), world.hub
    setattr(hub.limits, limit, 40)
    assert counted(run(world, write_strategy=strategy)) == {"created": count}
    assert [len(repo.pulls) for repo in repos] == [1] * count
    assert max(pauses(hub)) > HOUR / 2
    assert not hub.rejected


def test_a_primary_limit_that_somebody_else_has_used_up_is_waited_for(world):
    """The first answer already says so."""
    (repo,), hub = fleet(world, 1), world.hub
    hub.limits.graphql = 1
    assert counted(run(world)) == {"created": 1}
    assert len(repo.pulls) == 1
    assert hub.clock.slept >= HOUR
