"""`python -m tests.bench.observed memory|clock`: the action under observation; what was seen goes to stderr as JSON.

memory: the most that Python held above what it held before the run, in bytes.
clock: seconds that a run waited for GitHub's pace. The waiting itself is left out; to the run, time passes as if it
had waited.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
import time
import tracemalloc

from broadcast.action import act
from broadcast.github import pygithub
from broadcast.runner.commands import Runner


class LeapingClock:
    """The time of day, and what was slept through on top."""

    def __init__(self) -> None:
        self.slept, self._lock = 0.0, threading.Lock()

    def __call__(self) -> float:
        return time.time() + self.slept

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept += seconds


def main(what: str) -> int:
    clock = LeapingClock()
    pygithub.load()  # as a run does before its first call
    gc.collect()
    if what == "memory":
        tracemalloc.start()
    code = act(dict(os.environ), Runner(), clock, clock.sleep)
    seen = {"peak": tracemalloc.get_traced_memory()[1], "slept": clock.slept}
    print(json.dumps(seen), file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
