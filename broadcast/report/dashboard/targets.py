"""Parts of the dashboard on single targets, each with the box that fits it (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from broadcast.markdown import code, counted, text
from broadcast.observe.boxes import Box, spelled
from broadcast.plan.outcome import Name
from broadcast.plan.reason import Reason
from broadcast.report.dashboard.fleet import entries_of
from broadcast.report.dashboard.view import Entry, View
from broadcast.report.outcomes import WORDS
from broadcast.report.reasons import remedy

NAMED = 3  # notes of one target that are shown

_IN_STEP: tuple[Name, ...] = ("in_sync", "closed", "merged")
_DECLINES = ("declined", "taken_out", "reverted")
_LOCAL = ("local_change", "edited_since", "conflict", "no_base", "undoes", "overwrites")
_CHECKS = {"passed": "checks passed ✅", "running": "checks are running", "failed": "a check failed ❌"}


class Part(NamedTuple):
    """A heading and its lines; one of many lines folds."""

    title: str
    lines: Sequence[str]
    folds: bool = False
    size: int = 0  # of what the lines are about; 0: as many as lines


def parts(view: View) -> list[Part]:
    """All parts with something to show, in order."""
    found = [
        Part("Who must act", [*_act(view)]),
        Part("Declined", [*_declined(view)]),
        Part("Changed by people at the target", [*_changed(view)]),
        *_open(view),
        Part("Waiting", [*_plain(view, "waiting", "deferred")], folds=True),
        Part("Behind", [*_plain(view, "created", "pushed")], folds=True),
        Part("Paused", [*_plain(view, "paused")], folds=True),
        Part("Skipped", [*_plain(view, "skipped")], folds=True),
        Part("In step", [*_in_step(view)], folds=True, size=len(entries_of(view, *_IN_STEP))),
    ]
    return [one for one in found if one.lines]


def _act(view: View) -> Iterable[str]:
    """Failures with one reason share a line; each other target has its own."""
    failures: dict[str, list[str]] = {}
    for one in entries_of(view, "failed"):
        hint = remedy(one.outcome.reason) or WORDS["failed"].remedy
        words = f"{view.words(one.outcome.reason) or 'failed'}; {view.text(hint)}"
        failures.setdefault(words, []).append(view.target(one))
        yield from _boxes(view, one, (), indent="")
    for words, names in failures.items():
        yield f"- ❌ {', '.join(names)}: {words}"
    for one in view.entries:
        if one.needs_people and one.name != "failed":
            yield from _item(view, one, "rebuild", f"{view.target(one)} {_trouble(view, one)}")


def _trouble(view: View, one: Entry) -> str:
    found = list[str]()
    if one.name in ("edited", "incomplete"):
        found.append(f"{WORDS[one.name].sign} {view.words(one.outcome.reason)}")
    if one.failed:
        names = ", ".join(code(name) for name in one.failed[:NAMED] if name)
        found.append(f"❌ a check failed{f': {names}' if names else ''}")
    if one.pull and one.pull.conflicting:
        found.append("conflicts with its base")
    errors = one.outcome.file_errors[:NAMED] if one.name != "incomplete" else ()
    found += (f"left out {code(error.path)}: {view.text(error.reason)}" for error in errors)
    return f"{'; '.join(found)}{_since(one)}"


def _declined(view: View) -> Iterable[str]:
    """Who declined what; some of a pull request's files, or all that would be proposed."""
    for one in view.entries:
        some = one.reasons(*_DECLINES)
        if one.name == "declined":
            yield from _item(view, one, "retry", f"{view.target(one)}: {view.words(one.outcome.reason)}")
        elif some:
            yield from _item(view, one, "retry", f"{view.target(one)}: {_notes(view, some)}")


def _changed(view: View) -> Iterable[str]:
    for one in view.entries:
        if found := one.reasons(*_LOCAL):
            yield f"- {view.target(one)}: {_notes(view, found)}"


def _notes(view: View, found: Sequence[Reason]) -> str:
    shown = [view.words(one) for one in found[:NAMED]]
    more = len(found) - len(shown)
    return "; ".join(shown) + (f" and {counted(more, 'file')} more" if more > 0 else "")


def _open(view: View) -> Iterable[Part]:
    """Open pull requests that wait for their reviewers, by wave."""
    found = [one for one in entries_of(view, "open", "updated", "enqueued") if not one.needs_people]
    for wave in dict.fromkeys(one.wave for one in found):
        lines = [line for one in found if one.wave == wave for line in _pull(view, one)]
        yield Part(f"Open pull requests{f' of the wave {text(wave)}' if wave else ''}", lines, folds=True)


def _pull(view: View, one: Entry) -> Iterable[str]:
    yield from _item(view, one, "rebuild", f"{view.target(one)}{_since(one)}{_checks(one)}")


def _since(one: Entry) -> str:
    return f", open since {one.opened}" if one.opened else ""


def _checks(one: Entry) -> str:
    words = _CHECKS.get(one.pull.checks) if one.pull else None
    return f", {words}" if words else ""


def _plain(view: View, *names: Name) -> Iterable[str]:
    for one in entries_of(view, *names):
        why = view.words(one.outcome.reason) if one.name != "waiting" else _wave(one)
        yield f"- {view.target(one)}{_since(one)}{f': {why}' if why else ''}"
        yield from _boxes(view, one, (), indent="  ")


def _wave(one: Entry) -> str:
    """The wave that it waits for; how that one stands is said with the waves."""
    wave = one.outcome.reason.wave if one.outcome.reason else None
    return f"waits for the wave {text(wave.name)}" if wave else ""


def _in_step(view: View) -> Iterable[str]:
    """Names only, ten in a line."""
    names = [text(one.label) for one in entries_of(view, *_IN_STEP)]
    for start in range(0, len(names), 10):
        yield f"{', '.join(names[start : start + 10])}{',' if start + 10 < len(names) else ''}"


def _item(view: View, one: Entry, kind: str, words: str) -> Iterable[str]:
    """A target with its box, and below it those of other kinds that are still ticked."""
    box = Box("retry" if kind == "retry" else "rebuild", one.label)
    has_box = box.kind == "retry" or bool(one.outcome.pull_request)
    yield spelled(box, f"{box.kind} {words}", view.ticks) if has_box else f"- {words}"
    yield from _boxes(view, one, (box,) if has_box else (), indent="  ")


def _boxes(view: View, one: Entry, shown: Sequence[Box], indent: str) -> Iterable[str]:
    """Boxes that are still ticked and have no place of their own."""
    natural = Box("retry", one.label) if one.name == "declined" or one.reasons(*_DECLINES) else None
    for kind in ("rebuild", "retry"):
        box = Box("rebuild", one.label) if kind == "rebuild" else Box("retry", one.label)
        if box in view.ticks and box not in shown and box != natural:
            yield indent + spelled(box, f"{kind} {text(one.label)}", view.ticks)
