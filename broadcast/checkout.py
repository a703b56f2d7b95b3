"""The source checkout on disk: what git tracks in it, with ids and bytes, read without git."""

from __future__ import annotations

import os
from bisect import bisect_left
from contextlib import suppress
from stat import S_IFMT, S_ISDIR
from typing import TYPE_CHECKING, Literal, NamedTuple

from broadcast import paths
from broadcast.errors import Failure, FileError, UsageError
from broadcast.gitattributes import Attributes
from broadcast.gitdirectory import GitDirectory
from broadcast.gitindex import IndexEntry, UnreadableIndex
from broadcast.gitobject import GITLINK, SYMLINK, blob_id
from broadcast.nofollow import read, read_id
from broadcast.objects import Objects
from broadcast.untracked import walk, without_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

MAX_BYTES = 35 * 1024 * 1024  # what GitHub's REST API takes as one blob
_EMPTY = blob_id(b"")
_SECOND = 1_000_000_000  # ns


class CheckoutError(UsageError):
    """The checkout as a whole cannot be read."""


class FileUnavailable(Failure):
    """The bytes of one file that was listed cannot be had."""


class SourceFile(NamedTuple):
    """One file; `oid` is the blob to send."""

    path: str
    mode: int
    oid: str


class Listing(NamedTuple):
    """What a directory of the checkout holds, each sorted by path."""

    files: tuple[SourceFile, ...]
    errors: tuple[FileError, ...]
    submodules: tuple[str, ...]
    warnings: tuple[str, ...]
    unwanted: int  # files that were not looked at


class Checkout:
    """The tracked files of a checkout; of one without `.git`, the files that no `.gitignore` excludes.

    Files are looked at when they are first asked for, and only once. Threads may share an instance.
    """

    def __init__(
        self,
        root: bytes,
        entries: Sequence[IndexEntry],
        git: GitDirectory | None,
        warnings: Sequence[str] = (),
    ) -> None:
        self._root = root
        self._entries = entries
        self._git = git
        self._warnings = warnings
        self._attributes = Attributes(root, git.common if git else None)
        self._seen: dict[bytes, SourceFile | FileError] = {}
        self._kept: set[str] = set()  # files of which the committed version is sent
        self._folders: dict[bytes, bool] = {b"": True}
        self._objects = Objects(git.common if git else None)
        self._untracked: set[bytes] = set()

    @classmethod
    def open(cls, root: Path) -> Checkout:
        """Read the index of the checkout at `root`, or walk the directory when it has no `.git`."""
        where = os.path.realpath(os.fsencode(root))
        try:
            git = GitDirectory.of(where)
            if git is not None:
                return cls(where, git.entries, git)
            warnings: dict[str, None] = {}
            return cls(where, sorted(walk(where, warnings)), None, tuple(warnings))
        except OSError as error:
            raise _unreadable(error, where) from error
        except UnreadableIndex as error:
            raise CheckoutError(error.message, error.remedy) from error

    def add_untracked(self, prefix: str, prunes: Callable[[str], bool] = lambda _: False) -> None:
        """Learn of all files under `prefix` that git doesn't track, whatever a `.gitignore` says of them.

        Directories that `prunes` names are not entered. Raises CheckoutError.
        """
        known = {entry.path for entry in self._entries}
        try:
            found = walk(self._root, {}, _key(prefix), prunes)
            new = [entry._replace(intent_to_add=True) for entry in found if entry.path not in known]
        except FileNotFoundError:
            return
        except OSError as error:
            raise _unreadable(error, self._root) from error
        new, warnings = without_credentials(new, _key(prefix))
        self._warnings = [*self._warnings, *warnings]
        self._untracked |= {entry.path for entry in new}
        self._entries = sorted([*self._entries, *new])

    def list(
        self, prefix: str = ".", *, untracked: bool = False, wanted: Callable[[str], bool] = lambda _: True
    ) -> Listing:
        """The files under a directory ("." is the root), or the one file at `prefix`; others than `wanted` stay unread.

        What lies on disk in a submodule is not the source's.
        """
        files: dict[str, SourceFile] = {}
        errors: dict[str, FileError] = {}
        submodules: list[str] = []
        unwanted = 0
        for entry in self._span(prefix, untracked=untracked):
            path = entry.path.decode("utf-8", "backslashreplace")
            if entry.mode == GITLINK:
                submodules.append(path)  # in the index, it comes before what lies in it
                continue
            if not wanted(path) or (submodules and any(paths.is_below(path, module) for module in submodules)):
                unwanted += 1
                continue
            found = self._seen.get(entry.path) or self._see(entry)
            if isinstance(found, SourceFile):
                files[found.path] = found
            else:
                errors[found.path] = found
        warnings = (*self._warnings, *_kept_warning(sorted(self._kept & files.keys())))
        return Listing(tuple(files.values()), tuple(errors.values()), tuple(submodules), warnings, unwanted)

    def count(self, prefix: str, *, untracked: bool = False) -> int:
        """How many entries of the index a listing would look at."""
        return len(self._span(prefix, untracked=untracked))

    def exists(self, path: str, *, untracked: bool = False) -> Literal["file", "directory"] | None:
        """What git tracks at `path`; None also for a submodule."""
        span = self._span(path, untracked=untracked)
        if span and span[0].path != _key(path):
            return "directory"
        return "file" if span and span[0].mode != GITLINK else None

    def untracked(self, path: str) -> bool:
        """Whether `path` is on disk but git does not track it, which makes a better error message."""
        return not self._span(path) and os.path.lexists(self._root + b"/" + _key(path))

    def read(self, path: str) -> bytes:
        """The bytes whose blob id the listing gives for `path`; of a symlink, its target.

        Raises `FileUnavailable`.
        """
        span = self._span(path, untracked=True)
        if not span or span[0].path != _key(path):
            raise FileUnavailable(f"{path} is not tracked by git", "commit it, or correct the path")
        found = self._seen.get(span[0].path) or self._see(span[0])
        if isinstance(found, FileError):
            raise FileUnavailable(f"{found.path} {found.reason}", found.remedy)
        content = self._on_disk(found)
        return content if content is not None and blob_id(content) == found.oid else self._stored(found)

    def _span(self, prefix: str, *, untracked: bool = False) -> Sequence[IndexEntry]:
        found = self._whole_span(_key(prefix))
        return found if untracked or not self._untracked else [e for e in found if e.path not in self._untracked]

    def _whole_span(self, key: bytes) -> Sequence[IndexEntry]:
        if not key:
            return self._entries
        start = bisect_left(self._entries, (key,))
        end = bisect_left(self._entries, (key + b"\0",), start)
        if start == end:  # no file of that name; "0" is the byte after "/"
            start = bisect_left(self._entries, (key + b"/",), start)
            end = bisect_left(self._entries, (key + b"0",), start)
        return self._entries[start:end]

    def _see(self, entry: IndexEntry) -> SourceFile | FileError:
        found: SourceFile | FileError
        try:
            found = self._look(entry, entry.path.decode())
        except UnicodeDecodeError:
            shown = entry.path.decode("utf-8", "backslashreplace")
            found = FileError(shown, "has a name that is not UTF-8, and GitHub's API takes no other", "rename it")
        except OSError as error:
            reason = f"can't be read: {error.strerror}"
            found = FileError(entry.path.decode(), reason, "make it readable for the action")
        except FileUnavailable as error:
            found = FileError(entry.path.decode(), error.message, error.remedy)
        self._seen[entry.path] = found
        return found

    def _look(self, entry: IndexEntry, path: str) -> SourceFile | FileError:
        if entry.stage:
            return FileError(path, "has an unresolved merge conflict", "resolve it in the checkout")
        status = self._status(entry.path)
        if status is None and entry.skip_worktree:
            return SourceFile(path, entry.mode, entry.oid)
        if status is None or S_IFMT(status.st_mode) != S_IFMT(entry.mode):
            state = "of another type" if status else "missing"
            return FileError(path, f"is tracked by git but {state} on disk", "restore it, or commit the change")
        if status.st_size > MAX_BYTES:
            return self._look_at_big(entry, path, status.st_size)
        if self._is_clean(entry, status):
            return SourceFile(path, entry.mode, entry.oid)
        oid = read_id(self._root + b"/" + entry.path, entry.mode)
        is_ours = entry.path not in self._untracked  # what git never stored, it never converted
        if oid != entry.oid and is_ours and entry.mode != SYMLINK and self._attributes.of(entry.path):
            return self._look_inside(entry, path)
        return SourceFile(path, entry.mode, oid)

    def _look_at_big(self, entry: IndexEntry, path: str, size: int) -> SourceFile | FileError:
        """Refused by its size; but of a file that a filter made big (Git LFS) the small blob is sent."""
        if entry.intent_to_add or not self._is_converted(entry.path, b""):
            reason = f"is {size / 1024**2:.1f} MiB; GitHub's API takes at most {MAX_BYTES // 1024**2} MiB per file"
            return FileError(path, reason, "exclude it, or publish it another way")
        file = SourceFile(path, entry.mode, entry.oid)
        self._stored(file)
        return file

    def _look_inside(self, entry: IndexEntry, path: str) -> SourceFile | FileError:
        content = read(self._root + b"/" + entry.path, entry.mode)
        if not self._is_converted(entry.path, content):
            return SourceFile(path, entry.mode, blob_id(content))
        if entry.intent_to_add:
            return FileError(path, "is new and .gitattributes converts it, which only git can do", "commit it")
        if blob_id(content.replace(b"\r\n", b"\n")) != entry.oid:
            self._kept.add(path)
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
        if entry.size != status.st_size & 0xFFFFFFFF or entry.intent_to_add or self._git is None:
            return False
        if entry.size == 0 and entry.oid != _EMPTY:  # git's own mark for "look again" (racy-git)
            return False
        unit = 1 if entry.mtime_ns % _SECOND else _SECOND
        # Not older than the index: written in the same instant, so maybe changed after it (racy-git).
        return status.st_mtime_ns // unit == entry.mtime_ns // unit < self._git.index_ns // unit

    def _status(self, path: bytes) -> os.stat_result | None:
        """lstat, or None when there is nothing, or only something behind a symlinked directory."""
        folder = path.rpartition(b"/")[0]
        try:
            return os.lstat(self._root + b"/" + path) if self._is_folder(folder) else None
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _is_folder(self, path: bytes) -> bool:
        known = self._folders.get(path)
        if known is None:
            status = self._status(path)
            known = self._folders[path] = status is not None and S_ISDIR(status.st_mode)
        return known

    def _on_disk(self, file: SourceFile) -> bytes | None:
        with suppress(OSError):
            status = self._status(file.path.encode())
            if status is not None and status.st_size <= MAX_BYTES:
                return read(self._root + b"/" + file.path.encode(), file.mode)
        return None

    def _stored(self, file: SourceFile) -> bytes:
        try:
            return self._objects.blob(file.oid)
        except KeyError:
            raise FileUnavailable(
                f"{file.path} has changed on disk, or its blob {file.oid[:10]} is not in the checkout",
                "check out without `filter:`, and let no other step write while Broadcast runs",
            ) from None


def _unreadable(error: OSError, where: bytes) -> CheckoutError:
    name = os.fsdecode(error.filename or where)
    return CheckoutError(f"{name} can't be read: {error.strerror}", "check the source out first (actions/checkout)")


def _kept_warning(paths: Sequence[str]) -> Sequence[str]:
    if not paths:
        return ()
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    said = "may differ from the commit, but .gitattributes converts it: the committed version is sent"
    return (f"{paths[0]}{more} {said}",)


def _key(path: str) -> bytes:
    """Of a path as the config writes it, as the index does: "." and a final "/" are only for people."""
    plain = path.rstrip("/").removeprefix("./")
    return b"" if plain == "." else plain.encode()
