"""List the files of HEAD: from the index where its directories match HEAD's trees, else from the trees."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from hashlib import sha1
from itertools import islice
from operator import attrgetter
from stat import S_ISDIR, S_ISLNK, S_ISREG
from typing import NamedTuple

from broadcast.git.index import IndexEntry
from broadcast.git.object_store import Objects
from broadcast.git.objects import EXECUTABLE, GITLINK, REGULAR, SYMLINK, TREE
from broadcast.git.packs import Unsound

MOST = 2_000_000  # files; a few trees that hold each other can name more than anybody can list
_PATH = attrgetter("path")


class Held(NamedTuple):
    """The files of a commit, in git's order, and what the index has beyond them."""

    entries: Sequence[IndexEntry]  # one of mode TREE stands for a directory that can't be read
    beyond: Sequence[bytes]  # paths that are staged or meant to be, but not committed
    broken: dict[bytes, str]  # directories that can't be read, and why


def held(index: Sequence[IndexEntry], tree: str, objects: Objects) -> Held:
    """The files of the commit with this tree. Raises KeyError and Unsound if the tree can't be read.

    Where the index comes to the same tree, it is the commit, and no object is read.
    """
    ids = directory_ids(index)
    if ids[b""] == tree:
        beyond = [entry.path for entry in index if entry.intent_to_add]
        return Held([one for one in index if not one.intent_to_add] if beyond else index, beyond, {})
    walk = _HeadWalk(index, ids, objects)
    entries = sorted(islice(walk.below(tree), MOST), key=_PATH)
    if len(entries) == MOST:
        raise Unsound(f"it holds over {MOST:,} files")
    kept = {entry.path for entry in entries}
    return Held(entries, [path for path in dict.fromkeys(map(_PATH, index)) if path not in kept], walk.broken)


def directory_ids(index: Sequence[IndexEntry]) -> dict[bytes, str]:
    """The ids of the trees that git would write of an index (git-write-tree(1)), by path; b"" is the root.

    An index is sorted as its trees are: a directory in a tree sorts as if its name ended in "/". The index's own
    cached ids (gitformat-index(5), TREE) are not asked: hashing all of it costs less than to be wrong.
    """
    ids: dict[bytes, str] = {}
    folders: list[tuple[bytes, list[bytes]]] = [(b"", [])]
    for path, mode, oid, *_, stage, _, intent_to_add in map(_fields, index):
        if stage or intent_to_add:
            continue
        while not path.startswith(folders[-1][0]):
            _close(folders, ids)
        slash = path.find(b"/", len(folders[-1][0]))
        while slash >= 0:
            folders.append((path[: slash + 1], []))
            slash = path.find(b"/", slash + 1)
        above, lines = folders[-1]
        lines.append(b"%o %s\0%s" % (mode, path[len(above) :], bytes.fromhex(oid)))
    while folders:
        _close(folders, ids)
    return ids


_fields = attrgetter(*IndexEntry.__struct_fields__)


def _close(folders: list[tuple[bytes, list[bytes]]], ids: dict[bytes, str]) -> None:
    """Compute the id of the last directory; add its entry to the directory above."""
    path, lines = folders.pop()
    content = b"".join(lines)
    digest = sha1(b"tree %d\0" % len(content))
    digest.update(content)
    ids[path] = digest.hexdigest()
    if folders:
        above, its_lines = folders[-1]
        its_lines.append(b"40000 %s\0%s" % (path[len(above) : -1], digest.digest()))


class _HeadWalk:
    """Descends where the index and the commit differ."""

    def __init__(self, index: Sequence[IndexEntry], ids: dict[bytes, str], objects: Objects) -> None:
        self._index, self._ids, self._objects = index, ids, objects
        self._known = {entry.path: entry for entry in index if not entry.stage and not entry.intent_to_add}
        self.broken: dict[bytes, str] = {}

    def below(self, root: str) -> Iterator[IndexEntry]:
        """Every file of the tree `root`, unordered."""
        todo = [(b"", root)]
        while todo:
            folder, oid = todo.pop()
            if self._ids.get(folder) == oid:
                yield from self._span(folder)
                continue
            for name, mode, its_oid in self._listed(folder, oid):
                path = folder + name
                if mode == TREE and its_oid:
                    todo.append((path + b"/", its_oid))
                else:
                    yield self._entry(path, mode, its_oid)

    def _listed(self, folder: bytes, oid: str) -> Sequence[tuple[bytes, int, str]]:
        try:
            return tree_entries(self._objects.read(oid, "tree")[1])
        except (KeyError, Unsound) as error:
            if not folder:
                raise
            self.broken[folder[:-1]] = "it is not in the checkout" if isinstance(error, KeyError) else str(error)
            return [(b"", TREE, "")]

    def _entry(self, path: bytes, mode: int, oid: str) -> IndexEntry:
        known = self._known.get(path)
        if known and (known.mode, known.oid) == (mode, oid):
            return known
        return IndexEntry(
            path=path.removesuffix(b"/"),
            mode=mode,
            oid=oid,
            size=0,
            mtime_ns=0,
            stage=0,
            skip_worktree=False,
            intent_to_add=False,
        )

    def _span(self, folder: bytes) -> Iterator[IndexEntry]:
        start = bisect_left(self._index, folder, key=_PATH)
        end = bisect_left(self._index, folder[:-1] + b"0", start, key=_PATH) if folder else len(self._index)
        return (entry for entry in self._index[start:end] if not entry.intent_to_add)


def tree_entries(content: bytes) -> list[tuple[bytes, int, str]]:
    """(name, mode, id) of every entry of a tree object. Raises Unsound if no checkout can have it."""
    found, at = [], 0
    try:
        while at < len(content):
            space = content.index(b" ", at)
            end = content.index(b"\0", space)
            mode, name, oid = int(content[at:space], 8), content[space + 1 : end], content[end + 1 : end + 21]
            if len(oid) < 20 or name in (b"", b".", b"..") or b"/" in name:
                raise ValueError(name)
            found.append((name, _canonical(mode), oid.hex()))
            at = end + 21
    except ValueError:
        raise Unsound("it is no tree that a checkout could hold") from None
    return found


def _canonical(mode: int) -> int:
    """git's canon_mode(): old commits hold modes such as 100664."""
    if S_ISREG(mode):
        return EXECUTABLE if mode & 0o100 else REGULAR
    if S_ISLNK(mode):
        return SYMLINK
    return TREE if S_ISDIR(mode) else GITLINK
