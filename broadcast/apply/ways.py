"""How a try of a write goes, and how many there are (pure)."""

from __future__ import annotations

from typing import NamedTuple

from broadcast.apply.task import Opaque, is_passing
from broadcast.errors import Failure
from broadcast.observe.swaps import has_swaps
from broadcast.plan.plan import Plan
from broadcast.runner.inputs import Strategy

PATIENCE = (0.0, 1.0, 2.0, 4.0, 8.0)  # seconds before another look: what was made a moment ago may not show yet
TRIES = len(PATIENCE) + 1
UNKNOWN_TRIES = 3  # for a refusal in words that we don't know
REST_AFTER = 4  # tries


class Way(NamedTuple):
    """How a try writes, by what the tries before it came to."""

    strategy: Strategy
    refs_by_rest: bool = False

    def after(self, failure: Failure, attempt: int, plan: Plan) -> Way:
        """The way of the next try: REST where documents are refused again and again, for it says why.

        At once where a document may not be able to do it: docs/github.md, "Writing by GraphQL".
        """
        last = attempt + 2 == (TRIES if is_passing(failure) else UNKNOWN_TRIES)
        last = last or has_swaps(plan.changes) or any(change.is_special_deletion for change in plan.changes)
        late = self.strategy == "auto" and (last or attempt + 1 >= REST_AFTER)
        return Way("rest" if late else self.strategy, self.refs_by_rest or isinstance(failure, Opaque))
