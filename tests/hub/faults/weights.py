"""Execution time of GraphQL documents, and the error of one that takes too long.

A project that reads many repositories at once measured 75 to 150 ms for each, and connections that were cut in the
middle of the answer where there were 100 in one document.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.hub.faults.clock import Clock
from tests.hub.faults.requests import HTML, HTML_TYPE, Answer
from tests.hub.faults.subject import roots

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.hub.faults.requests import Request
    from tests.hub.hub import Hub


def weighed(hub: Hub, request: Request, answer: Callable[[], Answer]) -> Answer:
    """The answer, once its time has passed; without the hub's lock, so that documents run side by side."""
    weight = hub.weight * sum(each.name == "repository" for each in roots(request)) if hub.weight else 0.0
    if not weight:
        return answer()
    _wait(hub, request.received_at, min(weight, hub.limits.weight))
    if weight <= hub.limits.weight:
        return answer()
    if hub.unknowns.too_heavy == "502":
        return Answer(502, HTML, HTML_TYPE)
    return replace(answer(), cut=True)


def _wait(hub: Hub, start: float, seconds: float) -> None:
    if isinstance(hub.clock, Clock):
        hub.clock.until(start + seconds)
    else:
        hub.sleep(seconds)
