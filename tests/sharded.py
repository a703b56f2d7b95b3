"""`make simulate`: thousands of targets in a job matrix; the shards run in parallel on one simulated clock.

`tests/integration/test_shards.py` plays 500 targets; `make simulate` plays 5,000 and prints what came of it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from broadcast.github.client import Access
from broadcast.github.client_pool import ClientPool
from broadcast.github.usage import Usage
from broadcast.pipeline.execute import execute
from broadcast.pipeline.run import Run
from broadcast.runner import context, inputs
from tests.hub import Hub
from tests.hub.faults.shared_clock import Participant, SharedClock
from tests.world import World

OWNERS = [f"org{n}" for n in range(5)]
SHARDS = 10


class Played(NamedTuple):
    """Result of the whole matrix."""

    shards: dict[str, list[str]]  # target → the shards that worked on it
    outcomes: Counter[str]
    rejected: int  # requests that GitHub's limits refused
    hours: float  # simulated
    pulls: int
    most_an_hour: int  # writes of one token within one hour


def play(directory: Path, count: int) -> Played:
    """Change one file in `count` targets of five owners, each with a token of its own, in ten shards."""
    clock = SharedClock()
    with Hub(directory / "hub", clock=clock) as hub:
        hub.limits.documented()
        world = World(directory, hub)
        names = [f"{OWNERS[n % len(OWNERS)]}/t{n}" for n in range(count)]
        for owner in OWNERS:
            mine = [name for name in names if name.startswith(f"{owner}/")]
            hub.token(token_of(owner), login=f"{owner}-bot", repositories=mine)
        for name in names:
            hub.repository(name, files={"LICENSE": b"old\n"})
        world.write({"LICENSE": "new\n"}, f"version: 1\ntargets: [{', '.join(names)}]\nfiles: [LICENSE]\n")
        began = clock()
        participants = [clock.participant() for _ in range(SHARDS)]
        with ThreadPoolExecutor(SHARDS) as threads:
            runs = list(threads.map(lambda n: _shard(world, participants[n - 1], n), range(1, SHARDS + 1)))
        return _played(hub, runs, clock() - began)


def token_of(owner: str) -> str:
    """The token of one owner."""
    return f"ghp_theTokenOf{owner}0000000000000000000000"


def _shard(world: World, clock: Participant, number: int) -> Run:
    given = "\n".join(f"{owner}={token_of(owner)}" for owner in OWNERS)
    environment = world.environment(token="", tokens=given, shard=f"{number}/{SHARDS}", deadline="20h")
    run = Run(inputs.from_environment(environment), context.from_environment(environment, ""))
    with clock:
        access = Access(world.hub.url)
        execute(
            run, world.source,
            lambda needs: ClientPool(
                run.inputs, needs, access=access, usage=Usage(), clock=clock, sleep=clock.sleep, mask=lambda _: None
            ),
        )  # fmt: skip
    assert run.failure is None, run.failure
    return run


def _played(hub: Hub, runs: list[Run], seconds: float) -> Played:
    shards: dict[str, list[str]] = {}
    for run in runs:
        for outcome in run.outcomes:
            shards.setdefault(outcome.target, []).append(str(run.inputs.shard))
    outcomes = Counter(outcome.name for run in runs for outcome in run.outcomes)
    pulls = sum(len(repository.pulls) for repository in hub.repositories.values())
    return Played(shards, outcomes, len(hub.rejected), seconds / 3600, pulls, _most_an_hour(hub))


def _most_an_hour(hub: Hub) -> int:
    written: dict[str | None, list[float]] = {}
    for request in hub.requests:
        if request.kind in ("rest write", "graphql mutation"):
            written.setdefault(request.login, []).append(request.received_at)
    most = 0
    for moments in written.values():
        moments.sort()
        first = 0
        for last, moment in enumerate(moments):
            while moments[first] <= moment - 3600:
                first += 1
            most = max(most, last - first + 1)
    return most


def main() -> int:
    """Run the matrix and print the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--targets", type=int, default=5000)
    count = parser.parse_args().targets
    with tempfile.TemporaryDirectory() as directory:
        played = play(Path(directory), count)
    once = sum(len(shards) == 1 for shards in played.shards.values())
    print(f"{count} targets of {len(OWNERS)} owners in {SHARDS} shards: {dict(played.outcomes)}")
    print(f"in exactly one shard: {once}; pull requests: {played.pulls}; rejected requests: {played.rejected}")
    print(f"simulated hours: {played.hours:.2f}; most writes of one token within an hour: {played.most_an_hour}")
    return 0 if once == played.pulls == count and not played.rejected else 1


if __name__ == "__main__":
    sys.exit(main())
