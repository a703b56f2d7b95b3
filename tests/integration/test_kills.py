"""Runs that are killed at any of their requests: the next run goes on where they stopped."""

from __future__ import annotations

import signal
import subprocess

import pytest

from tests.hub import Clock, Hub
from tests.storms import Fleet, Target
from tests.world import ROOT, World

TARGETS = [
    Target("acme/plain", "new"),
    Target("acme/tool", "new", has_tool=True, has_label=False),
    Target("acme/stale", "stale"),
    Target("acme/stale-tool", "stale", has_tool=True),
    Target("acme/done", "done"),
]
REQUESTS = 17  # of a run over them that nothing stops


@pytest.fixture
def fleet(tmp_path):
    with Hub(tmp_path / "hub", clock=Clock()) as hub:
        yield Fleet.build(World(tmp_path, hub), TARGETS)


def start(world, environment=None, **inputs):
    """The real entrypoint, in a process of its own."""
    world.hub.requests.clear()
    command = [world.python, "-I", "-u", str(ROOT / "entrypoint.py")]
    variables = world.environment(**inputs) | (environment or {})
    return subprocess.Popen(
        command, cwd=world.source, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def run_and_kill_at(world, hook, after_effect, environment=None, **inputs):
    """Start a run and kill it when `hook`, which takes an action, says so; before its effect, nothing of it is done."""
    running = []

    def kill(hub, request):
        running[0].kill()
        if not after_effect:
            hub.fail(lambda each: each is request, status=0)

    hook(kill, after_effect=after_effect)
    running.append(start(world, environment, **inputs))
    assert running[0].wait(60) == -signal.SIGKILL


def in_step(fleet):
    """Nothing doubled, nothing lost, nothing left lying about."""
    assert not fleet.settle()
    assert not fleet.harm()


def test_a_run_that_nothing_stops_makes_so_many_requests(fleet):
    assert not fleet.problems(fleet.run())
    assert len(fleet.world.hub.requests) == REQUESTS


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(2, REQUESTS + 1))
def test_the_run_after_one_that_was_killed_at_request(fleet, number, when):
    hub = fleet.world.hub
    run_and_kill_at(fleet.world, lambda kill, **how: hub.on_request(number, kill, **how), when == "after")
    assert len(hub.requests) == number
    assert not fleet.misplaced()
    in_step(fleet)
