"""GitHub's limits: "Rate limits and query limits for the GraphQL API", "Rate limits for the REST API"."""

from __future__ import annotations

import math
import threading
from collections import Counter, defaultdict, deque
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOUR, MINUTE = 3600, 60
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


@dataclass
class Limits:
    """Every number can be turned in a test."""

    core: int = 5000  # requests an hour and token
    graphql: int = 5000  # points an hour and token
    nodes: int = 500_000  # that a query may ask for
    depth: int = 25
    page: int = 100
    mutations: int = 76  # in one document, as a user of the API has measured
    work: int = 60_000  # fields resolved: stands for the ten seconds that a query may take
    graphql_body: int = 40_000_000
    tree_entries: int = 1000
    tree_bytes: int = 8 * 2**20
    tree_listing: int = 100_000
    blob: int = 40 * 2**20
    # The documented secondary limits; None leaves them off, as a test that writes in bursts wants it
    content_minute: int | None = None  # 80 on GitHub
    content_hour: int | None = None  # 500 on GitHub
    rest_points: int | None = None  # 900 a minute on GitHub: 1 for a read, 5 for a write
    graphql_points: int | None = None  # 2,000 a minute on GitHub
    concurrent: int | None = None  # 100 on GitHub


@dataclass
class Budget:
    limit: int
    used: int = 0
    reset: int = 0

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)


class RateLimits:
    """Primary limits: one budget for each token and resource, new with each hour of the clock."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self.limits, self.clock = limits, clock
        self._budgets: dict[tuple[str, str], Budget] = {}
        self._lock = threading.Lock()

    def budget(self, token: str, resource: str) -> Budget:
        with self._lock:
            now = self.clock()
            budget = self._budgets.get((token, resource))
            if budget is None or now >= budget.reset:
                budget = Budget(getattr(self.limits, resource), reset=int(now) + HOUR)
                self._budgets[token, resource] = budget
            budget.limit = getattr(self.limits, resource)
            return budget

    def spend(self, token: str, resource: str, points: int) -> bool:
        """False where the budget was used up before."""
        budget = self.budget(token, resource)
        with self._lock:
            if budget.remaining < 1:
                return False
            budget.used += points
            return True


class SecondaryLimits:
    """How much one token does within a minute and an hour, and at the same time."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self.limits, self.clock = limits, clock
        self._past: dict[tuple[str, str], deque[tuple[float, int]]] = defaultdict(deque)
        self._now: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def request(self, token: str, kind: str) -> Iterator[int | None]:
        """Yields the seconds to wait before the next request where this one is over a limit."""
        with self._lock:
            self._now[token] += 1
            wait = self._wait(token, kind)
        try:
            yield wait
        finally:
            with self._lock:
                self._now[token] -= 1

    def _wait(self, token: str, kind: str) -> int | None:
        writes = kind in {"rest write", "graphql mutation"}
        api = kind.partition(" ")[0]
        rows = [(api, MINUTE, 5 if writes else 1, getattr(self.limits, f"{api}_points"))]
        if writes:
            rows += [("minute", MINUTE, 1, self.limits.content_minute), ("hour", HOUR, 1, self.limits.content_hour)]
        waits = [self._room((token, name), window, cost, limit) for name, window, cost, limit in rows if limit]
        if self.limits.concurrent and self._now[token] > self.limits.concurrent:
            waits.append(MINUTE)
        return max(waits, default=0) or None

    def _room(self, key: tuple[str, str], window: int, cost: int, limit: int) -> int:
        """0 where the request fits into the window, else how long the oldest still stands in its way."""
        past, now = self._past[key], self.clock()
        while past and past[0][0] <= now - window:
            past.popleft()
        if sum(points for _, points in past) + cost > limit:
            return max(1, math.ceil(past[0][0] + window - now))
        past.append((now, cost))
        return 0


def rate_headers(budget: Budget, resource: str) -> dict[str, str]:
    return {
        "x-ratelimit-limit": str(budget.limit),
        "x-ratelimit-remaining": str(budget.remaining),
        "x-ratelimit-used": str(budget.used),
        "x-ratelimit-reset": str(budget.reset),
        "x-ratelimit-resource": resource,
    }
