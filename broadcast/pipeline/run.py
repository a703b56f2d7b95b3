"""The record of a run, from which the report is made."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from msgspec import Struct, field

from broadcast.config.model import Config
from broadcast.config.performance import Performance
from broadcast.config.yaml_places import Place
from broadcast.errors import Failure
from broadcast.observe.object_cache import ObjectCache
from broadcast.pipeline.estimate import Estimate
from broadcast.plan.outcome import Outcome
from broadcast.plan.waves import WaveState
from broadcast.runner.context import Context
from broadcast.runner.inputs import Inputs
from broadcast.runner.stop import Stop

if TYPE_CHECKING:
    from broadcast.pipeline.audience import Audience
    from broadcast.pipeline.dashboard import Dashboard
    from broadcast.plan.comparison import Comparison
    from broadcast.plan.harvest import Harvest


class Run(Struct):
    """Everything that a report needs. `execute` fills it step by step: a run that fails halfway has a report, too."""

    inputs: Inputs
    context: Context
    started: float = 0.0  # seconds since the epoch
    performance: Performance = Performance()  # what the config says of reports
    read_as: str = ""  # the other tool in whose format the config is; empty: in Broadcast's own
    config: Config | None = None  # None: it couldn't be read yet
    places: Mapping[str, Place] = field(default_factory=dict)  # where it names each target and selector, by label
    waves: tuple[WaveState, ...] = ()  # of the config's rollout
    wave_of: dict[str, str] = field(default_factory=dict)  # the name of each target's wave
    frozen: str = ""  # until when and why nothing is written, in words; empty: it isn't frozen
    freeze: str = ""  # the same of a run that would write nothing anyway
    disabled: tuple[str, ...] = ()  # targets and selectors that the config has with `enabled: false`
    outcomes: list[Outcome] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    phases: dict[str, float] = field(default_factory=dict)  # seconds
    targets: int = 0
    unresolved: int = 0  # selectors of which nothing was asked
    files: int = 0  # wanted, over all targets
    excluded: int = 0
    listings: ObjectCache = field(default_factory=ObjectCache)
    plan_digest: str = ""
    estimate: Estimate | None = None  # of what is to be written
    comparison: Comparison | None = None  # with another commit of the source
    audience: Audience | None = None  # of a comment on the source's pull request
    harvest: Harvest | None = None  # what people improved
    dashboard: Dashboard | None = None  # None: it isn't asked for, or there is none
    explanation: list[str] = field(default_factory=list)  # of one path
    matrix: list[str] = field(default_factory=list)  # shards that the fleet should be split into
    failure: Failure | None = None  # what ended the run before its targets
    stop: Stop = field(default_factory=Stop)
    stopped: str = ""  # the signal that ended the run, in its report
    known: dict[str, Outcome] = field(default_factory=dict)  # the outcome of each target so far
    notes: Callable[[], Iterable[tuple[str, str]]] = tuple  # target and warning, for what came after its outcome
    running: dict[str, float] = field(default_factory=dict)  # phases, since when

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time a phase. Raises Stopped if the run is to stop."""
        self.stop.check()
        started = self.running[name] = time.perf_counter()
        try:
            yield
        finally:
            del self.running[name]
            self.phases[name] = self.phases.get(name, 0.0) + time.perf_counter() - started
