"""People's acts by chance, with runs between: one pull request at most, no work of theirs lost, every outcome true.

`make fuzz` tries many more.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from tests.hub import Clock, Hub
from tests.integration.test_people import writes
from tests.user_actions import Simulation
from tests.world import World

SEEDS = int(os.environ.get("FUZZ_EXAMPLES", "12"))
ROUNDS = 8


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_people_do_nothing_is_doubled_or_lost_and_every_outcome_is_true(seed):
    with tempfile.TemporaryDirectory() as directory, Hub(Path(directory, "hub"), clock=Clock()) as hub:
        hub.unknowns.base_deletion = ("told", "untold")[seed % 2]
        simulation = Simulation(World(Path(directory), hub), seed)
        for _ in range(ROUNDS):
            for _ in range(simulation.dice.choice((0, 1, 1, 2, 3))):
                simulation.act()
            assert simulation.problems() == [], simulation.log
        for _ in range(2):
            assert simulation.problems(quiet=True) == [], simulation.log
        assert writes(simulation.world) == [], simulation.log
