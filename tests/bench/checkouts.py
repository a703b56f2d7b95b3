"""Checkouts of any size, and what the product makes of one."""

from __future__ import annotations

import os
import time
from pathlib import Path

from broadcast.config.model import Config
from broadcast.snapshot.build import Builder
from broadcast.snapshot.snapshot import Snapshot
from broadcast.source.checkout import Checkout
from tests.world import git

CONFIG = ".github/broadcast.yml"
PER_DIRECTORY = 50


def checkout(root: Path, count: int, size: int = 1200) -> list[Path]:
    """Commit `count` files of `size` bytes below kit/, older than the index, as a checkout of yesterday would be."""
    files = [root / f"kit/{n // PER_DIRECTORY // PER_DIRECTORY}/{n // PER_DIRECTORY}/{n}.md" for n in range(count)]
    yesterday = time.time() - 86_400
    for n, file in enumerate(files):
        if n % PER_DIRECTORY == 0:
            file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes((b"%d\n" % n * size)[:size])
        os.utime(file, (yesterday, yesterday))
    _commit(root, files)
    return files


def _commit(root: Path, files: list[Path]) -> None:
    """As `git add` and `git commit` do, but without the blobs, which no one asks for."""
    names = [str(file.relative_to(root)) for file in files]
    git(root, "init", "-q", "-b", "main")
    oids = git(root, "hash-object", "--stdin-paths", data="\n".join(names).encode()).split()
    lines = "".join(f"100644 {oid}\t{name}\n" for oid, name in zip(oids, names, strict=True))
    git(root, "update-index", "--add", "--index-info", data=lines.encode())
    git(root, "update-index", "-q", "--refresh")
    tree = git(root, "write-tree", "--missing-ok").strip()
    git(root, "update-ref", "HEAD", git(root, "commit-tree", "-m", "all", tree).strip())


def touch(files: list[Path]) -> None:
    """Make the index unable to vouch for any of them, though nothing has changed."""
    for file in files:
        os.utime(file, (0, 0))


def pipeline(root: Path, config: Config) -> Snapshot:
    """All local work of a run: index, patterns, blob ids, tree ids; the snapshot of the last target."""
    builder = Builder(config, Checkout.open(root), frozenset({CONFIG}))
    builder.check_sources()
    return [builder.snapshot(spec.mappings, spec.removals) for spec in config.targets][-1]
