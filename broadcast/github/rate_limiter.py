"""Rate limiter of one token: GitHub's documented limits, and slower after each refusal.

Docs: rate limits for the REST API, "About secondary rate limits"; best practices for using the REST API. What
`limits` recognises as a refusal is obeyed here; `windows` and `speed` are the parts of the model.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from broadcast.errors import Failure
from broadcast.github import rate_limits
from broadcast.github.usage import MUTATION, QUERY, REST_READ, REST_WRITE, Rate
from broadcast.github.windows import Width, Window
from broadcast.github.write_speed import HALF, WriteSpeed

log = logging.getLogger(__name__)

WRITES_A_MINUTE = 80  # "no more than 80 content-generating requests per minute"
WRITES_AN_HOUR = 500  # "… and no more than 500 content-generating requests per hour"
REST_POINTS_A_MINUTE = 900
GRAPHQL_POINTS_A_MINUTE = 2_000
MINUTE, HOUR = 61.0, 3_605.0  # seconds; a little more than GitHub's, for its clock isn't ours
LOUD = 5.0  # seconds; longer waits are logged

_WRITES = (REST_WRITE, MUTATION)
_RESOURCES = {REST_READ: "core", REST_WRITE: "core", QUERY: "graphql", MUTATION: "graphql"}


class Throttled(Failure):
    """GitHub's limits ask for a longer wait than this run has."""


class RateLimiter:
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
        self._clock, self._sleep, self._share = clock, sleep, share
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
        self._refusals: Counter[str] = Counter()  # by what was refused, since the last success of the same
        self._speed = WriteSpeed()

    @contextmanager
    def turn(self, kind: str, *, opens: bool = False) -> Iterator[None]:
        """Wait for the turn of one request: writes one by one, reads side by side. Raises Throttled.

        `opens` says whether it opens a pull request.
        """
        with self._lane if kind in _WRITES else self.width.slot():
            self._wait(kind, opens)
            yield

    def heard(self, kind: str, rates: Mapping[str, Rate], *, opens: bool = False, ok: bool = True) -> None:
        """An answer came, with these rate-limit headers; `ok` says whether GitHub did what was asked."""
        with self._lock:
            self._rates.update(rates)
            if ok:
                self._refusals[_lane(kind, opens)] = 0
            if ok and kind in _WRITES:
                self._speed.taken(opens=opens)

    def refused(self, kind: str, headers: Mapping[str, str], reason: str, *, opens: bool = False) -> None:
        """GitHub refused for its limits: nothing goes out until it allows; writes are slower then. Raises Throttled."""
        with self._lock:
            now, lane = self._clock(), _lane(kind, opens)
            is_first = now >= self._held[0]  # else it was sent before we heard of the refusal that we wait for
            self._refusals[lane] += is_first
            until = now + rate_limits.wait_of(headers, now, max(0, self._refusals[lane] - 1))
            self._held = max(self._held, (until, reason))
            self._speed.refused(until, opens=opens)
        self.width.trouble()
        if until > self.deadline:
            raise self._too_long(until)
        if is_first:
            log.info("slowed to one write every %g s after a refusal, for a minute from the end of the wait", HALF)

    def pause(self, seconds: float) -> None:
        """Wait, unless the run's time ends before. Raises Throttled."""
        if self._clock() + seconds > self.deadline:
            raise self._too_long(self._clock() + seconds)
        self._sleep(seconds)

    def check_deadline(self) -> None:
        """Raise Throttled when the run's time is over: nothing new is begun."""
        if self._clock() >= self.deadline:
            raise _over()

    def estimate(self, writes: Iterable[bool]) -> float:
        """Seconds until the last of these writes goes out, as this very model has it; each says whether it opens a pull
        request.
        """
        now = 0.0
        rehearsal = RateLimiter(lambda: now, lambda _: None, share=self._share)
        for opens in writes:
            while (seconds := rehearsal._due(MUTATION, opens)[0]) > 0:
                now += seconds
            rehearsal._spend(MUTATION, opens)
            rehearsal.heard(MUTATION, {}, opens=opens)
        return now

    def _wait(self, kind: str, opens: bool) -> None:
        while True:
            with self._lock:
                seconds, reason = self._due(kind, opens)
                if seconds <= 0:
                    self._spend(kind, opens)
                    return
            if seconds > LOUD:
                log.warning("waiting until %s: %s", rate_limits.clock_time(self._clock() + seconds), reason)
            self.pause(seconds)

    def _due(self, kind: str, opens: bool) -> tuple[float, str]:
        """How long this request has to wait yet, and why."""
        now, resource = self._clock(), _RESOURCES[kind]
        until, reason = self._held
        points = self._points[resource]
        waits = [(until - now, reason), (points.wait(now, _cost(kind)), points.reason)]
        if kind in _WRITES:
            waits += [(window.wait(now, 1), window.reason) for window in (self._minute, self._hour)]
            waits.append(self._speed.wait(now, opens=opens))
        rate = self._rates.get(resource)
        if rate and rate.remaining <= 0 and rate.reset > now:
            waits.append((rate.reset + 1 - now, f"the limit of {rate.limit} an hour is used up"))
        return max(waits)

    def _spend(self, kind: str, opens: bool) -> None:
        now, resource = self._clock(), _RESOURCES[kind]
        self._points[resource].spend(now, _cost(kind))
        if kind in _WRITES:
            self._minute.spend(now, 1)
            self._hour.spend(now, 1)
            self._speed.spend(now, opens=opens)
        rate = self._rates.get(resource)
        if rate:  # until the next answer
            self._rates[resource] = rate._replace(remaining=rate.remaining - 1)

    def _too_long(self, until: float) -> Throttled:
        if until - self._clock() <= LOUD:  # it is the run's time that ends
            return _over()
        at = rate_limits.clock_time(until)
        return Throttled(f"GitHub's limits ask to wait until {at}, beyond this run's time", "a later run goes on")


def _over() -> Throttled:
    return Throttled("the deadline of this run is reached", "a later run goes on")


def _cost(kind: str) -> int:
    """Points against the secondary limits: "calculating points for the secondary rate limit"."""
    return 5 if kind in _WRITES else 1


def _lane(kind: str, opens: bool) -> str:
    """What is refused, and taken again, together."""
    return "pull requests" if opens else "writes" if kind in _WRITES else "reads"
