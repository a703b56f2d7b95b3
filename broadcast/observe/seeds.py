"""Whether targets ever had what is only sent to those that never had it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from msgspec.structs import replace

from broadcast.config.targets import Target
from broadcast.errors import Failure
from broadcast.github.questions import Reply
from broadcast.observe import history
from broadcast.observe.ask import Ask
from broadcast.observe.state import Observation, Observations

PATHS_A_QUESTION = 20


def asks(observations: Observations) -> Iterable[Ask]:
    """What to ask of each target, once all of it is compared."""
    for target, observation in observations.items():
        if isinstance(observation, Observation) and observation.state.base and not observation.drift.gaps:
            absent = [c.path for c in observation.drift.changes if c.after and c.after.is_seed]
            unknown = [path for path in absent if path not in observation.state.had]
            for start in range(0, len(unknown), PATHS_A_QUESTION):
                paths = unknown[start : start + PATHS_A_QUESTION]
                question = history.select_had(target.owner, target.name, observation.state.base.name, paths)
                yield Ask(target, question, partial(_take, target, paths, observations))


def _take(target: Target, paths: list[str], observations: Observations, reply: Reply) -> None:
    observation = observations[target]
    if reply.data is None or not isinstance(observation, Observation):
        observations[target] = reply.failure or Failure("no answer")
    else:
        had = {**observation.state.had, **history.read_had(reply.data, paths)}
        observations[target] = replace(observation, state=replace(observation.state, had=had))
