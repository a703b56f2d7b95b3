"""Deltas and streams of a pack: every instruction at its bounds, and what is refused."""

from __future__ import annotations

import os
import zlib

import pytest

from broadcast.git.packs import Pack, TooLarge, Unsound, apply_delta, inflate
from tests.world import git

BASE = bytes(range(256)) * 300  # 76,800 bytes


def varint(number: int) -> bytes:
    """A size as deltas have it: seven bits a byte, the lowest first."""
    found = bytearray()
    while number >= 0x80:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


def copy(offset: int, count: int) -> bytes:
    """The instruction that copies from the base; zero bytes are left out."""
    parts = [offset >> 8 * n & 0xFF for n in range(4)] + [count >> 8 * n & 0xFF for n in range(3)]
    order = 0x80 | sum(1 << n for n, part in enumerate(parts) if part)
    return bytes([order, *filter(None, parts)])


def delta(size: int, *orders: bytes, base: int = len(BASE)) -> bytes:
    return varint(base) + varint(size) + b"".join(orders)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (delta(0), b""),
        (delta(3, b"\3abc"), b"abc"),
        (delta(127, b"\x7f" + b"x" * 127), b"x" * 127),
        (delta(5, b"\2ab", b"\3cde"), b"abcde"),
        (delta(4, copy(0, 4)), BASE[:4]),
        (delta(4, copy(255, 4)), BASE[255:259]),
        (delta(4, copy(0x0100, 4)), BASE[256:260]),
        (delta(4, copy(0x010203, 4)), BASE[0x010203:0x010207]),
        (delta(300, copy(7, 300)), BASE[7:307]),
        (delta(0x010001, copy(1, 0x010001)), BASE[1:0x010002]),
        (delta(0x10000, copy(2, 0)), BASE[2:0x10002]),
        (delta(6, copy(1, 3), b"\1x", copy(9, 2)), BASE[1:4] + b"x" + BASE[9:11]),
        (delta(2, copy(len(BASE) - 2, 2)), BASE[-2:]),
    ],
)
def test_a_delta_copies_and_inserts(made, expected):
    assert apply_delta(BASE, made, len(BASE)) == expected


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (delta(3, b"\3abc", base=5), "for another base"),
        (delta(4, b"\3abc"), "cut short"),
        (delta(2, b"\3abc"), "wrong"),
        (delta(3, b"\3ab"), "wrong"),
        (delta(0, b"\0"), "wrong"),
        (delta(1, b"\0x"), "wrong"),
        (delta(3, copy(len(BASE) - 2, 3)), "wrong"),
        (delta(3, copy(0, 4)), "wrong"),
        (delta(4, copy(0, 4)[:-1]), "cut short"),
        (b"\x80", "cut short"),
        (varint(len(BASE)), "cut short"),
        (b"", "cut short"),
    ],
)
def test_a_delta_that_does_not_say_what_it_makes_is_refused(made, reason):
    with pytest.raises(Unsound, match=reason):
        apply_delta(BASE, made, len(BASE))


def test_a_delta_may_make_as_much_as_is_asked_for_and_no_more():
    assert apply_delta(BASE, delta(100, copy(0, 100)), 100) == BASE[:100]
    with pytest.raises(TooLarge) as refusal:
        apply_delta(BASE, delta(3 * 1024**2), 100)
    assert (refusal.value.size, str(refusal.value)) == (3 * 1024**2, "it is 3.0 MiB")


def stream(content: bytes, step: int = 7):
    """A reader of so many bytes at a time, and then of none."""
    pieces = iter([content[at : at + step] for at in range(0, len(content), step)])
    return lambda: next(pieces, b"")


def inflated(content: bytes, size: int, step: int = 7) -> bytes:
    return inflate(zlib.decompressobj(), stream(content, step), size)


@pytest.mark.parametrize("content", [b"", b"x", BASE, b"\0" * 2_000_000])
@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_a_stream_is_read_to_its_end(content, step):
    assert inflated(zlib.compress(content), len(content), step) == content


@pytest.mark.parametrize(
    ("content", "size", "reason"),
    [
        (zlib.compress(b"abc"), 2, "longer than its header says"),
        (zlib.compress(b"abc"), 0, "longer than its header says"),
        (zlib.compress(b"abc"), -1, "longer than its header says"),
        (zlib.compress(b"abc"), 4, "shorter than its header says"),
        (zlib.compress(b"abc")[:-1], 3, "cut short"),
        (b"", 0, "cut short"),
        (b"no stream", 3, "can't be decompressed"),
        (zlib.compress(b"\0" * 10_000_000), 5, "longer than its header says"),
    ],
)
def test_a_stream_of_another_size_is_refused(content, size, reason):
    with pytest.raises(Unsound, match=reason):
        inflated(content, size)


def test_a_stream_that_never_ends_is_given_up():
    empty = zlib.compressobj()
    head = empty.compress(b"") + empty.flush(zlib.Z_FULL_FLUSH)
    blocks = b"\0\0\0\xff\xff" * 20_000
    pieces = iter([head])
    with pytest.raises(Unsound, match="has no end"):
        inflate(zlib.decompressobj(), lambda: next(pieces, blocks), 0)


def test_an_id_is_found_only_if_every_byte_of_it_is_there(tmp_path):
    git(tmp_path, "init", "-q", "-b", "main", ".")
    for number in range(40):
        (tmp_path / str(number)).write_text(f"{number}\n")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "one")
    git(tmp_path, "gc", "-q")
    (index,) = (tmp_path / ".git/objects/pack").glob("*.idx")
    pack = Pack(os.fsencode(index.with_suffix("")))
    ids = [line.split()[0] for line in git(tmp_path, "cat-file", "--batch-all-objects", "--batch-check").splitlines()]
    for oid in map(bytes.fromhex, ids):
        offset = pack.find(oid)
        assert offset is not None
        assert pack.read(offset, 10_000)[0] in {"blob", "tree", "commit"}
        for other in (oid[:-1] + bytes([oid[-1] ^ 1]), bytes([oid[0]]) + b"\0" * 19, bytes([oid[0]]) + b"\xff" * 19):
            assert pack.find(other) is None
    pack.close()
