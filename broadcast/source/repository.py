"""A git repository at, above or below the working directory: commit, objects and attributes."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from errno import EFBIG

from msgspec.structs import replace

from broadcast.git.attributes import MAX_BYTES as MAX_ATTRIBUTES
from broadcast.git.attributes import Attributes
from broadcast.git.commits import CommitWords, commit_of, is_ancestor, words_of
from broadcast.git.directory import GitDirectory
from broadcast.git.distances import Distances
from broadcast.git.index import IndexEntry, UnreadableIndex
from broadcast.git.nofollow import read
from broadcast.git.object_store import Objects
from broadcast.git.objects import REGULAR, TREE
from broadcast.git.packs import Unsound
from broadcast.git.paths import decoded
from broadcast.source.committed import Held, held

_REMOTE = b"refs/remotes/origin/"
_AGAIN = "check the repository out again"


class Repository:
    """A checkout whose top is `top`. Seen from our root, it lies at `below`, or our root lies at `above` in it.

    Both are empty, or end in a slash. Threads may share an instance.
    """

    def __init__(self, top: bytes, git: GitDirectory, below: bytes = b"", above: bytes = b"") -> None:
        self.top, self.git, self.below, self.above = top, git, below, above
        self.objects = Objects(git.common)
        self.head = git.head
        autocrlf = re.search(rb"(?im)^\s*autocrlf\s*=\s*\"?(?:true|input)", git.config)
        self.converts = autocrlf is not None  # line endings, where no attribute says anything
        self.has_links = re.search(rb"(?im)^\s*symlinks\s*=\s*\"?(?:false|no|off|0)\b", git.config) is None  # on disk
        self._attributes: Attributes | None = None

    @classmethod
    def around(cls, root: bytes) -> Repository | None:
        """The nearest repository at `root` or above. Raises UnreadableIndex, OSError."""
        top = root
        while (git := GitDirectory.of(top)) is None:
            if top == (top := os.path.dirname(top)):  # noqa: PTH120  bytes
                return None
        return cls(top, git, above=root[len(top.rstrip(b"/")) + 1 :] + b"/" if top != root else b"")

    def path(self, ours: bytes) -> bytes:
        """Our path, relative to the repository."""
        return (self.above + (ours + b"/").removeprefix(self.below)).rstrip(b"/")

    def here(self, its: str) -> str | None:
        """The repository's path as ours; None if it is elsewhere."""
        above = decoded(self.above)
        return decoded(self.below) + its.removeprefix(above) if its.startswith(above) else None

    def held(self, commit: str = "") -> Held:
        """The files of HEAD or another commit, by our paths. Raises UnreadableIndex."""
        commit = commit or self.head
        if not commit:  # nothing has been committed yet
            return Held((), [entry.path for entry in self.git.entries], {})
        try:
            there = held(self.git.entries, commit_of(self.objects, commit).tree, self.objects)
        except (KeyError, Unsound) as error:
            why = "is not in the checkout" if isinstance(error, KeyError) else f"can't be read: {error}"
            raise UnreadableIndex(f"the commit {commit[:10]} {why}", _AGAIN) from error
        if not self.below and not self.above:
            return there
        broken = {self._ours(path): why for path, why in there.broken.items() if path.startswith(self.above)}
        beyond = [self._ours(path) for path in there.beyond if path.startswith(self.above)]
        return Held(self._placed(there.entries), beyond, broken)

    def tracked(self) -> Sequence[IndexEntry]:
        """The entries of the index, by our paths."""
        return self._placed(self.git.entries) if self.below or self.above else self.git.entries

    def _placed(self, entries: Sequence[IndexEntry]) -> Sequence[IndexEntry]:
        if any(one.mode == TREE and self.above.startswith(one.path + b"/") for one in entries):
            raise UnreadableIndex(f"the directory {decoded(self.above)} of the commit can't be read", _AGAIN)
        return [replace(one, path=self._ours(one.path)) for one in entries if one.path.startswith(self.above)]

    def _ours(self, path: bytes) -> bytes:
        return self.below + path.removeprefix(self.above)

    def is_at_or_before(self, commit: str) -> bool:
        """Whether HEAD is this commit or an ancestor of it; in a shallow checkout, whether it is this one."""
        if self.head == commit:
            return True
        try:
            new, old = commit_of(self.objects, commit), commit_of(self.objects, self.head)
        except (KeyError, Unsound, ValueError):
            return False
        return new.oid == old.oid or (not self.git.is_shallow and is_ancestor(self.objects, old, new))

    def contains(self, commit: str, other: str) -> bool:
        """Whether a commit is `other` or came after it; False where the checkout lacks one of them."""
        if commit == other:
            return True
        try:
            new, old = commit_of(self.objects, commit), commit_of(self.objects, other)
        except (KeyError, Unsound, ValueError):
            return False
        return is_ancestor(self.objects, old, new)

    def words(self, commit: str) -> CommitWords | None:
        """The message and the author of a commit; None where the checkout lacks it."""
        try:
            return words_of(self.objects, commit) if commit else None
        except (KeyError, Unsound, ValueError):
            return None

    def distances(self) -> Distances:
        """How far commits lie behind HEAD."""
        return Distances(self.objects, self.head, shallow=self.git.is_shallow)

    @property
    def default_branch(self) -> str:
        """The default branch at the time of `git clone` (refs/remotes/origin/HEAD); empty if unknown."""
        with suppress(UnreadableIndex):
            name, oid = self.git.named(_REMOTE + b"HEAD")
            return decoded(name.removeprefix(_REMOTE)) if oid and name != _REMOTE + b"HEAD" else ""
        return ""

    def said(self, ours: bytes) -> Mapping[bytes, object]:
        """The attributes of a path."""
        if self._attributes is None:
            self._attributes = Attributes(self._attribute_file, _limited(self.git.common + b"/info/attributes") or b"")
        return self._attributes.of(self.path(ours))

    def _attribute_file(self, path: bytes) -> bytes:
        """A file of attributes from disk, or else from the index, like git."""
        content = _limited(self.top + b"/" + path)
        if content is not None:
            return content
        oid = next((one.oid for one in self.git.entries if one.path == path), "")
        with suppress(KeyError, Unsound):
            return self.objects.blob(oid)[:MAX_ATTRIBUTES] if oid else b""
        return b""


def _limited(file: bytes) -> bytes | None:
    """A file of attributes; None if git reads none, too. Raises OSError if it is too large."""
    try:
        return read(file, REGULAR, MAX_ATTRIBUTES)
    except OSError as error:
        if error.errno == EFBIG:
            name = decoded(file.rpartition(b"/")[2])
            raise OSError(EFBIG, f"{name} is over {MAX_ATTRIBUTES // 1024} KiB") from None
        return None
