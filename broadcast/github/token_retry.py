"""Retries for a token that GitHub refuses though it may be valid.

A token that was made a moment ago isn't known everywhere yet, and during incidents good tokens are refused at random
(docs/github.md, "Tokens").
"""

from __future__ import annotations

import threading

WAITS = (1.0, 2.0, 4.0, 8.0, 15.0, 15.0)  # seconds between tries, 45 in all
FRESH = 60.0  # seconds after its making in which a token may be unknown at some of GitHub's servers
SETTLED = 15.0  # seconds after which a listing without private repositories is believed


class TokenRetry:
    """The refusals of one token in a row; shared by all threads that use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = 0.0  # by the clock: when to try again
        self.round = 0  # how many rounds of refusals there were; a request notes it before it is sent

    def refused(self, sent_in: int, now: float) -> float | None:
        """Seconds to wait before the next try; None after the last one.

        Requests that were under way together count once: `sent_in` is the round in which this one was sent.
        """
        with self._lock:
            if sent_in == self.round:
                self.round += 1
                if self.round <= len(WAITS):
                    self._until = now + WAITS[self.round - 1]
            return max(0.0, self._until - now) if self.round <= len(WAITS) else None

    def accepted(self) -> None:
        """GitHub knows the token."""
        with self._lock:
            self.round = 0
