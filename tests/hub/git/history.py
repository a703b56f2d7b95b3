"""Commit history: ancestry, commits of a branch, commits of a path, merge conflicts."""

from __future__ import annotations

import heapq
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING

from tests.hub.git import trees

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tests.hub.git.objects import Commit, Entry, Objects


def log(
    objects: Objects, head: str, followed: Callable[[Commit], Iterable[str]] = attrgetter("parents")
) -> Iterator[Commit]:
    """Newest first, children before their parents."""
    seen = {head}
    queue = [(-objects.commit(head).committer.seconds, 0, head)]
    order = 0
    while queue:
        commit = objects.commit(heapq.heappop(queue)[2])
        yield commit
        for parent in followed(commit):
            if parent not in seen:
                seen.add(parent)
                order += 1
                heapq.heappush(queue, (-objects.commit(parent).committer.seconds, order, parent))


def ancestors(objects: Objects, head: str) -> set[str]:
    return {commit.oid for commit in log(objects, head)}


def is_ancestor(objects: Objects, old: str, new: str) -> bool:
    return old == new or any(commit.oid == old for commit in log(objects, new))


def missing(objects: Objects, base: str, head: str) -> list[Commit]:
    """Commits reachable from `head` but not from `base`, oldest first."""
    if base == head:
        return []
    known = ancestors(objects, base)
    added, stack = {}, [head]
    while stack:
        oid = stack.pop()
        if oid not in known and oid not in added:
            added[oid] = objects.commit(oid)
            stack.extend(added[oid].parents)
    return (
        [commit for commit in log(objects, head) if commit.oid in added][::-1]
        if len(added) > 1
        else list(added.values())
    )


def merge_base(objects: Objects, left: str, right: str) -> str | None:
    known = ancestors(objects, left)
    return next((commit.oid for commit in log(objects, right) if commit.oid in known), None)


def touching(objects: Objects, head: str, path: str) -> Iterator[Commit]:
    """The commits that changed the path, as `git log -- path` simplifies them.

    Of a merge only the first side that has the path as the merge has it is followed, whatever the others did.
    """

    @cache
    def at(oid: str) -> Entry | None:
        return trees.find(objects, objects.commit(oid).tree, path)

    def same(commit: Commit) -> list[str]:
        return [oid for oid in commit.parents if at(oid) == at(commit.oid)][:1]

    for commit in log(objects, head, lambda commit: same(commit) or commit.parents):
        if not same(commit) and (commit.parents or at(commit.oid)):
            yield commit


def merges_cleanly(objects: Objects, base: str, head: str) -> bool | None:
    """True if the two sides changed different files; None if only git can decide."""
    fork = merge_base(objects, base, head)
    if fork is None:
        return False
    if fork in {base, head}:
        return True
    tree = objects.commit(fork).tree
    ours = trees.changed_paths(objects, tree, objects.commit(base).tree)
    theirs = trees.changed_paths(objects, tree, objects.commit(head).tree)
    if any(ours[path][1] != theirs[path][1] for path in ours.keys() & theirs.keys()):
        return None
    removed = any(after is None for _, after in (*ours.values(), *theirs.values()))
    return None if removed or _nested(ours.keys() | theirs.keys()) else True


def _nested(paths: set[str]) -> bool:
    """A file in the place of the other side's directory."""
    return any(one.rpartition("/")[0] in paths for one in paths)
