"""What a run against a real GitHub may take: pull requests, minutes, and one write a second."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest

PULLS, SECONDS, SPACING = 40, 600.0, 1.0
RESERVE = 60.0  # of these seconds, for removing what was made
_OPENING = re.compile(r"\bcreatePullRequest\b")


class Exceeded(AssertionError):
    """More pull requests than are allowed."""


class Budget:
    """Counts and waits; the hub needs no waiting, and has no deadline."""

    def __init__(
        self, *, is_real: bool, spacing: float = SPACING, clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        self.pulls = 0
        self._is_real, self._spacing, self._clock, self._sleep = is_real, spacing, clock, sleep
        self._end = clock() + SECONDS - RESERVE
        self._written = clock() - spacing

    @property
    def left(self) -> int:
        """Pull requests that may still be opened."""
        return PULLS - self.pulls if self._is_real else PULLS

    def check_time(self) -> None:
        """Skip what begins after the deadline."""
        if self._is_real and self._clock() > self._end:
            pytest.skip(f"the {SECONDS / 60:.0f} minutes of a run are over")

    def before(self, method: str, path: str, document: str) -> None:
        """Count what a request opens, and wait until a write may go out."""
        opened = len(_OPENING.findall(document)) + (method == "POST" and path.endswith("/pulls"))
        if opened > self.left:
            raise Exceeded(f"a run opens {PULLS} pull requests at most")
        self.pulls += opened
        if self._is_real and is_write(method, path, document):
            self._sleep(max(0.0, self._written + self._spacing - self._clock()))
            self._written = self._clock()

    def take(self, pulls: int) -> None:
        """Count pull requests that somebody else opens."""
        if pulls > self.left:
            raise Exceeded(f"a run opens {PULLS} pull requests at most")
        self.pulls += pulls


def is_write(method: str, path: str, document: str) -> bool:
    """Whether it changes anything in a repository; making a token doesn't."""
    if document:
        return document.lstrip().startswith("mutation")
    return method not in {"GET", "HEAD"} and not path.endswith("/access_tokens")
