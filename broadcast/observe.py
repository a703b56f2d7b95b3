"""The state of the fleet in as few queries as possible: look at all, then list only the trees that differ."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from broadcast.api import batch, queries
from broadcast.api.batch import Question, Reply
from broadcast.api.client import GitHub, Scope
from broadcast.drift import Drift, compare, roots
from broadcast.errors import Failure
from broadcast.gitobject import Entry
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


class Observer:
    """Asks; remembers every tree listing, for trees never change and fleets share them."""

    def __init__(self, github: GitHub, source: str, sync_id: str) -> None:
        self.github, self.source, self.sync_id = github, source, sync_id
        self.listings: dict[str, dict[str, Entry]] = {}

    def observe(self, wanted: Mapping[Target, Snapshot], scope: Scope) -> dict[Target, Sight | Failure]:
        """The sight of every target, or why there is none."""
        sights = self._look(wanted, scope)
        for _ in range(MAX_ROUNDS):
            asks = [*self._tree_asks(sights), *self._pull_asks(sights)]
            if not asks:
                break
            replies = batch.ask(self.github, [ask.question for ask in asks], scope)
            for ask, reply in zip(asks, replies, strict=True):
                ask.take(reply)
            for target, sight in sights.items():
                if isinstance(sight, Sight):
                    sights[target] = _compared(sight, wanted[target], self.listings)
        return {target: _final(sight) for target, sight in sights.items()}

    def _look(self, wanted: Mapping[Target, Snapshot], scope: Scope) -> dict[Target, Sight | Failure]:
        rooted = {target: roots(snapshot) for target, snapshot in wanted.items()}
        questions = [
            queries.look(t.owner, t.name, t.base, t.branch, rooted[t], t.settings.pr_labels) for t in wanted
        ]  # fmt: skip
        sights: dict[Target, Sight | Failure] = {}
        for target, reply in zip(wanted, batch.ask(self.github, questions, scope), strict=True):
            if reply.data is None:
                sights[target] = reply.failure or Failure("no answer")
            else:
                state = _state(reply.data, target, rooted[target])
                sights[target] = _compared(Sight(state, Drift(), None), wanted[target], self.listings)
        return sights

    def _tree_asks(self, sights: dict[Target, Sight | Failure]) -> list[_Ask]:
        """Every unknown tree once, of whichever target has it."""
        asked: set[str] = set()
        asks = []
        for target, sight in sights.items():
            if isinstance(sight, Failure):
                continue
            missing = {**sight.drift.missing, **(sight.branch_drift.missing if sight.branch_drift else {})}
            new = [(oid, levels) for oid, levels in missing.items() if oid not in asked]
            asked.update(oid for oid, _ in new)
            for start in range(0, len(new), TREES_A_QUESTION):
                question = queries.trees(target.owner, target.name, dict(new[start : start + TREES_A_QUESTION]))
                asks.append(_Ask(question, self._taker(target, sights)))
        return asks

    def _taker(self, target: Target, sights: dict[Target, Sight | Failure]) -> Callable[[Reply], None]:
        def take(reply: Reply) -> None:
            if reply.data is None:
                sights[target] = reply.failure or Failure("no answer")
            else:
                self.listings.update(queries.listings(reply.data))

        return take

    def _pull_asks(self, sights: dict[Target, Sight | Failure]) -> list[_Ask]:
        """Pull requests, only of targets with drift or with a branch of ours."""
        asks = []
        for target, sight in sights.items():
            if isinstance(sight, Failure) or sight.state.has_pulls or not _matters(sight):
                continue

            def take(reply: Reply, target: Target = target, sight: Sight = sight) -> None:
                if reply.data is None:
                    sights[target] = reply.failure or Failure("no answer")
                else:
                    sights[target] = replace(sight, state=self._with_pulls(sight.state, reply.data, target))

            asks.append(_Ask(queries.pulls(target.owner, target.name, target.branch, target.scratch), take))
        return asks

    def _with_pulls(self, state: State, data: dict[str, Any], target: Target) -> State:
        nodes = [*data["open"]["nodes"], *data["past"]["nodes"]]
        found = (_pull(node) for node in nodes if node and not node["isCrossRepository"])
        base = state.base.name if state.base else target.base
        ours = [pull for pull in found if self._is_ours(pull) and (pull.base == base or pull.state != "OPEN")]
        commit = (data.get("ours") or {}).get("target") or {}
        history = (commit.get("history") or {}).get("nodes") or []
        left_over = ((data.get("scratch") or {}).get("target") or {}).get("oid", "")
        lineage = tuple(_log_entry(node) for node in history)
        return replace(state, pulls=tuple(ours), lineage=lineage, scratch=left_over, has_pulls=True)

    def _is_ours(self, pull: Pull) -> bool:
        marker = pull.marker
        return marker is not None and marker.id == self.sync_id and marker.source.lower() == self.source.lower()


@dataclass(frozen=True)
class _Ask:
    question: Question
    take: Callable[[Reply], None]


def _final(sight: Sight | Failure) -> Sight | Failure:
    if isinstance(sight, Sight) and sight.state.base and (sight.drift.missing or _unknown(sight.branch_drift)):
        return Failure("GitHub names a directory that it can't list", "run again; report it if it stays so")
    return sight


def _unknown(drift: Drift | None) -> bool:
    return drift is not None and bool(drift.missing)


def _matters(sight: Sight) -> bool:
    drift = sight.drift
    usable = sight.state.base is not None and not sight.state.archived and not sight.state.disabled
    return usable and bool(drift.changes or drift.missing or sight.state.ours)


def _compared(sight: Sight, snapshot: Snapshot, listings: Mapping[str, Mapping[str, Entry]]) -> Sight:
    state = sight.state
    if state.base is None or state.archived or state.disabled:
        return sight
    drift = compare(snapshot, state.base.head.entries, listings)
    ours = compare(snapshot, state.ours.head.entries, listings) if state.ours else None
    return replace(sight, drift=drift, branch_drift=ours)


def _state(data: dict[str, Any], target: Target, root_paths: Sequence[str]) -> State:
    labels = {label: data[f"label{at}"] for at, label in enumerate(target.settings.pr_labels)}
    return State(
        repository_id=data["id"],
        full_name=data["nameWithOwner"],
        archived=data["isArchived"],
        disabled=bool(data.get("isDisabled")),
        permission=data.get("viewerPermission"),
        base=_branch(data["base"], root_paths, target.base),
        ours=_branch(data["ours"], root_paths, target.branch),
        labels={name: label["id"] for name, label in labels.items() if label},
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
