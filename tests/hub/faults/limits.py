"""GitHub's limits: "Rate limits and query limits for the GraphQL API", "Rate limits for the REST API"."""

from __future__ import annotations

import math
import threading
from collections import Counter, defaultdict, deque
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.hub.faults.requests import Request

HOUR, MINUTE, BURST = 3600, 60, 10


@dataclass
class Limits:
    """Every number can be turned in a test, before a run or in the middle of it."""

    core: int = 5000  # requests an hour and token
    graphql: int = 5000  # points an hour and token
    nodes: int = 500_000  # that a query may ask for
    depth: int = 25
    page: int = 100
    mutations: int = 76  # in one document, as a user of the API has measured
    work: int = 60_000  # fields resolved: stands for the ten seconds that a query may take
    weight: float = 10.0  # seconds that a document may take where hub.weight says what it takes
    graphql_body: int = 40_000_000
    tree_entries: int = 1000
    tree_bytes: int = 8 * 2**20
    tree_listing: int = 100_000
    blob: int = 40 * 2**20
    # The secondary limits; None leaves them off, as a test that writes in bursts wants it
    content_minute: int | None = None
    content_hour: int | None = None
    rest_points: int | None = None  # a minute: 1 for a read, 5 for a write
    graphql_points: int | None = None  # likewise
    concurrent: int | None = None
    burst: int | None = None  # writes within ten seconds: stands for the limits that GitHub doesn't disclose
    tells_wait: bool = True  # with a Retry-After; GitHub leaves it out at times

    def documented(self) -> Self:
        """Every limit that GitHub documents, at once."""
        self.core = self.graphql = 5000
        self.content_minute, self.content_hour = 80, 500
        self.rest_points, self.graphql_points = 900, 2000
        self.concurrent = 100
        return self


class Rejection(NamedTuple):
    """A request that a limit refused; `limit` is the limit's name in Limits."""

    request: Request
    limit: str
    wait: int  # seconds


@dataclass
class Budget:
    limit: int
    used: int = 0
    reset: int = 0

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)


class RateLimits:
    """Primary limits: one budget for each token and resource, new an hour after the first request on it."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self.limits, self.clock = limits, clock
        self._budgets: dict[tuple[str, str], Budget] = {}
        self._lock = threading.RLock()

    def budget(self, token: str, resource: str) -> Budget:
        """A look at it; only spending begins the hour."""
        with self._lock:
            now, limit = self.clock(), getattr(self.limits, resource)
            budget = self._budgets.get((token, resource))
            if budget is None or now >= budget.reset:
                return Budget(limit, reset=int(now) + HOUR)
            budget.limit = limit
            return budget

    def spend(self, token: str, resource: str, points: int) -> bool:
        """False where the budget was used up before."""
        with self._lock:
            budget = self._budgets[token, resource] = self.budget(token, resource)
            if budget.remaining < 1:
                return False
            budget.used += points
            return True

    def wait(self, token: str, resource: str) -> int:
        """Seconds until there is a new budget."""
        return max(1, math.ceil(self.budget(token, resource).reset - self.clock()))


class _Rule(NamedTuple):
    limit: str  # its name in Limits
    window: int
    cost: int


class SecondaryLimits:
    """How much one token does within ten seconds, a minute and an hour, and at the same time."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self.limits, self.clock = limits, clock
        self._past: dict[tuple[str, str], deque[tuple[float, int]]] = defaultdict(deque)
        self._now: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def running(self, token: str) -> Iterator[None]:
        """For as long as a request is under way, slow answers included."""
        with self._lock:
            self._now[token] += 1
        try:
            yield
        finally:
            with self._lock:
                self._now[token] -= 1

    def admit(self, token: str, kind: str) -> tuple[str, int] | None:
        """None where the request fits, which is noted; else the limit in its way, and the seconds to wait."""
        with self._lock:
            now, rules = self.clock(), _rules(kind)
            waits = [(self._wait(token, rule, now), rule.limit) for rule in rules]
            if self.limits.concurrent and self._now[token] > self.limits.concurrent:
                waits.append((MINUTE, "concurrent"))
            wait, limit = max(waits)
            if wait:
                return limit, wait
            for rule in rules:  # those that are off too: a limit turned on later counts what came before
                self._past[token, rule.limit].append((now, rule.cost))
            return None

    def _wait(self, token: str, rule: _Rule, now: float) -> int:
        """0 where the request fits into the window, else how long until enough of the others have left it."""
        past, limit = self._past[token, rule.limit], getattr(self.limits, rule.limit)
        while past and past[0][0] <= now - rule.window:
            past.popleft()
        excess = sum(points for _, points in past) + rule.cost - limit if limit is not None else 0
        if excess <= 0:
            return 0
        for moment, points in past:
            excess -= points
            if excess <= 0:
                return max(1, math.ceil(moment + rule.window - now))
        return rule.window


def _rules(kind: str) -> list[_Rule]:
    writes = kind in {"rest write", "graphql mutation"}
    rules = [_Rule(f"{kind.partition(' ')[0]}_points", MINUTE, 5 if writes else 1)]
    if writes:
        rules += [_Rule("content_minute", MINUTE, 1), _Rule("content_hour", HOUR, 1), _Rule("burst", BURST, 1)]
    return rules


def rate_headers(budget: Budget, resource: str) -> dict[str, str]:
    return {
        "x-ratelimit-limit": str(budget.limit),
        "x-ratelimit-remaining": str(budget.remaining),
        "x-ratelimit-used": str(budget.used),
        "x-ratelimit-reset": str(budget.reset),
        "x-ratelimit-resource": resource,
    }
