"""What a comment on the source's pull request needs to know of targets: who may read them, and where the config is."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct, field

from broadcast.observe.state import Observation
from broadcast.pipeline.harvest import may_show
from broadcast.pipeline.legs import Leg


class Audience(Struct):
    """Facts by target; one that is missing here could not be looked at, and counts as private."""

    source: str = ""  # its visibility; unknown counts as public
    visibility: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)  # of the config
    waves: tuple[str, ...] = ()  # of the config's rollout, in order

    def shows(self, target: str) -> bool:
        """Whether all who can read the source can read the target."""
        return may_show(self.source, self.visibility.get(target, ""))

    def learn(self, legs: Iterable[Leg]) -> None:
        """Keep what these legs know, besides what is kept already."""
        for leg in legs:
            for target in leg.wanted.snapshots:
                self.lines.setdefault(target.label, target.place.line)
            for target, seen in leg.seen.observations.items():
                if isinstance(seen, Observation):
                    self.visibility.setdefault(target.label, seen.state.visibility)
            if leg.wanted.config.rollout and not self.waves:
                self.waves = tuple(wave.name for wave in leg.wanted.config.rollout.waves)
