"""The cost of a run in calls and time, and the calls it saved (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from msgspec import Struct

from broadcast.github.usage import KINDS, Sum, Usage
from broadcast.pipeline.run import Run
from broadcast.plan.outcome import COMPARED, NAMES, Outcome

TELLING = 2  # times as many calls as were made
FORMULA = "targets x files + 1 for each pull request"


class Costs(Struct, frozen=True):
    """The calls that a run made, and those that one call per file would have made."""

    by_kind: Mapping[str, int]
    total: int
    per_file: int
    saved_by: Mapping[str, int]  # by phase: each file counts as observed, each pull request as applied

    @property
    def is_telling(self) -> bool:
        """Whether one call per file would have been so many more that it is worth saying."""
        return self.per_file >= TELLING * self.total > 0

    @property
    def saved(self) -> int:
        """The calls that the run saved."""
        return max(0, self.per_file - self.total)


def costs(run: Run, usage: Usage) -> Costs:
    """The calls of the run by kind, and of one call for each wanted file of each target."""
    kinds, phases = usage.by_kind(), usage.by_phase()
    pulls = sum(bool(outcome.pull_request) for outcome in run.outcomes)
    by_phase = {"observe": run.files, "apply": pulls}
    saved = {phase: max(0, cost - phases.get(phase, Sum()).calls) for phase, cost in by_phase.items()}
    return Costs({kind: kinds[kind] for kind in KINDS}, kinds.total(), run.files + pulls, saved)


def phase_sums(run: Run, usage: Usage) -> dict[str, Sum]:
    """The cost of each phase, in their order."""
    return {**dict.fromkeys(run.phases, Sum()), **usage.by_phase()}


def counts(run: Run) -> dict[str, int]:
    """The number of targets by outcome."""
    seen = Counter(outcome.name for outcome in run.outcomes)
    return {name: seen[name] for name in NAMES}


def duration_ms(run: Run) -> int:
    """Milliseconds of all phases."""
    return round(sum(run.phases.values()) * 1000)


def saved(one: Outcome, calls: int) -> int:
    """Calls saved on one target by the formula; calls that served many targets count only in the total."""
    return max(0, one.files + bool(one.pull_request) - calls) if one.name in COMPARED else 0
