"""The local work of a run: index → patterns → blob ids → tree ids, beside what git and a plain walk take."""

from __future__ import annotations

import contextlib
import io
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from broadcast.config.parse import parse
from broadcast.git.nofollow import Folders
from broadcast.git.objects import REGULAR
from broadcast.progress import Progress
from broadcast.runner.commands import Runner
from tests.bench.checkouts import CONFIG, PER_DIRECTORY, checkout, pipeline, touch
from tests.bench.measure import ms, scratch, seconds, spread, table, verdict
from tests.world import SOURCE, git

TITLE = "Local work: index, patterns, blob ids, tree ids"
RUNS = {10: 21, 50: 21, 149: 21, 500: 15, 1000: 15, 10_000: 5, 100_000: 4}  # files → runs
LEAST = 3.0  # seconds of runs: a machine that is shared has spells of being slow
CLEAN, DIRTY = 0.016, 0.040  # seconds per 1000 files, at most
UPDATES = 10_000
WORKERS = (1, 2, 5, 10, 20)
PARSED = parse("version: 1\ntargets: [a/b]\ndirectories: [{src: kit, dest: kit}]", CONFIG, SOURCE)


def measure() -> dict[str, Any]:
    """A row for every size, and how long reading takes for so many workers."""
    return {
        "sizes": [_size(count, runs) for count, runs in RUNS.items()],
        "workers": [_workers(*one) for one in LOADS],
        "progress": seconds(_progress, 5) / UPDATES,
    }


def _size(count: int, runs: int) -> dict[str, Any]:
    with scratch() as root:
        files = checkout(root, count)
        names = "".join(f"{file.relative_to(root)}\n" for file in files).encode()
        tree = pipeline(root, PARSED).tree.subtrees["kit"].oid
        assert tree == git(root, "rev-parse", "HEAD:kit").strip()
        row: dict[str, Any] = {"files": count, "runs": runs}
        row["clean"], row["clean median"] = spread(lambda: pipeline(root, PARSED), runs, LEAST)
        for name, arguments, data in (
            ("git ls-files -s", ("ls-files", "-s"), None),
            ("git status", ("--no-optional-locks", "status", "--porcelain"), None),
            ("git hash-object --stdin-paths", ("hash-object", "--stdin-paths"), names),
        ):
            row[name] = seconds(lambda arguments=arguments, data=data: git(root, *arguments, data=data), runs)
        row["os.walk"] = seconds(lambda: sum(len(found) for _, _, found in os.walk(root / "kit")), runs)
        touch(files)
        row["dirty"], row["dirty median"] = spread(lambda: pipeline(root, PARSED), runs, LEAST)
        assert pipeline(root, PARSED).tree.subtrees["kit"].oid == tree
        return row


LOADS = (("2,000 files of 1.2 KB", 2000, 1200), ("100 files of 1 MiB", 100, 2**20))


def _workers(name: str, count: int, size: int) -> dict[str, Any]:
    with scratch() as root:
        files = [os.fsencode(file).lstrip(b"/") for file in checkout(root, count, size)]
        return {"load": name, **{str(workers): seconds(_hashing(files, workers), 5) for workers in WORKERS}}


def _hashing(files: list[bytes], workers: int) -> Callable[[], object]:
    def hash_some(some: list[bytes]) -> list[str]:
        with Folders(b"/") as opened:
            return [opened.read_id(file, REGULAR) for file in some]

    def hash_all() -> object:
        if workers == 1:
            return hash_some(files)
        with ThreadPoolExecutor(workers) as threads:
            return list(threads.map(hash_some, [files[start::workers] for start in range(workers)]))

    return hash_all


def _progress() -> None:
    progress = Progress(Runner(), time.time)
    with contextlib.redirect_stdout(io.StringIO()):
        for done in range(UPDATES):
            progress.at("sent", done, UPDATES, "repositories")


def tell(found: dict[str, Any]) -> str:
    """The chapter."""
    others = ("git ls-files -s", "git status", "git hash-object --stdin-paths", "os.walk")
    sizes = table(
        (
            "files", "index clean", "median", f"≤ {ms(CLEAN)} per 1000", "every file hashed", "median",
            f"≤ {ms(DIRTY)} per 1000",
        ),
        [
            (
                f"{row['files']:,}", ms(row["clean"]), ms(row["clean median"]), _target(row, "clean", CLEAN),
                ms(row["dirty"]), ms(row["dirty median"]), _target(row, "dirty", DIRTY),
            )
            for row in found["sizes"]
        ],
    )  # fmt: skip
    ratios = table(
        ("files", *(f"`{name}`" for name in others)),
        [
            (f"{row['files']:,}", *(f"{ms(row[name])} · {row['clean' if 'hash' not in name else 'dirty'] / row[name]:.1f} x" for name in others))
            for row in found["sizes"]
        ],
    )  # fmt: skip
    workers = table(
        ("", *(f"{count} workers" if count > 1 else "no workers" for count in WORKERS)),
        [(row["load"], *(ms(row[str(count)]) for count in WORKERS)) for row in found["workers"]],
    )
    return f"""\
Files of 1.2 KB, {PER_DIRECTORY} to a directory, in memory (`/dev/shm`) where that has room. Clean: the index vouches for
every file, which is then looked at (`lstat`) and not opened. Hashed: every file has another time than the index says,
so all of them are read.

{sizes}

The targets are per 1000 files and asked of 1000 files and more; below that, what doesn't depend on the number of files
counts too.

Beside others in the same run: their time, and ours as a multiple of it (the clean run; for `hash-object` the hashed one).
git's times hold the start of its process.

{ratios}

Reading and hashing with workers, which the origin has 5 to 20 of:

{workers}

Threads make small files slower, for what they do is the interpreter's work, one at a time. With large ones they win at
most what a second core gives, in a case that is rare: a checkout that its own index can't vouch for. So files are read
one after the other, large ones in pieces. Excluded files are neither looked at nor hashed."""


def _target(row: dict[str, Any], kind: str, most: float) -> str:
    each = row[kind] / row["files"] * 1000
    return f"{ms(each)}: {verdict(each, most)}" if row["files"] >= 1000 else ms(each)
