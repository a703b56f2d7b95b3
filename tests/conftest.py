from __future__ import annotations

import time

import pytest

from tests.hub import Clock, Hub
from tests.world import World


@pytest.fixture
def world(tmp_path):
    """A source and a hub of its own for each test."""
    with Hub(tmp_path / "hub") as hub:
        yield World(tmp_path, hub)


@pytest.fixture
def swift(tmp_path):
    """A world in which waiting takes no time, for `rehearse`."""
    with Hub(tmp_path / "hub", clock=Clock()) as hub:
        yield World(tmp_path, hub)


@pytest.fixture
def apps(tmp_path):
    """The same at the time of today, by which GitHub Apps sign."""
    with Hub(tmp_path / "hub", clock=Clock(time.time())) as hub:
        yield World(tmp_path, hub)
