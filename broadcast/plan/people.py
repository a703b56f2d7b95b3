"""What people at a target decided, and which changes that withholds (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from broadcast.git.ignore import Excludes, parse_ignore_file
from broadcast.observe.change import Change
from broadcast.observe.drift import Drift
from broadcast.observe.state import Pull, State
from broadcast.observe.swaps import swaps
from broadcast.ownership import Marker, shortened
from broadcast.plan import delivery, required
from broadcast.plan.reason import Reason, closing_of
from broadcast.snapshot.snapshot import Snapshot, digest
from broadcast.snapshot.time_limit import Check, unchecked

MAX_LINES, MAX_CHARACTERS = 1_000, 16 * 1024  # of an opt-out file; each line is matched with every path


class OptOut:
    """The paths that a target's opt-out files withhold; `required` mappings are never withheld."""

    def __init__(self, state: State, snapshot: Snapshot, check: Check = unchecked) -> None:
        self.snapshot, self._check = snapshot, check
        self._files: list[tuple[str, Excludes]] = []
        self._unread = [path for path, text in state.opt_outs.items() if text is None]
        self.notes = [Reason("opt_out_unreadable", name=path) for path in self._unread]
        for path, text in state.opt_outs.items():
            if text is not None:
                self._read(path, text)

    def _read(self, path: str, text: str) -> None:
        lines = text.split("\n")
        if len(lines) > MAX_LINES:
            self.notes.append(Reason("opt_out_too_many_lines", name=path, count=len(lines), limit=MAX_LINES))
        counted = "\n".join(lines[:MAX_LINES])
        if len(counted) > MAX_CHARACTERS:
            self.notes.append(Reason("opt_out_too_long", name=path, limit=MAX_CHARACTERS))
        excludes, unread = parse_ignore_file(counted[:MAX_CHARACTERS])
        self._files.append((path, excludes))
        self.notes += [Reason("opt_out_bad_pattern", name=path, other=pattern) for pattern in unread]

    def names(self, path: str) -> str:
        """The opt-out file that withholds `path`; empty if none does."""
        self._check()
        if self.snapshot.is_required(path):
            return ""
        if self._unread:
            return self._unread[0]
        return next((name for name, excludes in self._files if excludes.match(path)), "")

    def is_whole(self) -> bool:
        """Whether everything that is wanted here is withheld."""
        wanted = [*self.snapshot.paths, *self.snapshot.removals]
        return bool((self._files or self._unread) and wanted) and all(self.names(path) for path in wanted)


def withheld(
    state: State,
    drift: Drift,
    opt_out: OptOut,
    *,
    repropose: bool,
    resume: bool = False,
    overwrite: bool = False,
    kept: frozenset[str] = frozenset(),
    ignored: frozenset[str] = frozenset(),
    must: frozenset[str] = frozenset(),
    now: float = 0.0,
) -> dict[str, Reason]:
    """Why changes may not be proposed, by pair; `kept` are paths that the target changed and may keep.

    What the source requires, `must`, isn't withheld for what people closed, took out or opted out of; at most it is
    postponed from `now` on.
    A pull request that an `ignored` author closed, such as a stale bot, is not declined.
    """
    changes = drift.changes
    reasons: dict[str, Reason] = {} if repropose else _refused(state, changes, must, ignored, now)
    if not repropose and opt_out.snapshot.back is None:
        reasons |= {pair: why for pair, why in _taken_out(state, changes).items() if pair not in must}
        reasons |= {pair: why for pair, why in delivery.reverted(state, changes).items() if pair not in must}
    if not resume and opt_out.snapshot.back is None:
        reasons |= rolled_back(state, changes)
    for change in changes:
        if change.path in kept:
            reasons |= dict.fromkeys(change.pairs, Reason("local_change"))
        if change.after and change.after.is_seed and state.had.get(change.path):
            reasons |= dict.fromkeys(change.pairs, Reason("seeded_before"))
        if name := opt_out.names(change.path):
            reasons |= dict.fromkeys(change.pairs.keys() - must, Reason("opted_out", name=name))
    if not overwrite:
        reasons |= {
            pair: Reason("edited_since", pull=one.pull, name=one.who or "people", commit=one.commit[:10] or "unknown")
            for pair, one in state.edited.items()
        }
    return reasons | _with_their_swaps(changes, reasons)


def _refused(
    state: State, changes: Sequence[Change], must: frozenset[str], ignored: frozenset[str], now: float
) -> dict[str, Reason]:
    """What people declined, and when what they may not decline comes back."""
    closed = declined(state, changes, ignored)
    found = {
        pair: Reason("declined", closings=(closing_of(pull),)) for pair, pull in closed.items() if pair not in must
    }
    return found | required.postponed(state, must, closed, refused(state, ignored), now)


def refused(state: State, ignored: frozenset[str]) -> list[Pull]:
    """The pull requests that people closed unmerged, newest first."""
    return [pull for pull in state.pulls if _is_declined(pull, ignored)]


def _taken_out(state: State, changes: Iterable[Change]) -> dict[str, Reason]:
    """Parts of shared files that people merged and then took out whole: they come back when their content changes."""
    merged, again = state.merged, state.open_pull
    proposed = again.marker.pairs if again and again.marker else frozenset[str]()
    return {
        pair: Reason("taken_out", pull=merged[pair])
        for change in changes
        for pair, one in change.parts.items()
        if pair in merged and not one.present and not (again and pair in proposed and again.number > merged[pair])
    }


def rolled_back(state: State, changes: Iterable[Change]) -> dict[str, Reason]:
    """What rollbacks took back and no later pull request of ours brought: it waits for another content.

    Rollbacks that were merged count, and what one closed.
    """
    merged, present = state.merged, [pair for change in changes for pair in change.pairs]
    found: dict[str, Reason] = {}
    for pull in reversed(state.pulls):
        marker = pull.marker
        if marker and marker.back and (marker.withdrawn or pull in state.merged_here):
            why = Reason("rolled_back", pull=pull.number, commit=marker.back[:10])
            found |= {one: why for one in undone_of(marker, present) if merged.get(one, 0) < pull.number}
    return found


def undone_of(marker: Marker, present: Iterable[str]) -> frozenset[str]:
    """What of this a rollback took back; where its marker had no room for that, it is known by its digest."""
    known = frozenset(present)
    if marker.undone:
        return frozenset(one for one in known if shortened([one]) <= marker.undone)
    is_whole = marker.undone_digest in (digest(known), digest(shortened(known)))
    return known if is_whole else frozenset()


def _with_their_swaps(changes: Iterable[Change], reasons: Mapping[str, Reason]) -> dict[str, Reason]:
    """If a file replaces a directory, or the reverse, withhold all of its changes or none."""
    found: dict[str, Reason] = {}
    for group in swaps(changes):
        why = next((reasons[one.pair] for one in group if one.pair in reasons), None)
        found |= dict.fromkeys((one.pair for one in group), why) if why else {}
    return found


def declined(state: State, drifted: Iterable[Change], ignored: frozenset[str]) -> dict[str, Pull]:
    """Every pair that people closed unmerged and didn't merge later, with its pull request.

    What is open again since is no longer declined: it was proposed once more because people asked for it.
    """
    present = [pair for change in drifted for pair in change.pairs]
    again = {pull.number: _open_again(state, present, pull) for pull in refused(state, ignored)}
    listed = {pair: one for pair, one in _listed(state, ignored).items() if pair not in again[one.number]}
    whole = _declined_whole(state, present, ignored)
    whole = None if whole and again[whole.number] >= {*present} else whole
    return listed if whole is None else listed | dict.fromkeys(present, whole)


def last_closings(state: State, drifted: Iterable[Change], ignored: frozenset[str]) -> dict[str, Pull]:
    """The same, open again or not."""
    present = [pair for change in drifted for pair in change.pairs]
    whole = _declined_whole(state, present, ignored)
    return _listed(state, ignored) | (dict.fromkeys(present, whole) if whole else {})


def _listed(state: State, ignored: frozenset[str]) -> dict[str, Pull]:
    """Pairs in markers of what people closed and didn't merge later, with the last such pull request."""
    merged, closed = state.merged, refused(state, ignored)
    pairs = {pair: pull for pull in reversed(closed) for pair in (pull.marker.pairs if pull.marker else ())}
    return {pair: pull for pair, pull in pairs.items() if merged.get(pair, 0) < pull.number}


def _open_again(state: State, present: Iterable[str], than: Pull) -> frozenset[str]:
    """What of this the open pull request proposes, if it was made after another one was closed."""
    again, pairs = state.open_pull, frozenset(present)
    if again is None or again.marker is None or again.number <= than.number or again.created_at < than.closed_at:
        return frozenset()
    return again.marker.pairs or (pairs if again.marker.digest == digest(pairs) else frozenset())


def _declined_whole(state: State, present: Iterable[str], ignored: frozenset[str]) -> Pull | None:
    """The pull request that declined this very plan, too large for a marker: only its digest is known."""
    closed = [pull for pull in refused(state, ignored) if pull.marker and not pull.marker.pairs]
    plan = digest(present) if closed else ""
    large = [pull for pull in closed if pull.marker and pull.marker.digest == plan]
    merged = max((pull.number for pull in state.merged_here if pull.marker and pull.marker.digest == plan), default=0)
    return next((pull for pull in large if pull.number > merged), None)


def _is_declined(pull: Pull, ignored: frozenset[str]) -> bool:
    """Whether people closed it: not we, not an ignored author, not GitHub for a deleted base or an empty diff."""
    closer = pull.closed_by.lower()
    is_ignored = bool({closer, closer.removesuffix("[bot]")} & ignored)
    by_people = not (is_ignored or pull.base_deleted or pull.empty or (pull.marker and pull.marker.closed_by_us))
    return pull.state == "CLOSED" and pull.marker is not None and by_people


def undone(state: State, changes: Iterable[Change]) -> dict[str, int]:
    """Paths that people changed back after merging this same change: path → number of the merged pull request.

    A content that a later pull request of ours brought isn't people's work: the source went back to it. Merges into
    another base don't count.
    """
    merged = state.merged
    return {
        change.path: merged[pair]
        for change in changes
        for pair, present in change.pairs.items()
        if pair in merged and merged.get(present, 0) <= merged[pair]
    }
