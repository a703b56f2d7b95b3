"""Read paths from trees; build a tree from another one and a set of changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.hub.git.objects import SUBMODULE, TREE, Entry, parse_tree, tree_body

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tests.hub.git.objects import ObjectPool, Objects

Change = Entry | None  # None deletes


class Missing(Exception):
    """A path to delete is missing."""


def find(objects: Objects, tree: str, path: str) -> Entry | None:
    entry = Entry(TREE, tree)
    for name in path.split("/") if path else ():
        if entry.mode != TREE:
            return None
        below = objects.tree(entry.oid).get(name)
        if below is None:
            return None
        entry = below
    return entry


def is_below_file(objects: Objects, tree: str, path: str) -> bool:
    found = (find(objects, tree, folder) for folder in _folders([path]))
    return any(entry is not None and entry.mode != TREE for entry in found)


def is_in_the_way(objects: Objects, tree: str, path: str, removed: set[str]) -> bool:
    """Does a file stand where the path has a directory, or a directory where it has its file?"""
    for folder in _folders([path]) - removed:
        entry = find(objects, tree, folder)
        if entry and entry.mode != TREE:
            return True
    entry = find(objects, tree, path)
    return (
        bool(entry)
        and entry.mode == TREE
        and any(f"{path}/{each}" not in removed for each in files(objects, entry.oid))
    )


def walk(objects: Objects, tree: str, prefix: str = "", *, recursive: bool = True) -> Iterator[tuple[str, Entry]]:
    """Every entry as GitHub lists it: a directory, then what is in it."""
    for name, entry in objects.tree(tree).items():
        yield prefix + name, entry
        if recursive and entry.mode == TREE:
            yield from walk(objects, entry.oid, f"{prefix}{name}/")


def files(objects: Objects, tree: str) -> dict[str, Entry]:
    return {path: entry for path, entry in walk(objects, tree) if entry.mode not in {TREE, SUBMODULE}}


def edit(objects: Objects, base: str | None, changes: Mapping[str, Change]) -> str:
    """The tree after the changes. A directory without files disappears, the root stays."""
    removed = {path: change for path, change in changes.items() if change is None}
    if _swaps(removed, changes.keys() - removed.keys()):
        base = _edit(objects, base, nest(removed), "")
        changes = {path: change for path, change in changes.items() if change}
    return _edit(objects, base, nest(changes), "") or objects.add_tree({})


def _swaps(removed: Mapping[str, Any], added: set[str]) -> bool:
    """Replace a file by a directory, or a directory by a file."""
    return any(folder in removed for folder in _folders(added)) or any(folder in added for folder in _folders(removed))


def _folders(paths: Iterable[str]) -> set[str]:
    return {path[:end] for path in paths for end in range(len(path)) if path[end] == "/"}


def nest(contents: Mapping[str, Any]) -> dict[str, Any]:
    """Paths as nested dicts, one for each directory."""
    top: dict[str, Any] = {}
    for path, value in contents.items():
        *folders, name = path.split("/")
        level = top
        for folder in folders:
            level = level.setdefault(folder, {})
        level[name] = value
    return top


def _edit(objects: Objects, base: str | None, changes: Mapping[str, Any], prefix: str) -> str | None:
    tree = dict(objects.tree(base)) if base else {}
    for name, change in changes.items():
        path, entry = prefix + name, tree.get(name)
        if isinstance(change, dict):
            below = entry.oid if entry and entry.mode == TREE else None
            subtree = _edit(objects, below, change, path + "/")
            change = Entry(TREE, subtree) if subtree else None  # noqa: PLW2901  from here on it is an entry
        elif change is None and (entry is None or entry.mode == TREE):
            raise Missing(path)
        if change is None:
            tree.pop(name, None)
        else:
            tree[name] = change
    return objects.add_tree(tree) if tree else None


def build(pool: ObjectPool, contents: Mapping[str, Entry]) -> str:
    """Build a tree in the pool only; seeding stores it as a pack."""
    return _build(pool, nest(contents))


def _build(pool: ObjectPool, node: Mapping[str, Any]) -> str:
    tree = {
        name: Entry(TREE, _build(pool, below)) if isinstance(below, dict) else below for name, below in node.items()
    }
    body = tree_body(tree)
    oid = pool.add("tree", body)
    if oid not in pool.trees:
        pool.trees[oid] = parse_tree(body)
    return oid


def changed_paths(
    objects: Objects, old: str | None, new: str | None, prefix: str = ""
) -> dict[str, tuple[Change, Change]]:
    """Files that differ, skipping directories with equal ids."""
    if old == new:
        return {}
    before = objects.tree(old) if old else {}
    after = objects.tree(new) if new else {}
    found: dict[str, tuple[Change, Change]] = {}
    for name in before.keys() | after.keys():
        left, right = before.get(name), after.get(name)
        if left == right:
            continue
        subtrees = [entry.oid if entry and entry.mode == TREE else None for entry in (left, right)]
        if any(subtrees):
            found |= changed_paths(objects, subtrees[0], subtrees[1], f"{prefix}{name}/")
        plain = [None if entry and entry.mode == TREE else entry for entry in (left, right)]
        if any(plain):
            found[prefix + name] = (plain[0], plain[1])
    return found
