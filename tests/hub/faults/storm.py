"""A storm: inject faults at random, repeatable by its seed.

The fault depends on the seed, the request's subject and the count of earlier requests for that subject; not on the
order of threads. Retries succeed in the end: no request fails more than three times in a row.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from typing import TYPE_CHECKING

from tests.hub.faults.clock import Clock
from tests.hub.faults.random_faults import RANDOM_FAULTS, SLOW, FaultContext
from tests.hub.faults.subject import Subject, subject

if TYPE_CHECKING:
    from collections.abc import Collection

    from tests.hub.faults.requests import Request
    from tests.hub.hub import Hub

ALL = tuple(RANDOM_FAULTS)
QUICK = tuple(name for name in ALL if name not in SLOW)
RATE, ON_END, PREFIX = 0.15, 3, "broadcast/"


class Storm:
    """Injects the named kinds of faults; by default ALL, on a real clock QUICK: those that make no client wait a minute."""

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
        """Let this request fail, or pass, as the seed decides."""
        about = subject(hub, request)
        with self._lock:
            self._met[about] += 1
            dice = random.Random(f"{self.seed} {about} {self._met[about]}")
            struck = dice.random() < self.rate and self._on_end[about] < ON_END
            kind = self._blow(FaultContext(hub, request, about, dice, self)) if struck else None
            self._on_end[about] = self._on_end[about] + 1 if kind else 0
            if kind:
                self.counts[kind] += 1

    def _blow(self, context: FaultContext) -> str | None:
        """The kind of the injected fault; None when no kind fits the request or the hub's state."""
        chosen = self.kinds if self.kinds is not None else ALL if isinstance(context.hub.clock, Clock) else QUICK
        fitting = [name for name in ALL if name in chosen and RANDOM_FAULTS[name].fits(context)]
        if not fitting:
            return None
        name = context.dice.choice(fitting)
        return name if RANDOM_FAULTS[name].strike(context) else None
