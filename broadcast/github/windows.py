"""Sliding windows for points per time, and a bound for concurrent reads."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Window:
    """So many points within so many seconds, whichever seconds one looks at."""

    def __init__(self, points: float, seconds: float, reason: str) -> None:
        self.points, self.seconds, self.reason = points, seconds, reason
        self._spent: deque[tuple[float, int]] = deque()
        self._used = 0

    def wait(self, now: float, cost: int) -> float:
        """Seconds until `cost` more fits."""
        while self._spent and self._spent[0][0] <= now - self.seconds:
            self._used -= self._spent.popleft()[1]
        excess = self._used + cost - max(self.points, cost)
        for moment, points in self._spent:
            if excess <= 0:
                break
            excess -= points
            until = moment + self.seconds
        return until - now if self._used + cost > max(self.points, cost) else 0.0

    def spend(self, now: float, cost: int) -> None:
        """Note that much."""
        self._spent.append((now, cost))
        self._used += cost


class Width:
    """How many reads at once: halved on trouble, one more after every ten answers without."""

    def __init__(self, most: int) -> None:
        self.most = self.now = most
        self._running = self._calm = 0
        self._free = threading.Condition()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait for a free place."""
        with self._free:
            self._free.wait_for(lambda: self._running < self.now)
            self._running += 1
        try:
            yield
        finally:
            with self._free:
                self._running -= 1
                self._free.notify_all()

    def trouble(self) -> None:
        """GitHub was slow, refused, or failed."""
        with self._free:
            self.now, self._calm = max(1, self.now // 2), 0

    def calm(self) -> None:
        """GitHub answered without trouble."""
        with self._free:
            self._calm += 1
            if self._calm >= 10 and self.now < self.most:
                self.now, self._calm = self.now + 1, 0
                self._free.notify_all()
