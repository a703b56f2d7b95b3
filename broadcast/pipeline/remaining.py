"""What has become of each target so far; of those without an outcome, what it is when the run is stopped (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from broadcast.config.targets import Target
from broadcast.plan.outcome import Outcome
from broadcast.plan.reason import Reason, said
from broadcast.snapshot.snapshot import Snapshot

if TYPE_CHECKING:
    from broadcast.pipeline.run import Run

_WRITING = Reason("stopped_writing")
_OPEN = (None, _WRITING)  # reasons of what has no outcome yet


def expect(run: Run, snapshots: Mapping[Target, Snapshot]) -> None:
    """These targets are to come to an outcome, in this order."""
    run.known = {
        target.label: Outcome(
            target.label, target.base or "", "deferred", file_errors=snapshot.errors, files=len(snapshot.files)
        )
        for target, snapshot in snapshots.items()
    }


def begin(run: Run, label: str) -> None:
    """From now on something may be written to the target."""
    run.known[label] = replace(run.known[label], reason=_WRITING)


def end(run: Run, outcome: Outcome) -> Outcome:
    """It has come to its outcome."""
    run.known[outcome.target] = outcome
    return outcome


def settle(run: Run) -> None:
    """Outcomes in the order of the config, with the warnings of what came after them."""
    warned: dict[str, tuple[Reason, ...]] = {}
    notes, run.notes = run.notes(), tuple
    for label, warning in notes:
        warned[label] = (*warned.get(label, ()), said(warning))
    place = {label: at for at, label in enumerate(run.known)}
    run.outcomes.sort(key=lambda outcome: place[outcome.target])
    run.outcomes[:] = [replace(one, notes=(*one.notes, *warned.get(one.target, ()))) for one in run.outcomes]


def stopped(run: Run, by: str, now: float) -> Run:
    """The run as it stands at `now`, by the clock of its phases: threads that still hang change nothing in it."""
    known, running = dict(run.known), dict(run.running)
    outcomes = {one.target: one for one in list(run.outcomes)}
    phases = run.phases | {name: run.phases.get(name, 0.0) + now - since for name, since in running.items()}
    ended = [outcomes.get(label) or left(one, by) for label, one in known.items()]
    frozen = replace(run, stopped=by, phases=phases, warnings=list(run.warnings), outcomes=ended, known=known)
    settle(frozen)
    return frozen


def left(one: Outcome, by: str) -> Outcome:
    """The outcome of a target that a stop came before, or into the midst of; others keep theirs."""
    if one.name != "deferred" or one.reason not in _OPEN:
        return one
    return replace(one, reason=replace(one.reason or Reason("stopped"), name=by))
