"""Ownership of branches: only a branch without commits of others may be moved or deleted (pure).

`plan` asks this module before each step, and lists in `leftovers` which branches may be deleted. Exceptions are what
people ask for: a rebuild, or `overwrite: true`.
"""

from __future__ import annotations

from collections.abc import Iterable

from broadcast.observe.state import LogEntry, State
from broadcast.ownership import PLAN_TRAILER


def tip(state: State, ignored: frozenset[str]) -> LogEntry | None:
    """The last commit on our branch that counts; None where nothing on it could be lost.

    Clean merges of the base ("Update branch") and commits of `ignored` authors don't count.
    """
    if state.ours is None or state.base is None or state.contained or state.ours.head.oid == state.base.head.oid:
        return None
    if any(pull.state == "MERGED" and pull.head_oid == state.ours.head.oid for pull in state.pulls):
        return None  # left over from a merge: nothing on it is lost
    log = {entry.oid: entry for entry in state.lineage}
    entry = log.get(state.ours.head.oid)
    while entry and ((entry.is_merge and entry.oid in state.proven) or is_ignored(entry, ignored)) and entry.parents:
        entry = log.get(entry.parents[0])
    if entry and entry.oid in state.proven:  # our commit, which "Update with rebase" has committed again
        return entry._replace(amended=False)
    return entry or LogEntry(state.ours.head.oid, "", (), frozenset(), amended=False)


def stranger(state: State, trailer: str, ignored: frozenset[str]) -> LogEntry | None:
    """The commit of others on our branch; None where the branch may be moved or deleted."""
    last = tip(state, ignored)
    return None if last is None or is_ours(last, trailer) else last


def carries_more(state: State, trailer: str, ignored: frozenset[str]) -> bool:
    """Whether a pull request from our branch would bring commits of another base, on which it was made."""
    log = {entry.oid: entry for entry in state.lineage}
    entry, count = log.get(state.ours.head.oid if state.ours else ""), 0
    while entry and (carries(entry.message, trailer) or entry.is_merge or entry.authors & ignored):
        entry, count = log.get(entry.parents[0] if entry.parents else ""), count + 1
    return entry is not None and (state.ahead or 0) > count


def is_ours(entry: LogEntry, trailer: str) -> bool:
    """Whether the commit carries our trailer and was not rewritten."""
    return carries(entry.message, trailer) and not entry.amended


def is_strange(entry: LogEntry, trailer: str, ignored: frozenset[str]) -> bool:
    """Whether no proof could make it ours."""
    return not (entry.is_merge or carries(entry.message, trailer) or entry.authors & ignored)


def is_ignored(entry: LogEntry, ignored: frozenset[str]) -> bool:
    """Whether it is a commit of an ignored author's own; ours may have the same author."""
    return bool(entry.authors & ignored) and not plan_of(entry.message)


def carries(message: str, trailer: str) -> bool:
    """Whether a commit's message has our trailer: our id, and our source."""
    return trailer in message.splitlines()


def scratch_left(state: State, trailer: str) -> tuple[tuple[str, str], ...]:
    """The scratch branches that an interrupted run left, as name and head; without those of others."""
    base = state.base.head.oid if state.base else ""
    found = [one for one in (state.scratch, state.spare) if one and base]
    return tuple(
        (one.name, one.oid)
        for one in found
        if one.contained or one.oid == base or carries(one.message, trailer)  # empty: its commit was never made
    )


def scratch_of(state: State, names: tuple[str, str], left: Iterable[tuple[str, str]]) -> str:
    """The name of the scratch branch for new commits: the first that others don't use; the first if they use both."""
    ours = {name for name, _ in left}
    theirs = {one.name for one in (state.scratch, state.spare) if one} - ours
    return next((name for name in names if name not in theirs), names[0])


def doubtful(state: State, trailer: str, ignored: frozenset[str]) -> tuple[LogEntry, ...]:
    """Merges and rewritten commits of ours on our branch, down to a commit that needs no proof: see `proofs`."""
    if state.contained or state.ours is None:
        return ()
    log = {entry.oid: entry for entry in state.lineage}
    found, entry = [], log.get(state.ours.head.oid)
    while entry and not is_ours(entry, trailer):
        if is_strange(entry, trailer, ignored):
            break
        if not is_ignored(entry, ignored):
            found.append(entry)
        entry = log.get(entry.parents[0]) if entry.parents else None
    return tuple(found)


def plan_of(message: str) -> str:
    """The digest of the plan that a commit was made for."""
    lines = [line for line in message.splitlines() if line.startswith(f"{PLAN_TRAILER}: ")]
    return lines[-1].removeprefix(f"{PLAN_TRAILER}: ") if lines else ""
