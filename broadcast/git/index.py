"""Parse `.git/index`, versions 2, 3 and 4: gitformat-index(5)."""

from __future__ import annotations

import struct
from hashlib import sha1

from msgspec import Struct

_HEADER = struct.Struct(">4sII")
_EXTENSION = struct.Struct(">4sI")
# ctime, MTIME s, MTIME ns, dev, ino, MODE, uid, gid, SIZE, OID, FLAGS: the capitals are what we keep.
_ENTRY = struct.Struct(">8xII8xI8xI20sH")
_FLAGS = struct.Struct(">H")

MAX_PATH, MAX_PATHS = 64 * 1024, 256 * 1024 * 1024  # bytes of one path, of which none is sent, and of all together
_ID_SIZE = 20
_EXTENDED, _STAGE_SHIFT, _NAME_MASK = 0x4000, 12, 0xFFF
_SKIP_WORKTREE, _INTENT_TO_ADD = 0x4000, 0x2000

_REMEDIES = {
    b"link": ("is a split index", "run `git update-index --no-split-index` in the checkout"),
    b"sdir": (
        "is a sparse index",
        "run `git sparse-checkout disable`, or `git sparse-checkout reapply --no-sparse-index`",
    ),
}


class UnreadableIndex(ValueError):
    """The index is invalid or unsupported."""

    def __init__(self, message: str, remedy: str = "check the repository out again") -> None:
        super().__init__(f"{message}; {remedy}")
        self.message = message
        self.remedy = remedy


class IndexEntry(Struct, frozen=True, gc=False):
    """An entry of the index; `oid` is 40 hex digits, `size` bytes modulo 2**32, `stage` 1-3 in a conflict."""

    path: bytes
    mode: int
    oid: str
    size: int
    mtime_ns: int
    stage: int
    skip_worktree: bool
    intent_to_add: bool


def parse_index(data: bytes) -> list[IndexEntry]:
    """The entries in git's order: by the bytes of their paths, then by stage. Raises UnreadableIndex."""
    try:
        version, count = _check(data)
        entries, end = _entries(data, version, count)
        _check_extensions(data, end)
    except (struct.error, ValueError, IndexError) as error:
        if isinstance(error, UnreadableIndex):
            raise
        raise UnreadableIndex("the git index is cut short or damaged") from error
    return entries


def _check(data: bytes) -> tuple[int, int]:
    signature, version, count = _HEADER.unpack_from(data)
    if signature != b"DIRC":
        raise UnreadableIndex("the git index does not start with DIRC")
    if version not in (2, 3, 4):
        raise UnreadableIndex(
            f"the git index has version {version}", "run `git update-index --index-version 2` in the checkout"
        )
    checksum = data[-_ID_SIZE:]
    # index.skipHash (git-config(1)) leaves zeros here.
    if any(checksum) and sha1(memoryview(data)[:-_ID_SIZE]).digest() != checksum:
        raise UnreadableIndex("the checksum of the git index is wrong")
    return version, count


def _entries(data: bytes, version: int, count: int) -> tuple[list[IndexEntry], int]:
    entries: list[IndexEntry] = []
    path, at, left = b"", _HEADER.size, max(MAX_PATHS, len(data))
    for _ in range(count):
        start = at
        seconds, nanoseconds, mode, size, oid, flags = _ENTRY.unpack_from(data, at)
        at += _ENTRY.size
        more = 0
        if flags & _EXTENDED:
            (more,) = _FLAGS.unpack_from(data, at)
            at += _FLAGS.size
        if version == 4:
            kept, at = _kept_prefix(data, at, path)
            end = data.index(0, at)
            path, at = kept + data[at:end], end + 1
        else:
            length = flags & _NAME_MASK
            end = at + length if length < _NAME_MASK else data.index(0, at)
            # 1-8 NULs end the name and make the entry a multiple of eight bytes long.
            path, at = data[at:end], start + ((end - start + 8) & ~7)
        left -= len(path)  # version 4 expands a few bytes to a whole path
        if len(path) > MAX_PATH or left < 0:
            raise UnreadableIndex("the git index has paths far longer than any checkout could hold")
        stage = flags >> _STAGE_SHIFT & 3
        stamp = seconds * 1_000_000_000 + nanoseconds
        skip, intent = more & _SKIP_WORKTREE != 0, more & _INTENT_TO_ADD != 0
        entries.append(
            IndexEntry(
                path=path,
                mode=mode,
                oid=oid.hex(),
                size=size,
                mtime_ns=stamp,
                stage=stage,
                skip_worktree=skip,
                intent_to_add=intent,
            )
        )
    return entries, at


def _kept_prefix(data: bytes, at: int, previous: bytes) -> tuple[bytes, int]:
    """(kept part of the previous path, position after): version 4 has the bytes to drop, as an offset varint."""
    byte = data[at]
    dropped = byte & 0x7F
    while byte & 0x80:
        at += 1
        byte = data[at]
        dropped = (dropped + 1 << 7) + (byte & 0x7F)
        if dropped > MAX_PATH:
            break
    if dropped > len(previous):
        raise UnreadableIndex("the git index drops more of a path than there is")
    return previous[: len(previous) - dropped], at + 1


def _check_extensions(data: bytes, at: int) -> None:
    """Optional extensions start with a capital and may be skipped; the others change what entries mean."""
    end = len(data) - _ID_SIZE
    if at > end:
        raise UnreadableIndex("the git index is cut short")
    while at < end:
        name, size = _EXTENSION.unpack_from(data, at)
        if not name[:1].isupper():
            label = name.decode("ascii", "backslashreplace")
            what, remedy = _REMEDIES.get(name, (f"needs the unknown extension {label!r}", "update Broadcast"))
            raise UnreadableIndex(f"the git index {what}", remedy)
        at += _EXTENSION.size + size
