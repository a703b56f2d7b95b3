"""What people at a target have decided, and what that forbids (pure)."""

from __future__ import annotations

from collections.abc import Iterable

from broadcast.drift import Change, Drift
from broadcast.patterns import Excludes, parse_ignore_file
from broadcast.pullrequest import digest
from broadcast.snapshot import Snapshot
from broadcast.state import LogEntry, Pull, State

MAX_LINES = 1_000  # of a file that opts out; each is matched with every path


class OptOut:
    """What the target's .broadcastignore withholds; a mapping that is `required` can't be withheld."""

    def __init__(self, state: State, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._files: list[tuple[str, Excludes]] = []
        self.warnings: list[str] = []
        for path, text in state.opt_outs.items():
            lines = text.split("\n")
            if len(lines) > MAX_LINES:
                self.warnings.append(f"{path}: only the first {MAX_LINES} of its {len(lines)} lines count")
            excludes, unread = parse_ignore_file("\n".join(lines[:MAX_LINES]))
            self._files.append((path, excludes))
            self.warnings += [f"{path}: the pattern {pattern!r} can't be understood" for pattern in unread]

    def names(self, path: str) -> str:
        """The file that withholds `path`; empty when none does."""
        if self._snapshot.is_required(path):
            return ""
        return next((name for name, excludes in self._files if excludes.match(path)), "")

    def is_whole(self) -> bool:
        """Whether nothing that is wanted here may be sent."""
        wanted = [*self._snapshot.files, *self._snapshot.removals]
        return bool(self._files and wanted) and all(self.names(path) for path in wanted)


def withheld(
    state: State, drift: Drift, opt_out: OptOut, *, repropose: bool, kept: frozenset[str] = frozenset()
) -> dict[str, str]:
    """Why changes may not be proposed, by their pair; `kept` are paths that the target has changed and may keep."""
    changes = drift.changes
    reasons = {} if repropose else {pair: _declined_in(pull) for pair, pull in declined(state, changes).items()}
    for change in changes:
        if change.path in kept:
            reasons[change.pair] = "changed there (on_local_change: keep)"
        if change.after and change.after.is_seed and state.had.get(change.path):
            reasons[change.pair] = "was there once (mode: seed)"
        if name := opt_out.names(change.path):
            reasons[change.pair] = f"opted out by {name}"
    return reasons


def _declined_in(pull: Pull) -> str:
    by = ", ".join(filter(None, (pull.closed_by, pull.closed_at[:10])))
    return f"declined in #{pull.number}" + (f" ({by})" if by else "")


def declined(state: State, drifted: Iterable[Change]) -> dict[str, Pull]:
    """Every pair that people closed unmerged, with the pull request."""
    refused = [
        pull for pull in state.pulls if pull.state == "CLOSED" and pull.marker and not pull.marker.closed_by_us
    ]  # fmt: skip
    pairs = {pair: pull for pull in reversed(refused) for pair in (pull.marker.pairs if pull.marker else ())}
    present = [change.pair for change in drifted]
    whole = digest(present)  # of a plan too large for its marker, only the digest is known
    same = next((pull for pull in refused if pull.marker and pull.marker.digest == whole), None)
    return pairs if same is None else pairs | dict.fromkeys(present, same)


def undone(state: State, changes: Iterable[Change]) -> dict[str, int]:
    """Paths that people changed back after they had merged this very change: path → number of that pull request."""
    merged = {
        pair: pull.number
        for pull in reversed(state.pulls)
        if pull.state == "MERGED" and pull.marker
        for pair in pull.marker.pairs
    }
    return {change.path: merged[change.pair] for change in changes if change.pair in merged}


def edited(state: State, drift: Drift) -> list[str]:
    """Paths at which people's own work would be undone or overwritten."""
    overwritten = frozenset() if drift.keeps else drift.local
    return sorted({*undone(state, drift.changes), *overwritten})


def tip(state: State, ignored: frozenset[str]) -> LogEntry | None:
    """The last commit on our branch that counts; None where nothing on it could be lost.

    Merges of the base ("Update branch") and commits of `ignored` authors don't count.
    """
    if state.ours is None or state.base is None or state.contained or state.ours.head.oid == state.base.head.oid:
        return None
    if any(pull.state == "MERGED" and pull.head_oid == state.ours.head.oid for pull in state.pulls):
        return None  # left over from a merge: nothing on it is lost
    log = {entry.oid: entry for entry in state.lineage}
    entry = log.get(state.ours.head.oid)
    while entry and (_is_update(entry, state.base.name) or entry.authors & ignored) and entry.parents:
        entry = log.get(entry.parents[0])
    return entry or LogEntry(state.ours.head.oid, "", (), frozenset(), amended=False)


def is_ours(entry: LogEntry, trailer: str) -> bool:
    """Whether the commit carries our trailer and nobody rewrote it."""
    return trailer in entry.message.splitlines() and not entry.amended


def _is_update(entry: LogEntry, base: str) -> bool:
    return len(entry.parents) == 2 and entry.message.startswith(f"Merge branch '{base}' into ")
