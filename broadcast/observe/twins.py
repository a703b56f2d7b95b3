"""Names of the target that a checkout on macOS or Windows takes for ours: they differ in letter case or Unicode form.

A listed directory shows them. Where files are asked for by path, the question about pull requests asks for the names
beside them; GitHub may leave that part unanswered, for it serves a warning only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from broadcast.git import paths
from broadcast.git.objects import TREE, Tree
from broadcast.github.questions import quote
from broadcast.observe import swaps

if TYPE_CHECKING:
    from broadcast.observe.change import Change
    from broadcast.observe.drift import Listings
    from broadcast.observe.state import Located
    from broadcast.snapshot.snapshot import Snapshot

MAX_DIRECTORIES = 10  # of one target whose names are asked for


def twins(snapshot: Snapshot, path: str, wanted: Tree, names: Iterable[str]) -> Iterable[str]:
    """Warnings about `names`, which the target has in the directory `path`, where `wanted` is ours."""
    more = (name for name in names if name not in wanted.entries)
    theirs = [name for name in more if not swaps.goes(snapshot, paths.join(path, name))]
    for first, second in paths.collisions([*wanted.entries, *theirs]) if theirs else ():
        if second in theirs:
            ours, own = paths.join(path, first), paths.join(path, second)
            words = "are one file on macOS and Windows, where a checkout has only one of them"
            yield f"{own}, which the target has, and {ours} {words}"


def directories(head: Located, changes: Iterable[Change], asked: Iterable[str], listings: Listings) -> tuple[str, ...]:
    """The directories of a commit whose names may be twins of what is added there, and aren't known.

    `asked` are the paths that are being asked for: each may turn out to be added.
    """
    added = (_nearest(head, change.path) for change in changes if change.before is None)
    unlisted = (path for path in added if listings.get(_oid(head, path)) is None)
    found = dict.fromkeys([*unlisted, *(_parent(path) for path in asked)])
    return tuple(found)[:MAX_DIRECTORIES]


def select_names(commit: str, directories: Collection[str]) -> str:
    """What is in these directories of a commit, as a selection on a repository; empty for none."""
    names = "names: entries { name }"
    fields = [
        f"names: tree {{ {names} }}" if path == "." else
        f"names{at}: file(path: {quote(path)}) {{ names: object {{ ... on Tree {{ {names} }} }} }}"
        for at, path in enumerate(directories)
    ]  # fmt: skip
    return f"names: object(oid: {quote(commit)}) {{ ... on Commit {{ {' '.join(fields)} }} }}" if fields else ""


def read_names(data: Mapping[str, Any], directories: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The answer to `select_names`: directory → names; without those that GitHub didn't list."""
    commit = data.get("names") or {}
    trees = {
        path: commit.get("names") if path == "." else (commit.get(f"names{at}") or {}).get("names")
        for at, path in enumerate(directories)
    }
    return {path: tuple(one["name"] for one in (tree or {}).get("names") or ()) for path, tree in trees.items()}


def _nearest(head: Located, path: str) -> str:
    """The lowest directory above `path` that the commit is known to have."""
    there = (one for one in reversed(paths.parents(path)) if (entry := head.entries.get(one)) and entry.mode == TREE)
    return next(there, ".")


def _oid(head: Located, directory: str) -> str:
    entry = head.entries.get(directory)
    return entry.oid if entry else head.tree


def _parent(path: str) -> str:
    return path.rpartition("/")[0] or "."
