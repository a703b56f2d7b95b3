"""Compute git's object ids like git-hash-object(1) and git-mktree(1)."""

from __future__ import annotations

from hashlib import sha1
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

REGULAR, EXECUTABLE, SYMLINK, TREE, GITLINK = 0o100644, 0o100755, 0o120000, 0o040000, 0o160000


class PathConflict(ValueError):
    """A path is both a file and a directory."""


class Entry(Struct, frozen=True, gc=False):
    """An entry of a tree; `oid` is 40 hex digits."""

    mode: int
    oid: str


class Tree(Struct, frozen=True):
    """A directory; `entries` holds every name in it, `subtrees` those of them that are directories."""

    oid: str
    entries: Mapping[str, Entry]
    subtrees: Mapping[str, Tree]


def blob_id(content: bytes) -> str:
    """The id of a blob: 40 hex digits."""
    digest = sha1(b"blob %d\0" % len(content))
    digest.update(content)
    return digest.hexdigest()


def tree_id(entries: Mapping[str, Entry]) -> str:
    """The id of a tree with these entries: 40 hex digits; names are UTF-8 in the object."""
    return tree_content_id(tree_content(entries))


def tree_content(entries: Mapping[str, Entry]) -> bytes:
    """The content of the tree object with these entries."""
    lines = []
    for name, entry in entries.items():
        key, mode = name.encode(), entry.mode
        # git's base_name_compare(): a directory sorts as if its name ended in "/".
        lines.append((key + b"/" if mode == TREE else key, b"%o %s\0%s" % (mode, key, bytes.fromhex(entry.oid))))
    lines.sort()
    return b"".join([line for _, line in lines])


def tree_content_id(content: bytes) -> str:
    """The id of a tree with this content."""
    return sha1(b"tree %d\0%s" % (len(content), content)).hexdigest()


def parse_tree(content: bytes) -> dict[str, Entry]:
    """The entries of a tree object. Raises ValueError if it is invalid or a name isn't UTF-8."""
    entries: dict[str, Entry] = {}
    at = 0
    while at < len(content):
        space = content.index(b" ", at)
        end = content.index(b"\0", space)
        entries[content[space + 1 : end].decode()] = Entry(int(content[at:space], 8), content[end + 1 : end + 21].hex())
        at = end + 21
    return entries


def build_tree(files: Mapping[str, Entry]) -> Tree:
    """The tree of files given by their full paths ("a/b/c").

    Raises `PathConflict` for a path that is both a file and a directory, `ValueError` for an empty name.
    """
    folders: dict[str, dict[str, Entry]] = {"": {}}
    for path, entry in files.items():
        parent, slash, name = path.rpartition("/")
        if not name or (slash and not parent):
            raise ValueError(f"{path!r} has an empty name in it")
        if parent not in folders:
            _add_folder(folders, parent)
        folders[parent][name] = entry
    return _join(folders)


def with_files(tree: Tree, files: Mapping[str, Entry]) -> Tree:
    """`tree` with files added or replaced, which shares with it every directory that stays as it is.

    Raises `PathConflict` for a path that is both a file and a directory.
    """
    entries, subtrees, below = dict(tree.entries), dict(tree.subtrees), dict[str, dict[str, Entry]]()
    for path, entry in files.items():
        name, slash, rest = path.partition("/")
        if slash:
            below.setdefault(name, {})[rest] = entry
        elif name in subtrees or name in below:
            raise PathConflict(f"{path!r} is both a file and a directory")
        else:
            entries[name] = entry
    for name, inner in below.items():
        if name in entries and name not in subtrees:
            raise PathConflict(f"{name!r} is both a file and a directory")
        subtrees[name] = with_files(subtrees[name], inner) if name in subtrees else build_tree(inner)
        entries[name] = Entry(TREE, subtrees[name].oid)
    return Tree(tree_id(entries), entries, subtrees)


def _add_folder(folders: dict[str, dict[str, Entry]], path: str) -> None:
    while path not in folders:
        folders[path] = {}
        path = path.rpartition("/")[0]


def _join(folders: Mapping[str, dict[str, Entry]]) -> Tree:
    subtrees: dict[str, dict[str, Tree]] = {path: {} for path in folders}
    # A child's path is longer than its parent's: longest first is bottom-up, and the root ("") comes last.
    for path in sorted(folders, key=len, reverse=True):
        tree = Tree(tree_id(folders[path]), folders[path], subtrees[path])
        parent, _, name = path.rpartition("/")
        if path == "":
            break
        if not name:
            raise ValueError(f"{path!r} has an empty name in it")
        if name in folders[parent]:
            raise PathConflict(f"{path!r} is both a file and a directory")
        folders[parent][name] = Entry(TREE, tree.oid)
        subtrees[parent][name] = tree
    return tree
