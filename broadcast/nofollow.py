"""Reading files of a checkout, never through a symlink, and never what isn't a plain file."""

# Paths in an index are bytes, which pathlib does not take.
# ruff: noqa: PTH110, PTH115, PTH120

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha1
from io import FileIO
from stat import S_ISREG

from broadcast.gitobject import SYMLINK, blob_id

CHUNK = 256 * 1024  # bytes

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_HAS_PROC = os.path.exists(b"/proc/self/fd")
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK  # a pipe would wait for somebody who writes


def read(path: bytes, mode: int) -> bytes:
    """The content that git would see; raises OSError where a symlink is on the way, or no plain file there.

    `path` is absolute, and its root has no symlinks (realpath(3)).
    """
    if mode == SYMLINK:
        with _folder(os.path.dirname(path)) as folder:
            return os.readlink(path.rpartition(b"/")[2], dir_fd=folder)
    with _open(path) as file:
        return file.readall()


def read_id(path: bytes, mode: int) -> str:
    """The blob id of what `read` gives, of which no more than a chunk is in memory at a time. Raises OSError."""
    if mode == SYMLINK:
        return blob_id(read(path, mode))
    with _open(path) as file:
        digest = sha1(b"blob %d\0" % os.fstat(file.fileno()).st_size)
        while chunk := file.read(CHUNK):
            digest.update(chunk)
        return digest.hexdigest()


def _open(path: bytes) -> FileIO:
    file = FileIO(_descriptor(path))
    if S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    raise OSError(None, "Not a plain file", path)


def _descriptor(path: bytes) -> int:
    if not _HAS_PROC:
        with _folder(os.path.dirname(path)) as folder:
            return os.open(path.rpartition(b"/")[2], _FILE, dir_fd=folder)
    found = os.open(path, _FILE)
    if os.readlink(b"/proc/self/fd/%d" % found) == path:  # what was opened, wherever symlinks have led
        return found
    os.close(found)
    raise OSError(None, "A symlink is on the way", path)


@contextmanager
def _folder(path: bytes) -> Iterator[int]:
    """Opens each directory from the one above it: none can be swapped for a symlink between a look and a read."""
    here = os.open(b"/" if path.startswith(b"/") else b".", _FOLDER)
    try:
        for name in filter(None, path.split(b"/")):
            below = os.open(name, _FOLDER, dir_fd=here)
            os.close(here)
            here = below
        yield here
    finally:
        os.close(here)
