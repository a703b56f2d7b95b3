"""Fault injection for tests: failed requests, refused fields, hooks between two requests, storms."""

from __future__ import annotations

import threading
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.hub.accounts.credentials import Incident
from tests.hub.faults.requests import UNTOLD, Fault, FieldFault, Request, creates, quick_fields, throttled, too_quickly
from tests.hub.faults.storm import PREFIX, RATE, Storm

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from tests.hub.hub import Hub
    from tests.hub.models import Token

    Match = Callable[[Request], bool]
    Action = Callable[[Hub, Request], object]


@dataclass
class Hook:
    match: Match
    action: Action
    times: int
    after_effect: bool


class FaultInjector:
    """The part of a Hub that keeps its faults, hooks and storm."""

    lock: threading.RLock
    tokens: dict[str, Token]
    defects: list[str]

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.field_faults: list[FieldFault] = []
        self.hooks: list[Hook] = []
        self.weather: Storm | None = None
        self.incident: Incident | None = None

    def fail(
        self,
        match: Match,
        times: int = 1,
        status: int | None = None,
        body: Any = None,
        after_effect: bool = False,
        headers: Mapping[str, str] | None = None,
        *,
        cut: bool = False,
        delay: float = 0.0,
        malformed: bool | str = False,
        retry_after: int | str | None = UNTOLD,
    ) -> Fault:
        """Answer the next matching requests with an error: 502 unless `status` says otherwise.

        Status 0 drops the connection without an answer. `cut` sends half of the answer and resets the connection;
        `malformed` makes the JSON stop short, "html" sends a page in its place, both with status 200. After the
        effect it is the true answer that they spoil. `delay` waits so many seconds; alone, the true answer follows.
        `retry_after` is the answer of a secondary limit (403, 429, or 200 for GraphQL), with that header; None leaves
        the header out.
        """
        extra = dict(headers or {})
        if retry_after is not UNTOLD:
            limited = throttled(status or 403, retry_after)
            status, body, extra = limited.status, limited.body if body is None else body, limited.headers | extra
        fault = Fault(match, times, status, body, after_effect, extra, cut, delay, malformed)
        self.faults.append(fault)
        return fault

    def fail_field(
        self,
        match: Callable[[Request, list[Any], str, str, dict[str, Any]], bool],
        message: str | Callable[[dict[str, Any]], str],
        type: str | None = "UNPROCESSABLE",  # noqa: A002  GraphQL's name for it
        times: int = 1,
        after_effect: bool = False,
    ) -> FieldFault:
        """Refuse a field of a GraphQL document: null there and an error with its path, while the rest runs.

        `match` gets the request, the path, the type's and the field's name, and the arguments; `message` may be made
        of the arguments.
        """
        fault = FieldFault(match, message, type, times, after_effect)
        self.field_faults.append(fault)
        return fault

    def abort(
        self,
        match: Callable[[Request, list[Any], str, str, dict[str, Any]], bool],
        times: int = 1,
        after_effect: bool = False,
    ) -> FieldFault:
        """Break a GraphQL document off at a field, as GitHub does where updateRefs meets another state.

        The answer is one error without a path, type or data; fields before this one have happened, those after haven't.
        """
        fault = FieldFault(match, "", None, times, after_effect, aborts=True)
        self.field_faults.append(fault)
        return fault

    def too_quickly(self, match: Match, times: int = 1) -> None:
        """Refuse the next matching requests that create something as "submitted too quickly": REST's, or a field."""
        answer = too_quickly()
        self.fail(lambda request: creates(request) and match(request), times, answer.status, answer.body)
        self.field_faults.append(quick_fields(match, times))

    # What happens between two calls

    def before(self, match: Match, action: Action, times: int = 1) -> Hook:
        """Run `action(hub, request)` when a matching request has come, before it takes effect."""
        return self._hook(Hook(match, action, times, after_effect=False))

    def after(self, match: Match, action: Action, times: int = 1) -> Hook:
        """The same after its effect, before its answer leaves; `match` can ask for request.status."""
        return self._hook(Hook(match, action, times, after_effect=True))

    def on_request(self, number: int, action: Action, after_effect: bool = False) -> Hook:
        """Run `action` once, when the n-th request since hub.requests was cleared has come."""
        return self._hook(Hook(lambda request: request.number == number, action, 1, after_effect))

    def _hook(self, hook: Hook) -> Hook:
        self.hooks.append(hook)
        return hook

    def run_hooks(self, request: Request, *, after_effect: bool) -> None:
        """Without the lock: an action may well be another run against this hub."""
        due = []
        with self.lock:
            for hook in self.hooks:
                if hook.times > 0 and hook.after_effect == after_effect and hook.match(request):
                    hook.times -= 1
                    due.append(hook)
        for hook in due:
            try:
                hook.action(self, request)  # type: ignore[arg-type]  # FaultInjector are a Hub's
            except Exception:  # no request's thread may die of it, yet the test has to hear
                self.defects.append(f"hook on {request.method} {request.path}\n{traceback.format_exc()}")

    def expire(self, value: str) -> None:
        """The token with this value is refused from now on: 401 Bad credentials."""
        self.tokens[value].expired = True

    def bad_credentials(self, share: float, seed: object = 0) -> Incident:
        """From now on this share of all requests is refused with 401, whatever their token; `calm` ends it."""
        self.incident = Incident(share, seed)
        return self.incident

    # Weather

    def storm(
        self, seed: object, rate: float = RATE, kinds: Collection[str] | None = None, prefix: str = PREFIX
    ) -> Storm:
        """From now on requests meet faults at random, though the same ones for the same seed."""
        self.weather = Storm(seed, rate, kinds, prefix)
        return self.weather

    def calm(self) -> None:
        self.weather = self.incident = None
