"""Sets auto-merge after everything else: GitHub refuses it until it knows a new pull request's checks.

Docs: automatically merging a pull request. Right after its creation the answer is "clean status" or "unstable status"
for up to a minute; if it stays so, nothing has to be waited for.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from broadcast.apply import sending
from broadcast.apply.requests import Fresh, merge_method
from broadcast.apply.sending import Mutation
from broadcast.apply.task import Unsupported
from broadcast.config.targets import Target
from broadcast.errors import Failure
from broadcast.github.client import GitHub
from broadcast.github.retry import tries

log = logging.getLogger(__name__)

PAUSES = (2.0, 4.0, 8.0, 16.0, 30.0)  # seconds between tries, which all pull requests of a run share
MINUTE = 60.0  # seconds after which what GitHub answers about a pull request stays so

NOT_ALLOWED = "the repository doesn't allow it; tick Allow auto-merge in its settings"
NOTHING_TO_WAIT_FOR = "nothing has to be waited for: let a rule of the branch require checks or reviews"
_LATER = "a later run tries again"
_UNREADY = re.compile(r"(clean|unstable) status", re.IGNORECASE)
_MOVED = re.compile(r"head oid does not match", re.IGNORECASE)
_REMEDIES = (  # by GitHub's words
    (re.compile(r"not allowed for this repository", re.IGNORECASE), NOT_ALLOWED),
    (re.compile(r"(clean|unstable) status|rules not configured", re.IGNORECASE), f"{NOTHING_TO_WAIT_FOR}; {_LATER}"),
    (re.compile(r"merge method", re.IGNORECASE), "let pr_merge_method be one that the repository allows"),
)


class _Arming(NamedTuple):
    """One pull request that is to merge itself."""

    fresh: Fresh
    head: str  # that it must have; empty: whatever it has

    @property
    def mutation(self) -> Mutation:
        """What sets it."""
        method = merge_method(self.fresh.target, self.fresh.state)
        known: dict[str, Any] = {"expectedHeadOid": self.head} if self.head else {}
        given = {"pullRequestId": self.fresh.pull.id, "mergeMethod": method, **known}
        return Mutation("m", self.fresh.pull.id, given)


class AutoMerger:
    """Collects pull requests all through a run; `finish` sets them."""

    def __init__(self, github: GitHub, warn: Callable[[Target, str], None]) -> None:
        self.github, self.warn = github, warn
        self._left: dict[str, _Arming] = {}  # by the id of the pull request
        self._reasons: dict[str, str] = {}  # why those were refused that were tried

    def add(self, fresh: Fresh, head: str = "") -> None:
        """Let this one merge itself; not tried where the repository is known to forbid it."""
        if fresh.state.allows_auto_merge:
            self._left[fresh.pull.id] = _Arming(fresh, head)
        else:
            self.warn(fresh.target, f"auto-merge: {NOT_ALLOWED}")

    def notes(self) -> Iterable[tuple[str, str]]:
        """Warnings about those that still wait when a run is stopped."""
        return [(one.fresh.target.label, f"auto-merge: isn't set yet; {_LATER}") for one in list(self._left.values())]

    def finish(self) -> None:
        """Set all, in batches, and again while GitHub may not know yet; what stays refused becomes a warning."""
        try:
            ready = [*self._left.values()]
            for _ in tries(self.github.pace.pause, PAUSES if ready else ()):
                for start in range(0, len(ready), sending.FULL):
                    self._set(ready[start:][: sending.FULL])
                ready = [one for one in self._left.values() if self._may_pass(one)]
                if not ready:
                    break
        except Failure as failure:
            self._reasons = dict.fromkeys(self._left, failure.message) | self._reasons
        for id_, one in self._left.items():
            self._report(one.fresh.target, self._reasons[id_])
        self._left = {}

    def _may_pass(self, one: _Arming) -> bool:
        is_young = self.github.now() - one.fresh.made < MINUTE
        reason = self._reasons.get(one.fresh.pull.id, "")
        return not reason or (is_young and _UNREADY.search(reason) is not None)

    def _set(self, chosen: Sequence[_Arming]) -> None:
        try:
            reasons = sending.send(self.github, [one.mutation for one in chosen])
        except Unsupported:
            reasons = ["this server's GraphQL can't set it, and REST can't either"] * len(chosen)
        for one, reason in zip(chosen, reasons, strict=True):
            self._reasons[one.fresh.pull.id] = reason
            if not reason:
                del self._left[one.fresh.pull.id]

    def _report(self, target: Target, reason: str) -> None:
        if _MOVED.search(reason):  # people pushed meanwhile; their commits weren't observed
            log.info("%s: auto-merge: %s; %s", target.label, reason, _LATER)
            return
        self.warn(target, f"auto-merge: {reason}; {remedy(reason)}")


def remedy(reason: str) -> str:
    """What to do about a refusal."""
    return next((text for pattern, text in _REMEDIES if pattern.search(reason)), _LATER)
