"""Read plain files of a checkout, without following symlinks."""

from __future__ import annotations

import os
from errno import EFBIG, EINVAL
from hashlib import sha1
from io import FileIO
from stat import S_ISREG

from broadcast.git.by_handle import Handles
from broadcast.git.by_path import HAS_HANDLES, ODD, Paths
from broadcast.git.objects import SYMLINK, blob_id

CHUNK = 256 * 1024  # bytes
MAX_BYTES = 64 * 1024 * 1024  # that are read where nothing else is said


class Folders:
    """Reads below `root`, where none of its directories can be swapped for a symlink.

    `root` has no symlinks (realpath(3)); paths are relative to it. All raise OSError where a symlink is on the way. Not
    for threads to share.
    """

    def __init__(self, root: bytes) -> None:
        self._below: Handles | Paths = Handles(root) if HAS_HANDLES else Paths(root)

    def __enter__(self) -> Folders:
        return self

    def __exit__(self, *_: object) -> None:
        self._below.leave()

    def status(self, path: bytes) -> os.stat_result:
        """The status of a file; of a symlink, its own. Raises OSError."""
        return self._below.status(*_split(path))

    def read(self, path: bytes, mode: int, most: int = MAX_BYTES) -> bytes:
        """The content as git sees it. Raises OSError unless it is a plain file of at most `most` bytes."""
        folder, name = _split(path)
        if mode == SYMLINK:
            return self._below.link(folder, name)
        with FileIO(self._below.open(folder, name)) as file:
            size = _size(file.fileno())
            content = file.readall() if size <= most else b""
        if max(size, len(content)) > most:
            raise OSError(EFBIG, f"Larger than {most:,} bytes")
        return content

    def read_id(self, path: bytes, mode: int) -> str:
        """The blob id of a file, read in chunks. Raises OSError."""
        if mode == SYMLINK:
            return blob_id(self.read(path, mode))
        file = self._below.open(*_split(path))
        try:
            left = _size(file)
            digest = sha1(b"blob %d\0" % left)
            while left > 0 and (piece := os.read(file, min(left, CHUNK))):
                digest.update(piece)
                left -= len(piece)
        finally:
            os.close(file)
        return digest.hexdigest()


def read(path: bytes, mode: int, most: int = MAX_BYTES) -> bytes:
    """`Folders.read` of an absolute path. Raises OSError."""
    drive, rest = os.path.splitdrive(path)
    with Folders(drive + b"/") as folders:
        return folders.read(slashed(rest).lstrip(b"/"), mode, most)


def slashed(path: bytes) -> bytes:
    """A path of the system as git writes paths."""
    return path.replace(b"\\", b"/") if os.sep == "\\" else path


def _split(path: bytes) -> tuple[bytes, bytes]:
    """(directory, last name)."""
    folder, _, name = path.rpartition(b"/")
    if name in ODD:
        raise OSError(EINVAL, "Not a path below the root")
    return folder, name


def _size(file: int) -> int:
    status = os.fstat(file)
    if not S_ISREG(status.st_mode):
        raise OSError(None, "Not a plain file")
    return status.st_size
