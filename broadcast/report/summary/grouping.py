"""Targets that came to the same outcome for the same reason, in one group (pure).

Reasons differ in what belongs to each target: its name, its pull request's number, a commit. Reasons that are equal
but for that make one group.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

from msgspec import Struct

from broadcast.errors import FileError
from broadcast.markdown import code, numbered, text
from broadcast.plan.outcome import Outcome
from broadcast.plan.reason import Reason
from broadcast.plan.shared import UNMERGED
from broadcast.report.reasons import Phrase, kind_of, notes, phrase, remedy, shared, words

_Item = TypeVar("_Item")
_Key = TypeVar("_Key", bound=Hashable)
UNBROKEN = str.maketrans({" ": "\u00a0", "-": "\u2011"})  # a note stays in one line


class OutcomeGroup(Struct, frozen=True):
    """Targets with equal reasons."""

    outcomes: tuple[Outcome, ...]
    reason: str  # plain text
    notes: tuple[str, ...]  # of each outcome: what the reason leaves open, plain text

    def names(self, server: str, more: Callable[[Outcome], str] = lambda _: "") -> list[str]:
        """Each target with its pull request at `server` and what is special about it, as Markdown."""
        both = zip(self.outcomes, self.notes, strict=True)
        return [named(one, server, ", ".join(filter(None, (note, more(one))))) for one, note in both]


def named(one: Outcome, server: str, note: str = "") -> str:
    """A target with its pull request, or the one that people closed, and a note, as Markdown."""
    name = " ".join(filter(None, (code(one.target), numbered(one.pull_request or _closed(one, server)))))
    return f"{name}\u00a0({text(note).translate(UNBROKEN)})" if note else name


def _closed(one: Outcome, server: str) -> str:
    """The URL of the pull request by which people declined everything; empty where they didn't."""
    closings = one.reason.closings if one.reason else ()
    return f"{server}/{one.target.partition('@')[0]}/pull/{closings[0].pull}" if closings else ""


def alike(outcomes: Iterable[Outcome], key: Callable[[Outcome], Hashable]) -> list[OutcomeGroup]:
    """The outcomes with equal keys and, but for what belongs to each target, equal reasons; large groups first."""
    found = by(outcomes, lambda one: (key(one), kind_of(phrase(one.reason, one.target))))
    return sorted((_group(those) for those in found.values()), key=lambda group: -len(group.outcomes))


def notes_alike(outcomes: Iterable[Outcome]) -> list[list[tuple[Outcome, Phrase]]]:
    """Notes that are equal but for what belongs to each target; two of one target are never grouped."""
    found: dict[Hashable, list[tuple[Outcome, Phrase]]] = {}
    for one in outcomes:
        seen: Counter[Hashable] = Counter()
        for note in dict.fromkeys(note for note in one.notes if not _is_known(one, note)):
            parts = phrase(note, one.target)
            kind = kind_of(parts)
            found.setdefault((kind, seen[kind]), []).append((one, parts))
            seen[kind] += 1
    return list(found.values())


def _is_known(one: Outcome, note: Reason) -> bool:
    """Whether it is said elsewhere: people closed the whole change, or a merge left the file."""
    why = note.why.kind if note.why else ""
    return (one.name == "declined" and why == "declined") or why in UNMERGED


def unsent(outcomes: Iterable[Outcome]) -> list[tuple[Sequence[FileError], Sequence[Outcome]]]:
    """Files that weren't sent: those with equal reasons and targets together."""
    found: dict[FileError, list[Outcome]] = {}
    for one in outcomes:
        for error in dict.fromkeys((*one.file_errors, *_unmerged(one))):
            found.setdefault(error, []).append(one)
    groups = by(found, lambda error: (error.reason, error.remedy, tuple(one.target for one in found[error])))
    return [(errors, found[errors[0]]) for errors in groups.values()]


def _unmerged(one: Outcome) -> Iterable[FileError]:
    """Files whose changes a merge could not carry over."""
    for note in one.notes:
        if note.kind == "left_out" and note.why and note.why.kind in UNMERGED:
            yield FileError(note.name, words(note.why), remedy(note.why))


def by(items: Iterable[_Item], key: Callable[[_Item], _Key]) -> dict[_Key, list[_Item]]:
    """The items by their key, in the order in which they came."""
    found: dict[_Key, list[_Item]] = defaultdict(list)
    for item in items:
        found[key(item)].append(item)
    return found


def _group(outcomes: Sequence[Outcome]) -> OutcomeGroup:
    phrases = [phrase(one.reason, one.target) for one in outcomes]
    return OutcomeGroup(tuple(outcomes), shared(phrases), tuple(notes(phrases)))
