"""Find checkouts below the working directory, of other repositories or the same one."""

# Paths in an index are bytes, which pathlib does not take.
# ruff: noqa: PTH114

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress

from broadcast.git.directory import GitDirectory
from broadcast.source.repository import Repository


def at(root: bytes, folder: bytes) -> Repository | None:
    """The checkout whose top is a directory. Raises UnreadableIndex, OSError."""
    git = GitDirectory.of(root + b"/" + folder)
    return Repository(root + b"/" + folder, git, below=folder + b"/") if git else None


def above(root: bytes, path: bytes, is_tracked: Callable[[bytes], bool]) -> Iterator[bytes]:
    """The tops of checkouts at `path` or above it, below `root`, the highest first.

    Where git tracks anything of a directory, or the directory as a submodule, that counts: a `.git` that another step
    has put there doesn't. No symlink is followed.
    """
    parts = path.split(b"/") if path else []
    for count in range(1, len(parts) + 1):
        folder = b"/".join(parts[:count])
        if os.path.islink(root + b"/" + folder) or not os.path.lexists(root + b"/" + folder):
            return
        if os.path.lexists(root + b"/" + folder + b"/.git") and not is_tracked(folder):
            yield folder


def inside(root: bytes, folder: bytes) -> list[bytes]:
    """The tops of checkouts that lie directly in that directory."""
    found: list[bytes] = []
    with suppress(OSError), os.scandir(root + b"/" + folder) as items:
        for item in items:
            path = folder + b"/" + item.name if folder else item.name
            if item.is_dir(follow_symlinks=False) and os.path.lexists(root + b"/" + path + b"/.git"):
                found.append(path)
    return sorted(found)
