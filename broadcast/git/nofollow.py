"""Read plain files of a checkout, without following symlinks."""

from __future__ import annotations

import os
from errno import EFBIG, EINVAL, ENAMETOOLONG
from hashlib import sha1
from io import FileIO
from itertools import takewhile
from operator import eq
from stat import S_ISREG

from broadcast.git.objects import SYMLINK, blob_id

CHUNK = 256 * 1024  # bytes
MAX_DEPTH = 200  # directories: those above the checkout, too
MAX_BYTES = 64 * 1024 * 1024  # that are read where nothing else is said

_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW
_ODD = frozenset({b"", b".", b".."})
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK  # opening a pipe would wait for a writer


class Folders:
    """Reads below `root`; opens each directory by the one above: none can be swapped for a symlink.

    Those above the last file stay open, for files come sorted by their paths. `root` has no symlinks (realpath(3));
    paths are relative to it. All raise OSError where a symlink is on the way. Not for threads to share.
    """

    def __init__(self, root: bytes) -> None:
        self._root = root
        self._path: bytes | None = None  # of the last directory
        self._names: list[bytes] = []  # the parts of that
        self._open: list[int] = []  # the root, and a directory for each of them

    def __enter__(self) -> Folders:
        return self

    def __exit__(self, *_: object) -> None:
        self._leave(0)

    def status(self, path: bytes) -> os.stat_result:
        """The status of a file; of a symlink, its own. Raises OSError."""
        folder, name = _split(path)
        return os.stat(name, dir_fd=self._of(folder), follow_symlinks=False)

    def read(self, path: bytes, mode: int, most: int = MAX_BYTES) -> bytes:
        """The content as git sees it. Raises OSError unless it is a plain file of at most `most` bytes."""
        folder, name = _split(path)
        if mode == SYMLINK:
            return os.readlink(name, dir_fd=self._of(folder))
        with FileIO(os.open(name, _FILE, dir_fd=self._of(folder))) as file:
            size = _size(file.fileno())
            content = file.readall() if size <= most else b""
        if max(size, len(content)) > most:
            raise OSError(EFBIG, f"Larger than {most:,} bytes")
        return content

    def read_id(self, path: bytes, mode: int) -> str:
        """The blob id of a file, read in chunks. Raises OSError."""
        if mode == SYMLINK:
            return blob_id(self.read(path, mode))
        folder, name = _split(path)
        file = os.open(name, _FILE, dir_fd=self._of(folder))
        try:
            left = _size(file)
            digest = sha1(b"blob %d\0" % left)
            while left > 0 and (piece := os.read(file, min(left, CHUNK))):
                digest.update(piece)
                left -= len(piece)
        finally:
            os.close(file)
        return digest.hexdigest()

    def _of(self, folder: bytes) -> int:
        if folder != self._path:
            self._go(folder)
        return self._open[-1]

    def _go(self, folder: bytes) -> None:
        """Close directories that aren't above the new one; open those that are missing."""
        names = folder.split(b"/") if folder else []
        if len(names) > MAX_DEPTH:
            raise OSError(ENAMETOOLONG, f"Deeper than {MAX_DEPTH} directories")
        if not _ODD.isdisjoint(names):  # an index may say "..", which leads out
            raise OSError(EINVAL, "Not a path below the root")
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


def read(path: bytes, mode: int, most: int = MAX_BYTES) -> bytes:
    """`Folders.read` of an absolute path. Raises OSError."""
    with Folders(b"/") as folders:
        return folders.read(path.lstrip(b"/"), mode, most)


def _split(path: bytes) -> tuple[bytes, bytes]:
    """(directory, last name)."""
    folder, _, name = path.rpartition(b"/")
    if name in _ODD:
        raise OSError(EINVAL, "Not a path below the root")
    return folder, name


def _size(file: int) -> int:
    status = os.fstat(file)
    if not S_ISREG(status.st_mode):
        raise OSError(None, "Not a plain file")
    return status.st_size
