"""What a target of go-broadcast's config sends, as entries of ours, without what is overwritten (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from broadcast.config import gobroadcast_patterns as patterns
from broadcast.config.format_entries import WrittenMapping, WrittenTransform
from broadcast.config.gobroadcast import excluding
from broadcast.git import paths
from broadcast.git.ignore import DEFAULT_EXCLUDES
from broadcast.migrate.document import Document
from broadcast.migrate.entries import escaped
from broadcast.migrate.model import SourceList
from broadcast.snapshot.filters import Filter

DELETED = -1
_DEFAULT = {*DEFAULT_EXCLUDES, *patterns.excludes(patterns.UNSAID), ".DS_Store"}  # what ours leave out anyway
Texts = tuple[bool, tuple[tuple[str, str], ...]]  # how a target's texts are changed


class Step(NamedTuple):
    """One file, directory or deletion, as go-broadcast does them one after the other."""

    written: WrittenMapping
    directory: bool
    own: bool  # whether a target has it, and says nothing of `exclude`
    alone: bool  # whether it must not inherit the target's transform
    texts: Texts

    @property
    def src(self) -> str:
        """The path in the source, without a slash at its ends."""
        return self.written.src.strip("/") or "."

    @property
    def dest(self) -> str:
        """The path in the target, without a slash at its ends."""
        return self.written.dest.strip("/") or "."

    def filter(self) -> tuple[list[str], list[str]]:
        """Exact patterns: `include_only` and `exclude`."""
        exclude = excluding(self.written, own=self.own)
        if self.written.include_only:
            return patterns.only(self.written.include_only, exclude)
        return [], patterns.excludes(exclude)

    def sent(self, listing: SourceList) -> dict[str, str]:
        """Destination → source of what it sends."""
        if not self.directory:
            return {paths.normalise(self.dest): paths.normalise(self.src)}
        src, dest = paths.normalise(self.src), paths.normalise(self.dest)
        found = _kept(listing.below(src), *self.filter(), hidden=self.written.include_hidden)
        flat = not self.written.preserve_structure
        return {paths.join(dest, one.rpartition("/")[2] if flat else one): paths.join(src, one) for one in found}


def texts_of(written: WrittenTransform) -> Texts:
    """How a transform changes texts."""
    return bool(written.repo_name), tuple(sorted(written.variables.items()))


def transform_of(written: WrittenTransform) -> dict[str, Any]:
    """The same, as values of a config."""
    repo_name, variables = texts_of(written)
    return {
        **({"repo_name": True} if repo_name else {}),
        **({"variables": {str(key): str(value) for key, value in variables}} if variables else {}),
    }


def usable(doc: Document, steps: Iterable[Step], listing: SourceList) -> list[Step]:
    """The steps that do something; a note of each of the others."""
    kept = []
    for one in steps:
        if said := idle(one, listing):
            doc.note(one.written.place, one.src, *said)
        else:
            kept.append(one)
    return kept


def entries(doc: Document, steps: Sequence[Step], listing: SourceList, label: str) -> list[dict[str, Any] | None]:
    """The entry of each step; None where later ones leave nothing of it, with a note."""
    sent = [{} if one.written.delete else one.sent(listing) for one in steps]
    last = _winners(steps, sent)
    made: list[dict[str, Any] | None] = []
    for at, one in enumerate(steps):
        lost = _undone(at, steps, sent, last)
        if one.written.delete:
            made.append(None if lost else {"dest": one.dest, "delete": True})
        else:
            made.append(_without(one, lost, sent[at], listing))
        if lost:
            more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
            did = f"did this to {label} first, and something else to {lost[0]}{more} afterwards"
            doc.note(one.written.place, one.dest, did, "only the last is kept, which is what the target got")
    return made


def _winners(steps: Sequence[Step], sent: Sequence[Mapping[str, str]]) -> dict[str, int]:
    """Destination → the number of the step that has the last word; DELETED: it is deleted."""
    last: dict[str, int] = {}
    for at, one in enumerate(steps):
        if one.written.delete:
            last |= dict.fromkeys((dest for dest in last if paths.is_below(dest, one.dest)), DELETED)
        else:
            last |= dict.fromkeys(sent[at], at)
    return last


def _undone(at: int, steps: Sequence[Step], sent: Sequence[Mapping[str, str]], last: Mapping[str, int]) -> list[str]:
    """The destinations of a step on which another one has the last word, and another content."""
    one = steps[at]
    if one.written.delete:
        return [dest for dest, winner in last.items() if winner != DELETED and paths.is_below(dest, one.dest)][:1]

    def is_other(dest: str, src: str) -> bool:
        winner = last[dest]
        if winner in (at, DELETED):
            return winner != at
        return steps[winner].texts != one.texts or sent[winner][dest] != src

    return [dest for dest, src in sent[at].items() if is_other(dest, src)]


def entry(one: Step, listing: SourceList, without: Sequence[str] = ()) -> dict[str, Any]:
    """The entry of a step that sends, without some paths below its `src`."""
    said = {**({"inherit": False} if one.alone else {}), **transform_of(one.written.transform)}
    return {
        "src": one.src,
        **({"dest": one.dest} if one.dest != one.src else {}),
        **(_patterns(one, listing, without) if one.directory else {}),
        **({} if one.written.preserve_structure else {"preserve_structure": False}),
        **({} if one.written.include_hidden else {"include_hidden": False}),
        **({"transform": said} if said and one.directory else {}),
    }


def idle(one: Step, listing: SourceList) -> tuple[str, str] | None:
    """What go-broadcast did about a step that has nothing to send, and what to do; None if it has something."""
    if one.written.delete or not listing:
        return None
    if one.directory and not listing.is_directory(one.src):
        what = "a file" if listing.is_file(one.src) else "not there"
        return f"skipped this directory, which is {what}", "left out; commit it first, or correct `src`"
    if not one.directory and not listing.is_file(one.src):
        if listing.is_directory(one.src):
            return "failed at this directory", "left out; list it under `directories`"
        return "skipped this file, which is not there", "left out; commit it first, or correct `src`"
    if not one.sent(listing):
        return "sent nothing of it: every file is excluded", "left out; loosen the patterns if it matters"
    return None


def _without(one: Step, lost: Sequence[str], sent: Mapping[str, str], listing: SourceList) -> dict[str, Any] | None:
    if lost and len(lost) == len(sent):
        return None
    src = paths.normalise(one.src)
    return entry(one, listing, [sent[dest] if src == "." else sent[dest][len(src) + 1 :] for dest in lost])


def _patterns(one: Step, listing: SourceList, without: Sequence[str]) -> dict[str, Any]:
    """The shortest patterns that send the same of the source as it is now."""
    below, hidden = listing.below(paths.normalise(one.src)) if listing else [], one.written.include_hidden
    only, exact = one.filter()
    wanted = _kept(below, only, exact, hidden=hidden)
    brief = exact if only else patterns.excludes(excluding(one.written, own=one.own), brief=True)
    short = [form for form in brief if form not in _DEFAULT and not (only and form.startswith("!"))]
    more = [escaped(path) for path in without]
    for exclude, defaults in ((short, True), (brief, False)) if listing else ():
        if _kept(below, only, [*(DEFAULT_EXCLUDES if defaults else ()), *exclude], hidden=hidden) == wanted:
            return _said(only, [*exclude, *more], defaults=defaults)
    return _said(only, [*exact, *more], defaults=False)


def _said(only: Sequence[str], exclude: Sequence[str], *, defaults: bool) -> dict[str, Any]:
    return {
        **({"include_only": [*map(str, only)]} if only else {}),
        **({"exclude": [*map(str, exclude)]} if exclude else {}),
        **({} if defaults else {"default_excludes": False}),
    }


def _kept(below: Iterable[str], only: Sequence[str], exclude: Sequence[str], *, hidden: bool) -> list[str]:
    left_out = Filter(exclude, only, hidden=hidden)
    return [path for path in below if not left_out.match(path)]
