"""What a checkout's `.git` says: gitrepository-layout(5)."""

# Paths in an index are bytes, which pathlib does not take.
# ruff: noqa: PTH110, PTH113, PTH118, PTH123

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import NamedTuple

from broadcast.gitindex import IndexEntry, UnreadableIndex, parse_index
from broadcast.gitobject import REGULAR
from broadcast.nofollow import read


class GitDirectory(NamedTuple):
    """The parts of it that a snapshot needs."""

    own: bytes  # of this worktree: HEAD, index
    common: bytes  # of all worktrees: objects, config
    entries: Sequence[IndexEntry]
    index_ns: int  # when the index was written

    @classmethod
    def of(cls, root: bytes) -> GitDirectory | None:
        """Of the checkout at `root`; None when it is not one. Raises UnreadableIndex, OSError."""
        directory = root + b"/.git"
        if not os.path.lexists(directory):
            return None
        if os.path.isfile(directory):  # a worktree or submodule: "gitdir: <path>"
            directory = os.path.realpath(os.path.join(root, _line(directory).removeprefix(b"gitdir: ")))
        common = directory
        if os.path.exists(directory + b"/commondir"):
            common = os.path.realpath(os.path.join(directory, _line(directory + b"/commondir")))
        if re.search(rb"(?im)^\s*objectformat\s*=\s*sha256", read(common + b"/config", REGULAR)):
            raise UnreadableIndex("the checkout uses SHA-256 ids", "GitHub has none; make the repository SHA-1")
        try:
            with open(directory + b"/index", "rb") as file:
                return cls(directory, common, parse_index(file.read()), os.fstat(file.fileno()).st_mtime_ns)
        except FileNotFoundError:
            return cls(directory, common, (), 0)  # nothing has been added yet


def _line(file: bytes) -> bytes:
    return read(file, REGULAR).rstrip(b"\r\n")
