"""Where the config names what failed (pure)."""

from __future__ import annotations

from collections.abc import Iterable

from broadcast.config.model import problem_at
from broadcast.errors import Problem
from broadcast.pipeline.run import Run
from broadcast.plan.outcome import Outcome


def problem_of(run: Run, one: Outcome, message: str = "", remedy: str = "") -> Problem:
    """A problem of a target or a selector, at its line of the config where that is known."""
    place = run.places.get(one.target)
    if place is None or not place.line or run.config is None:
        return Problem("", 0, 0, message, remedy)
    return problem_at(run.config, place, message, remedy)


def place_of(run: Run, one: Outcome) -> str:
    """`file:line:column` of what failed; empty for other outcomes, or where it isn't known."""
    return problem_of(run, one).place if one.name == "failed" else ""


def excerpt_of(run: Run, one: Outcome) -> Iterable[str]:
    """The place of what failed, its line and a caret below; nothing for other outcomes."""
    if place := place_of(run, one):
        yield place
        yield from (f"    {line}" for line in problem_of(run, one).excerpt.splitlines())
