"""Targets that came to the same outcome for the same reason, in one group (pure).

Reasons differ in what belongs to each target: its name, its pull request's number, a commit. Reasons that are equal
but for that make one group.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import NamedTuple, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from broadcast.errors import FileError
from broadcast.markdown import code, link, numbered, text
from broadcast.observe.change import Change
from broadcast.plan.outcome import URGENT, Outcome
from broadcast.plan.reason import Kind, Reason
from broadcast.plan.shared import UNMERGED
from broadcast.report.by_directory import FEW, in_words
from broadcast.report.reasons import Phrase, kind_of, notes, phrase, remedy, shared, words

_Item = TypeVar("_Item")
_Key = TypeVar("_Key", bound=Hashable)
UNBROKEN = str.maketrans({" ": "\u00a0", "-": "\u2011"})  # a note stays in one line
LOSSES: tuple[Kind, ...] = ("undoes", "overwrites")  # notes on people's changes that would be lost
_OF_FILES: tuple[Kind, ...] = ("left_out", *LOSSES)  # notes whose name is that of a file


class NoteGroup(NamedTuple):
    """Notes that are alike."""

    targets: Sequence[str]
    words: str  # plain text
    paths: Sequence[str]  # of many files that it is about; empty: the words have all names


class UnsentFiles(NamedTuple):
    """Files that weren't sent, for equal reasons and to the same targets."""

    paths: Sequence[str]
    outcomes: Sequence[Outcome]
    reason: str  # plain text
    remedy: str  # plain text


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
    """A target with its pull request, the one that people closed, or what was pushed, and a note, as Markdown."""
    pull = numbered(one.pull_request or _closed(one, server))
    name = " ".join(filter(None, (code(one.target), pull, pushed(one, server))))
    return f"{name}\u00a0({text(note).translate(UNBROKEN)})" if note else name


def pushed(one: Outcome, server: str) -> str:
    """The commit that it got on its base, as Markdown; empty where it got none."""
    home = f"{server}/{one.target.partition('@')[0]}"
    return link(code(one.pushed[:10]), f"{home}/commit/{one.pushed}") if one.pushed else ""


def _closed(one: Outcome, server: str) -> str:
    """The URL of the pull request by which people declined everything; empty where they didn't."""
    closings = one.reason.closings if one.reason else ()
    return f"{server}/{one.target.partition('@')[0]}/pull/{closings[0].pull}" if closings else ""


def alike(outcomes: Iterable[Outcome], key: Callable[[Outcome], Hashable]) -> list[OutcomeGroup]:
    """The outcomes with equal keys and, but for what belongs to each target, equal reasons; large groups first."""
    found = by(outcomes, lambda one: (key(one), kind_of(phrase(one.reason, one.target))))
    return sorted((_group(those) for those in found.values()), key=lambda group: -len(group.outcomes))


def notes_alike(outcomes: Iterable[Outcome], known: Sequence[Kind] = ()) -> list[NoteGroup]:
    """Notes that are equal but for what belongs to each target; two of one target are never grouped.

    Many of one target that differ in their file alone are one note. What is `known` is said elsewhere.
    """
    found: dict[tuple[Phrase, tuple[str, ...], int], list[tuple[str, Phrase]]] = {}
    for one in outcomes:
        seen: Counter[Hashable] = Counter()
        notes = dict.fromkeys(note for note in one.notes if note.kind not in known and not _is_known(one, note))
        for note, paths in _bundled(notes):
            parts = phrase(note, one.target)
            kind = (kind_of(parts), paths)
            found.setdefault((*kind, seen[kind]), []).append((one.target, parts))
            seen[kind] += 1
    return [
        NoteGroup(list(dict.fromkeys(name for name, _ in pairs)), shared([parts for _, parts in pairs]), paths)
        for (_, paths, _), pairs in found.items()
    ]


def _bundled(found: Iterable[Reason]) -> Iterable[tuple[Reason, tuple[str, ...]]]:
    """The notes; those that differ in their file alone as one, with the paths, if they are many."""
    for those in by(found, lambda note: replace(note, name="") if note.kind in _OF_FILES else note).values():
        paths = tuple(note.name for note in those)
        if len(those) > FEW:
            yield replace(those[0], name=in_words(paths)), paths
        else:
            yield from ((note, ()) for note in those)


def shown_changes(one: Outcome) -> Sequence[Change]:
    """The changes that are listed of an outcome: what becomes of it, not what could."""
    return () if one.name in (*URGENT, "declined") else one.changes


def lost_files(one: Outcome) -> tuple[str, ...]:
    """The files in which its change undoes or overwrites what people changed."""
    return tuple(sorted({note.name for note in one.notes if note.kind in LOSSES}))


def _is_known(one: Outcome, note: Reason) -> bool:
    """Whether it is said elsewhere: people closed the whole change, or a merge left the file."""
    why = note.why.kind if note.why else ""
    return (one.name == "declined" and why == "declined") or why in UNMERGED


def unsent(outcomes: Iterable[Outcome]) -> list[UnsentFiles]:
    """Files that weren't sent: those together whose targets are equal, and reasons but for the name of the file."""
    found: dict[FileError, list[Outcome]] = {}
    for one in outcomes:
        for error in dict.fromkeys((*one.file_errors, *_unmerged(one))):
            found.setdefault(error, []).append(one)
    groups = by(found, lambda error: (*_without_path(error), tuple(one.target for one in found[error])))
    return [_unsent(errors, found[errors[0]]) for errors in groups.values()]


def _unsent(errors: Sequence[FileError], outcomes: Sequence[Outcome]) -> UnsentFiles:
    first = errors[0]
    same = all((one.reason, one.remedy) == (first.reason, first.remedy) for one in errors)
    said = (first.reason, first.remedy) if same else _without_path(first)
    return UnsentFiles([one.path for one in errors], outcomes, *said)


def _without_path(error: FileError) -> tuple[str, str]:
    """The reason and the remedy without the file that they name."""
    path = error.path
    return (error.reason.replace(path, "…"), error.remedy.replace(path, "…")) if path else (error.reason, error.remedy)


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
