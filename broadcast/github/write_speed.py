"""Spacing of writes: one a second, slower for the first pull requests, half speed after a refusal.

Docs: best practices for using the REST API, "Pause between mutative requests", "Handle rate limit errors
appropriately".
"""

from __future__ import annotations

from collections import deque

BURST = 10  # writes in quick succession before they are spaced
SPACING = 1.0  # seconds: "wait at least one second between each request" that writes
HALF = 2 * SPACING
CALMING = 60.0  # seconds at half speed, from the end of the wait that a refusal asked for
# GitHub doesn't say how many pull requests it takes in a row; users have seen about the tenth refused.
FIRST = 5  # pull requests before they are spaced
CAREFUL = 2.5  # seconds between those that follow
TAKEN_WELL = 10  # so many pull requests in all, after which they are spaced like all writes

_NEVER = float("-inf")
_ORDINARY = f"one write every {SPACING:g} s"
_SLOWED = f"slowed to one write every {HALF:g} s after a refusal"
_STARTING = f"the first pull requests are opened {CAREFUL:g} s apart"


class WriteSpeed:
    """When the next write may go, by those before it."""

    def __init__(self) -> None:
        self._written: deque[float] = deque(maxlen=BURST)
        self._half_until = _NEVER
        self._opening = FIRST  # pull requests that may still be begun in quick succession
        self._opened = _NEVER  # when the last one was begun
        self._taken = 0  # since the start, or since one was refused

    def wait(self, now: float, *, opens: bool) -> tuple[float, str]:
        """Seconds until a write may go, and why; `opens` says whether it opens a pull request."""
        return max(self._spaced(now), self._spaced_opening(now)) if opens else self._spaced(now)

    def spend(self, now: float, *, opens: bool) -> None:
        """A write goes out."""
        self._written.append(now)
        if opens:
            self._opening, self._opened = max(0, self._opening - 1), now

    def taken(self, *, opens: bool) -> None:
        """GitHub has done a write."""
        self._taken += opens

    def refused(self, until: float, *, opens: bool) -> None:
        """GitHub has refused a request for its limits: slower, for a minute from `until`, when it may go on."""
        self._half_until = max(self._half_until, until + CALMING)
        if opens:
            self._opening = self._taken = 0

    def _spaced(self, now: float) -> tuple[float, str]:
        if not self._written:
            return 0.0, ""
        if now < self._half_until:
            return self._written[-1] + HALF - now, _SLOWED
        if len(self._written) < BURST or self._written[0] < now - BURST * SPACING:
            return 0.0, ""
        return self._written[-1] + SPACING - now, _ORDINARY

    def _spaced_opening(self, now: float) -> tuple[float, str]:
        if self._opening:
            return 0.0, ""
        if self._taken < TAKEN_WELL:
            return self._opened + CAREFUL - now, _STARTING
        return self._opened + SPACING - now, _ORDINARY
