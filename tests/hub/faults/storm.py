"""A storm: requests meet faults at random, yet always the same for one seed.

What a request meets depends on the seed, its subject and how many there were of that subject; not on the order in
which threads come. A client that tries again gets through: after three faults on end the same request has peace.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from typing import TYPE_CHECKING

from tests.hub.faults.clock import Clock
from tests.hub.faults.gusts import GUSTS, UNHURRIED, Gust
from tests.hub.faults.subject import Subject, subject

if TYPE_CHECKING:
    from collections.abc import Collection

    from tests.hub.faults.requests import Request
    from tests.hub.hub import Hub

ALL = tuple(GUSTS)
QUICK = tuple(name for name in ALL if name not in UNHURRIED)
RATE, ON_END, PREFIX = 0.15, 3, "broadcast/"


class Storm:
    """Without `kinds` it is ALL of them, or on a real clock QUICK: those after which no client waits a minute."""

    def __init__(
        self, seed: object, rate: float = RATE, kinds: Collection[str] | None = None, prefix: str = PREFIX
    ) -> None:
        self.seed, self.rate, self.kinds, self.prefix = seed, rate, kinds, prefix
        unknown = set(kinds or ()) - set(ALL)
        if unknown:
            raise ValueError(f"no such kinds of fault: {', '.join(sorted(unknown))}")
        self.counts: Counter[str] = Counter()
        self.moves: Counter[str] = Counter()  # of base branches, by repository
        self._met: Counter[Subject] = Counter()
        self._on_end: Counter[Subject] = Counter()
        self._lock = threading.Lock()

    def meet(self, hub: Hub, request: Request) -> None:
        """Put into the request's way what the dice say."""
        about = subject(hub, request)
        with self._lock:
            self._met[about] += 1
            dice = random.Random(f"{self.seed} {about} {self._met[about]}")
            struck = dice.random() < self.rate and self._on_end[about] < ON_END
            kind = self._blow(Gust(hub, request, about, dice, self)) if struck else None
            self._on_end[about] = self._on_end[about] + 1 if kind else 0
            if kind:
                self.counts[kind] += 1

    def _blow(self, gust: Gust) -> str | None:
        """The kind that happened; None where the hub's state has nothing to make it of."""
        chosen = self.kinds if self.kinds is not None else ALL if isinstance(gust.hub.clock, Clock) else QUICK
        fitting = [name for name in ALL if name in chosen and GUSTS[name].fits(gust)]
        if not fitting:
            return None
        name = gust.dice.choice(fitting)
        return name if GUSTS[name].strike(gust) else None
