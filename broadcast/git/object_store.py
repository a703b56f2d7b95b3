"""Read objects of a checkout; the hash of each is verified before it is used."""

# Paths in git's files are bytes, which pathlib does not take.
# ruff: noqa: PTH118, PTH208

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from hashlib import sha1
from itertools import islice
from threading import Lock
from weakref import finalize

from broadcast.git.nofollow import read
from broadcast.git.objects import REGULAR
from broadcast.git.packs import CHUNK, Pack, TooLarge, Unsound, inflate, opened

MAX_BYTES = 35 * 1024 * 1024  # what GitHub's REST API takes as one blob
_MAX_DEPTH = 5  # alternates of alternates, as git's own link_alt_odb_entry() has it
_MAX_FOLDERS = 1_000  # that objects are borrowed from
_REST = re.compile(r"[0-9a-f]{38}")  # the name of an object's file
_HEADER = 64  # bytes; a kind, a size and a NUL take less


class Objects:
    """The object store in the git directory `common`; empty if that is None.

    Threads may share an instance.
    """

    def __init__(self, common: bytes | None) -> None:
        self._folders = [] if common is None else [common + b"/objects"]
        self._packs: list[Pack] | None = None
        self._lock = Lock()

    def blob(self, oid: str) -> bytes:
        """The content of a blob. Raises KeyError if it is missing, Unsound if it is corrupt."""
        return self.read(oid, "blob")[1]

    def read(self, oid: str, *kinds: str) -> tuple[str, bytes]:
        """The kind and content of an object of one of `kinds`. Raises KeyError, Unsound."""
        failure: Exception = KeyError(oid)
        with self._lock:
            for copy in self._copies(oid):
                try:
                    return _checked(oid, copy(), kinds)
                except Unsound as error:
                    failure = error  # there may be another copy, which git takes too
                except OSError as error:
                    failure = Unsound(f"it can't be read: {error.strerror}")
        raise failure

    def starting(self, digits: str, most: int) -> frozenset[str]:
        """Ids that begin with these hex digits, of which there are two at least; so many of each pack at most."""
        first, last = bytes.fromhex(digits.ljust(40, "0")), bytes.fromhex(digits.ljust(40, "f"))
        with self._lock:
            found = {oid.hex() for pack in self._opened() for oid in pack.between(first, last, most)}
        for folder in self._folders:
            with suppress(OSError):
                names = map(os.fsdecode, os.listdir(os.path.join(folder, digits[:2].encode())))
                ids = (digits[:2] + name for name in names if _REST.fullmatch(name))
                found.update(islice((oid for oid in ids if oid.startswith(digits)), most))
        return frozenset(found)

    def _copies(self, oid: str) -> Iterator[Callable[[], tuple[str, bytes]]]:
        name = bytes.fromhex(oid)
        for pack in self._opened():
            if (offset := pack.find(name)) is not None:
                yield partial(pack.read, offset, MAX_BYTES)
        for folder in self._folders:
            path = os.path.join(folder, oid[:2].encode(), oid[2:].encode())
            if os.path.lexists(path):
                yield partial(_loose, path, MAX_BYTES)

    def _opened(self) -> Sequence[Pack]:
        if self._packs is None:
            self._folders = list(_with_alternates(self._folders))
            self._packs = list(_packs(self._folders))
            finalize(self, _close, self._packs)
        return self._packs


def _checked(oid: str, found: tuple[str, bytes], kinds: Sequence[str]) -> tuple[str, bytes]:
    kind, content = found
    digest = sha1(b"%s %d\0" % (kind.encode(), len(content)))
    digest.update(content)
    if digest.hexdigest() != oid:
        raise Unsound("its content is another object's")
    if kind not in kinds:
        raise Unsound(f"it is a {kind}")
    return found


def _loose(path: bytes, most: int) -> tuple[str, bytes]:
    """A loose object: gitformat-loose(5). Raises Unsound, OSError."""
    file = opened(path)
    try:
        engine = zlib.decompressobj()
        head = engine.decompress(os.read(file, CHUNK), _HEADER)
        words, _, start = head.partition(b"\0")
        kind, _, digits = words.partition(b" ")
        if not digits.isdigit() or len(digits) > 20:
            raise Unsound("it has no header")
        size = int(digits)
        if size > most:
            raise TooLarge(size)
        rest = inflate(engine, lambda: os.read(file, CHUNK), size - len(start))
        return kind.decode("ascii", "replace"), start + rest
    except zlib.error as error:
        raise Unsound(f"it can't be decompressed ({error})") from None
    finally:
        os.close(file)


def _with_alternates(folders: Sequence[bytes]) -> Iterator[bytes]:
    """The object directories with their alternates (gitrepository-layout(5), info/alternates)."""
    seen = dict.fromkeys(folders, 0)  # how far each is from the first
    left = [*folders]
    while left and len(seen) <= _MAX_FOLDERS:
        folder = left.pop(0)
        yield folder
        lines: list[bytes] = []
        with suppress(OSError):
            lines = read(os.path.realpath(folder + b"/info/alternates"), REGULAR, MAX_BYTES).splitlines()
        named = [os.path.join(folder, line) for line in lines if line and not line.startswith(b"#")]
        if seen[folder] < _MAX_DEPTH:
            new = [one for one in dict.fromkeys(named) if one not in seen]
            seen |= dict.fromkeys(new, seen[folder] + 1)
            left += new


def _packs(folders: Sequence[bytes]) -> Iterator[Pack]:
    for folder in folders:
        names: list[bytes] = []
        with suppress(OSError):
            names = sorted(os.listdir(folder + b"/pack"))
        for name in names:
            if name.endswith(b".idx"):
                with suppress(OSError):  # a pack without its other half is none
                    yield Pack(os.path.join(folder, b"pack", name.removesuffix(b".idx")))


def _close(packs: Sequence[Pack]) -> None:
    for pack in packs:
        pack.close()
