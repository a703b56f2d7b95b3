"""The state of the fleet in as few queries as possible: look at all, then list only the trees that differ."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from broadcast import descend
from broadcast.api import batch, queries, wide
from broadcast.api.batch import Question, Reply
from broadcast.api.client import GitHub, Scope
from broadcast.api.queries import Wishes
from broadcast.descend import Place, Routes
from broadcast.drift import Drift, Gap, compare, roots
from broadcast.errors import Failure, Unreachable
from broadcast.gitobject import Entry
from broadcast.listings import Listings
from broadcast.pullrequest import read_marker
from broadcast.snapshot import Snapshot
from broadcast.state import Branch, LogEntry, Pull, State
from broadcast.targets import Target

log = logging.getLogger(__name__)

MAX_ROUNDS = 40  # a tree of ours is never that many levels deep
TREES_A_QUESTION = 20
SAME_MOMENT = 5  # seconds between the two dates of a commit that nobody rewrote


@dataclass(frozen=True)
class Sight:
    """A target's state and what separates its base, and our branch there, from the snapshot."""

    state: State
    drift: Drift
    branch_drift: Drift | None  # None: we have no branch there


Sights = dict[Target, Sight | Failure]


class Observer:
    """Asks; remembers every tree listing, for trees never change and fleets share them."""

    def __init__(self, github: GitHub, source: str, sync_id: str, listings: Listings) -> None:
        self.github, self.source, self.sync_id, self.listings = github, source, sync_id, listings
        self._heavy: frozenset[str] = frozenset()  # trees too large for GraphQL
        self._unlistable: frozenset[str] = frozenset()  # … and for REST

    def observe(self, wanted: Mapping[Target, Snapshot], scope: Scope) -> Sights:
        """The sight of every target, or why there is none."""
        sights = self._look(wanted, scope)
        for _ in range(MAX_ROUNDS):
            routes = descend.route(_gaps(sights), self._heavy, self._unlistable)
            asks = [*self._tree_asks(routes, sights), *self._path_asks(routes, sights), *self._pull_asks(sights)]
            if not asks and not routes.by_rest:
                break
            self._list_by_rest(routes.by_rest, scope)
            replies = batch.ask(self.github, [ask.question for ask in asks], scope)
            for ask, reply in zip(asks, replies, strict=True):
                ask.take(reply)
            for target, sight in sights.items():
                if isinstance(sight, Sight):
                    sights[target] = _compared(sight, wanted[target], self.listings)
        return {target: _final(sight) for target, sight in sights.items()}

    def _look(self, wanted: Mapping[Target, Snapshot], scope: Scope) -> Sights:
        rooted = {target: roots(snapshot) for target, snapshot in wanted.items()}
        questions = [queries.look(t.owner, t.name, t.base, t.branch, rooted[t], _wishes(t)) for t in wanted]
        sights: Sights = {}
        for target, reply in zip(wanted, batch.ask(self.github, questions, scope), strict=True):
            if reply.data is None:
                sights[target] = reply.failure or Failure("no answer")
            else:
                state = _state(reply.data, target, rooted[target])
                sights[target] = _compared(Sight(state, Drift(), None), wanted[target], self.listings)
        return sights

    def _tree_asks(self, routes: Routes, sights: Sights) -> Iterable[_Ask]:
        """Every unknown tree once, of whichever target has it."""
        for target, levels in routes.by_graphql.items():
            trees = list(levels.items())
            for start in range(0, len(trees), TREES_A_QUESTION):
                chunk = dict(trees[start : start + TREES_A_QUESTION])
                question = queries.trees(target.owner, target.name, chunk)
                yield _Ask(question, partial(self._take_trees, target, frozenset(chunk), sights))

    def _take_trees(self, target: Target, oids: frozenset[str], sights: Sights, reply: Reply) -> None:
        if reply.data is not None:
            self.listings.learn(queries.listings(reply.data))
        elif isinstance(reply.failure, Unreachable):  # GitHub runs out of time even for this question alone
            self._heavy |= oids
        else:
            sights[target] = reply.failure or Failure("no answer")

    def _list_by_rest(self, trees: Mapping[str, Target], scope: Scope) -> None:
        def get(item: tuple[str, Target]) -> wide.Found:
            return wide.listing(self.github, item[1].full_name, item[0], scope)

        for oid, found in zip(trees, self.github.together(get, list(trees.items())), strict=True):
            self.listings.learn(found.listings)
            if oid not in found.listings:
                self._heavy, self._unlistable = self._heavy | {oid}, self._unlistable | {oid}

    def _path_asks(self, routes: Routes, sights: Sights) -> Iterable[_Ask]:
        by_target: dict[Target, dict[str, tuple[str, list[str]]]] = defaultdict(dict)
        for place, paths in routes.by_path.items():
            by_target[place.target][place.side] = (place.commit, paths)
        for target, commits in by_target.items():
            question = queries.at_paths(target.owner, target.name, commits)
            yield _Ask(question, partial(self._take_paths, target, commits, sights))

    def _take_paths(
        self, target: Target, commits: Mapping[str, tuple[str, list[str]]], sights: Sights, reply: Reply
    ) -> None:
        sight = sights[target]
        if reply.data is None or not isinstance(sight, Sight):
            sights[target] = reply.failure or Failure("no answer")
            return
        for side, (_, paths) in commits.items():
            found = queries.located(reply.data[side], paths).entries
            sight = replace(sight, state=_with_entries(sight.state, side, found))
        sights[target] = sight

    def _pull_asks(self, sights: Sights) -> Iterable[_Ask]:
        """Pull requests, only of targets with drift or with a branch of ours."""
        for target, sight in sights.items():
            if isinstance(sight, Sight) and not sight.state.has_pulls and _matters(sight):
                base = sight.state.base.name if sight.state.base else ""
                question = queries.pulls(target.owner, target.name, target.branch, target.scratch, base)
                yield _Ask(question, partial(self._take_pulls, target, sights))

    def _take_pulls(self, target: Target, sights: Sights, reply: Reply) -> None:
        sight = sights[target]
        if reply.data is None or not isinstance(sight, Sight):
            sights[target] = reply.failure or Failure("no answer")
        else:
            sights[target] = replace(sight, state=self._with_pulls(sight.state, reply.data, target))

    def _with_pulls(self, state: State, data: dict[str, Any], target: Target) -> State:
        nodes = [*data["open"]["nodes"], *data["past"]["nodes"]]
        found = (_pull(node) for node in nodes if node and not node["isCrossRepository"])
        base = state.base.name if state.base else target.base
        ours = [pull for pull in found if self._is_ours(pull) and (pull.base == base or pull.state != "OPEN")]
        ref = data.get("ours") or {}
        history = ((ref.get("target") or {}).get("history") or {}).get("nodes") or []
        left_over = ((data.get("scratch") or {}).get("target") or {}).get("oid", "")
        return replace(
            state,
            pulls=tuple(ours),
            lineage=tuple(_log_entry(node) for node in history),
            scratch=left_over,
            contained=(ref.get("compare") or {}).get("behindBy") == 0,
            has_pulls=True,
        )

    def _is_ours(self, pull: Pull) -> bool:
        marker = pull.marker
        return marker is not None and marker.id == self.sync_id and marker.source.lower() == self.source.lower()


@dataclass(frozen=True)
class _Ask:
    question: Question
    take: Callable[[Reply], None]


def _gaps(sights: Sights) -> dict[Place, list[Gap]]:
    found = {}
    for target, sight in sights.items():
        if not isinstance(sight, Sight):
            continue
        if sight.state.base:
            found[Place(target, "base", sight.state.base.head.oid)] = sight.drift.gaps
        if sight.state.ours and sight.branch_drift:
            found[Place(target, "ours", sight.state.ours.head.oid)] = sight.branch_drift.gaps
    return found


def _with_entries(state: State, side: str, found: Mapping[str, Entry | None]) -> State:
    def wider(branch: Branch | None) -> Branch | None:
        return branch and branch._replace(head=branch.head._replace(entries={**branch.head.entries, **found}))

    return replace(state, base=wider(state.base)) if side == "base" else replace(state, ours=wider(state.ours))


def _final(sight: Sight | Failure) -> Sight | Failure:
    drifts = (sight.drift, sight.branch_drift) if isinstance(sight, Sight) and sight.state.base else ()
    gap = next((gap for drift in drifts if drift for gap in drift.gaps), None)
    if gap:
        remedy = "mirror or remove a smaller directory" if gap.whole else "run again; report it if it stays so"
        return Failure(f"GitHub can't list the directory {gap.path} of the target", remedy)
    return sight


def _matters(sight: Sight) -> bool:
    drift = sight.drift
    usable = sight.state.base is not None and not sight.state.archived and not sight.state.disabled
    return usable and bool(drift.changes or drift.gaps or sight.state.ours)


def _compared(sight: Sight, snapshot: Snapshot, listings: Listings) -> Sight:
    state = sight.state
    if state.base is None or state.archived or state.disabled:
        return sight
    drift = compare(snapshot, state.base.head.entries, listings)
    ours = compare(snapshot, state.ours.head.entries, listings) if state.ours else None
    return replace(sight, drift=drift, branch_drift=ours)


def _wishes(target: Target) -> Wishes:
    settings = target.settings
    return Wishes(settings.pr_labels, settings.pr_milestone, settings.pr_auto_merge)


def _state(data: dict[str, Any], target: Target, root_paths: Sequence[str]) -> State:
    labels = {label: data[f"label{at}"] for at, label in enumerate(target.settings.pr_labels)}
    milestones = (data.get("milestones") or {}).get("nodes") or []
    return State(
        repository_id=data["id"],
        full_name=data["nameWithOwner"],
        archived=data["isArchived"],
        disabled=bool(data.get("isDisabled")),
        permission=data.get("viewerPermission"),
        base=_branch(data["base"], root_paths, target.base),
        ours=_branch(data["ours"], root_paths, target.branch),
        labels={name: label["id"] for name, label in labels.items() if label},
        milestone=next((one["id"] for one in milestones if one["title"] == target.settings.pr_milestone), None),
        merge_method=data.get("viewerDefaultMergeMethod") or "MERGE",
    )


def _branch(ref: dict[str, Any] | None, root_paths: Sequence[str], name: str | None) -> Branch | None:
    if not ref or not ref.get("target"):
        return None
    return Branch(name or ref["name"], queries.located(ref["target"], root_paths))


def _pull(node: dict[str, Any]) -> Pull:
    body = node.get("body") or ""
    return Pull(
        node["id"], node["number"], node["url"], node["state"], node["title"], body, node["headRefOid"],
        node["baseRefName"], node.get("mergeable") == "CONFLICTING", bool(node.get("isInMergeQueue")),
        node.get("createdAt") or "", read_marker(body),
    )  # fmt: skip


def _log_entry(node: dict[str, Any]) -> LogEntry:
    parents = tuple(parent["oid"] for parent in node["parents"]["nodes"])
    return LogEntry(
        node["oid"], node["message"], parents, _amended(node.get("authoredDate"), node.get("committedDate"))
    )


def _amended(authored: str | None, committed: str | None) -> bool:
    """git commit --amend and git rebase keep the author's date; the API writes both at once."""
    if not authored or not committed:
        return False
    apart = datetime.fromisoformat(committed) - datetime.fromisoformat(authored)
    return abs(apart.total_seconds()) > SAME_MOMENT
