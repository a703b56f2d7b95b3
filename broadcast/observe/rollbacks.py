"""A rollback at one target: what pull requests of later commits brought there, and what people made of it since.

Only that counts: whatever else separates the target from the source of that time is taken out of the observation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from broadcast.errors import Failure
from broadcast.github import batch
from broadcast.github.client import GitHub, Scope
from broadcast.github.validation import Malformed, reading
from broadcast.observe.change import Change
from broadcast.observe.drift import Drift, Swap
from broadcast.observe.edits import read_edits, select_edits
from broadcast.observe.pull_requests import PULLS
from broadcast.observe.state import Edited, State
from broadcast.ownership import MAX_UNDONE, shortened
from broadcast.snapshot.back import Back
from broadcast.snapshot.snapshot import pair

if TYPE_CHECKING:
    from broadcast.github.questions import Reply
    from broadcast.observe.state import Observation, Observations

MAX_PATHS = 20  # of one target; others are not named
_FULL = f"only the last {PULLS} merged or closed pull requests are looked at, and all came after that commit"


def brought(state: State, back: Back) -> dict[str, int]:
    """The hashes of what merged pull requests of later commits brought, with the number of the last one.

    What was pushed has no number; it counts where a later commit sends it.
    """
    pushed = state.sent.pairs.keys() & frozenset().union(*back.by_commit.values())
    found = dict.fromkeys((*pushed, *(back.wholes[one] for one in pushed if one in back.wholes)), 0)
    for pull in reversed(state.merged_here):
        if pull.marker and back.is_later(pull.marker.commit):
            large = frozenset[str]() if pull.marker.back else back.by_commit.get(pull.marker.commit, frozenset())
            pairs = pull.marker.pairs or large
            found |= dict.fromkeys(pairs, pull.number)
            found |= dict.fromkeys((back.wholes[one] for one in pairs if one in back.wholes), pull.number)
    return found


def resolve(github: GitHub, observations: Observations, scope: Scope) -> Observations:
    """Leave to each rollback what it is about, and ask who changed what it finds changed."""
    kept = {
        target: _kept(observation, observation.snapshot.back)
        for target, observation in observations.items()
        if not isinstance(observation, Failure) and observation.snapshot.back
    }
    paths = {target: found for target, one in kept.items() if (found := _edited_paths(one))}
    questions = [
        select_edits(target.owner, target.name, head.oid, found)
        for target, found in paths.items()
        if (base := kept[target].state.base) and (head := base.head)
    ]
    replies = batch.ask(github, questions, scope) if questions else []
    for target, reply in zip(paths, replies, strict=True):
        kept[target] = _named(kept[target], paths[target], reply)
    return observations | kept


def _kept(observation: Observation, back: Back) -> Observation:
    """The observation without what no pull request of a later commit brought."""
    state, drift = observation.state, observation.drift
    known = brought(state, back)
    edited: dict[str, Edited] = {}
    changes = [kept for change in drift.changes if (kept := _concerned(change, known, back.sent, edited))]
    wanted = {one for change in changes for one in change.pairs}
    past = [pull for pull in state.pulls if pull.state != "OPEN"]
    is_full = len(past) >= PULLS and all(pull.marker and back.is_later(pull.marker.commit) for pull in past)
    drift = Drift(
        changes=changes, errors=[one for one in drift.errors if back.sent.get(one.path, frozenset()) & known.keys()],
        candidates=[one for one in drift.candidates if pair(one.path, one.entry.mode, one.entry.oid) in known],
        swaps=[one for one in drift.swaps if _is_ours(one, known)],
        warnings=[_FULL] if is_full else [], local=drift.local, keeps=drift.keeps, gaps=drift.gaps,
    )  # fmt: skip
    ours = observation.branch_drift and _on_branch(observation.branch_drift, wanted)
    return replace(observation, state=replace(state, edited=edited), drift=drift, branch_drift=ours)


def _on_branch(drift: Drift, wanted: set[str]) -> Drift:
    """What our branch lacks of a rollback."""
    changes = (change.without(change.pairs.keys() - wanted) for change in drift.changes)
    return Drift(changes=[one for one in changes if one], gaps=drift.gaps)


def _concerned(
    change: Change, known: Mapping[str, int], sent: Mapping[str, frozenset[str]], edited: dict[str, Edited]
) -> Change | None:
    """The part of a change that takes back what came from us; what would undo people's work is added to `edited`."""
    since = max((known[one] for one in sent.get(change.path, ()) if one in known), default=0)
    foreign = set[str]()
    for one, present in change.pairs.items():
        if present in known:
            continue
        if since:
            edited[one] = Edited(since)
        else:
            foreign.add(one)
    return change.without(foreign)


def _is_ours(swap: Swap, known: Mapping[str, int]) -> bool:
    return all(pair(one.path, one.entry.mode, one.entry.oid) in known for one in swap.gone)


def _edited_paths(observation: Observation) -> list[str]:
    edited = observation.state.edited
    return [one.path for one in observation.drift.changes if not edited.keys().isdisjoint(one.pairs)][:MAX_PATHS]


def _named(observation: Observation, paths: list[str], reply: Reply) -> Observation:
    """The observation with the names of those who changed these files."""
    try:
        with reading():
            found = read_edits(reply.data or {}, paths)
    except Malformed:
        found = {}
    state, changes = observation.state, observation.drift.changes
    who = {one: found[change.path] for change in changes if change.path in found for one in change.pairs}
    edited = {
        one: edit._replace(who=who[one].who, commit=who[one].commit) if one in who else edit
        for one, edit in state.edited.items()
    }
    return replace(observation, state=replace(state, edited=edited))


def undone(back: Back, state: State, changes: Iterable[Change], restored: frozenset[str]) -> frozenset[str]:
    """What a rollback takes back, shortened: what it finds, what the source would send there again, what was open.

    If that is too much for a marker, only what the source would send again: then its digest has to tell it.
    """
    known, again = brought(state, back), next(iter(back.by_commit.values()), frozenset[str]())
    found = {present for change in changes for present in change.pairs.values() if present in known}
    found |= {one for change in changes for one in back.sent.get(change.path, ())}
    short = shortened(found - restored)
    if len(short) > MAX_UNDONE:
        return shortened((found & again) - restored)
    marker = state.open_pull.marker if state.open_pull else None
    if marker and back.is_later(marker.commit):
        short |= marker.undone if marker.back else shortened(marker.pairs)
    return short - shortened(restored)
