"""Whole runs of the action over fleets, against a hub in another process that takes its time for every answer."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.bench import elsewhere
from tests.bench.measure import ms, table, verdict
from tests.hub import Hub
from tests.scenarios import FILES, FLEET, GITHUB, HELD
from tests.world import World

TITLE = "Fleets"
LATENCY = 0.1  # seconds
MOST = 1.5  # seconds for FLEET targets in step, with start-up
SIZES = {10: 3, FLEET: 5, 1000: 2}  # targets → runs
WEIGHT = 0.1  # seconds that every repository of a document takes; GitHub's are 0.075 to 0.15
HEAVIEST = 25.0  # seconds for 1,000 of them
CHANGED = {**HELD, ".github/docs/deep/er/7.md": b"new\n"}


def measure() -> dict[str, Any]:
    """Wall times, calls, and how much of GitHub's pace was left out."""
    return {
        "in step": [_in_step(count, runs) for count, runs in SIZES.items()],
        "weighed": _in_step(1000, 1, WEIGHT),
        "writes": [
            _writes("one file changed", HELD, CHANGED),
            _writes("everything new", {"README.md": b"theirs\n"}, HELD),
        ],
    }


def _in_step(count: int, runs: int, weight: float = 0.0) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as directory, elsewhere.world(Path(directory), LATENCY) as world:
        prepare(world, count, HELD, HELD)
        world.hub.do(weigh, weight)  # type: ignore[attr-defined]  # the hub is elsewhere
        laps = [elsewhere.run(world, {"in_sync": count}) for _ in range(runs)]
        took = statistics.median(lap.seconds for lap in laps)
        return {"targets": count, "seconds": took, "calls": laps[0].calls}


def _writes(what: str, theirs: Mapping[str, bytes], ours: Mapping[str, bytes]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as directory, elsewhere.world(Path(directory), LATENCY) as world:
        prepare(world, FLEET, theirs, ours)
        lap = elsewhere.run(world, {"created": FLEET}, observed="clock")
        again = elsewhere.run(world, {"open": FLEET})
        return {
            "what": what, "seconds": lap.seconds, "slept": lap.seen["slept"], "calls": lap.calls,
            "again": again.seconds, "calls again": again.calls,
        }  # fmt: skip


def prepare(world: World, count: int, theirs: Mapping[str, bytes], ours: Mapping[str, bytes]) -> None:
    """So many targets with their files, and a source with ours."""
    names = world.hub.do(populate, count, theirs)  # type: ignore[attr-defined]  # the hub is elsewhere
    config = f"version: 1\ntargets: [{', '.join(names)}]\n{GITHUB}\n"
    world.write({f"kit/{path}": content for path, content in ours.items()}, config)


def populate(hub: Hub, count: int, files: Mapping[str, bytes]) -> list[str]:
    """So many repositories with these files."""
    names = [f"acme/t{n}" for n in range(count)]
    for name in names:
        hub.repository(name, files=files)
    return names


def weigh(hub: Hub, seconds: float) -> None:
    """Let every repository of a document take so long."""
    hub.weight = seconds


def tell(found: dict[str, Any]) -> str:
    """The chapter."""
    steps = table(
        ("targets in step", "wall time", "calls", ""),
        [
            (
                f"{row['targets']:,}", ms(row["seconds"]), row["calls"],
                f"≤ {ms(MOST)}: {verdict(row['seconds'], MOST)}" if row["targets"] == FLEET else "",
            )
            for row in found["in step"]
        ],
    )  # fmt: skip
    writes = table(
        (f"{FLEET} targets", "our time and the hub's", "GitHub's pace on top", "calls", "again, pull requests open", "calls"),
        [
            (
                row["what"], ms(row["seconds"]), f"{row['slept'] / 60:.1f} min", row["calls"], ms(row["again"]),
                row["calls again"],
            )
            for row in found["writes"]
        ],
    )  # fmt: skip
    return f"""\
The real action, from the start of its process to its end; {FILES} files for every target. The hub is another process
and waits {ms(LATENCY)} before every answer.

{steps}

{_weighed(found)}Where every target gets a pull request, GitHub's limits set the pace: 80 writes a minute, 500 an hour. The waiting for it
was left out of the wall time and is counted beside it; to the run, time passes as if it had waited.

{writes}"""


def _weighed(found: dict[str, Any]) -> str:
    """What heavy repositories cost; a page of an earlier measurement hasn't got it."""
    heavy = found.get("weighed")
    if not heavy:
        return ""
    return f"""\
GitHub takes longer for every repository that a document asks about. Where each takes {ms(WEIGHT)}, and a document may take
ten seconds, {heavy["targets"]:,} targets in step take {ms(heavy["seconds"])} and {heavy["calls"]} calls (≤ {ms(HEAVIEST)}:
{verdict(heavy["seconds"], HEAVIEST)}).

"""
