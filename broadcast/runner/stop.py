"""A request to stop the run: nothing more is sent, and sleeps end.

Docs: workflow cancellation reference: a step gets SIGINT, after 7.5 seconds SIGTERM, and is killed 2.5 seconds later.
"""

from __future__ import annotations

import threading

from broadcast.github.rate_limiter import Throttled

EXIT_CODES = {"SIGINT": 130, "SIGTERM": 143}  # 128 and the signal's number, as shells count
DEADLINE = "the deadline"  # instead of a signal's name
REMEDY = "the next run goes on"


class Stopped(Throttled):
    """The run is stopping; the next one does the rest."""


class Stop:
    """A request to stop. Thread-safe."""

    def __init__(self) -> None:
        self.by = ""  # the signal's name; empty: not asked
        self._asked = threading.Event()

    def ask(self, by: str) -> None:
        """Request the stop; the first request counts."""
        self.by = self.by or by
        self._asked.set()

    def check(self) -> None:
        """Raise Stopped if the run is stopping."""
        if self._asked.is_set():
            raise Stopped(f"stopped by {self.by}", REMEDY)

    def sleep(self, seconds: float) -> None:
        """Sleep for `seconds`. Raises Stopped as soon as the run is stopping."""
        self._asked.wait(seconds)
        self.check()
