"""Whether the run was asked to stop: nothing new is sent then, and what sleeps wakes up.

Docs: workflow cancellation reference: a step gets SIGINT, after 7.5 seconds SIGTERM, and is killed 2.5 seconds later.
"""

from __future__ import annotations

import threading

from broadcast.github.rate_limiter import Throttled

EXIT_CODES = {"SIGINT": 130, "SIGTERM": 143}  # 128 and the signal's number, as shells count
DEADLINE = "the deadline"  # in the place of a signal's name: it ends what doesn't end by itself
REMEDY = "the next run goes on"


class Stopped(Throttled):
    """The run was asked to stop; what isn't done is left to the next one."""


class Stop:
    """A request to stop; threads may share it."""

    def __init__(self) -> None:
        self.by = ""  # the signal's name; empty: not asked
        self._asked = threading.Event()

    def ask(self, by: str) -> None:
        """Stop from now on; the first request counts."""
        self.by = self.by or by
        self._asked.set()

    def check(self) -> None:
        """Go on, unless the run is to stop. Raises Stopped."""
        if self._asked.is_set():
            raise Stopped(f"stopped by {self.by}", REMEDY)

    def sleep(self, seconds: float) -> None:
        """Wait so long, unless the run is to stop. Raises Stopped."""
        self._asked.wait(seconds)
        self.check()
