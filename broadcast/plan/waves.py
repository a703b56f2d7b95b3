"""Where each wave of a rollout stands, as values (pure). `plan/rollout.py` finds it out."""

from __future__ import annotations

from typing import Literal, NamedTuple

from msgspec import Struct

from broadcast.config.rollout import Advance

Standing = Literal[
    "passed",
    "open",  # its targets get the change, and not enough have passed
    "soaking",  # enough have passed, not long enough ago
    "held",  # more have failed than may
    "closed",  # an earlier wave hasn't passed
]


class Trouble(NamedTuple):
    """A target that keeps its wave from passing until people do something."""

    target: str  # its label; of what is unknown, its name
    kind: Literal["red", "declined", "rolled_back", "failed", "unknown"]
    text: str = ""  # names of the red checks, or the words of a failure
    since: float = 0.0  # seconds since the epoch; 0: it is not known


class WaveState(Struct, frozen=True):
    """One wave at one moment; times are seconds since the epoch, 0 where there is none."""

    name: str
    standing: Standing
    advance: Advance
    targets: int = 0  # that count: not archived, disabled or opted out
    needed: int = 0  # so many must pass
    passed: int = 0  # so many have, however long ago
    missing: tuple[str, ...] = ()  # labels of those that have not, without those in trouble
    troubles: tuple[Trouble, ...] = ()
    since: float = 0.0  # when it came to stand so
    until: float = 0.0  # soaking: when it ends
    by_hand: bool = False  # let pass by a person
    commit: str = ""  # of the source, which it gets

    @property
    def is_empty(self) -> bool:
        """Whether it has no target that counts."""
        return self.targets == 0
