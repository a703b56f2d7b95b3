"""Reading files of a checkout, never through a symlink, and never what isn't a plain file."""

from __future__ import annotations

import os
from hashlib import sha1
from io import FileIO
from stat import S_ISREG

from broadcast.gitobject import SYMLINK, blob_id

CHUNK = 256 * 1024  # bytes

_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK  # a pipe would wait for somebody who writes


class Folders:
    """Reads below `root`; opens each directory from the one above it, so that none can be swapped for a symlink.

    The last one stays open, for files come sorted by their paths. `root` has no symlinks (realpath(3)); paths are
    relative to it. Not for threads to share.
    """

    def __init__(self, root: bytes) -> None:
        self._root = root
        self._path: bytes | None = None  # of the directory that is open
        self._folder = -1

    def __enter__(self) -> Folders:
        return self

    def __exit__(self, *_: object) -> None:
        self._leave()

    def read(self, path: bytes, mode: int) -> bytes:
        """The content that git would see; raises OSError where a symlink is on the way, or no plain file there."""
        if mode == SYMLINK:
            return os.readlink(path.rpartition(b"/")[2], dir_fd=self._of(path))
        with FileIO(self._open(path)) as file:
            _size(file.fileno())
            return file.readall()

    def read_id(self, path: bytes, mode: int) -> str:
        """The blob id of what `read` gives, of which no more than a chunk is in memory at a time. Raises OSError."""
        if mode == SYMLINK:
            return blob_id(self.read(path, mode))
        file = self._open(path)
        try:
            left = _size(file)
            digest = sha1(b"blob %d\0" % left)
            while left > 0 and (piece := os.read(file, min(left, CHUNK))):
                digest.update(piece)
                left -= len(piece)
        finally:
            os.close(file)
        return digest.hexdigest()

    def _open(self, path: bytes) -> int:
        return os.open(path.rpartition(b"/")[2], _FILE, dir_fd=self._of(path))

    def _of(self, path: bytes) -> int:
        folder = path.rpartition(b"/")[0]
        if folder != self._path:
            self._leave()
            self._folder = self._enter(folder)
            self._path = folder
        return self._folder

    def _enter(self, path: bytes) -> int:
        here = os.open(self._root, _FOLDER)
        for name in filter(None, path.split(b"/")):
            above = here
            try:
                here = os.open(name, _FOLDER, dir_fd=above)
            finally:
                os.close(above)
        return here

    def _leave(self) -> None:
        if self._path is not None:
            self._path = None
            os.close(self._folder)


def read(path: bytes, mode: int) -> bytes:
    """What `Folders.read` gives for an absolute path. Raises OSError."""
    with Folders(b"/") as folders:
        return folders.read(path, mode)


def _size(file: int) -> int:
    status = os.fstat(file)
    if not S_ISREG(status.st_mode):
        raise OSError(None, "Not a plain file")
    return status.st_size
