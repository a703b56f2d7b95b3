"""People's acts by chance on files that they share with the source: no line of theirs is lost, every outcome is true."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from tests.hub import Clock, File, Hub
from tests.integration.test_people import writes
from tests.shared_actions import IGNORED, SharedSimulation
from tests.storms import BRANCH
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


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({IGNORED: b"outside2\n"}, f"{IGNORED} lost what people wrote"),
        ({IGNORED: File(b"outside1\n", 0o100755)}, f"{IGNORED} has another mode"),
        ({"README.md": b"ours\n"}, "our commit changes README.md"),
    ],
)
def test_the_check_sees(tmp_path, change, words):
    with Hub(tmp_path / "hub", clock=Clock()) as hub:
        simulation = SharedSimulation(World(tmp_path, hub), 1)
        simulation.api.commit({IGNORED: b"outside1\n"})
        harm = simulation.harm(simulation.api.commit(change, branch=BRANCH))
        assert words in " ".join(harm)
