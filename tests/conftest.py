from __future__ import annotations

import time

import pytest

from tests.hub import Clock, Hub
from tests.world import World


@pytest.fixture
def world(tmp_path):
    """A source and a hub of its own for each test; its clock starts now, and waits take no time."""
    with Hub(tmp_path / "hub", clock=Clock(time.time())) as hub:
        yield World(tmp_path, hub)


@pytest.fixture
def swift(tmp_path):
    """The same at a fixed time."""
    with Hub(tmp_path / "hub", clock=Clock()) as hub:
        yield World(tmp_path, hub)


apps = world  # GitHub Apps sign with the time of today
