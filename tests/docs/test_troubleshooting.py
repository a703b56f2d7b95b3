"""docs/troubleshooting.md quotes what the product says: here a run says it, entry by entry."""

from __future__ import annotations

import re
import signal
import threading
import time

import pytest

from broadcast.github import refusals
from broadcast.report import outputs
from tests.docs import pages
from tests.docs.troubleshooting_inputs import CONFIGS, INPUTS, POLICIES, REFUSALS, REPOSITORIES, RUNNERS, ready
from tests.docs.troubleshooting_scenarios import SCENARIOS
from tests.docs.troubleshooting_shared import SHARED, conflicting, met
from tests.hub import Clock, Hub
from tests.hub.accounts.policies import FORCED
from tests.integration.test_people import later
from tests.world import World

ENTRIES = pages.keys("troubleshooting.md")
UNSAID = {
    "Cannot force-push to this branch",  # worked around
    "the token's scopes (…) don't let it write",  # to the hub, such a token is one that may only read
    "unexpected …: …",  # a bug that we don't have
}


@pytest.fixture
def swift(tmp_path):
    """Today, for Apps sign with the time."""
    with Hub(tmp_path / "hub", clock=Clock(time.time())) as hub:
        yield World(tmp_path, hub)


def said(entry: str, text: str) -> bool:
    """Whether it stands in the text, with something in the place of each …"""
    return re.search(re.escape(entry).replace("…", ".+?"), text) is not None


@pytest.mark.parametrize("entry", INPUTS)
def test_inputs_that_are_wrong(swift, entry):
    ready(swift)
    assert said(entry, later(swift, **INPUTS[entry]).log)


@pytest.mark.parametrize("entry", RUNNERS)
def test_a_run_at_the_wrong_place(swift, entry):
    ready(swift)
    assert said(entry, swift.run(RUNNERS[entry]).log)


@pytest.mark.parametrize("entry", CONFIGS)
def test_configs_that_are_wrong(swift, entry):
    ready(swift, CONFIGS[entry])
    assert said(entry, later(swift).log)


@pytest.mark.parametrize("entry", REPOSITORIES)
def test_targets_that_are_not_like_others(swift, entry):
    ready(swift, **REPOSITORIES[entry])
    assert said(entry, later(swift).log)


@pytest.mark.parametrize("entry", POLICIES)
def test_targets_that_forbid_something(swift, entry):
    ((name, value),) = POLICIES[entry].items()
    setattr(ready(swift), name, value)
    assert said(entry, later(swift).log)


@pytest.mark.parametrize("entry", REFUSALS)
def test_refusals_of_github(swift, entry):
    ready(swift)
    swift.hub.fail_field(lambda *call: call[1] == ["pull"], entry, type="FORBIDDEN", times=99)
    assert said(entry, later(swift).log)


@pytest.mark.parametrize("entry", SCENARIOS)
def test_what_happens_before_a_run(swift, entry):
    inputs = SCENARIOS[entry](swift) or {}
    assert said(entry, later(swift, **inputs).log)


@pytest.mark.parametrize("entry", SHARED)
def test_files_that_both_own(swift, entry):
    met(swift, SHARED[entry])
    assert said(entry, later(swift).log)


LEFT, FAILED = "conflict: both changed the same lines: …", "the source and the target both changed the same lines"


@pytest.mark.parametrize(("entry", "more"), [(LEFT, ""), (FAILED, ", on_conflict: fail")])
def test_lines_that_both_changed(swift, entry, more):
    conflicting(swift, more)
    assert said(entry, later(swift).log)


STOPS = ("Stopped by …", "stopped by … while its pull request was being written")
OUTPUTS = "the output … holds the first … of …"


def test_a_run_that_is_stopped(world):
    ready(world)
    going, hanging = [], threading.Event()
    world.hub.after(lambda request: request.writes, lambda *_: (going[0].ask(signal.SIGTERM), hanging.wait(60)))
    going.append(world.start())
    ran, _ = going[0].end()
    hanging.set()
    assert all(said(entry, ran.log) for entry in STOPS)


def test_outputs_that_a_job_can_not_pass_on(swift, monkeypatch):
    ready(swift)
    monkeypatch.setattr(outputs, "MAX_OUTPUTS", 100)
    assert said(OUTPUTS, later(swift).log)


def test_every_entry_is_said_by_a_run():
    covered = {OUTPUTS, *STOPS, *INPUTS, *RUNNERS, *CONFIGS, *REPOSITORIES, *POLICIES, *REFUSALS, *SCENARIOS}
    covered |= {LEFT, FAILED, *SHARED}
    assert set(ENTRIES) == covered | UNSAID
    assert len(ENTRIES) == len(set(ENTRIES))


def test_every_remedy_that_is_known_has_an_entry():
    told = {refusals.advice(entry) for entry in (*ENTRIES, "Repository was archived so is read-only", FORCED)}
    assert {advice for _, advice in refusals._COMPILED} <= told
