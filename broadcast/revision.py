"""The source at another commit, read from the checkout's own history: what a change is compared with."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from broadcast.checkout import Checkout
from broadcast.errors import FileError, UsageError
from broadcast.gitdirectory import GitDirectory
from broadcast.gitindex import IndexEntry, UnreadableIndex
from broadcast.nofollow import Folders
from broadcast.repository import Repository
from broadcast.worktree import SourceFile, Worktree

if TYPE_CHECKING:
    from dulwich.objects import Commit
    from dulwich.repo import BaseRepo


class Revision(Checkout):
    """The files of one commit, whatever lies on disk; only what git doesn't track is taken from there."""

    def __init__(self, root: bytes, entries: Iterable[IndexEntry], git: GitDirectory, commit: str) -> None:
        super().__init__(sorted(entries, key=attrgetter("path")), _Committed(root, [Repository(root, git)]))
        self._tracked_now = {entry.path for entry in git.entries}
        self.commit = commit  # 40 hex digits

    @classmethod
    def at(cls, root: Path, ref: str) -> Revision:
        """The commit that `ref` names: a branch, a tag, an id, or one of these with ^ and ~. Raises UsageError."""
        where = os.fsencode(root)
        try:
            git = GitDirectory.of(where)
        except (OSError, UnreadableIndex) as error:
            raise UsageError(f"the checkout's .git can't be read: {error}", "check the source out first") from error
        if git is None:
            raise UsageError(f"there is no git history to find {ref} in", "check the source out with actions/checkout")
        try:
            with _repository(git) as repository:
                commit = _commit(repository, ref)
                return cls(where, _entries(repository, commit), git, commit.id.decode())
        except (KeyError, ValueError, AssertionError):
            raise UsageError(
                f"the commit {ref} to compare with is not in the checkout",
                "give actions/checkout `fetch-depth: 2` for HEAD^1, or 0 for all of the history; or correct the name",
            ) from None

    def text(self, path: str) -> str | None:
        """A file as text; None where the commit has none. Raises UsageError."""
        if self.exists(path) != "file":
            return None
        try:
            return self.read(path).decode()
        except UnicodeDecodeError:
            raise UsageError(f"{path} isn't UTF-8 text at {self.commit[:10]}", "save it as UTF-8") from None

    def add_untracked(self, prefix: str, prunes: Callable[[str], bool] = lambda _: False) -> None:
        """Learn of all files under `prefix` that git doesn't track today: they are no part of any change."""
        super().add_untracked(prefix, prunes)
        self._worktree.untracked -= self._tracked_now
        self._entries = [e for e in self._entries if not e.intent_to_add or e.path in self._worktree.untracked]


class _Committed(Worktree):
    """Believes the commit, whatever lies on disk."""

    def _look(self, entry: IndexEntry, path: str, opened: Folders) -> SourceFile | FileError:
        if entry.intent_to_add:
            return super()._look(entry, path, opened)
        return SourceFile(path, entry.mode, entry.oid)

    _look_at_committed = _look


@contextmanager
def _repository(git: GitDirectory) -> Iterator[BaseRepo]:
    """The parts of a repository that answer for names and objects, whatever extensions its config has."""
    from dulwich.object_store import DiskObjectStore  # noqa: PLC0415  only comparisons need it
    from dulwich.refs import DiskRefsContainer  # noqa: PLC0415  likewise
    from dulwich.repo import BaseRepo  # noqa: PLC0415  likewise

    common = os.fsdecode(git.common)
    with closing(DiskObjectStore(f"{common}/objects")) as objects:
        yield BaseRepo(objects, DiskRefsContainer(common, os.fsdecode(git.own)))


def _commit(repository: BaseRepo, ref: str) -> Commit:
    from dulwich.objectspec import parse_commit, parse_object  # noqa: PLC0415  only comparisons need it

    if not re.fullmatch(r"[^:@\s\0]+", ref):  # what else gitrevisions(7) knows: paths in commits, reflogs
        raise ValueError(ref)
    if re.search(r"[~^]", ref):
        return parse_commit(repository, parse_object(repository, ref).id.decode())  # type: ignore[arg-type]  # it asks for no more
    return parse_commit(repository, ref)


def _entries(repository: BaseRepo, commit: Commit) -> Iterable[IndexEntry]:
    from dulwich.object_store import iter_tree_contents  # noqa: PLC0415  only comparisons need it

    for path, mode, oid in iter_tree_contents(repository.object_store, commit.tree):
        yield IndexEntry(path, mode, oid.decode(), 0, 0, 0, skip_worktree=False, intent_to_add=False)
