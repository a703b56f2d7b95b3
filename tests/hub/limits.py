"""GitHub's limits: "Rate limits and query limits for the GraphQL API", "Rate limits for the REST API"."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

HOUR = 3600


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


def rate_headers(budget: Budget, resource: str) -> dict[str, str]:
    return {
        "x-ratelimit-limit": str(budget.limit),
        "x-ratelimit-remaining": str(budget.remaining),
        "x-ratelimit-used": str(budget.used),
        "x-ratelimit-reset": str(budget.reset),
        "x-ratelimit-resource": resource,
    }
