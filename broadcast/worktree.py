"""Files of the working tree, held against what the index says of them: which blob is to be sent, and its bytes."""

from __future__ import annotations

import os
from contextlib import suppress
from stat import S_IFMT
from typing import TYPE_CHECKING

from msgspec import Struct

from broadcast.errors import Failure, FileError
from broadcast.gitattributes import Attributes
from broadcast.gitobject import SYMLINK, blob_id
from broadcast.nofollow import Folders
from broadcast.objects import Objects

if TYPE_CHECKING:
    from broadcast.gitdirectory import GitDirectory
    from broadcast.gitindex import IndexEntry

MAX_BYTES = 35 * 1024 * 1024  # what GitHub's REST API takes as one blob
_EMPTY = blob_id(b"")
_SECOND = 1_000_000_000  # ns


class FileUnavailable(Failure):
    """The bytes of one file that was listed cannot be had."""


class SourceFile(Struct, frozen=True, gc=False):
    """One file; `oid` is the blob to send."""

    path: str
    mode: int
    oid: str


class Worktree:
    """What lies below `root`; `git` is None where nothing is tracked. Threads may share an instance."""

    def __init__(self, root: bytes, git: GitDirectory | None) -> None:
        self.root = root
        self.untracked: set[bytes] = set()  # files that git never stored, and so never converted
        self.kept: set[str] = set()  # files of which the committed version is sent
        self._seen: dict[bytes, SourceFile | FileError] = {}
        self._index_ns = git.index_ns if git else None
        self._attributes = Attributes(root, git.common if git else None)
        self._objects = Objects(git.common if git else None)

    def see(self, entry: IndexEntry, path: str, opened: Folders) -> SourceFile | FileError:
        """What is to be sent of an entry of the index, whose path is `path` as text; looked at only once."""
        found = self._seen.get(entry.path)
        if found is not None:
            return found
        try:
            if "\\" in path:  # so a byte is shown that isn't UTF-8
                entry.path.decode()
            found = self._look(entry, path, opened)
        except UnicodeDecodeError:
            found = FileError(path, "has a name that is not UTF-8, and GitHub's API takes no other", "rename it")
        except OSError as error:
            found = FileError(path, f"can't be read: {error.strerror}", "make it readable for the action")
        except FileUnavailable as error:
            found = FileError(path, error.message, error.remedy)
        self._seen[entry.path] = found
        return found

    def content(self, file: SourceFile) -> bytes:
        """The bytes of what `see` gave; of a symlink, its target. Raises FileUnavailable."""
        content = self._on_disk(file)
        return content if content is not None and blob_id(content) == file.oid else self._stored(file)

    def _look(self, entry: IndexEntry, path: str, opened: Folders) -> SourceFile | FileError:
        if entry.stage:
            return FileError(path, "has an unresolved merge conflict", "resolve it in the checkout")
        try:
            status = opened.status(entry.path)
        except (FileNotFoundError, NotADirectoryError):
            status = None  # there is nothing, or only something behind a symlinked directory
        if status is None and entry.skip_worktree:
            return SourceFile(path, entry.mode, entry.oid)
        if status is None or S_IFMT(status.st_mode) != S_IFMT(entry.mode):
            state = "of another type" if status else "missing"
            return FileError(path, f"is tracked by git but {state} on disk", "restore it, or commit the change")
        if status.st_size > MAX_BYTES:
            return self._look_at_big(entry, path, status.st_size)
        if self._is_clean(entry, status):
            return SourceFile(path, entry.mode, entry.oid)
        oid = opened.read_id(entry.path, entry.mode)
        unconverted = oid == entry.oid or entry.mode == SYMLINK or entry.path in self.untracked
        if unconverted or not self._attributes.of(entry.path):
            return SourceFile(path, entry.mode, oid)
        return self._look_inside(entry, path, opened)

    def _look_at_big(self, entry: IndexEntry, path: str, size: int) -> SourceFile | FileError:
        """Refused by its size; but of a file that a filter made big (Git LFS) the small blob is sent."""
        if entry.intent_to_add or not self._is_converted(entry.path, b""):
            reason = f"is {size / 1024**2:.1f} MiB; GitHub's API takes at most {MAX_BYTES // 1024**2} MiB per file"
            return FileError(path, reason, "exclude it, or publish it another way")
        file = SourceFile(path, entry.mode, entry.oid)
        self._stored(file)
        return file

    def _look_inside(self, entry: IndexEntry, path: str, opened: Folders) -> SourceFile | FileError:
        content = opened.read(entry.path, entry.mode)
        if not self._is_converted(entry.path, content):
            return SourceFile(path, entry.mode, blob_id(content))
        if entry.intent_to_add:
            return FileError(path, "is new and .gitattributes converts it, which only git can do", "commit it")
        if blob_id(content.replace(b"\r\n", b"\n")) != entry.oid:
            self.kept.add(path)
        return SourceFile(path, entry.mode, entry.oid)

    def _is_converted(self, path: bytes, content: bytes) -> bool:
        """Whether git would store other bytes than these for the file (gitattributes(5))."""
        said = self._attributes.of(path)
        if said.get(b"filter") or said.get(b"ident") or said.get(b"working-tree-encoding"):
            return True
        text = said.get(b"text", said.get(b"crlf", bool(said.get(b"eol"))))
        return bool(text) and b"\r\n" in content and not (text == b"auto" and b"\0" in content)

    def _is_clean(self, entry: IndexEntry, status: os.stat_result) -> bool:
        """git's rule without ctime, inode and owner, which differ when a container mounts the checkout."""
        if entry.size != status.st_size & 0xFFFFFFFF or entry.intent_to_add or self._index_ns is None:
            return False
        if entry.size == 0 and entry.oid != _EMPTY:  # git's own mark for "look again" (racy-git)
            return False
        unit = 1 if entry.mtime_ns % _SECOND else _SECOND
        # Not older than the index: written in the same instant, so maybe changed after it (racy-git).
        return status.st_mtime_ns // unit == entry.mtime_ns // unit < self._index_ns // unit

    def _on_disk(self, file: SourceFile) -> bytes | None:
        path = file.path.encode()
        with suppress(OSError), Folders(self.root) as opened:
            if opened.status(path).st_size <= MAX_BYTES:
                return opened.read(path, file.mode)
        return None

    def _stored(self, file: SourceFile) -> bytes:
        try:
            return self._objects.blob(file.oid)
        except KeyError:
            raise FileUnavailable(
                f"{file.path} has changed on disk, or its blob {file.oid[:10]} is not in the checkout",
                "check out without `filter:`, and let no other step write while Broadcast runs",
            ) from None
