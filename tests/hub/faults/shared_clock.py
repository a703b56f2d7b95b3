"""One simulated clock for parallel runs: it advances when all of them wait."""

from __future__ import annotations

import threading


class SharedClock:
    """The hub's clock; each run gets a `Participant`, and sleeps through that."""

    def __init__(self, now: float = 1_750_000_000.0) -> None:
        self._now = now
        self._changed = threading.Condition()
        self._waking: dict[Participant, float] = {}
        self._running: set[Participant] = set()

    def __call__(self) -> float:
        return self._now

    def participant(self) -> Participant:
        with self._changed:
            one = Participant(self)
            self._running.add(one)
            return one

    def leave(self, one: Participant) -> None:
        with self._changed:
            self._running.discard(one)
            self._advance()

    def wait(self, one: Participant, seconds: float) -> None:
        with self._changed:
            wake = self._now + max(0.0, seconds)
            self._waking[one] = min(wake, self._waking.get(one, wake))
            self._advance()
            self._changed.wait_for(lambda: self._now >= wake)

    def sleep(self, seconds: float) -> None:
        """For the hub itself, which takes part in nothing."""

    def _advance(self) -> None:
        """To the moment when the first of them wakes, once none is awake."""
        if self._waking and self._running <= self._waking.keys():
            self._now = max(self._now, min(self._waking.values()))
            self._waking = {one: wake for one, wake in self._waking.items() if wake > self._now}
            self._changed.notify_all()


class Participant:
    def __init__(self, clock: SharedClock) -> None:
        self._clock = clock

    def __call__(self) -> float:
        return self._clock()

    def sleep(self, seconds: float) -> None:
        self._clock.wait(self, seconds)

    def __enter__(self) -> Participant:
        return self

    def __exit__(self, *_: object) -> None:
        self._clock.leave(self)
