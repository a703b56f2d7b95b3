"""Valid tokens that GitHub refuses for a while: new ones, and any of them during an incident.

A new installation token isn't known everywhere for some seconds: octokit/auth-app.js #65 and #589, octokit/handbook #8,
akuity/kargo #6630. On 2026-05-23 GitHub refused 1-5 % of all requests so for hours.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from typing import TYPE_CHECKING

from tests.hub.accounts.apps import Assertion
from tests.hub.accounts.organizations import ADDRESS
from tests.hub.accounts.rights import INACCESSIBLE
from tests.hub.errors import DOCS
from tests.hub.faults.requests import Answer
from tests.hub.faults.subject import Subject, subject

if TYPE_CHECKING:
    from tests.hub.faults.requests import Request
    from tests.hub.hub import Hub
    from tests.hub.models import Token

UNKNOWN = "Bad credentials"
SCOPED = "we found your scoped token, but its permissions aren't replicated yet"  # so GitHub's staff explain the 403
WORDS = {"401": UNKNOWN, "403": SCOPED, "not accessible": INACCESSIBLE["app"]}


class Incident:
    """A share of all requests is refused with 401, always the same ones for one seed."""

    def __init__(self, share: float, seed: object) -> None:
        self.share, self.seed, self.refused = share, seed, 0
        self._met: Counter[Subject] = Counter()
        self._lock = threading.Lock()

    def strikes(self, hub: Hub, request: Request) -> bool:
        about = subject(hub, request)
        with self._lock:
            self._met[about] += 1
            struck = random.Random(f"{self.seed} {about} {self._met[about]}").random() < self.share
            self.refused += struck
            return struck


def weigh(hub: Hub, token: Token) -> None:
    """How the token is treated by this request."""
    fresh = token.refused_until is not None and hub.clock() < token.refused_until
    token.doubt = (token.refused_how or hub.unknowns.fresh_token) if fresh else None


def refused(hub: Hub, token: Token, request: Request) -> Answer | None:
    """The answer in place of the true one."""
    if isinstance(token, Assertion):
        return None
    if token.doubt in WORDS:
        return _answer(hub, 401 if token.doubt == "401" else 403, WORDS[token.doubt])
    if hub.incident and hub.incident.strikes(hub, request):
        return _answer(hub, 401, UNKNOWN)
    if request.document is not None and hub.unknowns.ip_list_form == "http":
        closed = next((each for each in hub.repositories.values() if each.is_off_list(token)), None)
        return _answer(hub, 403, ADDRESS.format(closed.owner)) if closed else None
    return None


def _answer(hub: Hub, status: int, words: str) -> Answer:
    """Renovate takes a 401 with a limit of 60 for an outage, as that is the budget of those without a token."""
    limited = status == 401 and hub.unknowns.transient_401_limit == "60"
    headers = {"x-ratelimit-limit": "60", "x-ratelimit-remaining": "59", "x-ratelimit-used": "1"} if limited else {}
    return Answer(status, {"message": words, "documentation_url": DOCS, "status": str(status)}, headers)
