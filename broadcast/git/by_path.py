"""Open files by their paths, for systems that can't open them below an open directory and without links (Windows).

Every name on the way is looked at before and after a file is opened, and the open file must be the one that was looked
at. Links of every kind (junctions, too) are refused, and names that Windows takes for something else: devices, drives,
streams. Where somebody swaps a directory for a link and back in that moment, only the container is safe.
"""

from __future__ import annotations

import errno
import os
from stat import FILE_ATTRIBUTE_REPARSE_POINT, S_ISDIR, S_ISLNK, S_ISREG

from broadcast.git.paths import not_on_windows

HAS_HANDLES = hasattr(os, "O_NOFOLLOW") and hasattr(os, "O_DIRECTORY") and os.open in os.supports_dir_fd
BINARY = getattr(os, "O_BINARY", 0)  # else Windows converts line endings
ODD = frozenset({b"", b".", b".."})
MAX_DEPTH = 200  # directories: those above the checkout, too
_DEVICE = 0xFFFFFFFF  # of a device's number, what all ways to ask Windows for it agree on


class Paths:
    """The files below `root`, each by its whole path; `folder` is relative to the root."""

    def __init__(self, root: bytes) -> None:
        self._root = root.rstrip(b"/")

    def status(self, folder: bytes, name: bytes) -> os.stat_result:
        """The status of a file; of a symlink, its own. Raises OSError."""
        return os.lstat(self._checked(folder, name))

    def link(self, folder: bytes, name: bytes) -> bytes:
        """The target of a symlink. Raises OSError."""
        return os.readlink(self._checked(folder, name))  # noqa: PTH115  bytes

    def open(self, folder: bytes, name: bytes) -> int:
        """The descriptor of a plain file. Raises OSError."""
        file = opened(self._checked(folder, name), os.O_RDONLY)
        try:
            self._checked(folder, name)
        except OSError:
            os.close(file)
            raise
        return file

    def leave(self) -> None:
        """Close nothing, for nothing stays open."""

    def _checked(self, folder: bytes, name: bytes) -> bytes:
        """The whole path, if no link is on the way."""
        place = self._root
        for part in names_in(folder):
            place = below(place, part)
            check_folder(place)
        return below(place, name)


def names_in(folder: bytes) -> list[bytes]:
    """The parts of the path of a directory. Raises OSError."""
    names = folder.split(b"/") if folder else []
    if len(names) > MAX_DEPTH:
        raise OSError(errno.ENAMETOOLONG, f"Deeper than {MAX_DEPTH} directories")
    if not ODD.isdisjoint(names):  # an index may say "..", which leads out
        raise OSError(errno.EINVAL, "Not a path below the root")
    return names


def below(place: bytes, name: bytes) -> bytes:
    """The path of a name in a directory. Raises FileNotFoundError if no file of Windows can have that name."""
    text = name.decode("utf-8", "replace")
    if "\\" in text or "\ufffd" in text or not text.isprintable() or not_on_windows([text]):
        raise FileNotFoundError(errno.ENOENT, "Not a name of a file", name)
    return place + b"/" + name


def check_folder(path: bytes) -> None:
    """Raise OSError unless there is a directory that is no link."""
    status = os.lstat(path)
    if not S_ISDIR(status.st_mode) or _is_link(status):
        raise NotADirectoryError(errno.ENOTDIR, "Not a directory of its own", path)


def opened(path: bytes, flags: int) -> int:
    """The descriptor of a plain file; with O_CREAT also of a new one. Raises OSError."""
    try:
        before = os.lstat(path)
    except FileNotFoundError:
        return os.open(path, flags | BINARY | (os.O_EXCL if flags & os.O_CREAT else 0), 0o666)
    if _is_link(before):
        raise OSError(errno.ELOOP, "Is a symbolic link or a junction", path)
    if not S_ISREG(before.st_mode):
        raise OSError(None, "Not a plain file")
    file = os.open(path, flags | BINARY, 0o666)
    if _identity(os.fstat(file)) != _identity(before):
        os.close(file)
        raise OSError(errno.ELOOP, "Was replaced while it was opened; a symbolic link may stand there", path)
    return file


def _is_link(status: os.stat_result) -> bool:
    return S_ISLNK(status.st_mode) or bool(getattr(status, "st_file_attributes", 0) & FILE_ATTRIBUTE_REPARSE_POINT)


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev & _DEVICE, status.st_ino
