"""People's acts by chance on files that they share with the source: no line of theirs is lost, every outcome is true."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from tests.hub import Clock, Hub
from tests.integration.test_people import writes
from tests.shared_actions import SharedSimulation
from tests.world import World

SEEDS = int(os.environ.get("FUZZ_EXAMPLES", "12"))
FIRST = int(os.environ.get("FUZZ_FIRST", "0"))
ROUNDS = 8


@pytest.mark.parametrize("seed", range(FIRST, FIRST + SEEDS))
def test_whatever_people_do_to_shared_files_nothing_is_doubled_or_lost(seed):
    with tempfile.TemporaryDirectory() as directory, Hub(Path(directory, "hub"), clock=Clock()) as hub:
        hub.unknowns.base_deletion = ("told", "untold")[seed % 2]
        simulation = SharedSimulation(World(Path(directory), hub), seed)
        for _ in range(ROUNDS):
            for _ in range(simulation.dice.choice((0, 1, 1, 2, 3))):
                simulation.act()
            assert simulation.problems() == [], simulation.log
        for _ in range(2):
            assert simulation.problems(quiet=True) == [], simulation.log
        assert writes(simulation.world) == [], simulation.log
