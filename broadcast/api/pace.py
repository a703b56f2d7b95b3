"""How fast one token may go: a model of GitHub's documented limits, slowed further whenever GitHub objects.

Docs: rate limits for the REST API, "About secondary rate limits"; best practices for using the REST API.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from broadcast.api import limits
from broadcast.api.ledger import MUTATION, QUERY, REST_READ, REST_WRITE, Rate
from broadcast.errors import Failure

log = logging.getLogger(__name__)

WRITES_A_MINUTE = 80  # "no more than 80 content-generating requests per minute"
WRITES_AN_HOUR = 500  # "… and no more than 500 content-generating requests per hour"
REST_POINTS_A_MINUTE = 900
GRAPHQL_POINTS_A_MINUTE = 2_000
MINUTE, HOUR = 61.0, 3_605.0  # seconds; a little more than GitHub's, for its clock isn't ours
BURST = 10  # writes in quick succession before they are spaced
SPACING = 1.0  # seconds: "wait at least one second between each request" that writes
MAX_SPACING = 60.0
RECOVERY = 20  # writes without trouble, after which the spacing halves again
LOUD = 5.0  # seconds; longer waits are told

_WRITES = (REST_WRITE, MUTATION)
_RESOURCES = {REST_READ: "core", REST_WRITE: "core", QUERY: "graphql", MUTATION: "graphql"}


class Throttled(Failure):
    """GitHub's limits ask for a longer wait than this run has."""


class Window:
    """So many points within so many seconds, whichever seconds one looks at."""

    def __init__(self, points: float, seconds: float, reason: str) -> None:
        self.points, self.seconds, self.reason = points, seconds, reason
        self._spent: deque[tuple[float, int]] = deque()
        self._used = 0

    def wait(self, now: float, cost: int) -> float:
        """Seconds until `cost` more fits."""
        while self._spent and self._spent[0][0] <= now - self.seconds:
            self._used -= self._spent.popleft()[1]
        excess = self._used + cost - max(self.points, cost)
        for moment, points in self._spent:
            if excess <= 0:
                break
            excess -= points
            until = moment + self.seconds
        return until - now if self._used + cost > max(self.points, cost) else 0.0

    def spend(self, now: float, cost: int) -> None:
        """Note that much."""
        self._spent.append((now, cost))
        self._used += cost


class Width:
    """How many reads at once: halved on trouble, one more after every ten answers without."""

    def __init__(self, most: int) -> None:
        self.most = self.now = most
        self._running = self._calm = 0
        self._free = threading.Condition()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait for a free place."""
        with self._free:
            self._free.wait_for(lambda: self._running < self.now)
            self._running += 1
        try:
            yield
        finally:
            with self._free:
                self._running -= 1
                self._free.notify_all()

    def trouble(self) -> None:
        """GitHub was slow, refused, or failed."""
        with self._free:
            self.now, self._calm = max(1, self.now // 2), 0

    def calm(self) -> None:
        """GitHub answered well."""
        with self._free:
            self._calm += 1
            if self._calm >= 10 and self.now < self.most:
                self.now, self._calm = self.now + 1, 0
                self._free.notify_all()


class Pace:
    """Lets every request of one token wait for its turn; `share` is this run's part of the token's budget."""

    def __init__(
        self,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        *,
        width: int = 8,
        share: float = 1.0,
        deadline: float = float("inf"),
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self.deadline = deadline  # by the clock; no wait goes beyond it
        self.width = Width(width)
        self._lane, self._lock = threading.Lock(), threading.Lock()
        self._minute = Window(WRITES_A_MINUTE * share, MINUTE, f"GitHub takes {WRITES_A_MINUTE} writes a minute")
        self._hour = Window(WRITES_AN_HOUR * share, HOUR, f"GitHub takes {WRITES_AN_HOUR} writes an hour")
        self._points = {
            "core": Window(REST_POINTS_A_MINUTE * share, MINUTE, "GitHub takes 900 points a minute"),
            "graphql": Window(GRAPHQL_POINTS_A_MINUTE * share, MINUTE, "GitHub takes 2000 points a minute"),
        }
        self._rates: dict[str, Rate] = {}
        self._held = (0.0, "")  # until when GitHub asked us to wait, and its words
        self._written: deque[float] = deque(maxlen=BURST)
        self._spacing, self._good = SPACING, 0

    @contextmanager
    def turn(self, kind: str) -> Iterator[None]:
        """Wait for the turn of one request: writes one by one, reads side by side. Raises Throttled."""
        with self._lane if kind in _WRITES else self.width.slot():
            self._wait(kind)
            yield

    def hold(self, seconds: float, reason: str) -> None:
        """GitHub refused for its limits: nothing goes out for so long, writes are spaced wider. Raises Throttled."""
        with self._lock:
            until = self._clock() + seconds
            self._held = max(self._held, (until, reason))
            self._spacing, self._good = min(self._spacing * 2, MAX_SPACING), 0
        self.width.trouble()
        if until > self.deadline:
            raise self._too_long(until)

    def heard(self, kind: str, rates: Mapping[str, Rate]) -> None:
        """An answer came, with these rate-limit headers."""
        with self._lock:
            self._rates.update(rates)
            if kind in _WRITES and (good := self._good + 1) >= RECOVERY:
                self._spacing, good = max(self._spacing / 2, SPACING), 0
                self._good = good
            elif kind in _WRITES:
                self._good += 1

    def pause(self, seconds: float) -> None:
        """Wait, unless the run's time ends before. Raises Throttled."""
        if self._clock() + seconds > self.deadline:
            raise self._too_long(self._clock() + seconds)
        self._sleep(seconds)

    def check_deadline(self) -> None:
        """Raise Throttled when the run's time is over: nothing new is begun."""
        if self._clock() >= self.deadline:
            raise Throttled("the deadline of this run is reached", "a later run goes on")

    def estimate(self, writes: int) -> float:
        """Seconds that so many writes take by the limits alone."""
        hours, rest = divmod(writes, int(self._hour.points) or 1)
        if not rest and hours:
            hours, rest = hours - 1, int(self._hour.points)
        return hours * HOUR + max(0, rest - BURST) * self._spacing

    def _wait(self, kind: str) -> None:
        while True:
            with self._lock:
                seconds, reason = self._due(kind)
                if seconds <= 0:
                    self._spend(kind)
                    return
            if seconds > LOUD:
                log.warning("waiting until %s: %s", limits.clock_time(self._clock() + seconds), reason)
            self.pause(seconds)

    def _due(self, kind: str) -> tuple[float, str]:
        """How long this request has to wait yet, and why."""
        now, resource = self._clock(), _RESOURCES[kind]
        until, reason = self._held
        points = self._points[resource]
        waits = [(until - now, reason), (points.wait(now, _cost(kind)), points.reason)]
        if kind in _WRITES:
            waits += [(window.wait(now, 1), window.reason) for window in (self._minute, self._hour)]
            waits.append((self._spaced(now), "writes are spaced"))
        rate = self._rates.get(resource)
        if rate and rate.remaining <= 0 and rate.reset > now:
            waits.append((rate.reset + 1 - now, f"the limit of {rate.limit} an hour is used up"))
        return max(waits)

    def _spaced(self, now: float) -> float:
        if not self._written:
            return 0.0
        if self._spacing == SPACING and (len(self._written) < BURST or self._written[0] < now - BURST * SPACING):
            return 0.0
        return self._written[-1] + self._spacing - now

    def _spend(self, kind: str) -> None:
        now, resource = self._clock(), _RESOURCES[kind]
        self._points[resource].spend(now, _cost(kind))
        if kind in _WRITES:
            self._minute.spend(now, 1)
            self._hour.spend(now, 1)
            self._written.append(now)
        rate = self._rates.get(resource)
        if rate:  # until the next answer tells
            self._rates[resource] = rate._replace(remaining=rate.remaining - 1)

    def _too_long(self, until: float) -> Throttled:
        at = limits.clock_time(until)
        return Throttled(f"GitHub's limits ask to wait until {at}, beyond this run's time", "a later run goes on")


def _cost(kind: str) -> int:
    """Points against the secondary limits: "calculating points for the secondary rate limit"."""
    return 5 if kind in _WRITES else 1
