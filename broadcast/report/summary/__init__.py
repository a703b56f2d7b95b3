"""The job summary, as Markdown (pure)."""

from __future__ import annotations

from broadcast.github.usage import Usage
from broadcast.pipeline.run import Run
from broadcast.report.summary.attention import attention, left_out
from broadcast.report.summary.changes import arrivals, changes, deletions, departures, each, warnings
from broadcast.report.summary.comparison import effects
from broadcast.report.summary.cost import price
from broadcast.report.summary.harvest import improvements, unable
from broadcast.report.summary.header import explanation, opening, problems
from broadcast.report.summary.rollout import waves
from broadcast.report.summary.sections import CAPS, Section, fitted, size
from broadcast.report.summary.standing import stands

MAX_SUMMARY = 900 * 1024  # bytes; the runner drops a summary above 1 MiB whole


def summary(run: Run, usage: Usage, now: float) -> str:
    """The job summary, at most MAX_SUMMARY bytes for any fleet; `now` in seconds since the epoch."""
    first, cost = "\n".join(opening(run, usage)), "\n".join(price(run, usage))
    before = _present(problems(run), waves(run), explanation(run), improvements(run), unable(run), effects(run))
    before += _present(attention(run, now), stands(run, now), left_out(run), changes(run))
    before += _present(deletions(run), arrivals(run), departures(run), warnings(run))
    last = _present(each(run, usage))
    room = MAX_SUMMARY - size((first, cost))
    parts = _fitted([*before, *last], room)
    return "\n".join(filter(None, (first, *parts[: len(before)], cost, *parts[len(before) :])))


def _present(*sections: Section | None) -> list[Section]:
    return [one for one in sections if one]


def _fitted(sections: list[Section], room: int) -> list[str]:
    """Each section in its share of `room` bytes; longer sections also get what shorter ones leave."""
    parts: dict[int, str] = {}
    for at in sorted(range(len(sections)), key=lambda at: size(sections[at].rows(CAPS[0]))):
        parts[at] = fitted(sections[at], room // (len(sections) - len(parts)))
        room -= size((parts[at],))
    return [parts[at] for at in range(len(sections))]


__all__ = ["MAX_SUMMARY", "summary"]
