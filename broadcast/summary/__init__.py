"""The job summary: what people read of a run, as Markdown (pure)."""

from __future__ import annotations

from broadcast.api.ledger import Ledger
from broadcast.run import Run
from broadcast.summary.attention import attention, left_out
from broadcast.summary.effects import effects
from broadcast.summary.fleet import arrivals, changes, deletions, departures, each, warnings
from broadcast.summary.markup import Section, fitted, size
from broadcast.summary.opening import explanation, opening, problems
from broadcast.summary.price import price

MAX_SUMMARY = 900 * 1024  # bytes; the runner drops a summary above 1 MiB whole


def summary(run: Run, ledger: Ledger, now: float) -> str:
    """The job summary, at most MAX_SUMMARY bytes for any fleet; `now` in seconds since the epoch."""
    first, cost = "\n".join(opening(run, ledger)), "\n".join(price(run, ledger))
    before = _present(problems(run), explanation(run), effects(run), attention(run, now), left_out(run), changes(run))
    before += _present(deletions(run), arrivals(run), departures(run), warnings(run))
    last = _present(each(run, ledger))
    room = MAX_SUMMARY - size((first, cost))
    parts = _fitted([*before, *last], room)
    return "\n".join(filter(None, (first, *parts[: len(before)], cost, *parts[len(before) :])))


def _present(*sections: Section | None) -> list[Section]:
    return [one for one in sections if one]


def _fitted(sections: list[Section], room: int) -> list[str]:
    """Each section in its share of `room` bytes; what one doesn't use, those after it may."""
    parts: list[str] = []
    for at, section in enumerate(sections):
        part = fitted(section, room // (len(sections) - at))
        room -= size((part,))
        parts.append(part)
    return parts


__all__ = ["MAX_SUMMARY", "summary"]
