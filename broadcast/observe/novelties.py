"""Files of targets that the source lacks, in directories that mappings send."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from broadcast.config import mappings
from broadcast.config.targets import Target
from broadcast.errors import Failure
from broadcast.git import paths
from broadcast.git.objects import EXECUTABLE, REGULAR, TREE, Entry
from broadcast.github import batch
from broadcast.github.client import GitHub, Scope
from broadcast.github.validation import reading
from broadcast.observe import trees
from broadcast.observe.finds import Find
from broadcast.observe.object_cache import ObjectCache
from broadcast.observe.state import Observation
from broadcast.snapshot.snapshot import Wanted, relative

MAX_TREES, MAX_FILES = 1_000, 500  # of one target that are looked at
TREES_A_QUESTION = 20

Lacks = Callable[[mappings.Mapping, str], bool]  # whether the source would send a file at this path below `src`


class Walked(NamedTuple):
    """What is known of the files in some directories of a commit."""

    files: Mapping[str, Entry]
    missing: tuple[str, ...]  # trees to be listed first


def novelties(
    github: GitHub, seen: Mapping[Target, Observation], listings: ObjectCache, scope: Scope, *,
    names: Callable[[str], bool], lacks: Lacks,
) -> Iterable[Find]:  # fmt: skip
    """The files with these `names` that each target has where a mapping sends a directory, and the source has none."""
    asked: set[str] = set()
    for _ in range(paths.MAX_DEPTH):
        missing: dict[str, Target] = {}
        for target, one in seen.items():
            walked = _walked(one, _dests(target), listings)
            missing |= {oid: target for oid in walked.missing if oid not in asked and oid not in missing}
        if not missing:
            break
        asked |= missing.keys()
        _learn(github, missing, listings, scope)
    for target, one in seen.items():
        files = _walked(one, _dests(target), listings).files
        found = (_novel(target, one, path, entry, lacks) for path, entry in files.items() if names(path))
        yield from [file for file in found if file][:MAX_FILES]


def _dests(target: Target) -> list[str]:
    return [one.dest for one in target.mappings if _is_open(one)]


def _is_open(mapping: mappings.Mapping) -> bool:
    """Whether a file at its destination comes from one at its source of the same name."""
    return mapping.directory and not (mapping.flat or mapping.untracked or mapping.part)


def _novel(target: Target, seen: Observation, path: str, entry: Entry, lacks: Lacks) -> Find | None:
    if path in seen.snapshot.paths or entry.mode not in (REGULAR, EXECUTABLE) or not paths.is_plain(path):
        return None
    covering = [one for one in target.mappings if _is_open(one) and paths.is_below(path, one.dest)]
    mapping = max(covering, key=lambda one: len(one.dest))
    below = relative(path, mapping.dest)
    if not lacks(mapping, below):
        return None
    sent = Wanted(entry.mode, "", paths.join(mapping.src, below), mapping=mapping)
    return Find(target, seen, path, sent, entry, is_new=True)


def _walked(seen: Observation, dests: Sequence[str], listings: ObjectCache) -> Walked:
    """Every file below `dests`, as far as the trees are known."""
    files: dict[str, Entry] = {}
    missing = []
    open_ = [(".", seen.state.base.head.tree)] if seen.state.base and dests else []
    for _ in range(MAX_TREES):
        if not open_:
            break
        path, oid = open_.pop()
        listing = listings.get(oid)
        if listing is None:
            missing.append(oid)
            continue
        for name, entry in listing.items():
            below = paths.join(path, name)
            is_inside = any(paths.is_below(below, dest) for dest in dests)
            if entry.mode == TREE and (is_inside or any(paths.is_below(dest, below) for dest in dests)):
                open_.append((below, entry.oid))
            elif entry.mode != TREE and is_inside:
                files[below] = entry
    return Walked(files, tuple(missing))


def _learn(github: GitHub, missing: Mapping[str, Target], listings: ObjectCache, scope: Scope) -> None:
    """List trees, each once, of whichever target has it; what GitHub doesn't list stays unknown."""
    by_target: dict[Target, list[str]] = {}
    for oid, target in missing.items():
        by_target.setdefault(target, []).append(oid)
    questions = [
        trees.select_trees(target.owner, target.name, dict.fromkeys(oids[start:][:TREES_A_QUESTION], 1))
        for target, oids in by_target.items()
        for start in range(0, len(oids), TREES_A_QUESTION)
    ]
    for reply in batch.ask(github, questions, scope):
        with suppress(Failure), reading():
            listings.learn(trees.read_trees(reply.data or {}))
