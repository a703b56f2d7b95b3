"""The source checkout: lists and reads the files that git tracks, without git."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal, NamedTuple

from broadcast.errors import FileError, FileUnavailable, UsageError
from broadcast.git import paths
from broadcast.git.entries import PATH, span, tracks
from broadcast.git.entries import key as key_of
from broadcast.git.entries import text as text_of
from broadcast.git.index import IndexEntry, UnreadableIndex
from broadcast.git.nofollow import Folders, slashed
from broadcast.git.objects import GITLINK, TREE
from broadcast.git.paths import decoded
from broadcast.source import nested
from broadcast.source.committed import Held
from broadcast.source.repository import Repository
from broadcast.source.secret_names import is_secret
from broadcast.source.untracked import walk, without_credentials
from broadcast.source.worktree import SourceFile, Worktree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


_NAMED = 5  # paths in a warning


class CheckoutError(UsageError):
    """The checkout can't be read."""


class SourceListing(NamedTuple):
    """The files of a directory of the checkout, each list sorted by path."""

    files: tuple[SourceFile, ...]
    errors: tuple[FileError, ...]
    submodules: tuple[str, ...]
    warnings: tuple[str, ...]
    unwanted: int  # files that were not looked at


class Checkout:
    """The tracked files of a checkout; of one without `.git`, the files that no `.gitignore` excludes.

    Files are looked at when they are first asked for, and only once. Threads may share an instance.
    """

    def __init__(self, entries: Sequence[IndexEntry], worktree: Worktree, warnings: Sequence[str] = ()) -> None:
        self._entries, self._worktree, self._warnings = entries, worktree, warnings
        self._root = worktree.root
        self._beyond: Sequence[bytes] = ()  # what the index has and HEAD hasn't
        self._left_behind: set[str] = set()  # of these, what was asked for
        self._of_disk = False
        self._by_name: set[bytes] = set()  # files that a mapping names which takes the disk's bytes

    @classmethod
    def open(cls, root: Path, *, dirty: bool = False, loose: bool = True) -> Checkout:
        """The files of HEAD below `root`, of the checkout at or above it, or else of those below.

        With `dirty` it is what git tracks, as it lies on disk. Where there is no `.git` at `root` or above, `loose`
        adds what git doesn't know at all and no `.gitignore` excludes.
        """
        where = slashed(os.path.realpath(os.fsencode(root)))
        try:
            around = Repository.around(where)
            if around is not None:
                return cls._of(where, [around], [], (), dirty=dirty)
            warnings, tops = dict[str, None](), list[bytes]()
            found, kept = without_credentials(list(walk(where, warnings, nested=tops)), b"")
            below = [nested.at(where, folder) for folder in sorted(tops)]
            notes = (*warnings, *kept) if loose else ()
            return cls._of(where, [one for one in below if one], found if loose else [], notes, dirty=dirty)
        except OSError as error:
            raise _unreadable(error, where) from error
        except UnreadableIndex as error:
            raise CheckoutError(error.message, error.remedy) from error

    @classmethod
    def _of(
        cls, where: bytes, repositories: Sequence[Repository], loose: Sequence[IndexEntry], warnings: Sequence[str], *,
        dirty: bool,
    ) -> Checkout:  # fmt: skip
        found = cls(sorted(loose, key=PATH), Worktree(where), warnings)
        found._of_disk = dirty
        for one in repositories:
            found._add(one)
        return found

    def _add(self, one: Repository) -> None:
        self._worktree.repositories = [*self._worktree.repositories, one]
        there = Held(one.tracked(), (), {}) if self._of_disk else one.held()
        self._worktree.broken |= there.broken
        self._beyond = sorted([*self._beyond, *there.beyond])
        self._entries = sorted([*self._entries, *there.entries], key=PATH) if self._entries else there.entries

    def enter(self, path: str) -> None:
        """Take what is at `path` from the nearest checkout above it. Raises CheckoutError."""
        try:
            for top in nested.above(self._root, key_of(path), self._has) if self.repositories else ():
                if one := nested.at(self._root, top):
                    self._add(one)
        except OSError as error:
            raise _unreadable(error, self._root) from error
        except UnreadableIndex as error:
            raise CheckoutError(error.message, error.remedy) from error

    def left_alone(self, prefix: str) -> tuple[str, ...]:
        """The nested checkouts below a directory, which its own checkout doesn't include."""
        if self.repository(prefix) is None:
            return ()
        near = {top for top in nested.inside(self._root, key_of(prefix)) if not self._has(top)}
        return tuple(sorted(decoded(top) for top in near | {top[:-1] for top in self._tops_below(key_of(prefix))}))

    def _has(self, top: bytes) -> bool:
        """Whether a known checkout begins at a path or has files there."""
        return tracks(self._entries, top) or any(one.below == top + b"/" for one in self.repositories)

    def _tops_below(self, key: bytes) -> tuple[bytes, ...]:
        """Where other checkouts begin below a directory, if that is in one itself; each ends in a slash."""
        if len(self.repositories) < 2 or self._worktree.repository(key) is None:
            return ()
        start = key + b"/" if key else b""
        return tuple(one.below for one in self.repositories if one.below != start and one.below.startswith(start))

    @property
    def root(self) -> bytes:
        """The real path of the checkout."""
        return self._root

    @property
    def repositories(self) -> Sequence[Repository]:
        """The git repositories of the files."""
        return self._worktree.repositories

    def repository(self, path: str) -> Repository | None:
        """The nearest repository of a path; None if there is none."""
        return self._worktree.repository(key_of(path))

    def main(self, config: str) -> Repository | None:
        """The repository of the config, or else the first; None if there is none."""
        return self.repository(config) or next(iter(self.repositories), None)

    def in_repository(self, path: str) -> str:
        """A path relative to its repository."""
        found = self.repository(path)
        return decoded(found.path(key_of(path))) if found else path

    def in_source(self, config: str, path: str) -> str | None:
        """A path relative to the repository of the config; None if it belongs to another one."""
        return self.in_repository(path) if self.repository(path) is self.main(config) else None

    def repositories_of(self, path: str) -> Sequence[Repository]:
        """The git checkout that a file or directory lies in, or else those that it has below it."""
        holding, key = self.repository(path), key_of(path)
        if holding is not None:
            return [holding]
        return [one for one in self.repositories if one.below.startswith(key + b"/" if key else b"")]

    def add_untracked(self, prefix: str, prunes: Callable[[str], bool] = lambda _: False) -> None:
        """Add all files under `prefix` that git doesn't track, also those that a `.gitignore` excludes.

        Directories that `prunes` names are not entered. Raises CheckoutError.
        """
        known = {entry.path for entry in self._entries}
        self._by_name.add(key_of(prefix))
        try:
            warnings: dict[str, None] = {}
            found = walk(self._root, warnings, key_of(prefix), prunes)
            new = [entry for entry in found if entry.path not in known]
        except FileNotFoundError:
            return
        except OSError as error:
            raise _unreadable(error, self._root) from error
        new, kept = without_credentials(new, key_of(prefix))
        self._warnings = [*self._warnings, *warnings, *kept]
        self._worktree.untracked |= {entry.path for entry in new}
        self._entries = sorted([*self._entries, *new], key=PATH)

    def list(
        self, prefix: str = ".", *, untracked: bool = False, wanted: Callable[[str], bool] = lambda _: True
    ) -> SourceListing:
        """The files under a directory ("." is the root), or the one file at `prefix`; others than `wanted` stay unread.

        What lies on disk in a submodule is not the source's.
        """
        files: dict[str, SourceFile] = {}
        errors: dict[str, FileError] = {}
        submodules: list[str] = []
        unwanted, see, takes_disk = 0, self._worktree.see, self._takes_disk if untracked else lambda _: self._of_disk
        with Folders(self._root) as opened:
            for entry in self._span(prefix, untracked=untracked):
                path = text_of(entry)
                if entry.mode == TREE and not paths.is_below(path, prefix):
                    path = prefix  # which lies in a directory that can't be read
                if entry.mode == GITLINK:
                    submodules.append(path)  # in the index, it comes before what lies in it
                elif (entry.mode != TREE and not wanted(path)) or (
                    submodules and any(paths.is_below(path, module) for module in submodules)
                ):
                    unwanted += 1
                elif isinstance(found := see(entry, path, opened, of_disk=takes_disk(entry)), SourceFile):
                    files[path] = found
                else:
                    errors[path] = found._replace(path=path)
        if self._beyond and not untracked:
            self._left_behind |= {path for path in map(decoded, self._beyond_below(prefix)) if wanted(path)}
        warnings = (*self._warnings, *_kept_warning(sorted(self._worktree.kept & files.keys())))
        return SourceListing(tuple(files.values()), tuple(errors.values()), tuple(submodules), warnings, unwanted)

    def differences(self) -> tuple[str, ...]:
        """A warning of listed files that differ on disk from what is sent."""
        changed, behind = sorted(self._worktree.differing), sorted(self._left_behind)
        said = []
        if changed:
            said.append(f"on disk, {_some(changed)} {_be(changed, 'differs', 'differ')} from the commit, which is sent")
        if behind:
            said.append(f"{_some(behind)} {_be(behind, 'is', 'are')} staged but not committed, and so not sent")
        return ("; ".join(said),) if said else ()

    def count(self, prefix: str, *, untracked: bool = False) -> int:
        """The number of index entries under a prefix."""
        return len(self._span(prefix, untracked=untracked))

    def exists(self, path: str, *, untracked: bool = False) -> Literal["file", "directory"] | None:
        """What git tracks at `path`; None also for a submodule."""
        span = self._span(path, untracked=untracked)
        if span and span[0].path != key_of(path):
            return "directory"
        if span and span[0].mode == TREE:
            return "directory"
        return "file" if span and span[0].mode != GITLINK else None

    def untracked(self, path: str) -> bool:
        """Whether `path` exists on disk without being tracked, for error messages."""
        return not self._span(path) and os.path.lexists(self._root + b"/" + key_of(path))

    def read(self, path: str, *, untracked: bool = False) -> bytes:
        """The content with the blob id in the listing; of a symlink, its target. Raises FileUnavailable.

        Raises `FileUnavailable`.
        """
        span = self._span(path, untracked=True)
        if not span or span[0].path != key_of(path):
            raise FileUnavailable(f"{path} is not tracked by git", "commit it, or correct the path")
        with Folders(self._root) as opened:
            of_disk = self._of_disk or (untracked and self._takes_disk(span[0]))
            found = self._worktree.see(span[0], text_of(span[0]), opened, of_disk=of_disk)
        if isinstance(found, FileError):
            raise FileUnavailable(f"{found.path} {found.reason}", found.remedy)
        return self._worktree.content(found)

    def _takes_disk(self, entry: IndexEntry) -> bool:
        """Whether a mapping that takes the disk's bytes takes those of this file: a secret may have been put there."""
        return self._of_disk or entry.path in self._by_name or not is_secret(decoded(entry.path))

    def _span(self, prefix: str, *, untracked: bool = False) -> Sequence[IndexEntry]:
        found = self._whole_span(key_of(prefix))
        if others := self._tops_below(key_of(prefix)):
            found = [entry for entry in found if not entry.path.startswith(others)]
        hidden = self._worktree.untracked
        return found if untracked or not hidden else [entry for entry in found if entry.path not in hidden]

    def _whole_span(self, key: bytes) -> Sequence[IndexEntry]:
        return span(self._entries, key) or self._broken_above(key)

    def _broken_above(self, key: bytes) -> Sequence[IndexEntry]:
        """The entry that stands for a directory above `key` which can't be read."""
        if not self._worktree.broken:
            return ()
        return [one for one in self._entries if one.mode == TREE and key.startswith(one.path + b"/")]

    def _beyond_below(self, prefix: str) -> Sequence[bytes]:
        key = key_of(prefix)
        return [one for one in self._beyond if not key or one == key or one.startswith(key + b"/")]


def _unreadable(error: OSError, where: bytes) -> CheckoutError:
    name = os.fsdecode(error.filename or where)
    return CheckoutError(f"{name} can't be read: {error.strerror}", "check the source out first (actions/checkout)")


def _kept_warning(paths: Sequence[str]) -> Sequence[str]:
    if not paths:
        return ()
    said = "may differ from the commit, but .gitattributes converts it: the committed version is sent"
    return (f"{_some(paths, 1)} {said}",)


def _some(paths: Sequence[str], most: int = _NAMED) -> str:
    more = f" and {len(paths) - most} more" if len(paths) > most else ""
    return ", ".join(paths[:most]) + more


def _be(paths: Sequence[str], one: str, many: str) -> str:
    return one if len(paths) == 1 else many
