"""What became of the pull requests that people closed: declined changes, and those that the source requires (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from broadcast.observe.change import Change
from broadcast.observe.state import Pull, State
from broadcast.plan import people, required, shared
from broadcast.plan.plan import Closed
from broadcast.plan.reason import Reason
from broadcast.snapshot.snapshot import Snapshot

RECENT = 14 * required.DAY  # seconds after a closing in which it is answered: older ones aren't news to anybody


def closings(
    state: State, changes: Sequence[Change], snapshot: Snapshot, withheld: Mapping[str, Reason], ignored: frozenset[str]
) -> tuple[Closed, ...]:
    """The closings that have an effect on these changes, newest first; `withheld` says why pairs aren't proposed."""
    last = people.last_closings(state, changes, ignored)
    if not last:
        return ()
    must = required.pairs(changes, snapshot)
    declined, insisted = dict[int, list[str]](), dict[int, list[str]]()
    for name, pair in _named(changes):
        why, pull = withheld.get(pair), last.get(pair)
        if why and why.kind == "declined":
            declined.setdefault(why.closings[0].pull, []).append(name)
        elif pull and pair in must and (why is None or why.kind == "closed_again"):
            insisted.setdefault(pull.number, []).append(name)
    later = min((why.text for why in withheld.values() if why.kind == "closed_again"), default="")
    return tuple(
        Closed(pull, _distinct(declined, pull), _distinct(insisted, pull), later)
        for pull in people.refused(state, ignored)
        if pull.number in declined or pull.number in insisted
    )


def _named(changes: Iterable[Change]) -> Iterable[tuple[str, str]]:
    return ((shared.named(change, pair), pair) for change in changes for pair in change.pairs)


def _distinct(names: Mapping[int, Sequence[str]], pull: Pull) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names.get(pull.number, ())))


def unanswered(closed: Iterable[Closed], now: float) -> tuple[Closed, ...]:
    """Those of the last days that we haven't answered; none where the time isn't known."""
    return tuple(one for one in closed if not one.pull.answered and now and now - one.pull.closed < RECENT)
