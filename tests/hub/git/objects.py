"""Git objects: parsed once per hub, stored once per repository."""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from dulwich.object_store import DiskObjectStore

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

TREE, EXECUTABLE, REGULAR, SYMLINK, SUBMODULE = 0o040000, 0o100755, 0o100644, 0o120000, 0o160000
PACK_TYPES = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}
KINDS = {number: name for name, number in PACK_TYPES.items()}


class Entry(NamedTuple):
    mode: int
    oid: str

    @property
    def kind(self) -> str:
        return {TREE: "tree", SUBMODULE: "commit"}.get(self.mode, "blob")


class Person(NamedTuple):
    name: str
    email: str
    seconds: int
    zone: str


@dataclass(frozen=True, slots=True)
class Commit:
    oid: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    signature: str | None
    message: str


Tree = dict[str, Entry]


class ObjectPool:
    """All objects of the hub by id; each repository knows which ones it has."""

    def __init__(self) -> None:
        self.bodies: dict[str, tuple[str, bytes]] = {}
        self.trees: dict[str, Tree] = {}
        self.commits: dict[str, Commit] = {}
        self._blobs: dict[bytes, str] = {}
        self._closures: dict[str, frozenset[str]] = {}

    def add(self, kind: str, body: bytes) -> str:
        if kind == "blob" and body in self._blobs:
            return self._blobs[body]
        oid = hashlib.sha1(b"%s %d\0" % (kind.encode(), len(body)) + body).hexdigest()
        self.bodies.setdefault(oid, (kind, body))
        if kind == "blob":
            self._blobs[body] = oid
        return oid

    def closure(self, tree: str) -> frozenset[str]:
        """The tree and everything below it that a repository has to hold."""
        if tree not in self._closures:
            below = (self._reachable(entry) for entry in self.trees[tree].values())
            self._closures[tree] = frozenset({tree}).union(*below)
        return self._closures[tree]

    def _reachable(self, entry: Entry) -> frozenset[str]:
        if entry.kind == "tree":
            return self.closure(entry.oid)
        return frozenset({entry.oid} if entry.kind == "blob" else ())


class Objects:
    """The objects of one repository, without those of others."""

    def __init__(self, directory: Path, pool: ObjectPool) -> None:
        self.directory, self.pool = directory, pool
        self._own: set[str] = set()
        self._seeds: list[frozenset[str]] = []

    def __contains__(self, oid: str) -> bool:
        return self._known(oid) or self._import(oid)

    def _known(self, oid: str) -> bool:
        return oid in self._own or any(oid in seed for seed in self._seeds)

    def _import(self, oid: str) -> bool:
        """Add an object that git wrote: a merge, a test's push."""
        with closing(DiskObjectStore(self.directory)) as store:
            try:
                number, body = store.get_raw(oid.encode())
            except (KeyError, ValueError):
                return False
        self.pool.add(KINDS[number], body)
        self._own.add(oid)
        return True

    def body(self, oid: str) -> tuple[str, bytes]:
        if oid not in self.pool.bodies and not self._import(oid):
            raise KeyError(oid)
        return self.pool.bodies[oid]

    def kind(self, oid: str) -> str | None:
        return self.body(oid)[0] if oid in self else None

    def blob(self, oid: str) -> bytes:
        return self.body(oid)[1]

    def tree(self, oid: str) -> Tree:
        trees = self.pool.trees
        if oid not in trees:
            trees[oid] = parse_tree(self.body(oid)[1])
        return trees[oid]

    def commit(self, oid: str) -> Commit:
        commits = self.pool.commits
        if oid not in commits:
            commits[oid] = parse_commit(oid, self.body(oid)[1])
        return commits[oid]

    def add(self, kind: str, body: bytes) -> str:
        oid = self.pool.add(kind, body)
        if not self._known(oid):
            self._write_loose(oid, kind, body)
            self._own.add(oid)
        return oid

    def add_tree(self, tree: Tree) -> str:
        return self.add("tree", tree_body(tree))

    def _write_loose(self, oid: str, kind: str, body: bytes) -> None:
        folder = self.directory / oid[:2]
        folder.mkdir(exist_ok=True)
        packed = zlib.compress(b"%s %d\0" % (kind.encode(), len(body)) + body, 1)
        (folder / oid[2:]).write_bytes(packed)

    def seed(self, tree: str, packs: Path) -> None:
        """Store a whole tree as one pack, written once and hard-linked by every repository that starts with it."""
        pack = packs / f"pack-{tree}.pack"
        if not pack.exists():
            write_pack(pack, ((oid, *self.pool.bodies[oid]) for oid in sorted(self.pool.closure(tree))))
        for source in (pack, pack.with_suffix(".idx")):
            os.link(source, self.directory / "pack" / source.name)
        self._seeds.append(self.pool.closure(tree))


def parse_tree(body: bytes) -> Tree:
    tree, start = {}, 0
    while start < len(body):
        space = body.index(b" ", start)
        end = body.index(b"\0", space)
        name = body[space + 1 : end].decode("utf-8", "surrogateescape")
        tree[name] = Entry(int(body[start:space], 8), body[end + 1 : end + 21].hex())
        start = end + 21
    return tree


def tree_body(tree: Tree) -> bytes:
    """Git sorts a directory as if its name ended in a slash."""
    rows = sorted(
        (name.encode("utf-8", "surrogateescape") + (b"/" if entry.mode == TREE else b""), name, entry)
        for name, entry in tree.items()
    )
    return b"".join(
        b"%o %s\0%s" % (entry.mode, name.encode("utf-8", "surrogateescape"), bytes.fromhex(entry.oid))
        for _, name, entry in rows
    )


def parse_commit(oid: str, body: bytes) -> Commit:
    head, _, message = body.decode("utf-8", "replace").partition("\n\n")
    fields: dict[str, list[str]] = {}
    for line in head.split("\n"):
        key, _, value = line.partition(" ")
        if key:
            fields.setdefault(key, []).append(value)
        else:  # a continued line, as the signature's are
            fields[next(reversed(fields))][-1] += "\n" + value
    return Commit(
        oid,
        fields["tree"][0],
        tuple(fields.get("parent", ())),
        parse_person(fields["author"][0]),
        parse_person(fields["committer"][0]),
        fields.get("gpgsig", [None])[0],
        message,
    )


def parse_person(line: str) -> Person:
    name, _, rest = line.partition(" <")
    email, _, when = rest.partition("> ")
    seconds, _, zone = when.partition(" ")
    return Person(name, email, int(seconds), zone)


def commit_body(
    tree: str, parents: Iterable[str], author: Person, committer: Person, message: str, signature: str | None = None
) -> bytes:
    lines = [f"tree {tree}", *(f"parent {oid}" for oid in parents)]
    for role, who in (("author", author), ("committer", committer)):
        lines.append(f"{role} {who.name} <{who.email}> {who.seconds} {who.zone}")
    if signature:
        lines.append("gpgsig " + signature.replace("\n", "\n "))
    return ("\n".join(lines) + f"\n\n{message}").encode()


def write_pack(path: Path, objects: Iterable[tuple[str, str, bytes]]) -> None:
    """A version 2 pack and its index; `objects` come sorted by id, as the index needs them."""
    rows = []
    offset = 12
    for oid, kind, body in objects:
        packed = pack_header(PACK_TYPES[kind], len(body)) + zlib.compress(body, 1)
        rows.append((bytes.fromhex(oid), offset, packed))
        offset += len(packed)
    pack = b"".join([struct.pack(">4sLL", b"PACK", 2, len(rows)), *(packed for _, _, packed in rows)])
    checksum = hashlib.sha1(pack).digest()
    path.write_bytes(pack + checksum)
    counts = [0] * 256
    for oid, _, _ in rows:
        counts[oid[0]] += 1
    index = b"\377tOc" + struct.pack(">L", 2)
    index += struct.pack(">256L", *(sum(counts[: n + 1]) for n in range(256)))
    index += b"".join(oid for oid, _, _ in rows)
    index += b"".join(struct.pack(">L", zlib.crc32(packed)) for _, _, packed in rows)
    index += b"".join(struct.pack(">L", offset) for _, offset, _ in rows) + checksum
    path.with_suffix(".idx").write_bytes(index + hashlib.sha1(index).digest())


def pack_header(number: int, size: int) -> bytes:
    """Type and size: four bits of the size in the first byte, then seven in each."""
    header = [number << 4 | size & 15]
    size >>= 4
    while size:
        header[-1] |= 128
        header.append(size & 127)
        size >>= 7
    return bytes(header)
