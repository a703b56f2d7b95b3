"""Merges and rebases on our branch that bring only what we proposed: proven by their trees, not their titles.

"Update branch" merges the base, or commits our change once more on it (GitHub's page "Keeping your pull request in sync
with the base branch"). Either is ours if the commit, compared with its base, changes exactly what its plan proposed. A
merge by hand may change more: what can't be proven counts as people's.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec.structs import replace

from broadcast.compose.parts import Merge
from broadcast.errors import Failure
from broadcast.git import paths
from broadcast.git.objects import TREE, Entry
from broadcast.github import batch
from broadcast.github.client import GitHub, Scope
from broadcast.github.questions import Question, quote
from broadcast.github.validation import Malformed, reading
from broadcast.observe import branches, trees
from broadcast.observe.drift import Listing
from broadcast.observe.object_cache import ObjectCache
from broadcast.observe.shared_files import SharedFiles
from broadcast.observe.state import LogEntry, Observation, State
from broadcast.snapshot.snapshot import digest, pair

if TYPE_CHECKING:
    from broadcast.config.targets import Target
    from broadcast.observe.state import Observations

MAX_ROUNDS = 40  # levels of directories
TREES_A_QUESTION = 20
ADDED = 20  # commits of our branch that are compared


class Added(NamedTuple):
    """A commit that our branch has and the base hasn't."""

    tree: str
    parents: tuple[tuple[str, str], ...]  # oid, tree


class Doubt(NamedTuple):
    """A target whose branch has merges or rebases on it."""

    entries: tuple[LogEntry, ...]  # to be proven
    ignored: tuple[LogEntry, ...]  # of those whom the config ignores: what they changed may be there, too
    added: Mapping[str, Added]


class Proofs:
    """Asks about such targets only; one tree serves all of them."""

    def __init__(
        self, github: GitHub, listings: ObjectCache, trailer: str, ignored: frozenset[str], shared: SharedFiles
    ) -> None:
        self.github, self.listings, self._shared = github, listings, shared
        self._trailer, self._ignored = trailer, ignored

    def resolve(self, observations: Observations, scope: Scope) -> Observations:
        """Prove the merges and rebases of each target, or say why that fails. Raises Failure."""
        doubts = self._doubts(observations, scope)
        for _ in range(MAX_ROUNDS):
            unknown = {target: self._unknown(doubt) for target, doubt in doubts.items() if isinstance(doubt, Doubt)}
            if not any(unknown.values()):
                break
            doubts |= self._list(unknown, scope)
        self._read(observations, doubts, scope)
        return observations | {target: self._proven(observations[target], doubt) for target, doubt in doubts.items()}

    def _doubts(self, observations: Observations, scope: Scope) -> dict[Target, Doubt | Failure]:
        asked = [
            (target, observation.state, observation.state.base.name, observation.state.ours.name)
            for target, observation in observations.items()
            if not isinstance(observation, Failure) and observation.state.base and observation.state.ours
            if branches.doubtful(observation.state, self._trailer, self._ignored)
        ]
        questions = [select_added(target.owner, target.name, base, ours) for target, _, base, ours in asked]
        found: dict[Target, Doubt | Failure] = {}
        for (target, state, *_), reply in zip(asked, batch.ask(self.github, questions, scope), strict=True):
            if reply.data is None:
                found[target] = reply.failure or Failure("no answer")
                continue
            try:
                with reading():
                    doubt = self._doubt(state, read_added(reply.data))
            except Malformed as failure:
                found[target] = failure
            else:
                found |= {target: doubt} if doubt else {}
        return found

    def _doubt(self, state: State, added: Mapping[str, Added]) -> Doubt | None:
        """What is to be proven; None where there is a commit that can't be ours."""
        log = {entry.oid: entry for entry in state.lineage}
        entry = log.get(state.ours.head.oid) if state.ours else None
        chain: list[LogEntry] = []
        while entry and entry.oid in added:
            chain.append(entry)
            entry = log.get(entry.parents[0]) if entry.parents else None
        if not chain or {one.oid for one in chain} != added.keys():
            return None  # something was merged that isn't the base
        if any(branches.is_strange(one, self._trailer, self._ignored) for one in chain):
            return None  # below a commit of ours, on top of which others committed
        ignored = tuple(one for one in chain if branches.is_ignored(one, self._ignored))
        doubtful = branches.doubtful(state, self._trailer, self._ignored)
        return Doubt(doubtful, ignored, added)

    def _unknown(self, doubt: Doubt) -> frozenset[str]:
        return frozenset().union(*(_differing(*sides, self.listings).unknown for sides in _sides(doubt)))

    def _list(self, unknown: Mapping[Target, frozenset[str]], scope: Scope) -> dict[Target, Failure]:
        """Ask for each tree once, of whichever target has it; says for which targets one can't be had."""
        owners = {oid: target for target, oids in unknown.items() for oid in sorted(oids)}
        by_target: dict[Target, list[str]] = {}
        for oid, target in owners.items():
            by_target.setdefault(target, []).append(oid)
        chunks = [
            (target, dict.fromkeys(oids[start : start + TREES_A_QUESTION], 1))
            for target, oids in by_target.items()
            for start in range(0, len(oids), TREES_A_QUESTION)
        ]
        questions = [trees.select_trees(target.owner, target.name, chunk) for target, chunk in chunks]
        why = Failure("GitHub can't list a directory of our branch there", "run again; report it if it stays so")
        for reply in batch.ask(self.github, questions, scope):
            try:
                with reading():
                    self.listings.learn(trees.read_trees(reply.data or {}))
            except Malformed as failure:
                why = failure
            why = reply.failure or why
        missing = {oid for oid in owners if self.listings.get(oid) is None}
        return {target: why for target, oids in unknown.items() if oids & missing}

    def _read(self, observations: Observations, doubts: Mapping[Target, Doubt | Failure], scope: Scope) -> None:
        """Read the shared files that differ on those branches."""
        wanted: dict[str, Target] = {}
        merged = set[str]()
        for target, doubt in doubts.items():
            seen = observations[target]
            if isinstance(doubt, Doubt) and isinstance(seen, Observation):
                both = [_differing(*sides, self.listings, seen.snapshot.shared) for sides in _sides(doubt)]
                parts = (one for found in both for path in found.shared for one in seen.snapshot.shared[path])
                merged |= {one.wanted.source for one in parts if one.wanted and isinstance(one.part, Merge)}
                wanted |= {one.oid: target for found in both for pair in found.shared.values() for one in pair if one}
        names = {target: seen.state.full_name for target, seen in observations.items() if isinstance(seen, Observation)}
        self._shared.read(self.github, wanted, names, scope)
        self._shared.read_versions(merged, scope)

    def _proven(self, observation: Observation | Failure, doubt: Doubt | Failure) -> Observation | Failure:
        if isinstance(observation, Failure) or isinstance(doubt, Failure):
            return doubt if isinstance(doubt, Failure) else observation
        also = frozenset().union(*(self._brought(one, doubt, observation).pairs for one in doubt.ignored))
        planned = self._planned(observation.state)
        brought = (self._brought(entry, doubt, observation) for entry in doubt.entries)
        if not all(_is_plan(one._replace(pairs=one.pairs - also), observation, planned) for one in brought):
            return observation  # on top of one that isn't proven, another would hide it
        proven = frozenset(entry.oid for entry in doubt.entries)
        return replace(observation, state=replace(observation.state, proven=proven))

    def _brought(self, entry: LogEntry, doubt: Doubt, seen: Observation) -> _Differing:
        found = _differing(*_side(doubt.added[entry.oid]), self.listings, seen.snapshot.shared)
        parts = (self._shared.brought(seen, path, *sides) for path, sides in found.shared.items())
        return found._replace(pairs=found.pairs.union(*parts))

    def _planned(self, state: State) -> str:
        """The digest of the plan that the last commit of ours was made for."""
        ours = (one.message for one in state.lineage if branches.carries(one.message, self._trailer))
        return branches.plan_of(next(ours, ""))


def _is_plan(found: _Differing, observation: Observation, planned: str) -> bool:
    """Whether these changes are a plan's, perhaps without what its base has got by now."""
    if digest(found.pairs) == planned:
        return True
    markers = (pull.marker for pull in observation.state.pulls if pull.marker and pull.marker.digest == planned)
    known = next((marker.pairs for marker in markers), frozenset())
    return found.pairs <= known and known - found.pairs <= _held(observation) | found.equal


def _held(observation: Observation) -> frozenset[str]:
    """What stands on our branch at our paths, whichever version of the source it is."""
    changes = observation.branch_drift.changes if observation.branch_drift else ()
    lacking = {pair: present for change in changes for pair, present in change.pairs.items()}
    return (observation.snapshot.pairs - lacking.keys()).union(lacking.values())


def select_added(owner: str, name: str, base: str, branch: str) -> Question:
    """Select the commits that a branch has and its base hasn't, with their trees and their parents'."""
    node = "oid tree { oid } parents(first: 2) { nodes { oid tree { oid } } }"
    head = f"compare(headRef: {quote(branch)}) {{ commits(first: {ADDED}) {{ totalCount nodes {{ {node} }} }} }}"
    return Question(owner, name, f"base: ref(qualifiedName: {quote('refs/heads/' + base)}) {{ {head} }}")


def read_added(data: Mapping[str, Any]) -> dict[str, Added]:
    """Read the answer to `select_added`, by commit oid; empty where it isn't whole."""
    compared = (data.get("base") or {}).get("compare") or {}
    commits = compared.get("commits") or {}
    nodes = commits.get("nodes") or []
    if len(nodes) != commits.get("totalCount") or None in nodes:
        return {}
    return {
        node["oid"]: Added(
            node["tree"]["oid"], tuple((one["oid"], one["tree"]["oid"]) for one in node["parents"]["nodes"])
        )
        for node in nodes
    }


def _sides(doubt: Doubt) -> Iterable[tuple[str, str]]:
    return (_side(doubt.added[entry.oid]) for entry in (*doubt.entries, *doubt.ignored))


def _side(commit: Added) -> tuple[str, str]:
    """The tree of the base that a commit was made on, or that it merges, and its own."""
    return (commit.parents[-1][1] if commit.parents else "", commit.tree)


class _Differing(NamedTuple):
    pairs: frozenset[str]
    equal: frozenset[str]  # files of both, in the directories that differ
    unknown: frozenset[str]  # trees to be listed first
    shared: Mapping[str, tuple[Entry | None, Entry | None]]  # files that the target owns, too: before and after


def _differing(one: str, other: str, listings: ObjectCache, apart: Container[str] = ()) -> _Differing:
    """What leads from a tree to another one; the files `apart` stand under `shared`."""
    pairs, equal, unknown, shared = set(), set(), set(), {}
    left: list[tuple[str, Entry | None, Entry | None]] = [(".", Entry(TREE, one), Entry(TREE, other))]
    while left:
        path, before, after = left.pop()
        if before == after:
            equal |= {pair(path, after.mode, after.oid)} if after and after.mode != TREE else set()
            continue
        unknown |= {side.oid for side in (before, after) if _names(side, listings) is None and side}
        old, new = _names(before, listings), _names(after, listings)
        if old is not None and new is not None:
            left += [(paths.join(path, name), old.get(name), new.get(name)) for name in old.keys() | new.keys()]
        if path in apart:
            shared[path] = (before, after)
        elif any(side and side.mode != TREE for side in (before, after)):
            there = after if after and after.mode != TREE else None
            pairs.add(pair(path, there.mode, there.oid) if there else pair(path, 0, ""))
    return _Differing(frozenset(pairs), frozenset(equal), frozenset(unknown), shared)


def _names(side: Entry | None, listings: ObjectCache) -> Listing | None:
    """What is in a directory, and in anything else nothing; None: not known."""
    return listings.get(side.oid) if side and side.mode == TREE else {}
