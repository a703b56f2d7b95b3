"""What the source requires of a target: neither an opt-out file nor a closed pull request withholds it (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from broadcast.observe.change import Change
from broadcast.observe.state import Pull, State
from broadcast.observe.swaps import swaps
from broadcast.plan.reason import Reason, closing_of
from broadcast.snapshot.snapshot import Snapshot, digest

DAY = 24 * 3600.0  # seconds from a closing to the next pull request, if people closed two or more


def pairs(changes: Iterable[Change], snapshot: Snapshot) -> frozenset[str]:
    """The pairs of changes that are required, and of those that make room for one.

    Of a shared file each part counts by itself.
    """
    every = list(changes)
    own = frozenset(pair for one in every for pair in one.pairs if _is_required(one, pair, snapshot))
    return own.union(*(group for group in map(_pairs, swaps(every)) if group & own)) if own else own


def _is_required(change: Change, pair: str, snapshot: Snapshot) -> bool:
    state = change.parts.get(pair)
    if state is None or not change.after or not change.after.composition:
        return snapshot.is_required(change.path)
    part = change.after.parts[change.after.composition.states.index(state)]
    return part.wanted is not None and part.wanted.required


def _pairs(group: Iterable[Change]) -> frozenset[str]:
    return frozenset(pair for one in group for pair in one.pairs)


def postponed(
    state: State, required: frozenset[str], closed: Mapping[str, Pull], refused: Iterable[Pull], now: float
) -> dict[str, Reason]:
    """Required pairs that people closed twice or more: each further pull request comes a day after a closing.

    `closed` has the last closing of each pair, `refused` every pull request that people closed. An open pull request
    takes them at once.
    """
    if state.open_pull or not now:
        return {}
    known, whole, merged = list(refused), {digest(closed), digest(required)}, state.merged
    found: dict[str, Reason] = {}
    for pair in required & closed.keys():
        again = closed[pair].closed + DAY
        times = sum(_proposed(pull, pair, whole) and pull.number > merged.get(pair, 0) for pull in known)
        if now < again and times > 1:
            found[pair] = Reason("closed_again", closings=(closing_of(closed[pair]),), text=_moment(again))
    return found


def _proposed(pull: Pull, pair: str, whole: set[str]) -> bool:
    """Whether it proposed this pair; one too large for its marker is known by its digest."""
    marker = pull.marker
    return marker is not None and (pair in marker.pairs or (not marker.pairs and marker.digest in whole))


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
