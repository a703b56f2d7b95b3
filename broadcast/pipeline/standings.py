"""Where each target stands, for `command: status`: from what was seen, and from the history in the checkout."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from broadcast.config.targets import Target
from broadcast.git.distances import Distance
from broadcast.observe.state import Observation
from broadcast.pipeline.legs import Leg
from broadcast.pipeline.run import Run
from broadcast.plan.plan import Plan
from broadcast.plan.standing import Standing, standing

SHALLOW = (
    "the checkout is shallow, so how far some targets are behind isn't known: give actions/checkout `fetch-depth: 0`"
)


def standings(run: Run, legs: Sequence[Leg]) -> dict[Target, Standing]:
    """Where each target stands that was seen; a warning where the checkout is too shallow to tell."""
    distances = _distances(run, legs[0])
    found: dict[Target, Standing] = {}
    for leg in legs:
        for target, observation in leg.seen.observations.items():
            if isinstance(observation, Observation):
                plan = leg.plans.get(target)
                known = plan if isinstance(plan, Plan) else None
                stands = standing(observation.state, known, leg.fleet.commit, distances)
                found[target] = replace(stands, wave=run.wave_of.get(target.label, ""))
    if any(map(_is_cut_off, found.values())):
        run.warnings.append(SHALLOW)
    return found


def _distances(run: Run, leg: Leg) -> Callable[[str], Distance]:
    """How far commits lie behind the newest one that is sent."""
    home, newest = leg.wanted.source.checkout.main(run.inputs.config), run.context.commit
    known = home.distances().of if home else lambda _: Distance("unknown")
    return lambda commit: Distance("known") if commit == newest else known(commit)


def _is_cut_off(one: Standing) -> bool:
    return one.version is not None and one.version.distance.way == "cut off"
