"""Read objects of a pack within bounds: gitformat-pack(5).

dulwich believes the sizes that a pack declares, and a few bytes of a delta can declare any size.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable
from stat import S_ISREG
from typing import NamedTuple

from broadcast.git.by_path import BINARY

MAX_DEPTH = 4_095  # deltas on deltas; the most that pack.depth of git-config(1) takes
MAX_WORK = 4 * 1024**3  # bytes written while one chain of deltas is applied
CHUNK = 64 * 1024
_IDX2 = b"\xfftOc\0\0\0\x02"
_OFS_DELTA, _REF_DELTA = 6, 7
_KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}
_FANOUT = 256 * 4
_COPY_ALL = 0x10000


class Unsound(Exception):
    """A corrupt object; the message has the reason."""


class TooLarge(Unsound):
    """An object is larger than allowed."""

    def __init__(self, size: int) -> None:
        super().__init__(f"it is {size / 1024**2:.1f} MiB")
        self.size = size


class _Header(NamedTuple):
    kind: int
    size: int
    start: int  # of the compressed bytes
    base: int | bytes  # of a delta: an offset in this pack, or an id


def opened(path: bytes) -> int:
    """A file descriptor of a plain file. Raises OSError, also for a pipe."""
    file = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | BINARY)
    if S_ISREG(os.fstat(file).st_mode):
        return file
    os.close(file)
    raise OSError(None, "Not a plain file")


def _seek_and_read(file: int, count: int, offset: int) -> bytes:
    """pread(2) for systems that lack it; `Objects` lets one thread in at a time."""
    os.lseek(file, offset, os.SEEK_SET)
    return os.read(file, count)


_pread = getattr(os, "pread", _seek_and_read)


class Pack:
    """A pack and its index, both open until `close`; `path` is without their endings. Raises OSError."""

    def __init__(self, path: bytes) -> None:
        self._index = opened(path + b".idx")
        try:
            self._pack = opened(path + b".pack")
        except OSError:
            os.close(self._index)
            raise
        is_second = _pread(self._index, len(_IDX2), 0) == _IDX2
        self._names = (8 if is_second else 0) + _FANOUT  # where the ids begin
        self._step, self._skip = (20, 0) if is_second else (24, 4)
        fanout = _pread(self._index, _FANOUT, self._names - _FANOUT)
        self._fanout = struct.unpack(">256I", fanout) if len(fanout) == _FANOUT else (0,) * 256

    def close(self) -> None:
        """Close the pack and its index."""
        os.close(self._index)
        os.close(self._pack)

    def find(self, oid: bytes) -> int | None:
        """The offset of an object in the pack; `oid` is 20 bytes."""
        place = self._first(oid)
        return self._offset(place) if place < self._fanout[oid[0]] and self._id(place) == oid else None

    def between(self, first: bytes, last: bytes, most: int) -> list[bytes]:
        """The ids from `first` to `last`, which begin with the same byte; at most so many."""
        found: list[bytes] = []
        for place in range(start := self._first(first), min(self._fanout[first[0]], start + most)):
            if not first <= (oid := self._id(place)) <= last:
                break
            found.append(oid)
        return found

    def _first(self, oid: bytes) -> int:
        """The position of the first id that isn't less than this one."""
        low, high = self._fanout[oid[0] - 1] if oid[0] else 0, self._fanout[oid[0]]
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self._id(middle) < oid else (low, middle)
        return low

    def _id(self, place: int) -> bytes:
        return _pread(self._index, 20, self._names + place * self._step + self._skip)

    def _offset(self, number: int) -> int:
        if self._skip:  # version 1: the offset stands before the id
            return _number(_pread(self._index, 4, self._names + number * self._step))
        count = self._fanout[-1]
        offset = _number(_pread(self._index, 4, self._names + count * 24 + number * 4))
        if offset < 1 << 31:
            return offset
        return _number(_pread(self._index, 8, self._names + count * 28 + (offset - (1 << 31)) * 8))

    def read(self, offset: int, most: int) -> tuple[str, bytes]:
        """The kind and content of the object at an offset, of at most `most` bytes. Raises Unsound."""
        deltas: list[bytes] = []
        while (header := self._header(offset)).kind in (_OFS_DELTA, _REF_DELTA):
            deltas.append(self._inflate(header, most))
            if len(deltas) > MAX_DEPTH or sum(map(len, deltas)) > 2 * most:
                raise Unsound("its deltas have no end")
            offset = self._base(offset, header)
        if header.kind not in _KINDS:
            raise Unsound(f"it is of the unknown kind {header.kind}")
        content, work = self._inflate(header, most), 0
        for delta in reversed(deltas):
            content = apply_delta(content, delta, most)
            work += len(content)
            if work > MAX_WORK:
                raise Unsound("its deltas have no end")
        return _KINDS[header.kind], content

    def _base(self, offset: int, header: _Header) -> int:
        base = self.find(header.base) if isinstance(header.base, bytes) else offset - header.base
        if base is None or base <= 0 or base == offset:
            raise Unsound("its delta has no base")
        return base

    def _header(self, offset: int) -> _Header:
        head = _pread(self._pack, 64, offset)
        try:
            kind, size, at = head[0] >> 4 & 7, head[0] & 15, 1
            while head[at - 1] & 0x80:
                size |= (head[at] & 0x7F) << (4 + 7 * (at - 1))
                at += 1
            base: int | bytes = 0
            if kind == _OFS_DELTA:
                base, at = _distance(head, at)
            elif kind == _REF_DELTA:
                base, at = head[at : at + 20], at + 20
        except IndexError:
            raise Unsound("its pack is cut short") from None
        return _Header(kind, size, offset + at, base)

    def _inflate(self, header: _Header, most: int) -> bytes:
        if header.size > most:
            raise TooLarge(header.size)
        place = header.start

        def more() -> bytes:
            nonlocal place
            piece = _pread(self._pack, CHUNK, place)
            place += len(piece)
            return piece

        return inflate(zlib.decompressobj(), more, header.size)


def inflate(engine: zlib._Decompress, more: Callable[[], bytes], size: int) -> bytes:
    """Exactly `size` bytes of a zlib stream, which must end there; `more` reads on. Raises Unsound."""
    parts, left, allowed = [], size, 2 * size + 1024**2  # compressed, what can't be made smaller hardly grows
    if left < 0:
        raise Unsound("it is longer than its header says")
    try:
        while not engine.eof:
            piece = engine.unconsumed_tail or more()
            allowed -= 0 if engine.unconsumed_tail else len(piece)
            if not piece or allowed < 0:
                raise Unsound("it is cut short" if not piece else "it has no end")
            parts.append(engine.decompress(piece, left + 1))  # one more than there should be
            left -= len(parts[-1])
            if left < 0:
                raise Unsound("it is longer than its header says")
    except zlib.error as error:
        raise Unsound(f"it can't be decompressed ({error})") from None
    if left:
        raise Unsound("it is shorter than its header says")
    return b"".join(parts)


def apply_delta(base: bytes, delta: bytes, most: int) -> bytes:
    """The object that a delta makes of its base. Raises Unsound."""
    try:
        expected, at = _size(delta, 0)
        size, at = _size(delta, at)
        if expected != len(base):
            raise Unsound("its delta is for another base")
        if size > most:
            raise TooLarge(size)
        return _applied(base, delta, at, size)
    except IndexError:
        raise Unsound("its delta is cut short") from None


def _applied(base: bytes, delta: bytes, at: int, size: int) -> bytes:
    made = bytearray()
    while at < len(delta):
        order, at = delta[at], at + 1
        if order & 0x80:
            offset, at = _bits(delta, at, order, 4)
            count, at = _bits(delta, at, order >> 4 & 7, 3)
            count = count or _COPY_ALL
            piece = base[offset : offset + count]
        else:
            count, piece = order, delta[at : at + order]
            at += order
        if not order or len(piece) != count or len(made) + count > size:
            raise Unsound("its delta is wrong")
        made += piece
    if len(made) != size:
        raise Unsound("its delta is cut short")
    return bytes(made)


def _bits(data: bytes, at: int, which: int, count: int) -> tuple[int, int]:
    """A little-endian number with only the bytes in the mask `which`."""
    value = 0
    for number in range(count):
        if which >> number & 1:
            value |= data[at] << 8 * number
            at += 1
    return value, at


def _size(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte, at = data[at], at + 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, at


def _distance(data: bytes, at: int) -> tuple[int, int]:
    """The distance from a delta back to its base: an offset varint of gitformat-pack(5)."""
    byte = data[at]
    value = byte & 0x7F
    while byte & 0x80:
        at += 1
        byte = data[at]
        value = (value + 1 << 7) + (byte & 0x7F)
    return value, at + 1


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")
