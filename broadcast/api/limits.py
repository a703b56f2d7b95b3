"""GitHub's limits: recognised in answers, kept for writes (docs: rate limits for the REST API, for the GraphQL API)."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from broadcast.api.ledger import Rate

WRITES_A_MINUTE = 80  # "No more than 80 content-generating requests per minute"
WRITES_AN_HOUR = 500  # "… and no more than 500 content-generating requests per hour"
UNTOLD_WAIT = 60.0  # seconds: "wait for at least one minute" when no header says how long

_MESSAGES = ("rate limit", "submitted too quickly", "abuse detection", "please wait a few minutes")


class Lane:
    """Writes of one token: one at a time, no more than GitHub's documented number a minute and an hour."""

    def __init__(self, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._sent: deque[float] = deque(maxlen=WRITES_A_MINUTE)
        self._created: deque[float] = deque(maxlen=WRITES_AN_HOUR)

    @contextmanager
    def turn(self, *, creates: bool) -> Iterator[None]:
        """Wait for this write's turn; `creates` when people are notified of what it makes."""
        with self._lock:
            windows = [(self._sent, 60.0), *([(self._created, 3600.0)] if creates else [])]
            for window, seconds in windows:
                if len(window) == window.maxlen and (rest := window[0] + seconds - self._clock()) > 0:
                    self._sleep(rest)
            for window, _ in windows:
                window.append(self._clock())
            yield


def rates(headers: Mapping[str, str]) -> dict[str, Rate]:
    """What the rate-limit headers say, by resource; empty when there are none."""
    try:
        rate = Rate(*(int(float(headers[f"x-ratelimit-{name}"])) for name in ("limit", "remaining", "reset")))
    except (KeyError, ValueError):
        return {}
    return {headers.get("x-ratelimit-resource", "core"): rate}


def is_throttled(status: int, headers: Mapping[str, str], message: str) -> bool:
    """Whether an answer refuses for a rate limit, primary or secondary."""
    said = any(text in message.lower() for text in _MESSAGES)
    if status == 429:
        return True
    return status in (200, 403) and (said or (status == 403 and headers.get("x-ratelimit-remaining") == "0"))


def throttled_errors(errors: list[dict[str, Any]]) -> bool:
    """Whether GraphQL errors, which come with status 200, are a rate limit."""
    return any(
        str(error.get("type", "")).startswith("RATE_LIMIT") or is_throttled(200, {}, str(error.get("message", "")))
        for error in errors
    )


def wait_of(headers: Mapping[str, str], now: float, attempt: int) -> float:
    """Seconds to wait before the next try, as GitHub's documents order: retry-after, reset, a minute and more."""
    retry_after = headers.get("retry-after", "")
    if retry_after.isdigit():
        return float(retry_after)
    if retry_after:
        try:
            return max(0.0, parsedate_to_datetime(retry_after).astimezone(UTC).timestamp() - now)
        except ValueError:
            pass
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
        return max(0.0, float(reset) - now) + 1
    return UNTOLD_WAIT * float(2**attempt)


def clock_time(seconds: float) -> str:
    """An epoch time as people read it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M:%S UTC")
