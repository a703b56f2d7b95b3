"""Read commits: their trees and ancestors."""

from __future__ import annotations

import re
from heapq import heappop, heappush
from typing import NamedTuple

from broadcast.git.object_store import Objects
from broadcast.git.packs import Unsound

_HEADER = re.compile(rb"^(tree|parent|object) ([0-9a-f]{40})$", re.MULTILINE)
_TIME = re.compile(rb"^committer .*> (\d{1,15}) [+-]\d+$", re.MULTILINE)
_MAX_TAGS = 10  # tags of tags
MOST = 200_000  # commits that are looked at before one counts as no ancestor


class Commit(NamedTuple):
    """A commit: its tree and parents (git-cat-file(1))."""

    oid: str
    tree: str
    parents: tuple[str, ...]
    seconds: int  # when it was made, by the committer's clock


def commit_of(objects: Objects, oid: str) -> Commit:
    """The commit with this id, or the commit of the tag with this id. Raises KeyError, Unsound."""
    for _ in range(_MAX_TAGS):
        kind, content = objects.read(oid, "commit", "tag")
        head = content.partition(b"\n\n")[0]
        said = [(name, value.decode()) for name, value in _HEADER.findall(head)]
        if kind == "commit":
            tree = next((value for name, value in said if name == b"tree"), "")
            if not tree:
                raise Unsound("it is a commit without a tree")
            time = _TIME.search(head)
            parents = tuple(value for name, value in said if name == b"parent")
            return Commit(oid, tree, parents, int(time[1]) if time else 0)
        oid = next((value for name, value in said if name == b"object"), "0" * 40)
    raise Unsound("it is a tag of tags without end")


def is_ancestor(objects: Objects, old: Commit, new: Commit) -> bool:
    """Whether `old` is an ancestor of `new`; False if the history between them is missing.

    Those that were made before `old` are not asked for their parents: a clock that was wrong makes it no ancestor,
    which is the safe mistake.
    """
    todo, seen = [(-new.seconds, new.oid)], {new.oid}
    while todo and len(seen) < MOST:
        try:
            one = commit_of(objects, heappop(todo)[1])
        except (KeyError, Unsound):
            continue
        if one.oid == old.oid:
            return True
        for parent in one.parents if one.seconds >= old.seconds else ():
            if parent not in seen:
                seen.add(parent)
                heappush(todo, (-one.seconds, parent))
    return False
