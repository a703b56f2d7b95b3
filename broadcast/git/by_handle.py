"""Open files below open directories: none of those can be swapped for a symlink in between."""

from __future__ import annotations

import os
from itertools import takewhile
from operator import eq

from broadcast.git.by_path import names_in

_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_FILE = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # a pipe would wait for a writer


class Handles:
    """The files below `root`; opens each directory by the one above. Not for threads to share.

    Those above the last file stay open, for files come sorted by their paths. `folder` is relative to the root.
    """

    def __init__(self, root: bytes) -> None:
        self._root = root
        self._path: bytes | None = None  # of the last directory
        self._names: list[bytes] = []  # the parts of that
        self._open: list[int] = []  # the root, and a directory for each of them

    def status(self, folder: bytes, name: bytes) -> os.stat_result:
        """The status of a file; of a symlink, its own. Raises OSError."""
        return os.stat(name, dir_fd=self._of(folder), follow_symlinks=False)

    def link(self, folder: bytes, name: bytes) -> bytes:
        """The target of a symlink. Raises OSError."""
        return os.readlink(name, dir_fd=self._of(folder))

    def open(self, folder: bytes, name: bytes) -> int:
        """The descriptor of a file. Raises OSError."""
        return os.open(name, _FILE, dir_fd=self._of(folder))

    def leave(self) -> None:
        """Close every directory."""
        self._leave(0)

    def _of(self, folder: bytes) -> int:
        if folder != self._path:
            self._go(folder)
        return self._open[-1]

    def _go(self, folder: bytes) -> None:
        """Close directories that aren't above the new one; open those that are missing."""
        names = names_in(folder)
        kept = sum(takewhile(bool, map(eq, names, self._names)))  # how many they share
        self._leave(kept + 1)
        if not self._open:
            self._open.append(os.open(self._root, _FOLDER))
        for name in names[kept:]:
            self._open.append(os.open(name, _FOLDER, dir_fd=self._open[-1]))
            self._names.append(name)
        self._path = folder

    def _leave(self, kept: int) -> None:
        self._path = None
        for folder in self._open[kept:]:
            os.close(folder)
        del self._open[kept:], self._names[max(0, kept - 1) :]
