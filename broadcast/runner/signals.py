"""Handle SIGINT and SIGTERM: the first stops the run, the second exits at once.

The work has its own thread: the main thread can report in time, even if a request hangs. PID 1 of a container ignores
SIGTERM without a handler (docs: docker stop).
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Any, Self

from broadcast.runner.stop import DEADLINE, EXIT_CODES, Stop

GRACE = 3.0  # seconds for what is under way; the runner waits 7.5 before it asks again, and the report takes its time
TICK = 0.5  # seconds
ECHO = 0.5  # seconds; timeout(1) and some terminals send a signal to the process and once more to its group


class Signals:
    """The signal handlers during a run."""

    def __init__(self) -> None:
        self.stop = Stop()
        self._name, self._at = "", 0.0  # of the first signal
        self._news: SimpleQueue[str] = SimpleQueue()  # a signal's name; empty: the work has ended
        self._before: dict[str, Any] = {}  # handlers

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():  # others can't have handlers
            self._before = {name: signal.signal(signal.Signals[name], self._hear) for name in EXIT_CODES}
        return self

    def __exit__(self, *_: object) -> None:
        for name, handler in self._before.items():
            signal.signal(signal.Signals[name], handler)

    def watch(self, work: Callable[[], None], heard: Callable[[str], None], seconds: float | None = None) -> None:
        """Run `work`; return at its end, or within GRACE seconds after a signal. Calls `heard` with the signal's name.

        After `seconds` the work is stopped in the same way.
        """

        def do() -> None:
            try:
                work()
            finally:
                self._news.put("")

        thread = threading.Thread(target=do, name="run", daemon=True)
        thread.start()
        if name := self._next(seconds):
            self.stop.ask(name)
            heard(name)
            thread.join(GRACE)

    def _next(self, seconds: float | None) -> str:
        """The next signal; empty at the end of the work. Polls: Python runs handlers only between steps."""
        ends = float("inf") if seconds is None else time.monotonic() + seconds
        while time.monotonic() < ends:
            with suppress(Empty):
                return self._news.get(timeout=TICK)
        return DEADLINE

    def left(self, code: int) -> int:
        """`code`; after a signal exit the process here, as Python would wait for hanging threads."""
        if self.stop.by:
            for stream in (sys.stdout, sys.stderr):
                with suppress(OSError):
                    stream.flush()
            os._exit(code)
        return code

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        """The handler. It takes no lock, as it interrupts the main thread anywhere; SimpleQueue.put is reentrant."""
        now = time.monotonic()
        if not self._name:
            self._name, self._at = signal.Signals(number).name, now
            self._news.put(self._name)
        elif now - self._at > ECHO:
            os._exit(EXIT_CODES[self._name])
