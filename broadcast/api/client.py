"""One GitHub, spoken to through PyGithub's requester: authentication, transport, retries, counting.

A requester isn't safe to share (its connection object keeps the request it is about to send), so every thread gets
its own. Its built-in throttle and retries are off: they know neither threads nor GraphQL, and never retry a PATCH.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import github
import requests
from github.Requester import Requester

from broadcast import __version__
from broadcast.api import limits
from broadcast.api.ledger import MUTATION, QUERY, REST_READ, REST_WRITE, Call, Ledger
from broadcast.errors import Failure, Unreachable

log = logging.getLogger(__name__)

TIMEOUT = 60  # seconds; big trees take GitHub more than PyGithub's 15
ATTEMPTS = 4
MAX_WAIT = 15 * 60.0  # seconds for one rate limit; beyond it the rest is left to a later run
_USER_AGENT = f"broadcast-action/{__version__}"


class ApiError(Failure):
    """GitHub answered, and said no."""

    def __init__(self, status: int, message: str, remedy: str = "") -> None:
        super().__init__(message, remedy)
        self.status = status


class Unsure(Failure):
    """A write got no proper answer: it may have been done. Look before doing it again."""


class Throttled(Failure):
    """GitHub's limits ask for a longer wait than this run has."""


class GraphQLAnswer(NamedTuple):
    """`data` holds what was answered, `errors` why the rest wasn't."""

    data: dict[str, Any]
    errors: list[dict[str, Any]]


class Scope(NamedTuple):
    """What a call is for."""

    phase: str
    target: str = ""  # "" when it serves many


class _Reply(NamedTuple):
    status: int  # 0: no answer
    headers: Mapping[str, str]
    data: Any  # parsed JSON; None when there is none
    reason: str


@dataclass(frozen=True)
class Access:
    """Where the API is and who we are there."""

    token: str = field(repr=False)
    api_url: str = "https://api.github.com"
    graphql_url: str = ""  # "" derives it from api_url


class GitHub:
    """REST and GraphQL calls; share one object between threads."""

    def __init__(
        self,
        access: Access,
        ledger: Ledger,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.access, self.ledger = access, ledger
        self._clock, self._sleep = clock, sleep
        self._lane = limits.Lane(clock, self._pause)
        self._local = threading.local()

    def get(self, path: str, scope: Scope) -> Any:
        """A REST read, repeated while GitHub is in trouble. Raises ApiError, Throttled, Unreachable."""
        reply = self._read(REST_READ, "GET", path, None, scope, ATTEMPTS)
        if reply.status >= 400:
            raise _refusal(reply)
        return reply.data

    def write(self, verb: str, path: str, body: object, scope: Scope, *, creates: bool = False) -> Any:
        """A REST write, sent once. Raises ApiError, Throttled, Unsure."""
        reply = self._write(REST_WRITE, verb, path, body, scope, creates=creates)
        if reply.status >= 400:
            raise _refusal(reply)
        return reply.data

    def query(
        self, document: str, variables: Mapping[str, Any], scope: Scope, attempts: int = ATTEMPTS
    ) -> GraphQLAnswer:
        """A GraphQL read. Raises ApiError, Throttled, Unreachable."""
        body = {"query": document, "variables": variables}
        for attempt in range(ATTEMPTS):
            answer = _graphql(self._read(QUERY, "POST", self._graphql_path, body, scope, attempts))
            if not limits.throttled_errors(answer.errors):
                break
            self._wait_for_limit({}, attempt, str(answer.errors[0].get("message", "")))
        return answer

    def mutate(
        self, document: str, variables: Mapping[str, Any], scope: Scope, *, creates: bool = True
    ) -> GraphQLAnswer:
        """A GraphQL write, sent once; parts of it may have failed. Raises ApiError, Throttled, Unsure."""
        body = {"query": document, "variables": variables}
        answer = _graphql(self._write(MUTATION, "POST", self._graphql_path, body, scope, creates=creates))
        if limits.throttled_errors(answer.errors):
            self._wait_for_limit({}, 0, str(answer.errors[0].get("message", "")))
        return answer

    @property
    def _graphql_path(self) -> str:
        return self.access.graphql_url or str(self._requester.graphql_url)

    @property
    def _requester(self) -> Requester:
        if not hasattr(self._local, "requester"):
            client = github.Github(
                auth=github.Auth.Token(self.access.token), base_url=self.access.api_url, user_agent=_USER_AGENT,
                timeout=TIMEOUT, retry=None, seconds_between_requests=0, seconds_between_writes=0,
            )  # fmt: skip
            self._local.requester = client.requester
        return self._local.requester  # type: ignore[no-any-return]

    def _read(self, kind: str, verb: str, path: str, body: object, scope: Scope, attempts: int) -> _Reply:
        for attempt in range(ATTEMPTS):
            reply = self._send(kind, verb, path, body, scope)
            if limits.is_throttled(reply.status, reply.headers, reply.reason):
                self._wait_for_limit(reply.headers, attempt, reply.reason)
            elif reply.status == 0 or reply.status >= 500:
                if attempt + 1 >= attempts:
                    break
                self._pause(2.0**attempt)
            else:
                return reply
        raise Unreachable(
            f"{self.access.api_url} gave no usable answer: {reply.reason}",
            "check api-url, the network and https://www.githubstatus.com, then run again",
        )

    def _write(self, kind: str, verb: str, path: str, body: object, scope: Scope, *, creates: bool) -> _Reply:
        for attempt in range(ATTEMPTS):
            with self._lane.turn(creates=creates):
                reply = self._send(kind, verb, path, body, scope)
            if not (reply.status >= 400 and limits.is_throttled(reply.status, reply.headers, reply.reason)):
                break
            self._wait_for_limit(reply.headers, attempt, reply.reason)  # a refused write hasn't happened
        if reply.status == 0 or reply.status >= 500:
            raise Unsure(f"no proper answer to a write: {reply.reason}", "run again; it goes on where this run stopped")
        return reply

    def _send(self, kind: str, verb: str, path: str, body: object, scope: Scope) -> _Reply:
        started = time.perf_counter()
        text = ""
        try:
            status, headers, text = self._requester.requestJson(verb, path, input=body)
            reply = _parse(status, headers, text)
        except (requests.RequestException, OSError) as error:
            reply = _Reply(0, {}, None, _network_reason(error))
        except (RuntimeError, AssertionError) as error:  # how PyGithub refuses a redirect to another host
            reply = _Reply(0, {}, None, f"redirected elsewhere: {error}")
        call = Call(kind, scope.phase, scope.target, reply.status, time.perf_counter() - started, len(text or ""))
        self.ledger.add(call, limits.rates(reply.headers))
        log.debug("%s %s %s → %s", kind, verb, path, reply.status or reply.reason)
        return reply

    def _wait_for_limit(self, headers: Mapping[str, str], attempt: int, reason: str) -> None:
        now = self._clock()
        seconds = limits.wait_of(headers, now, attempt)
        if seconds > MAX_WAIT:
            until = limits.clock_time(now + seconds)
            raise Throttled(f"GitHub's rate limit is used up until {until}", "run again after that")
        log.warning("waiting until %s: %s", limits.clock_time(now + seconds), reason)
        self._pause(seconds)

    def _pause(self, seconds: float) -> None:
        self.ledger.wait(seconds)
        self._sleep(seconds)


def _parse(status: int, headers: Mapping[str, Any], text: str) -> _Reply:
    plain = {name.lower(): str(value) for name, value in headers.items()}
    try:
        data = json.loads(text) if text else None
    except ValueError:
        # A proxy's error page keeps its status; a cut answer to a success is no answer.
        return _Reply(status if status >= 400 else 0, plain, None, f"HTTP {status} without valid JSON")
    return _Reply(status, plain, data, _reason(status, data))


def _reason(status: int, data: Any) -> str:
    message = data.get("message") if isinstance(data, dict) else None
    details = data.get("errors") if isinstance(data, dict) and status >= 400 else None
    texts = [str(e.get("message") or e.get("code")) if isinstance(e, dict) else str(e) for e in details or []]
    return f"HTTP {status}" + (f": {message}" if message else "") + (f" ({'; '.join(texts)})" if texts else "")


def _graphql(reply: _Reply) -> GraphQLAnswer:
    if reply.status >= 400 or not isinstance(reply.data, dict):
        raise _refusal(reply)
    errors = reply.data.get("errors") or []
    return GraphQLAnswer(reply.data.get("data") or {}, [error for error in errors if isinstance(error, dict)])


def _refusal(reply: _Reply) -> ApiError:
    if reply.status == 401:
        return ApiError(
            401,
            "GitHub refuses the token (401 Bad credentials)",
            "give a token that is valid and not expired",
        )
    return ApiError(reply.status, f"GitHub answered {reply.reason}")


def _network_reason(error: Exception) -> str:
    cause = error.args[0] if error.args else error
    reason = getattr(cause, "reason", None) or cause
    return f"{type(error).__name__}: {str(reason).split('>: ')[-1]}"


__all__ = ["Access", "ApiError", "GitHub", "GraphQLAnswer", "Scope", "Throttled", "Unsure"]
