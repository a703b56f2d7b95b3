"""Counts every HTTP request of a run, by kind, phase and target."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple

from msgspec import Struct, field

REST_READ, REST_WRITE = "REST read", "REST write"
QUERY, MUTATION = "GraphQL query", "GraphQL mutation"
KINDS = (REST_READ, REST_WRITE, QUERY, MUTATION)


class Call(NamedTuple):
    """One HTTP request, answered or not."""

    kind: str
    phase: str
    target: str  # "" when it served many
    status: int  # 0: no answer
    seconds: float
    sent: int  # bytes of the body
    received: int
    points: int  # of the primary rate limit


class Rate(NamedTuple):
    """What a rate-limit header said last."""

    limit: int
    remaining: int
    reset: int  # seconds since the epoch


class Sum(NamedTuple):
    """What some calls cost together."""

    calls: int = 0
    points: int = 0
    sent: int = 0  # bytes
    received: int = 0


class Usage(Struct):
    """Grows by one entry a request; safe to share between threads."""

    calls: list[Call] = field(default_factory=list)
    rates: dict[str, Rate] = field(default_factory=dict)  # by resource: core, graphql
    waited: float = 0.0  # seconds spent waiting for GitHub's limits
    refusals: int = 0  # calls that GitHub refused for its limits
    written: set[str] = field(default_factory=set)  # targets that something may have been written to
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, call: Call, rates: dict[str, Rate]) -> None:
        """Note one request."""
        with self._lock:
            self.calls.append(call)
            if call.kind in (REST_WRITE, MUTATION) and not 400 <= call.status < 500:
                self.written.add(call.target)
            self.rates.update(rates)

    def wait(self, seconds: float) -> None:
        """Note time spent waiting."""
        with self._lock:
            self.waited += seconds

    def refuse(self) -> None:
        """Note that GitHub refused a request for its limits."""
        with self._lock:
            self.refusals += 1

    def copy(self) -> Usage:
        """All of it by now, which no thread changes any more."""
        with self._lock:
            return Usage(list(self.calls), dict(self.rates), self.waited, self.refusals, set(self.written))

    def by_kind(self) -> Counter[str]:
        """How many calls of each kind."""
        return Counter(call.kind for call in self.calls)

    def by_phase(self) -> dict[str, Sum]:
        """What each phase cost."""
        return _sums(self.calls, lambda call: call.phase)

    def by_target(self) -> dict[str, Sum]:
        """What was asked for one target alone; "" has the calls that served many."""
        return _sums(self.calls, lambda call: call.target)

    def by_target_and_kind(self) -> dict[str, Counter[str]]:
        """How many calls of each kind for one target alone; "" has those that served many."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for call in self.calls:
            found[call.target][call.kind] += 1
        return found

    def total(self) -> Sum:
        """What all calls cost."""
        return _sums(self.calls, lambda _: "").get("", Sum())


def _sums(calls: Iterable[Call], key: Callable[[Call], str]) -> dict[str, Sum]:
    sums: dict[str, Sum] = defaultdict(Sum)
    for call in calls:
        one = sums[key(call)]
        sums[key(call)] = Sum(
            one.calls + 1, one.points + call.points, one.sent + call.sent, one.received + call.received
        )  # fmt: skip
    return sums
