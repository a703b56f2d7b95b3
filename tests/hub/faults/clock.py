"""Simulated time: it passes only in `sleep`, which returns at once."""

from __future__ import annotations

import threading


class Clock:
    """Call it for the time, in seconds; pass its `sleep` to what waits."""

    def __init__(self, now: float = 1_750_000_000.0) -> None:
        self._now, self._lock = now, threading.Lock()
        self.slept = 0.0  # in all, by everybody

    def __call__(self) -> float:
        with self._lock:
            return self._now

    def advance(self, seconds: float) -> float:
        """Time goes by without anybody waiting for it."""
        with self._lock:
            self._now += max(0.0, seconds)
            return self._now

    def until(self, moment: float) -> None:
        """For those who wait side by side, and not one after the other."""
        with self._lock:
            self.slept += max(0.0, moment - self._now)
            self._now = max(self._now, moment)

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._now += max(0.0, seconds)
            self.slept += max(0.0, seconds)
