"""How to list the directories that differ in the fewest calls: by GraphQL, by REST or by path (pure).

Each tree is asked once for the whole fleet. A few wanted paths in a directory that only one target has are asked by
path, however large it is; a wide subtree comes whole by REST; everything else is listed by GraphQL, levels at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from msgspec import Struct, field

from broadcast.config.targets import Target
from broadcast.git import paths
from broadcast.git.objects import TREE, Tree
from broadcast.observe.drift import Gap

FEW = 20  # files of ours that are asked by path
WIDE = 1_000  # files of ours below a tree that make one REST listing the better way
MAX_BY_PATH = 500  # of them, where a directory can't be listed at all


class TreeLocation(NamedTuple):
    """One of the two commits of a target that are looked at."""

    target: Target
    side: Literal["base", "ours"]
    commit: str


class Routes(Struct):
    """What to ask, of whom."""

    by_graphql: dict[Target, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))  # oid → levels
    by_rest: dict[str, Target] = field(default_factory=dict)  # oid → a target that has it
    by_path: dict[TreeLocation, list[str]] = field(default_factory=lambda: defaultdict(list))


def route(gaps: Mapping[TreeLocation, Sequence[Gap]], heavy: frozenset[str], unlistable: frozenset[str]) -> Routes:
    """The way for every gap; `heavy` trees are too large for GraphQL, `unlistable` ones for REST too."""
    owners: dict[str, set[str]] = defaultdict(set)
    for place, found in gaps.items():
        for gap in found:
            owners[gap.oid].add(place.target.full_name)
    routes = Routes()
    asked: set[str] = set()
    for place, found in gaps.items():
        for gap in found:
            if _by_path(gap, len(owners[gap.oid]), gap.oid in unlistable):
                routes.by_path[place] += _paths(gap)
            elif gap.oid not in asked and gap.oid not in unlistable:
                asked.add(gap.oid)
                if gap.oid in heavy or _count(gap.tree) >= WIDE:
                    routes.by_rest[gap.oid] = place.target
                else:
                    routes.by_graphql[place.target][gap.oid] = _depth(gap.tree)
    return routes


def _by_path(gap: Gap, owners: int, unlistable: bool) -> bool:
    if gap.whole:
        return False
    return _count(gap.tree) <= MAX_BY_PATH if unlistable else owners == 1 and _count(gap.tree) <= FEW


def _paths(gap: Gap) -> list[str]:
    """Everything of ours below the gap, directories included: one of them may be a symlink in the target."""
    return [paths.join(gap.path, path) for path in _below(gap.tree)] if gap.tree else []


def _below(tree: Tree) -> Iterable[str]:
    for name in tree.entries:
        yield name
        if name in tree.subtrees:
            yield from (f"{name}/{path}" for path in _below(tree.subtrees[name]))


def _count(tree: Tree | None) -> int:
    if tree is None:
        return 0
    own = sum(entry.mode != TREE for entry in tree.entries.values())
    return own + sum(_count(subtree) for subtree in tree.subtrees.values())


def _depth(tree: Tree | None) -> int:
    return 1 + max((_depth(subtree) for subtree in tree.subtrees.values()), default=0) if tree else 1
