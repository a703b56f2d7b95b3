"""What one look at a target leaves to ask, and what no look can find (pure)."""

from __future__ import annotations

from typing import NamedTuple

from broadcast.errors import Failure
from broadcast.observe.bases import Needs
from broadcast.observe.state import Observation


def settled(observation: Observation | Failure) -> Observation | Failure:
    """The observation, or why a directory of the target stays unknown."""
    drifts = (
        (observation.drift, observation.branch_drift)
        if isinstance(observation, Observation) and observation.state.base
        else ()
    )
    gap = next((gap for drift in drifts if drift for gap in drift.gaps), None)
    if gap:
        remedy = "mirror or remove a smaller directory" if gap.whole else "run again; report it if it stays so"
        return Failure(f"GitHub can't list the directory {gap.path} of the target", remedy)
    if isinstance(observation, Observation) and observation.needs != Needs():
        return Failure(
            "GitHub doesn't answer what the target's shared files need", "run again; report it if it stays so"
        )
    return observation


class Asked(NamedTuple):
    """What a run asks of a target besides what separates it from the source."""

    pulls: bool = False  # our pull requests, also where it is in step
    checks: bool = False  # how the open one stands to its checks and to the rules of its base


def matters(observation: Observation, asked: Asked) -> bool:
    """Whether pull requests and branches of ours are to be asked for."""
    drift = observation.drift
    usable = observation.state.base is not None and not observation.state.archived and not observation.state.disabled
    return usable and bool(
        asked.pulls or drift.changes or drift.gaps or drift.candidates or observation.state.ours
        or observation.state.scratch or observation.needs.pulls or observation.snapshot.back
    )  # fmt: skip
