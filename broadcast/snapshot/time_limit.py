"""A time limit for the work on one target: a slow target fails, and delays no other.

Sizes bound the work, too; this is for what still takes too long, such as hostile patterns on very many paths.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from broadcast.errors import Failure

MAX_SECONDS = 60.0  # per target; thousands of ordinary files take one or two

_Made = TypeVar("_Made")
Check = Callable[[], None]  # called between two steps of work; raises TimeLimitExceeded


class TimeLimitExceeded(Failure):
    """The work on one target took longer than its time limit."""


class TimeLimit:
    """Counts the time that each target takes to render, compare and match patterns."""

    def __init__(self, clock: Callable[[], float], seconds: float = MAX_SECONDS) -> None:
        self._clock, self._seconds = clock, seconds
        self._spent: dict[Hashable, float] = defaultdict(float)

    @contextmanager
    def on(self, target: Hashable) -> Iterator[Check]:
        """Time a piece of work, which calls the yielded check at least once per file. Raises TimeLimitExceeded."""
        began = self._clock()

        def check() -> None:
            if self._spent[target] + self._clock() - began > self._seconds:
                raise TimeLimitExceeded(
                    f"takes more than {self._seconds:g} seconds of work here",
                    "shorten its .broadcastignore, or send it fewer files or simpler templates",
                )

        try:
            yield check
        finally:
            self._spent[target] += self._clock() - began

    def attempt(self, target: Hashable, work: Callable[[Check], _Made]) -> _Made | TimeLimitExceeded:
        """The result of a piece of work, or the TimeLimitExceeded that ended it."""
        try:
            with self.on(target) as check:
                return work(check)
        except TimeLimitExceeded as failure:
            return failure


def unchecked() -> None:
    """A check for work without a time limit."""
