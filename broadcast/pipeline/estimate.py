"""Estimate of the writes that plans need, and of the time that GitHub's limits allow for them.

It mirrors apply/strategy.py, executor.py, metadata.py and auto_merge.py for a run without errors. Two things are not
estimated: commits above apply.strategy.MAX_PAYLOAD, which go by REST (all contents would have to be read), and people
unknown to GitHub, for whom REST is asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple

from broadcast.apply import requests
from broadcast.apply.requests import Fresh
from broadcast.apply.rest import chunks, is_inline
from broadcast.apply.sending import FULL
from broadcast.apply.strategy import is_plain
from broadcast.apply.task import Written
from broadcast.config.targets import Target
from broadcast.errors import FileUnavailable
from broadcast.observe.change import Change
from broadcast.observe.state import Observation, Observations, State
from broadcast.plan.outcome import SETTLED
from broadcast.plan.plan import MERGING, Plan
from broadcast.runner.inputs import Strategy
from broadcast.snapshot.snapshot import Wanted

if TYPE_CHECKING:
    from broadcast.pipeline.parts import FleetPart

OPENS, OTHER = True, False  # a pull request; anything else

_NO_PULL = Written("", 0, "")


class Estimate(NamedTuple):
    """The writes of a run."""

    calls: int
    seconds: float  # within the limits alone, until the last goes out

    @property
    def words(self) -> str:
        """The estimate in words, for the log."""
        minutes = f"{self.seconds / 60:.0f} min" if self.seconds >= 60 else "less than a minute"
        return f"about {self.calls} write{'' if self.calls == 1 else 's'}, {minutes} within GitHub's limits"


class Todo(NamedTuple):
    """One target and its plan."""

    target: Target
    state: State
    plan: Plan

    @property
    def is_plain(self) -> bool:
        """Whether GraphQL can make its commit."""
        return is_plain(self.plan, 0) and not self.target.settings.commit_author


def estimate(
    parts: Iterable[FleetPart], observations: Observations, plans: Mapping[Target, Plan], strategy: Strategy
) -> Estimate:
    """Estimate these plans, given in the order of work; the parts work side by side."""
    calls, seconds = 0, 0.0
    for part in parts:
        todos = defaultdict[int, list[Todo]](list)
        forecast = Forecast(strategy, part.syncer.renderer.contents, part.github.now())
        for target, plan in plans.items():
            if target in part.observations and isinstance(observation := observations[target], Observation):
                todos[target.stage].append(Todo(target, observation.state, plan))
        writes = [opens for stage in sorted(todos) for opens in forecast.of(todos[stage])]
        writes += _arming(todo for stage in todos.values() for todo in stage)
        calls, seconds = calls + len(writes), max(seconds, part.github.pace.estimate(writes))
    return Estimate(calls, seconds)


class Forecast:
    """The writes of plans; `contents` reads what REST is to send, `now` is in seconds since the epoch."""

    def __init__(self, strategy: Strategy, contents: Callable[[Wanted], bytes], now: float) -> None:
        self._strategy, self._contents, self._now = strategy, contents, now
        self._sizes: dict[str, int | None] = {}  # by blob id, of what a tree takes inline; None: it goes as a blob
        self._uploaded: set[tuple[str, str]] = set()  # repository id, blob id

    def of(self, todos: Iterable[Todo]) -> Iterator[bool]:
        """The writes to targets of one token and one stage, in this order; of each, whether it opens a pull request."""
        waiting: list[Fresh] = []
        for todo in todos:
            yield from self._step(todo)
            yield from _stopping(todo.plan)
            if requests.is_due(todo.plan.outcome, todo.plan.pull, self._now):
                waiting.append(Fresh(todo.target, todo.state, _NO_PULL))
            if sum(requests.count(one.target.settings) for one in waiting) >= FULL:
                yield from repeat(OTHER, requests.calls(waiting))
                waiting = []
            if todo.plan.outcome in SETTLED:
                yield from repeat(OTHER, len(todo.state.superseded))
            yield from repeat(OTHER, len(todo.plan.answers))
        yield from repeat(OTHER, requests.calls(waiting))

    def _step(self, todo: Todo) -> Iterable[bool]:
        if todo.plan.step == "nothing":
            return []
        if todo.plan.step in MERGING:
            return [OTHER]
        if todo.plan.step == "sweep":
            return repeat(OTHER, len(todo.plan.leftovers))
        if self._strategy == "graphql" and not todo.is_plain:
            return []  # that fails
        by_rest = self._strategy == "rest"
        if todo.plan.step == "push":
            return repeat(OTHER, 1 if todo.is_plain and not by_rest else self._commit(todo) + 1)
        return self._by_rest(todo) if by_rest else self._by_graphql(todo)

    def _by_graphql(self, todo: Todo) -> Iterator[bool]:
        """As apply/graphql.py does it."""
        plan, state, plain = todo.plan, todo.state, todo.is_plain
        if plan.step == "create" and not plain:
            yield from self._by_rest(todo)
            return
        if plan.step == "close":
            yield OTHER
        if plan.step == "rebuild" and not (plain and not plan.pull and _is_at_base(state)):
            yield from repeat(OTHER, 1 if plain else self._commit(todo))
        yield OTHER if plan.pull else OPENS

    def _by_rest(self, todo: Todo) -> Iterator[bool]:
        """As apply/rest.py does it."""
        plan = todo.plan
        if plan.step in ("create", "rebuild"):
            yield from repeat(OTHER, self._commit(todo) + 1)  # and the branch
        if plan.step == "close":
            yield from repeat(OTHER, 2)  # the comment, the branch
        if plan.step in ("rebuild", "close") and plan.leftovers:
            yield OTHER
        if plan.step in ("rebuild", "describe") and plan.pull and plan.pull.rebuild_label:
            yield OTHER
        yield OTHER if plan.pull else OPENS

    def _commit(self, todo: Todo) -> int:
        """The calls of one commit: blobs for binary files, trees in chunks, the commit itself."""
        blobs, weights = 0, []
        for change in todo.plan.changes:
            try:
                size = self._size(todo.state.repository_id, change)
            except FileUnavailable:
                continue  # it is left out
            blobs += size is None
            weights.append(size or 0)
        return blobs + sum(1 for _ in chunks(weights, int)) + 1

    def _size(self, repository: str, change: Change) -> int | None:
        """Bytes that a tree takes inline; None if the file needs a blob."""
        after = change.after
        if after is None or (change.before and change.before.oid == after.oid):
            return 0
        if (repository, after.oid) in self._uploaded:
            return 0
        if after.oid not in self._sizes:
            content = self._contents(after)
            self._sizes[after.oid] = len(content) if is_inline(content) else None
        if self._sizes[after.oid] is None:
            self._uploaded.add((repository, after.oid))
        return self._sizes[after.oid]


def _is_at_base(state: State) -> bool:
    return bool(state.ours and state.base and state.ours.head.oid == state.base.head.oid)


def _stopping(plan: Plan) -> Iterator[bool]:
    """Turning off auto-merge of a pull request that would undo people's work."""
    is_looked_at = plan.step not in ("nothing", "sweep") or plan.outcome == "open"
    if plan.pull and plan.pull.auto_merging and plan.undoes and is_looked_at:
        yield OTHER


def _arming(todos: Iterable[Todo]) -> list[bool]:
    """Turning on auto-merge, after everything else."""
    armed = sum(
        todo.state.allows_auto_merge and requests.merges_itself(todo.target, todo.plan.outcome, todo.plan)
        for todo in todos
    )
    return [OTHER] * -(-armed // FULL)
