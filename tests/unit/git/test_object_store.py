"""Objects are what git says they are, or they aren't had: whatever lies in the store, in bounded time and memory."""

from __future__ import annotations

import os
import struct
import time
import zlib
from hashlib import sha1
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast.git import object_store as module
from broadcast.git import packs
from broadcast.git.commits import commit_of, is_ancestor
from broadcast.git.object_store import MAX_BYTES, Objects
from broadcast.git.objects import blob_id
from broadcast.git.packs import TooLarge, Unsound, apply_delta
from tests.world import git

LINES = [b"%d: a line that is long enough to be worth a delta\n" % n for n in range(2_000)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Ten versions of a file, so that a pack has deltas on deltas."""
    root = tmp_path / "source"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    for n in range(10):
        (root / "a").write_bytes(b"".join(LINES[: 1_000 + n] + LINES[n:500]))
        git(root, "add", "-A")
        git(root, "commit", "-qm", f"{n}")
    return root


def store(root: Path) -> Objects:
    return Objects(os.fsencode(root / ".git"))


def everything(root: Path) -> list[tuple[str, str]]:
    lines = git(root, "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)").splitlines()
    return [(line.split()[0], line.split()[1]) for line in lines]


def says_what_git_says(root: Path) -> None:
    found = store(root)
    for oid, kind in everything(root):
        content = found.read(oid, kind)[1]
        assert content == git(root, "cat-file", kind, oid).encode("utf-8", "surrogateescape")


PACKED = {
    "loose": (),
    "packed": ("gc", "-q"),
    "deep deltas": ("repack", "-adfq", "--depth=50", "--window=50"),
    "reference deltas": ("-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq"),
    "index of version 1": ("-c", "pack.indexVersion=1", "repack", "-adfq"),
    "many packs": ("repack", "-q"),
}


@pytest.mark.parametrize("how", PACKED)
def test_every_object_reads_as_git_reads_it(root, how):
    if PACKED[how]:
        git(root, *PACKED[how])
        git(root, "prune-packed")
    (root / "b").write_bytes(b"later")
    git(root, "add", "b")
    says_what_git_says(root)


def test_what_is_in_no_store_is_missing(root):
    with pytest.raises(KeyError):
        store(root).blob("0" * 40)
    with pytest.raises(KeyError):
        Objects(None).blob("0" * 40)


def test_alternates_are_asked_and_a_circle_of_them_comes_to_an_end(root, tmp_path):
    git(tmp_path, "clone", "-q", "--shared", str(root), "copy")
    copy = tmp_path / "copy"
    assert store(copy).blob(git(root, "rev-parse", "HEAD:a").strip()) == (root / "a").read_bytes()
    (root / ".git/objects/info/alternates").write_text(f"# back\n{copy}/.git/objects\n")
    with pytest.raises(KeyError):
        store(copy).blob("0" * 40)


# A store that lies

SECRET = b"what the store says, and the commit doesn't\n"


def loose(root: Path, oid: str, raw: bytes) -> Path:
    path = root / ".git/objects" / oid[:2] / oid[2:]
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_bytes(raw)
    return path


def blob(content: bytes, size: int | None = None, kind: bytes = b"blob") -> bytes:
    return zlib.compress(b"%s %d\0" % (kind, len(content) if size is None else size) + content)


ENDLESS = zlib.compress(b"blob %d\0" % (MAX_BYTES - 1) + bytes(4 * MAX_BYTES))
LIES = {
    "another content": (blob(SECRET), "another object's"),
    "another size": (blob(SECRET, 3), "longer than its header says"),
    "a size that is too large": (blob(SECRET, 99), "shorter than its header says"),
    "a tree": (blob(b"", kind=b"tree"), "another object's"),
    "no kind": (zlib.compress(b"nothing"), "no header"),
    "a size of many digits": (zlib.compress(b"blob " + b"9" * 50 + b"\0"), "no header"),
    "a negative size": (zlib.compress(b"blob -1\0"), "no header"),
    "no compression": (b"blob 1\0x", "can't be decompressed"),
    "nothing": (b"", "no header"),
    "half": (blob(os.urandom(500))[:300], "cut short"),
    "a broken end": (blob(SECRET)[:-2] + b"xx", "can't be decompressed"),
    "no end": (ENDLESS, "longer than its header says"),
    "blocks of nothing": (zlib.compress(b"blob 9\0", 0)[:-5] + b"\0\0\0\xff\xff" * 500_000, "no end|decompressed"),
    "a size that no blob may have": (blob(b"", 10**12), "953674.3 MiB"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_loose_object_that_is_not_what_it_is_called_is_not_had(root, lie):
    raw, words = LIES[lie]
    oid = git(root, "rev-parse", "HEAD:a").strip()
    loose(root, oid, raw)
    with pytest.raises(Unsound, match=words):
        store(root).blob(oid)


def test_no_pipe_or_device_in_the_place_of_an_object_is_waited_for(root):
    oid = git(root, "rev-parse", "HEAD:a").strip()
    path = loose(root, oid, b"")
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(Unsound, match="plain file"):
        store(root).blob(oid)
    path.unlink()
    path.symlink_to("/dev/zero")
    with pytest.raises(Unsound, match="plain file"):
        store(root).blob(oid)


def test_a_sound_copy_is_taken_where_another_is_broken(root):
    oid = git(root, "rev-parse", "HEAD:a").strip()
    raw = (root / ".git/objects" / oid[:2] / oid[2:]).read_bytes()
    git(root, "gc", "-q")
    assert store(root).blob(oid)
    loose(root, oid, raw)
    (pack,) = (root / ".git/objects/pack").glob("*.pack")
    pack.chmod(0o644)
    pack.write_bytes(pack.read_bytes()[:100])
    assert blob_id(store(root).blob(oid)) == oid


def test_a_commit_is_no_blob(root):
    oid = git(root, "rev-parse", "HEAD").strip()
    with pytest.raises(Unsound, match="it is a commit"):
        store(root).blob(oid)


def forged(root: Path, *made: tuple[int, bytes, bytes]) -> str:
    """A pack of these: type, what stands before the compressed bytes, the bytes; returns the id of the last."""
    body, offsets = b"PACK" + struct.pack(">II", 2, len(made)), []
    for kind, before, content in made:
        offsets.append(len(body))
        body += header(kind, len(content)) + before + zlib.compress(content)
    names = sorted((sha1(b"%d" % n).digest(), offset) for n, offset in enumerate(offsets))
    fanout = b"".join(struct.pack(">I", sum(name[0] <= n for name, _ in names)) for n in range(256))
    index = b"\xfftOc\0\0\0\x02" + fanout + b"".join(name for name, _ in names) + bytes(4 * len(names))
    index += b"".join(struct.pack(">I", offset) for _, offset in names) + bytes(40)
    for name, content in (("pack-x.pack", body + bytes(20)), ("pack-x.idx", index)):
        (root / ".git/objects/pack" / name).write_bytes(content)
    return sha1(b"%d" % (len(made) - 1)).hexdigest()


def header(kind: int, size: int) -> bytes:
    out, size = [kind << 4 | size & 15], size >> 4
    while size:
        out[-1] |= 0x80
        out.append(size & 0x7F)
        size >>= 7
    return bytes(out)


def varint(value: int) -> bytes:
    out = bytearray()
    while True:
        out.append(value & 0x7F | (0x80 if value > 0x7F else 0))
        value >>= 7
        if not value:
            return bytes(out)


FIRST = sha1(b"0").digest()
BOMB = varint(10) + varint(MAX_BYTES) + b"\x80\x80\x80" + b"\xff\0\0\0\0\xff\xff\xff" * 1_000
FORGED = {
    "a base that is itself": [(7, FIRST, varint(1) + varint(1) + b"\x01x")],
    "bases that are each other's": [(7, sha1(b"1").digest(), b"\x01\x01\x01x"), (7, FIRST, b"\x01\x01\x01x")],
    "a base before the pack": [(6, b"\xff\x7f", varint(1) + varint(1) + b"\x01x")],
    "a base that is nowhere": [(7, bytes(20), varint(1) + varint(1) + b"\x01x")],
    "an unknown kind": [(5, b"", b"x")],
    "a delta that copies for ever": [(3, b"", bytes(10)), (7, FIRST, BOMB)],
    "a delta for another base": [(3, b"", bytes(10)), (7, FIRST, varint(9) + varint(1) + b"\x01x")],
    "a delta that says it is huge": [(3, b"", bytes(10)), (7, FIRST, varint(10) + varint(2**60) + b"\x01x")],
    "a delta that ends early": [(3, b"", bytes(10)), (7, FIRST, varint(10) + varint(20) + b"\x01x")],
    "a delta cut short": [(3, b"", bytes(10)), (7, FIRST, varint(10))],
    "an order that is reserved": [(3, b"", bytes(10)), (7, FIRST, varint(10) + varint(1) + b"\0")],
    "another content": [(3, b"", SECRET)],
    "a commit that is none": [(1, b"", SECRET)],
}


@pytest.mark.parametrize("lie", FORGED)
def test_a_forged_pack_gives_nothing_in_a_moment(root, lie):
    oid, started = forged(root, *FORGED[lie]), time.perf_counter()
    with pytest.raises(Unsound):
        store(root).read(oid, "blob", "commit")
    assert time.perf_counter() - started < 5


def test_an_object_of_an_unknown_kind_says_which(root):
    oid = forged(root, *FORGED["an unknown kind"])
    with pytest.raises(Unsound, match="the unknown kind 5"):
        store(root).read(oid, "blob")


def test_a_chain_of_deltas_that_makes_much_of_little_comes_to_an_end(root, monkeypatch):
    monkeypatch.setattr(packs, "MAX_WORK", 50_000)
    same = varint(1_000) + varint(1_000) + b"\xb0\xe8\x03"  # copies all of its base
    chain = [(7, sha1(b"%d" % n).digest(), same) for n in range(100)]
    oid = forged(root, (3, b"", bytes(1_000)), *chain)
    with pytest.raises(Unsound, match="no end"):
        store(root).blob(oid)


@pytest.mark.parametrize("what", ["idx", "pack"])
@pytest.mark.parametrize("kept", [0, 7, 100, 1_030, 1_040])
def test_a_pack_cut_short_is_unsound_or_as_if_it_were_not_there(root, what, kept):
    oid = git(root, "rev-parse", "HEAD:a").strip()
    git(root, "gc", "-q")
    (path,) = (root / ".git/objects/pack").glob(f"*.{what}")
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises((Unsound, KeyError)):
        store(root).blob(oid)


def test_a_blob_over_the_limit_is_refused_by_what_it_says(root, monkeypatch):
    monkeypatch.setattr(module, "MAX_BYTES", 1_000)
    oid = git(root, "rev-parse", "HEAD:a").strip()
    with pytest.raises(TooLarge):
        store(root).blob(oid)
    git(root, "gc", "-q")
    with pytest.raises(TooLarge):
        store(root).blob(oid)


@given(st.binary(max_size=200), st.binary(max_size=100))
def test_no_delta_makes_more_than_it_says_or_ends_otherwise_than_unsound(delta, base):
    try:
        made = apply_delta(base, varint(len(base)) + delta, 1_000)
    except Unsound:
        return
    assert len(made) <= 1_000


# Commits


def test_an_ancestor_is_known_and_a_descendant_is_none(root):
    git(root, "checkout", "-q", "-b", "side", "HEAD~3")
    git(root, "commit", "-q", "--allow-empty", "-m", "side")
    git(root, "checkout", "-q", "main")
    git(root, "merge", "-q", "--no-ff", "-m", "merged", "side")
    git(root, "tag", "-am", "v1", "v1", "HEAD~1")
    found = store(root)

    def at(ref: str):
        return commit_of(found, git(root, "rev-parse", ref).strip())

    assert at("v1") == at("main~1")
    for old, new, said in [
        ("main", "main", True), ("side", "main", True), ("main~1", "main", True), ("main~9", "main", True),
        ("main", "main~1", False), ("side", "main~1", False), ("main~1", "side", False), ("main~5", "v1", True),
    ]:  # fmt: skip
        assert is_ancestor(found, at(old), at(new)) is said, (old, new)


def test_a_shallow_history_knows_no_ancestors(root, tmp_path):
    git(tmp_path, "clone", "-q", "--depth=2", root.as_uri(), "copy")
    found = store(tmp_path / "copy")
    new, old = (commit_of(found, git(tmp_path / "copy", "rev-parse", ref).strip()) for ref in ("HEAD", "HEAD~1"))
    assert is_ancestor(found, old, new)
    assert not is_ancestor(found, new._replace(oid="0" * 40), new)


@pytest.mark.parametrize(
    "text", [b"", b"parent x\n\nm", b"tree " + b"0" * 39 + b"\n\n", b"author x\n\ntree " + b"0" * 40]
)
def test_a_commit_without_a_tree_is_unsound(root, text):
    oid = sha1(b"commit %d\0" % len(text) + text).hexdigest()
    loose(root, oid, blob(text, kind=b"commit"))
    with pytest.raises(Unsound, match="without a tree"):
        commit_of(store(root), oid)


def test_tags_of_tags_come_to_an_end(root):
    tag = git(root, "rev-parse", "HEAD").strip()
    for _ in range(12):
        kind = git(root, "cat-file", "-t", tag).strip()
        tag = git(root, "mktag", data=f"object {tag}\ntype {kind}\ntag t\ntagger t <t> 0 +0000\n\nx\n".encode()).strip()
    with pytest.raises(Unsound, match="without end"):
        commit_of(store(root), tag)
