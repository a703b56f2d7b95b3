"""Directory listings and files by oid, of this run and, with a cache directory, of earlier runs.

An oid is a hash of the object, so an entry of the cache proves itself; one that doesn't is not believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from errno import EFBIG
from pathlib import Path

import msgspec

from broadcast.git.objects import blob_id, parse_tree, tree_content, tree_content_id
from broadcast.observe.drift import Listing
from broadcast.source.workspace import Workspace

MAX_BYTES = 64 * 1024 * 1024  # of the cache file
FILE = "objects-1.msgpack"
_DAY = 86_400  # seconds
_OVERHEAD = 60  # bytes of an entry besides its content


class _Stored(msgspec.Struct, array_like=True):
    used: int  # the day, counted from the epoch
    content: bytes  # of the tree object, or of the file


_File = dict[str, _Stored]  # by oid


class ObjectCache:
    """Grows as the run learns; `save` keeps it for the next one."""

    def __init__(self, directory: Path | None = None, now: float = 0.0, workspace: Workspace | None = None) -> None:
        self.hits = 0  # listings that the cache had
        self.warnings: dict[str, None] = {}
        self._path = directory / FILE if directory else None
        self._workspace = workspace or Workspace(Path())
        self._today = int(now // _DAY)
        self._known: dict[str, Listing] = {}
        self._blobs: dict[str, bytes] = {}
        self._cached = self._load()

    def get(self, oid: str, /) -> Listing | None:
        """The names in a tree; None: not known."""
        if oid not in self._known and oid in self._cached:
            listing = _proved(oid, self._cached.pop(oid).content)
            if listing is None:
                self._warn("has a corrupt entry, which is ignored")
            else:
                self.hits += 1
                self._known[oid] = listing
        return self._known.get(oid)

    def learn(self, listings: Mapping[str, Listing]) -> None:
        """Add listings that GitHub answered."""
        self._known.update(listings)

    def blob(self, oid: str) -> bytes | None:
        """The content of a file; None: not known."""
        if oid not in self._blobs and oid in self._cached:
            content = self._cached.pop(oid).content
            if blob_id(content) != oid:
                self._warn("has a corrupt entry, which is ignored")
            else:
                self.hits += 1
                self._blobs[oid] = content
        return self._blobs.get(oid)

    def learn_blob(self, oid: str, content: bytes) -> None:
        """Add a file whose content has this oid."""
        self._blobs[oid] = content

    def save(self) -> None:
        """Write the cache file: what this run used, then what was used last, up to MAX_BYTES.

        The file is replaced whole, and a reader never sees half of it; of two jobs that save at the same moment
        one loses what it learned, nothing else.
        """
        if self._path is None or not (self._known or self._blobs):
            return
        proofs = {oid: _proof(oid, one) for oid, one in self._known.items()}
        objects = {**{oid: proof for oid, proof in proofs.items() if proof is not None}, **self._blobs}
        fresh = {oid: _Stored(self._today, content) for oid, content in objects.items()}
        others = {oid: one for oid, one in {**self._cached, **self._load()}.items() if oid not in fresh}
        latest = sorted(others.items(), key=lambda item: -item[1].used)
        kept: _File = {}
        room = MAX_BYTES
        for oid, stored in [*fresh.items(), *latest]:
            room -= len(stored.content) + _OVERHEAD
            if room < 0:
                break
            kept[oid] = stored
        try:
            self._workspace.replace(self._path, msgspec.msgpack.encode(kept))
        except OSError as error:
            self._warn(f"can't be written: {error.strerror}")

    def _load(self) -> _File:
        if self._path is None:
            return {}
        try:
            return msgspec.msgpack.decode(self._workspace.read(self._path, 2 * MAX_BYTES), type=_File)
        except FileNotFoundError:
            pass
        except OSError as error:
            is_large = error.errno == EFBIG
            self._warn("is far too large and is ignored" if is_large else f"can't be read: {error.strerror}")
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self._warn("is corrupt and is ignored")
        return {}

    def _warn(self, text: str) -> None:
        self.warnings[f"the cache {self._path} {text}"] = None


def _proved(oid: str, content: bytes) -> Listing | None:
    if tree_content_id(content) != oid:
        return None
    try:
        return parse_tree(content)
    except ValueError:
        return None


def _proof(oid: str, listing: Listing) -> bytes | None:
    """The tree object of a listing; None where the API's names aren't the tree's (those that aren't UTF-8)."""
    try:
        content = tree_content(listing)
    except UnicodeEncodeError:
        return None
    return content if tree_content_id(content) == oid else None
