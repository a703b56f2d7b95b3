"""Whatever a server answers: every target ends, nothing is written that was not planned, and the next runs mend it.

`make fuzz` tries many more.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from broadcast.ownership import scratch_name
from broadcast.plan.outcome import NAMES
from tests.hardening.mangled import mangling
from tests.hub import Clock, Hub
from tests.world import World

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "9"))
OURS = "broadcast/kit"
THEIRS = "fix/theirs"
NAMES_OF = [f"acme/t{at}" for at in range(4)]
CONFIG = """
version: 1
id: kit
targets: [acme/t0, acme/t1, acme/t2, {owner: acme, topic: oss}]
pr_labels: [sync]
pr_reviewers: [alice]
directories:
  - {src: kit, mode: mirror}
  - {src: old, mode: prune}
files: [{src: seed.md, mode: seed}]
remove: [gone.md]
"""
MAPPED = ("kit/", "old/", "seed.md", "gone.md")
FUZZ = settings(  # a seed can't be shrunk
    deadline=None, max_examples=EXAMPLES, derandomize=EXAMPLES <= 9, suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)  # fmt: skip


def fleet(world: World) -> None:
    """Four targets and a bystander, all with work that is half done."""
    held = {"kit/extra": b"x\n", "kit/a": b"0\n", "gone.md": b"x\n", "README.md": b"theirs\n"}
    for name in (*NAMES_OF, "acme/bystander"):
        repository = world.hub.repository(name, files=held, labels=["sync"], topics=["oss"] * (name == "acme/t3"))
        repository.commit({"fix.txt": b"x\n"}, THEIRS)
        repository.open_pull(THEIRS, "main", "Fix", "as we said")
    world.write({"kit/a": "1\n", "kit/b": "1\n", "old/x": "x\n", "seed.md": "x\n"}, CONFIG)
    world.run(only_targets="acme/t1 acme/t2")
    world.hub.find("acme/t2").merge_pull(2)
    world.write({"kit/a": "2\n", "kit/c": "\0binary", "old/y": "y\n"})
    (world.source / "kit/b").chmod(0o755)
    world.write({})


def kept(world: World) -> dict[str, object]:
    """What no run may touch: every branch but ours, every pull request but ours."""
    found = {}
    for name in (*NAMES_OF, "acme/bystander"):
        repository = world.hub.find(name)
        others = {branch: oid for branch, oid in repository.branches().items() if not branch.startswith(OURS)}
        found[name] = (others, [(pull.title, pull.body, pull.state) for pull in repository.pulls if pull.head != OURS])
    return found


def strayed(world: World) -> list[str]:
    """Paths on our branches that differ from the base and that nothing maps."""
    found = []
    for name in NAMES_OF:
        repository = world.hub.find(name)
        for branch in (OURS, scratch_name(OURS)):
            if repository.head(branch):
                theirs, ours = repository.files(), repository.files(branch)
                paths = {path for path in theirs.keys() | ours.keys() if theirs.get(path) != ours.get(path)}
                found += [f"{name}:{path}" for path in paths if not path.startswith(MAPPED)]
    return found


@pytest.mark.parametrize("share", [0.15, 0.6])
@given(seed=st.integers(0, 2**48), strategy=st.sampled_from(["auto", "auto", "rest"]))
@example(seed=1517, strategy="auto")  # the address of a new pull request is null
@example(seed=48542288, strategy="auto")  # a list in place of the last commits of a path
@FUZZ
def test_whatever_is_answered_every_target_ends_and_nothing_strays(share, seed, strategy):
    with tempfile.TemporaryDirectory() as directory, Hub(Path(directory, "hub"), clock=Clock()) as hub:
        world = World(Path(directory), hub)
        fleet(world)
        before = kept(world)
        with mangling(seed, share):
            ran = world.run(write_strategy=strategy)
        assert ran.code in (0, 1, 2, 3)
        assert "unexpected" not in ran.log, ran.log
        if ran.results["failure"] is None:
            assert set(ran.outcomes) >= {"acme/t0", "acme/t1", "acme/t2"}
            assert len(ran.outcomes) == len(ran.results["targets"])
        assert set(ran.outcomes.values()) <= set(NAMES)
        assert kept(world) == before
        assert strayed(world) == []
        for _ in range(3):
            healed = world.run()
        assert set(healed.outcomes.values()) <= {"open", "declined"}, healed.log
        assert all(
            sum(pull.head == OURS and pull.state == "OPEN" for pull in hub.find(name).pulls) <= 1 for name in NAMES_OF
        )
        assert kept(world) == before
        assert strayed(world) == []
