"""What needs a person: failures, commits and lost changes of people, old pull requests, unsent files (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from broadcast.markdown import code, counted, head, row, text
from broadcast.pipeline.run import Run
from broadcast.plan.outcome import URGENT, Name, Outcome
from broadcast.report.headline import days_open
from broadcast.report.outcomes import WORDS, plain
from broadcast.report.places import place_of, problem_of
from broadcast.report.reasons import asks, remedy
from broadcast.report.summary.grouping import OutcomeGroup, UnsentFiles, alike, by, lost_files, named, unsent
from broadcast.report.summary.labels import LOSS_SIGN, OLD_SIGN
from broadcast.report.summary.sections import Section, filed, listed

OLD = 14  # days after which an open pull request is listed
_KEEP = "look before you merge; close the pull request to keep what people changed"
_BUG = "please report this with the traceback from the log"


class _Place(NamedTuple):
    """Where and when the table is read."""

    server: str  # URL
    now: float  # seconds since the epoch
    cap: int  # bytes that a cell may fold away
    line: Callable[[Outcome], str] = lambda _: ""  # of the config, where it names what failed


def attention(run: Run, now: float) -> Section | None:
    """The table of targets that need a person; `now` in seconds since the epoch."""
    urgent, calm = ([one for one in run.outcomes if needs_person(one) is so] for so in (True, False))
    losing = [one for one in calm if lost_files(one)]
    old = [one for one in calm if one.name not in ("closed", "merged") and days_open(one, now) >= OLD]
    if not (urgent or losing or old):
        return None
    lines = ("### Needs a person\n", *head("", "repository", "why", "what to do"))
    found = by(urgent, lambda one: one.name)
    groups = {name: alike(found[name], _remedy) for name in URGENT}
    line, server = partial(_line, run), run.context.server_url
    return Section(lines, lambda cap: list(_rows(groups, losing, old, _Place(server, now, cap, line))))


def needs_person(one: Outcome) -> bool:
    """Whether its outcome asks somebody to do something."""
    return one.name in URGENT and (one.name != "deferred" or asks(_remedy(one)))


def left_out(run: Run) -> Section | None:
    """The table of files that weren't sent."""
    found = unsent(run.outcomes)
    if not found:
        return None
    lines = ("### Files left out\n", *head("file", "why", "what to do", "repository"))
    return Section(lines, lambda cap: [_file_row(one, run, cap) for one in found])


def _file_row(found: UnsentFiles, run: Run, cap: int) -> str:
    files = filed({path: code(path) for path in found.paths}, cap)
    names = listed([named(one, run.context.server_url) for one in found.outcomes], "repositories", cap, "<br>")
    return row(files, text(found.reason), text(found.remedy), names)


def _rows(
    groups: Mapping[Name, Sequence[OutcomeGroup]], losing: Sequence[Outcome], old: Sequence[Outcome], place: _Place
) -> Iterable[str]:
    for name in URGENT:
        for group in groups[name]:
            yield _row(f"{WORDS[name].sign}\u00a0{plain(name)}", group, place)
    for paths, outcomes in by(losing, lost_files).items():
        yield _loss(paths, outcomes, place)
    if old:
        yield _old(old, place)


def _loss(paths: Sequence[str], outcomes: Sequence[Outcome], place: _Place) -> str:
    """What people changed and lose when they merge."""
    names = listed([named(one, place.server) for one in outcomes], "repositories", place.cap, "<br>")
    files = filed({path: code(path) for path in paths}, place.cap)
    return row(f"{LOSS_SIGN}\u00a0undoes", names, f"undoes what people changed in<br>{files}", _KEEP)


def _row(sign: str, group: OutcomeGroup, place: _Place) -> str:
    names = group.names(place.server, lambda one: ", ".join(filter(None, (place.line(one), _age(one, place.now)))))
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


def _line(run: Run, one: Outcome) -> str:
    return f"line {problem_of(run, one).line} of the config" if place_of(run, one) else ""


def _remedy(one: Outcome) -> str:
    return remedy(one.reason) or (_BUG if one.traceback else WORDS[one.name].remedy)


def _age(one: Outcome, now: float) -> str:
    days = days_open(one, now)
    return f"open for {counted(days, 'day')}" if days >= OLD else ""
