"""The source at another commit of its history, for comparisons."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Literal

from broadcast.errors import FileError, FileUnavailable, UsageError
from broadcast.git.index import IndexEntry, UnreadableIndex
from broadcast.git.objects import TREE
from broadcast.git.packs import Unsound
from broadcast.git.revisions import commit_named
from broadcast.source.checkout import Checkout
from broadcast.source.repository import Repository
from broadcast.source.worktree import SourceFile, Worktree

if TYPE_CHECKING:
    from broadcast.git.nofollow import Folders

Use = Literal["to compare with", "to go back to", "to send"]

_AGAIN = "check the repository out again"
_DEPTHS: dict[Use, str] = {
    "to compare with": "`fetch-depth: 2` for HEAD^1, or 0 for all of the history",
    "to send": "`fetch-depth: 0`, which brings all of the history",
    "to go back to": "`fetch-depth: 0`, which brings all of the history",
}


class Revision(Checkout):
    """The files of one commit; only untracked files come from disk.

    Where the source has other checkouts below it, theirs are what they have checked out.
    """

    def __init__(self, checkout: Checkout, repository: Repository, ref: str, use: Use = "to compare with") -> None:
        self.commit = _commit(repository, ref, use)  # 40 hex digits
        super().__init__([], _Committed(checkout.root, checkout.repositories))
        self._tracked_now, entries = set[bytes](), list[IndexEntry]()
        for one in checkout.repositories:
            self._tracked_now |= {entry.path for entry in one.tracked()}
            try:
                there = one.held(self.commit if one is repository else "")
            except UnreadableIndex as error:
                raise UsageError(f"the commit {ref} {use} can't be used: {error.message}", _AGAIN) from error
            entries += there.entries
            self._worktree.broken |= there.broken
        self._entries = sorted(entries, key=attrgetter("path"))

    @classmethod
    def of(cls, checkout: Checkout, config: str, ref: str, use: Use = "to compare with") -> Revision:
        """The commit that `ref` names in the repository of the config: branch, tag or id, with ^ and ~.

        Raises UsageError.
        """
        repository = checkout.main(config)
        if repository is None:
            raise UsageError(f"there is no git history to find {ref} in", "check the source out with actions/checkout")
        return cls(checkout, repository, ref, use)

    def text(self, path: str) -> str | None:
        """A file as text; None if the commit doesn't have it. Raises UsageError."""
        if self.exists(path) != "file":
            return None
        try:
            return self.read(path).decode()
        except UnicodeDecodeError:
            raise UsageError(f"{path} isn't UTF-8 text at {self.commit[:10]}", "save it as UTF-8") from None
        except FileUnavailable as error:
            raise UsageError(f"at {self.commit[:10]}, {error.message}", error.remedy) from error

    def add_untracked(self, prefix: str, prunes: Callable[[str], bool] = lambda _: False) -> None:
        """Add all files under `prefix` that git doesn't track: they are in no comparison."""
        super().add_untracked(prefix, prunes)
        self._worktree.untracked -= self._tracked_now
        self._entries = [e for e in self._entries if not e.intent_to_add or e.path in self._worktree.untracked]


class _Committed(Worktree):
    """Ignores the disk."""

    def _look(self, entry: IndexEntry, path: str, opened: Folders) -> SourceFile | FileError:
        if entry.intent_to_add:
            return super()._look(entry, path, opened)
        return self._look_at_committed(entry, path, opened)

    def _look_at_committed(self, entry: IndexEntry, path: str, opened: Folders) -> SourceFile | FileError:
        if entry.mode == TREE:
            return super()._look_at_committed(entry, path, opened)
        return SourceFile(path, entry.mode, entry.oid)


def _commit(repository: Repository, ref: str, use: Use) -> str:
    try:
        return commit_named(repository.git, repository.objects, ref).oid
    except KeyError:
        raise UsageError(
            f"the commit {ref} {use} is not in the checkout",
            f"give actions/checkout {_DEPTHS[use]}; or correct the name",
        ) from None
    except (Unsound, UnreadableIndex, OSError) as error:
        raise UsageError(f"the commit {ref} {use} can't be read: {_said(error)}", _AGAIN) from error


def _said(error: Exception) -> str:
    return error.message if isinstance(error, UnreadableIndex) else str(error)
