"""Memory: what a snapshot holds, what further targets add, what a run holds while it sends."""

from __future__ import annotations

import gc
import random
import tempfile
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from broadcast.config.parse import parse
from broadcast.git.nofollow import Folders
from broadcast.git.objects import REGULAR
from tests.bench import elsewhere, fleet
from tests.bench.checkouts import CONFIG, checkout, pipeline
from tests.bench.measure import mib, table, verdict
from tests.hub import Hub
from tests.scenarios import FILES, HELD
from tests.world import SOURCE, World

TITLE = "Memory"
PER_1000 = 1.2e6  # bytes, at most
TIMES_LARGEST = 5
MB = 10**6


def measure() -> dict[str, Any]:
    """Bytes above what Python held before, as tracemalloc counts them."""
    return {
        "snapshots": [_snapshots(*one) for one in ((1000, 1), (10_000, 1), (10_000, 100))],
        "hashing": hashing(32 * MB),
        "runs": [_in_step(targets) for targets in (10, 100, 200)],
        "sends": [_send(*one) for one in SENDS],
    }


def _snapshots(count: int, targets: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as directory:
        checkout(Path(directory), count)
        return {"files": count, "targets": targets, **snapshots(Path(directory), targets)}


def snapshots(root: Path, targets: int) -> dict[str, int]:
    """What the snapshots of a checkout for so many targets hold, and held at most."""
    names = ", ".join(f"acme/t{n}" for n in range(targets))
    text = f"version: 1\ntargets: [{names}]\ndirectories: [{{src: kit, dest: kit}}]\n"
    config = parse(text, CONFIG, SOURCE)
    held, peak = traced(lambda: pipeline(root, config))
    return {"held": held, "peak": peak}


def _in_step(targets: int) -> dict[str, int]:
    with tempfile.TemporaryDirectory() as directory, elsewhere.world(Path(directory)) as world:
        fleet.prepare(world, targets, HELD, HELD)
        return {"targets": targets, "peak": elsewhere.run(world, {"in_sync": targets}, observed="memory").seen["peak"]}


def hashing(size: int) -> dict[str, int]:
    """What it takes to hash a file of so many bytes."""
    with tempfile.NamedTemporaryFile() as file:
        file.truncate(size)
        return {"file": size, "peak": traced(lambda: Folders(b"/").read_id(file.name.lstrip("/").encode(), REGULAR))[1]}


def traced(work: Callable[[], object]) -> tuple[int, int]:
    """Bytes that the result of `work` holds, and the most that were held on the way."""
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = work()
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del kept
    return held - before, peak - before


def binaries(count: int, size: int) -> dict[str, bytes]:
    """Files that GitHub takes as blobs only, each another."""
    rng = random.Random(count)
    return {f"kit/{n}.bin": b"\0" + rng.randbytes(size - 1) for n in range(count)}


def texts(count: int, size: int) -> dict[str, bytes]:
    """Files that go into a document, each another."""
    return {f"kit/{n}.md": (b"%d\n" % n * size)[:size] for n in range(count)}


# what, the files, the way of writing: the payload of one document is bounded, not its files
SENDS: tuple[tuple[str, Callable[[], Mapping[str, bytes]], str], ...] = (
    ("1 binary of 10 MB, by REST", lambda: binaries(1, 10 * MB), "rest"),
    ("20 binaries of 2 MB each, by REST", lambda: binaries(20, 2 * MB), "rest"),
    ("1 binary of 10 MB, in a document", lambda: binaries(1, 10 * MB), "graphql"),
    ("1000 texts of 2 KB, in a document", lambda: texts(1000, 2000), "graphql"),
    ("1000 texts of 2 KB, by REST", lambda: texts(1000, 2000), "rest"),
)


def _send(what: str, files: Callable[[], Mapping[str, bytes]], strategy: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as directory, elsewhere.world(Path(directory)) as world:
        contents = files()
        return {"what": what, "largest": max(map(len, contents.values())), **sent(world, contents, strategy)}


def sent(world: World, contents: Mapping[str, bytes], strategy: str) -> dict[str, int]:
    """The peak of a run that sends these files to one target, beside that of a run with nothing to do."""
    world.hub.do(one_target)  # type: ignore[attr-defined]  # the hub is elsewhere
    world.write(dict(contents), "version: 1\ntargets: [acme/api]\ndirectories: [{src: kit, dest: kit}]\n")
    peak = elsewhere.run(world, {"created": 1}, observed="memory", write_strategy=strategy).seen["peak"]
    idle = elsewhere.run(world, {"open": 1}, observed="memory").seen["peak"]
    return {"total": sum(map(len, contents.values())), "peak": peak, "idle": idle}


def one_target(hub: Hub) -> None:
    """A repository that has nothing of ours."""
    hub.repository("acme/api", files={"README.md": b"theirs\n"})


def tell(found: dict[str, Any]) -> str:
    """The chapter."""
    snapshots = table(
        ("files", "targets", "held", "peak", f"≤ {PER_1000 / MB} MB per 1000 files"),
        [
            (f"{one['files']:,}", one["targets"], mib(one["held"]), mib(one["peak"]), _per_1000(one))
            for one in found["snapshots"]
        ],
    )
    runs = table(("targets in step", "peak of the run"), [(one["targets"], mib(one["peak"])) for one in found["runs"]])
    sends = table(
        ("sent to one target", "contents", "largest file", "peak", "run with nothing to do", f"peak ≤ {TIMES_LARGEST} x largest"),
        [
            (one["what"], mib(one["total"]), mib(one["largest"]), mib(one["peak"]), mib(one["idle"]), _times(one))
            for one in found["sends"]
        ],
    )  # fmt: skip
    hashing = found["hashing"]
    return f"""\
Above what Python held before, by `tracemalloc`. Snapshots hold ids, and targets with equal content share one:

{snapshots}

A whole run over a fleet that is in step, {FILES} files for every target:

{runs}

What a run holds at most, and what the same run holds with its pull request open and nothing to send. By REST one file
is in memory at a time; a document has to hold all that it sends, up to 20 MiB of base64, and what is larger goes by
REST:

{sends}

A file of {mib(hashing["file"])} that must be hashed takes {mib(hashing["peak"])}: it is read in pieces."""


def _per_1000(one: dict[str, Any]) -> str:
    each = one["peak"] / one["files"] * 1000
    return f"{each / MB:.2f} MB: {verdict(each, PER_1000)}"


def _times(one: dict[str, Any]) -> str:
    if one["largest"] < MB:
        return "for large files only"
    return f"{one['peak'] / one['largest']:.1f} x: {verdict(one['peak'], TIMES_LARGEST * one['largest'])}"
