"""The outcome of each target so far, and of unfinished targets when a run is stopped (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from broadcast.config.selectors import Selector
from broadcast.config.targets import Target
from broadcast.plan.outcome import Outcome
from broadcast.plan.plan import pending
from broadcast.plan.reason import Reason, said
from broadcast.snapshot.snapshot import Snapshot

if TYPE_CHECKING:
    from broadcast.pipeline.run import Run

_WRITING = Reason("stopped_writing")
_OPEN = (None, _WRITING)  # reasons of what has no outcome yet


def expect(run: Run, snapshots: Mapping[Target, Snapshot], unlisted: Iterable[Selector]) -> None:
    """Register the targets of a run and its failed selectors, in this order."""
    run.known = {target.label: pending(target, snapshot) for target, snapshot in snapshots.items()}
    run.known |= {selector.label: Outcome(selector.label, "", "deferred") for selector in unlisted}


def begin(run: Run, label: str) -> None:
    """Mark a target as being written to."""
    run.known[label] = replace(run.known[label], reason=_WRITING)


def end(run: Run, outcome: Outcome) -> None:
    """Record the outcome of a target."""
    run.known[outcome.target] = outcome


def settle(run: Run) -> None:
    """Sort the outcomes as in the config, and add the notes that came after them."""
    warned: dict[str, tuple[Reason, ...]] = {}
    notes, run.notes = run.notes(), tuple
    for label, warning in notes:
        warned[label] = (*warned.get(label, ()), said(warning))
    place = {label: at for at, label in enumerate(run.known)}
    run.outcomes.sort(key=lambda outcome: place[outcome.target])
    run.outcomes[:] = [replace(one, notes=(*one.notes, *warned.get(one.target, ()))) for one in run.outcomes]


def stopped(run: Run, by: str, now: float) -> Run:
    """A copy of the run at `now`, in seconds by the clock of its phases; running threads don't change it."""
    known, running = dict(run.known), dict(run.running)
    outcomes = {one.target: one for one in list(run.outcomes)}
    phases = run.phases | {name: run.phases.get(name, 0.0) + now - since for name, since in running.items()}
    ended = [outcomes.get(label) or left(one, by) for label, one in known.items()]
    frozen = replace(run, stopped=by, phases=phases, warnings=list(run.warnings), outcomes=ended, known=known)
    settle(frozen)
    return frozen


def left(one: Outcome, by: str) -> Outcome:
    """The outcome of a target that was stopped before or during its work; finished ones keep theirs."""
    if one.name != "deferred" or one.reason not in _OPEN:
        return one
    return replace(one, reason=replace(one.reason or Reason("stopped"), name=by))
