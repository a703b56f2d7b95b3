"""What needs a person: failures, people's decisions, old pull requests, and files that weren't sent (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from broadcast.errors import FileError
from broadcast.markdown import code, counted, head, row, text
from broadcast.pipeline.run import Run
from broadcast.plan.outcome import URGENT, Name, Outcome
from broadcast.report.headline import days_open
from broadcast.report.outcomes import WORDS, plain
from broadcast.report.reasons import remedy
from broadcast.report.summary.grouping import OutcomeGroup, alike, by, named, unsent
from broadcast.report.summary.labels import OLD_SIGN
from broadcast.report.summary.sections import Section, listed

OLD = 14  # days after which an open pull request is listed
_BUG = "please report this with the traceback from the log"


class _Place(NamedTuple):
    """Where and when the table is read."""

    server: str  # URL
    now: float  # seconds since the epoch
    cap: int  # bytes that a cell may fold away


def attention(run: Run, now: float) -> Section | None:
    """The table of targets that need a person; `now` in seconds since the epoch."""
    old = [one for one in run.outcomes if one.name not in (*URGENT, "closed", "merged") and days_open(one, now) >= OLD]
    if not old and not any(one.name in URGENT for one in run.outcomes):
        return None
    lines = ("### Needs a person\n", *head("", "repository", "why", "what to do"))
    found = by(run.outcomes, lambda one: one.name)
    groups = {name: alike(found[name], _remedy) for name in URGENT}
    return Section(lines, lambda cap: list(_rows(groups, old, _Place(run.context.server_url, now, cap))))


def left_out(run: Run) -> Section | None:
    """The table of files that weren't sent."""
    found = unsent(run.outcomes)
    if not found:
        return None
    lines = ("### Files left out\n", *head("file", "why", "what to do", "repository"))
    return Section(lines, lambda cap: [_file_row(errors, outcomes, run, cap) for errors, outcomes in found])


def _file_row(errors: Sequence[FileError], outcomes: Sequence[Outcome], run: Run, cap: int) -> str:
    files = listed([code(error.path) for error in errors], "files", cap, "<br>")
    names = listed([named(one, run.context.server_url) for one in outcomes], "repositories", cap, "<br>")
    return row(files, text(errors[0].reason), text(errors[0].remedy), names)


def _rows(groups: Mapping[Name, Sequence[OutcomeGroup]], old: Sequence[Outcome], place: _Place) -> Iterable[str]:
    for name in URGENT:
        if name == "deferred" and old:
            yield _old(old, place)
        for group in groups[name]:
            yield _row(f"{WORDS[name].sign}\u00a0{plain(name)}", group, place)


def _row(sign: str, group: OutcomeGroup, place: _Place) -> str:
    names = group.names(place.server, lambda one: _age(one, place.now))
    return row(
        sign, listed(names, "repositories", place.cap, "<br>"), text(group.reason), text(_remedy(group.outcomes[0]))
    )


def _old(old: Sequence[Outcome], place: _Place) -> str:
    eldest = sorted(old, key=lambda one: -days_open(one, place.now))
    most, least = (days_open(one, place.now) for one in (eldest[0], eldest[-1]))
    names = [named(one, place.server, "" if most == least else _age(one, place.now)) for one in eldest]
    since = counted(most, "day") if most == least else f"{least} to {counted(most, 'day')}"
    why = f"its pull request is open for {since}" if len(old) == 1 else f"pull requests open for {since}"
    shown = listed(names, "repositories", place.cap, "<br>")
    return row(f"{OLD_SIGN}\u00a0old", shown, why, "merge it, or close it to decline")


def _remedy(one: Outcome) -> str:
    return remedy(one.reason) or (_BUG if one.traceback else WORDS[one.name].remedy)


def _age(one: Outcome, now: float) -> str:
    days = days_open(one, now)
    return f"open for {counted(days, 'day')}" if days >= OLD else ""
