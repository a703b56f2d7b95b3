"""How long one target's own work may take: what is slow there ends that target, and holds no other.

The work is bounded by sizes, too; this is for what still takes too long, such as hostile patterns on very many paths.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from broadcast.errors import Failure

MOST = 60.0  # seconds; thousands of ordinary files take one or two

_Made = TypeVar("_Made")
Check = Callable[[], None]  # called between two steps of work; raises TooSlow


class TooSlow(Failure):
    """The work for one target took longer than it is worth."""


class Effort:
    """The time that each target has taken so far, rendering, comparing and matching patterns."""

    def __init__(self, clock: Callable[[], float], most: float = MOST) -> None:
        self._clock, self._most = clock, most
        self._spent: dict[Hashable, float] = defaultdict(float)

    @contextmanager
    def on(self, target: Hashable) -> Iterator[Check]:
        """Time a piece of work; gives what it is to call, at least once for each file."""
        began = self._clock()

        def check() -> None:
            if self._spent[target] + self._clock() - began > self._most:
                raise TooSlow(
                    f"takes more than {self._most:g} seconds of work here",
                    "shorten its .broadcastignore, or send it fewer files or simpler templates",
                )

        try:
            yield check
        finally:
            self._spent[target] += self._clock() - began

    def attempt(self, target: Hashable, work: Callable[[Check], _Made]) -> _Made | TooSlow:
        """What a piece of work comes to; or why it was ended."""
        try:
            with self.on(target) as check:
                return work(check)
        except TooSlow as failure:
            return failure


def unchecked() -> None:
    """For work that nobody times."""
