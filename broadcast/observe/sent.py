"""What commits of ours brought to a target's base, by the history of the base (pure but for its questions).

It is asked where changes are pushed: no pull request says there what was sent, and what people changed back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from msgspec.structs import replace

from broadcast.config.targets import Target
from broadcast.errors import Failure
from broadcast.github.questions import Question, Reply, quote
from broadcast.observe.ask import Ask
from broadcast.observe.branches import carries
from broadcast.observe.drift import Drift
from broadcast.observe.edits import read_author
from broadcast.observe.looks import Asked
from broadcast.observe.state import Edit, Observation, Observations, Sent
from broadcast.ownership import PARTS_TRAILER
from broadcast.snapshot.snapshot import pair

COMMITS, LATEST = 30, 100  # of one path's history, and of a directory's
FEW = 10  # paths that are asked at once; of more, first whether a commit of ours touched their directories
PATHS_A_QUESTION = 20
_COMMIT = "oid message committedDate author { name email user { login } }"
_SOURCE = re.compile(r"^Source: \S+/commit/([0-9a-f]{40})$", re.MULTILINE)


class Ours(NamedTuple):
    """How commits of ours are distinguished from those of people."""

    trailer: str
    ignored: frozenset[str]  # authors who count as neither, in lower case

    def wrote(self, node: Mapping[str, Any]) -> bool:
        """Whether a commit is ours."""
        return carries(node.get("message") or "", self.trailer)

    def skips(self, node: Mapping[str, Any]) -> bool:
        """Whether its author is ignored."""
        author = node.get("author") or {}
        names = (author.get("name"), author.get("email"), (author.get("user") or {}).get("login"))
        return not self.ignored.isdisjoint(one.lower() for one in names if one)


def asks(observations: Observations, ours: Ours, asked: Callable[[Target], Asked]) -> Iterable[Ask]:
    """What to ask of each target that changes are pushed to, once all of it is compared."""
    for target, observation in observations.items():
        if isinstance(observation, Observation) and _is_pushed_to(observation):
            base, sent = observation.state.base, observation.state.sent
            places = _unknown(observation.drift, sent, is_wanted=asked(target).pulls)
            paths = [] if places else _paths(observation.drift, sent)
            for kind, chunk in [(_take_places, places), *((_take_paths, one) for one in _chunks(paths))]:
                if chunk and base:
                    question = select_history(
                        target, base.head.oid, chunk, deep=kind is _take_places, checks=asked(target).checks
                    )
                    yield Ask(target, question, partial(_take, target, observations, partial(_read, chunk, ours, kind)))


def _is_pushed_to(observation: Observation) -> bool:
    state = observation.state
    is_open = state.base is not None and not state.archived and not state.disabled
    return is_open and state.delivery != "pull_request" and not observation.drift.gaps


def _drifted(drift: Drift) -> list[str]:
    gone = [one.path for one in (*drift.candidates, *(one for swap in drift.swaps for one in swap.gone))]
    return sorted({*(change.path for change in drift.changes), *gone})


def _unknown(drift: Drift, sent: Sent, *, is_wanted: bool) -> list[str]:
    """Directories of which it is to be known whether a commit of ours changed them; empty: the whole base."""
    paths = _drifted(drift)
    wanted = {_place(path) for path in paths} if len(paths) > FEW else set[str]()
    wanted = {""} if len(wanted) > FEW or is_wanted else wanted
    return [] if "" in sent.touched else sorted(wanted - sent.touched.keys())


def _paths(drift: Drift, sent: Sent) -> list[str]:
    """The paths to ask: a few, and of many those that a commit of ours may have changed."""
    found = _drifted(drift)
    if len(found) > FEW:
        found = [path for path in found if sent.touched.get(_place(path), sent.touched.get("", False))]
    return [path for path in found if path not in sent.paths]


def _place(path: str) -> str:
    return path.partition("/")[0]


def _chunks(paths: Sequence[str]) -> list[list[str]]:
    return [list(paths[start : start + PATHS_A_QUESTION]) for start in range(0, len(paths), PATHS_A_QUESTION)]


def select_history(target: Target, commit: str, paths: Sequence[str], *, deep: bool, checks: bool = False) -> Question:
    """Select the latest commits at each path, with what each left there unless they are many; empty: of all paths."""
    fields = ["statusCheckRollup { state }"] if deep and checks else []
    for at, path in enumerate(paths):
        where = f", path: {quote(path)}" if path else ""
        entry = "" if deep else f" file(path: {quote(path)}) {{ mode oid }}"
        fields.append(
            f"sent{at}: history(first: {LATEST if deep else COMMITS}{where}) {{ nodes {{ {_COMMIT}{entry} }} }}"
        )
    return Question(
        target.owner, target.name, f"commit: object(oid: {quote(commit)}) {{ ... on Commit {{ {' '.join(fields)} }} }}"
    )


_Nodes = Mapping[str, Sequence[Mapping[str, Any]]]  # by path, the newest first
_Kind = Callable[[Sent, _Nodes, Ours], Sent]


def _take(
    target: Target, observations: Observations, read: Callable[[Sent, Mapping[str, Any]], Sent], reply: Reply
) -> None:
    observation = observations[target]
    if reply.data is None or not isinstance(observation, Observation):
        observations[target] = reply.failure or Failure("no answer")
        return
    commit = reply.data.get("commit") or {}
    sent = read(observation.state.sent, commit)
    if checks := (commit.get("statusCheckRollup") or {}).get("state"):
        sent = replace(sent, checks=checks)
    observations[target] = replace(observation, state=replace(observation.state, sent=sent))


def _read(paths: Sequence[str], ours: Ours, kind: _Kind, sent: Sent, commit: Mapping[str, Any]) -> Sent:
    found = {at: (commit.get(f"sent{number}") or {}).get("nodes") or [] for number, at in enumerate(paths)}
    return kind(sent, {path: [node for node in nodes if node] for path, nodes in found.items()}, ours)


def _take_places(sent: Sent, found: _Nodes, ours: Ours) -> Sent:
    """A full page without a commit of ours leaves open whether an older one is."""
    touched = {place: len(nodes) >= LATEST or any(map(ours.wrote, nodes)) for place, nodes in found.items()}
    last = _with_last(sent, [node for nodes in found.values() for node in nodes], ours)
    return replace(last, touched={**sent.touched, **touched})


def _with_last(sent: Sent, nodes: Sequence[Mapping[str, Any]], ours: Ours) -> Sent:
    """With our last commit; where it may be older than a full page of others, with the moment of their oldest."""
    mine = sorted(filter(ours.wrote, nodes), key=seconds, reverse=True)
    oldest = seconds(nodes[-1]) if len(nodes) >= LATEST else 0.0
    return replace(sent, last=max(sent.last, seconds(mine[0]) if mine else oldest), commits=_commits(sent, mine))


def _commits(sent: Sent, mine: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The commits of the source from which ours came."""
    named = (_SOURCE.search(node["message"]) for node in mine)
    return tuple(dict.fromkeys([*(one[1] for one in named if one), *sent.commits]))


def _take_paths(sent: Sent, found: _Nodes, ours: Ours) -> Sent:
    pairs, changed, commits = dict(sent.pairs), dict(sent.changed), sent.commits
    for path, nodes in found.items():
        mine = [node for node in nodes if ours.wrote(node)]
        for node in mine:
            for one in (_left(path, node), *parts_of(node["message"])):
                pairs[one] = max(pairs.get(one, 0.0), seconds(node))
        commits = _commits(replace(sent, commits=commits), mine)
        last = next((node for node in nodes if not ours.skips(node) or ours.wrote(node)), None)
        if mine and last and not ours.wrote(last):
            changed[path] = Edit(read_author(dict(last)), last["oid"])
    return replace(sent, paths=sent.paths | found.keys(), pairs=pairs, changed=changed, commits=commits)


def _left(path: str, node: Mapping[str, Any]) -> str:
    """The pair of what a commit left at a path."""
    entry = node.get("file")
    return pair(path, int(entry["mode"]), entry["oid"]) if entry else pair(path, 0, "")


def parts_of(message: str) -> list[str]:
    """The pairs of the parts of shared files that a commit of ours brought."""
    head = f"{PARTS_TRAILER}: "
    return [one for line in message.splitlines() if line.startswith(head) for one in line.removeprefix(head).split()]


def seconds(node: Mapping[str, Any]) -> float:
    """When a commit was made, in seconds since the epoch."""
    return datetime.fromisoformat(node["committedDate"]).timestamp()
