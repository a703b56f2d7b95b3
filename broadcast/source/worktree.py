"""Compare files on disk with the commit: the blob to send, and its content."""

from __future__ import annotations

import os
from contextlib import suppress
from stat import S_IFMT, S_ISREG
from typing import TYPE_CHECKING

from msgspec import Struct

from broadcast.errors import FileError, FileUnavailable
from broadcast.git.nofollow import Folders
from broadcast.git.object_store import MAX_BYTES, Objects
from broadcast.git.objects import REGULAR, SYMLINK, TREE, blob_id
from broadcast.git.packs import TooLarge, Unsound
from broadcast.source import conversions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from broadcast.git.index import IndexEntry
    from broadcast.source.repository import Repository

_EMPTY = blob_id(b"")
_NONE = Objects(None)
_SECOND = 1_000_000_000  # ns


class SourceFile(Struct, frozen=True, gc=False):
    """One file; `oid` is the blob to send."""

    path: str
    mode: int
    oid: str


class Worktree:
    """The files below `root` and its repositories. Thread-safe.

    A file that is tracked is sent as its entry says, whatever lies on disk: `differing` has those where that is
    something else. Only where `of_disk` is asked for, the disk wins.
    """

    def __init__(self, root: bytes, repositories: Sequence[Repository] = ()) -> None:
        self.root, self.repositories = root, repositories
        self.untracked: set[bytes] = set()  # files that git never stored, and so never converted
        self.kept: set[str] = set()  # of the disk's, those of which the committed version is sent all the same
        self.differing: set[str] = set()  # files that are sent otherwise than they lie on disk
        self.broken: dict[bytes, str] = {}  # directories of the commit that can't be read, and why
        self._seen: tuple[dict[bytes, SourceFile | FileError], ...] = ({}, {})

    def repository(self, path: bytes) -> Repository | None:
        """The nearest repository of a path."""
        holding = [one for one in self.repositories if (path + b"/").startswith(one.below)]
        return max(holding, key=lambda one: len(one.below), default=None)

    def see(self, entry: IndexEntry, path: str, opened: Folders, *, of_disk: bool = False) -> SourceFile | FileError:
        """The file to send for an index entry, whose path is `path` as text; cached."""
        of_disk = of_disk or entry.intent_to_add  # there is nothing else of it
        seen = self._seen[of_disk]
        found = seen.get(entry.path)
        if found is not None:
            return found
        try:
            if "\\" in path:  # so a byte is shown that isn't UTF-8
                entry.path.decode()
            found = self._look(entry, path, opened) if of_disk else self._look_at_committed(entry, path, opened)
        except UnicodeDecodeError:
            found = FileError(path, "has a name that isn't UTF-8, which GitHub's API doesn't accept", "rename it")
        except OSError as error:
            found = FileError(path, f"can't be read: {error.strerror}", "make it readable for the action")
        except FileUnavailable as error:
            found = FileError(path, error.message, error.remedy)
        seen[entry.path] = found
        return found

    def content(self, file: SourceFile) -> bytes:
        """The content of a file from `see`; of a symlink, its target. Raises FileUnavailable."""
        content = self._on_disk(file)
        known = conversions.original(content, file.oid) if content is not None else None
        return self._stored(file) if known is None else known

    def _look_at_committed(self, entry: IndexEntry, path: str, opened: Folders) -> SourceFile | FileError:
        if entry.mode == TREE:
            reason = (
                f"can't be listed: the tree of {entry.path.decode(errors='replace')} in the commit is unusable, for"
            )
            return FileError(path, f"{reason} {self.broken[entry.path]}", "check the repository out again")
        file = SourceFile(path, entry.mode, entry.oid)
        status = _status(entry, opened)
        if status is not None and self._is_clean(entry, status) and _kind(status) == S_IFMT(entry.mode):
            if status.st_size > MAX_BYTES:  # or a filter made it big (Git LFS), and the blob is small
                self._stored(file, status.st_size)
        elif not (status is None and entry.skip_worktree) and not self._is_same(entry, status, opened):
            self.differing.add(path)
        return file

    def _is_same(self, entry: IndexEntry, status: os.stat_result | None, opened: Folders) -> bool:
        """Whether a checkout of the commit's blob makes the file on disk."""
        if self._is_written_out(entry, status):
            with suppress(OSError):
                return opened.read_id(entry.path, REGULAR) == entry.oid
        if status is None or _kind(status) != S_IFMT(entry.mode) or status.st_size > MAX_BYTES:
            return False
        try:
            if opened.read_id(entry.path, entry.mode) == entry.oid:
                return True
            content = b"" if entry.mode == SYMLINK else opened.read(entry.path, entry.mode)
        except OSError:
            return False
        if conversions.original(content, entry.oid) is not None:
            return entry.mode != SYMLINK
        with suppress(KeyError, Unsound):
            return conversions.is_smudged(content, self._objects(entry.path).blob(entry.oid))
        return False

    def _look(self, entry: IndexEntry, path: str, opened: Folders) -> SourceFile | FileError:
        """The file on disk, unless it is a checkout of the blob."""
        if entry.stage:
            return FileError(path, "has an unresolved merge conflict", "resolve it in the checkout")
        status = _status(entry, opened)
        if status is None and entry.skip_worktree:
            return SourceFile(path, entry.mode, entry.oid)
        if self._is_written_out(entry, status):
            return SourceFile(path, entry.mode, entry.oid)
        if status is None or _kind(status) != S_IFMT(entry.mode):
            state = "of another type" if status else "missing"
            return FileError(path, f"is tracked by git but {state} on disk", "restore it, or commit the change")
        if status.st_size > MAX_BYTES:
            return self._look_at_big(entry, path, status.st_size)
        if self._is_clean(entry, status):
            return SourceFile(path, entry.mode, entry.oid)
        oid = opened.read_id(entry.path, entry.mode)
        if oid == entry.oid or entry.mode == SYMLINK or entry.path in self.untracked:
            return SourceFile(path, entry.mode, oid)
        return self._look_inside(entry, path, opened)

    def _look_at_big(self, entry: IndexEntry, path: str, size: int) -> SourceFile | FileError:
        """Refuse a large file; if a filter made it large (Git LFS), send the small blob."""
        if entry.intent_to_add or not self._is_converted(entry.path, b""):
            return FileError(path, _large(size), "exclude it, or publish it another way")
        file = SourceFile(path, entry.mode, entry.oid)
        self._stored(file)
        return file

    def _look_inside(self, entry: IndexEntry, path: str, opened: Folders) -> SourceFile | FileError:
        content = opened.read(entry.path, entry.mode)
        if blob_id(content.replace(b"\r\n", b"\n")) == entry.oid:  # whatever git's own config had it do
            return SourceFile(path, entry.mode, entry.oid)
        if not self._is_converted(entry.path, content):
            return SourceFile(path, entry.mode, blob_id(content))
        if entry.intent_to_add:
            return FileError(path, "is new and .gitattributes converts it, which only git can do", "commit it")
        if conversions.original(content, entry.oid) is None:
            self.kept.add(path)
        return SourceFile(path, entry.mode, entry.oid)

    def _is_converted(self, path: bytes, content: bytes) -> bool:
        """Whether git would convert this content before storing it (gitattributes(5))."""
        repository = self.repository(path)
        if repository is None:
            return False
        said, converts = repository.said(path), repository.converts
        if said.get(b"filter") or said.get(b"ident") or said.get(b"working-tree-encoding"):
            return True
        unsaid = b"auto" if converts else bool(said.get(b"eol"))
        text = said.get(b"text", said.get(b"crlf", unsaid))
        text = unsaid if text is None else text
        return bool(text) and b"\r\n" in content and not (text == b"auto" and b"\0" in content)

    def _is_written_out(self, entry: IndexEntry, status: os.stat_result | None) -> bool:
        """Whether git has written a symlink as a plain file (git-config(1), core.symlinks)."""
        if entry.mode != SYMLINK or status is None or not S_ISREG(status.st_mode):
            return False
        repository = self.repository(entry.path)
        return repository is not None and not repository.has_links

    def _is_clean(self, entry: IndexEntry, status: os.stat_result) -> bool:
        """Whether the file is unchanged by git's rule, without ctime, inode and owner, which differ in containers."""
        repository = self.repositories[0] if len(self.repositories) == 1 else self.repository(entry.path)
        if entry.size != status.st_size & 0xFFFFFFFF or entry.intent_to_add or repository is None:
            return False
        if entry.size == 0 and entry.oid != _EMPTY:  # git's own mark for "look again" (racy-git)
            return False
        unit = 1 if entry.mtime_ns % _SECOND else _SECOND
        # Not older than the index: written in the same instant, so maybe changed after it (racy-git).
        return status.st_mtime_ns // unit == entry.mtime_ns // unit < repository.git.index_ns // unit

    def _on_disk(self, file: SourceFile) -> bytes | None:
        path = file.path.encode()
        with suppress(OSError), Folders(self.root) as opened:
            if opened.status(path).st_size <= MAX_BYTES:
                return opened.read(path, file.mode)
        return None

    def _objects(self, path: bytes) -> Objects:
        repository = self.repository(path)
        return repository.objects if repository else _NONE

    def _stored(self, file: SourceFile, size: int = 0) -> bytes:
        """The blob of the commit; `size` is that of the file on disk, if too large."""
        try:
            return self._objects(file.path.encode()).blob(file.oid)
        except KeyError:
            if size:
                raise FileUnavailable(_large(size), "exclude it, or publish it another way") from None
            raise FileUnavailable(
                f"{file.path} has changed on disk, or its blob {file.oid[:10]} is not in the checkout",
                "check out without `filter:`, and let no other step write while Broadcast runs",
            ) from None
        except TooLarge as error:
            raise FileUnavailable(_large(error.size), "exclude it, or publish it another way") from None
        except Unsound as error:
            message = f"{file.path} has no usable blob {file.oid[:10]} in the checkout's object store: {error}"
            raise FileUnavailable(message, "check the repository out again") from None


def _status(entry: IndexEntry, opened: Folders) -> os.stat_result | None:
    try:
        return opened.status(entry.path)
    except (FileNotFoundError, NotADirectoryError):
        return None  # there is nothing, or only something behind a symlinked directory


def _kind(status: os.stat_result) -> int:
    return S_IFMT(status.st_mode)


def _large(size: int) -> str:
    return f"is {size / 1024**2:.1f} MiB; GitHub's API takes at most {MAX_BYTES // 1024**2} MiB per file"
