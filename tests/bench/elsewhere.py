"""A hub in a process of its own, so that what it takes isn't taken for ours, and runs of the action against it."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from tests.hub import Hub
from tests.scenarios import counted
from tests.world import ROOT, Ran, World, read_outputs


class HubElsewhere:
    """What a `World` needs of a hub; everything else is done over there."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.url: str = pipe.recv()

    def do(self, work: Callable[..., Any], *arguments: object) -> Any:
        """The result of `work(hub, *arguments)`, a function of a module, in the hub's process."""
        self._pipe.send((work, arguments))
        return self._pipe.recv()

    def token(self, value: str) -> None:
        self.do(_token, value)


def _token(hub: Hub, value: str) -> None:
    hub.token(value)


@contextmanager
def world(directory: Path, latency: float = 0.0) -> Iterator[World]:
    """A source here and a hub elsewhere, which takes `latency` seconds for every answer."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, directory / "hub", latency))
    process.start()
    theirs.close()  # so that its end is noticed
    try:
        yield World(directory, HubElsewhere(ours))  # type: ignore[arg-type]  # a hub in all that a world asks of it
    finally:
        ours.send(None)
        process.join()


def _serve(pipe: Connection, root: Path, latency: float) -> None:
    with Hub(root, latency=latency) as hub:
        pipe.send(hub.url)
        while asked := pipe.recv():
            work, arguments = asked
            pipe.send(work(hub, *arguments))


class Lap(NamedTuple):
    """One run of the action: how long it took, when its first request came in, what an observer saw."""

    seconds: float
    first_request: float  # seconds after the start
    calls: int
    seen: dict[str, Any]  # by `tests.bench.observed`


def run(world: World, outcomes: Mapping[str, int], *, observed: str = "", **inputs: str) -> Lap:
    """Run the action, which must come to these outcomes; `observed` is `memory` or `clock`."""
    hub: HubElsewhere = world.hub  # type: ignore[assignment]  # likewise
    hub.do(_forget)
    variables = world.environment(results_file="results.json", **inputs)
    command = ["-m", "tests.bench.observed", observed] if observed else ["-I", "-u", str(ROOT / "entrypoint.py")]
    started, began = time.time(), time.perf_counter()
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )
    took = time.perf_counter() - began
    outputs = read_outputs(Path(variables["GITHUB_OUTPUT"]).read_text())
    outputs["results"] = (world.source / "results.json").read_text()
    assert counted(Ran(done.returncode, "", "", outputs)) == outcomes, done.stdout + done.stderr
    first, calls = hub.do(_first_and_count)
    return Lap(took, first - started, calls, json.loads(done.stderr) if observed else {})


def _forget(hub: Hub) -> None:
    hub.requests.clear()


def _first_and_count(hub: Hub) -> tuple[float, int]:
    return min(request.received_at for request in hub.requests), len(hub.requests)
