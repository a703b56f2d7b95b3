"""One GitHub, spoken to through PyGithub's requester: authentication, transport, retries, counting.

A requester isn't safe to share (its connection object keeps the request it is about to send), so every thread gets
its own. Its built-in throttle and retries are off: they know neither threads nor GraphQL, and never retry a PATCH.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from msgspec import Struct

from broadcast import __version__
from broadcast.api import limits, pygithub
from broadcast.api import reply as replies
from broadcast.api.ledger import MUTATION, QUERY, REST_READ, REST_WRITE, Call, Ledger
from broadcast.api.pace import Pace, Throttled
from broadcast.api.reply import Reply
from broadcast.api.shapes import refuse_odd
from broadcast.errors import Failure, Unreachable

if TYPE_CHECKING:
    from github.Auth import Auth
    from github.Requester import Requester

log = logging.getLogger(__name__)

TIMEOUT = 60  # seconds; big trees take GitHub more than PyGithub's 15
ATTEMPTS = 4
LARGE = 1024 * 1024  # bytes of a body
THREADS = 16  # the most that may ask at once; `Pace` says how many do
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_USER_AGENT = f"broadcast-action/{__version__}"


class ApiError(Failure):
    """GitHub answered, and said no."""

    def __init__(self, status: int, message: str, remedy: str = "") -> None:
        super().__init__(message, remedy)
        self.status = status


class Unsure(Failure):
    """A write got no proper answer: it may have been done. Look before doing it again."""


class GraphQLAnswer(NamedTuple):
    """`data` holds what was answered, `errors` why the rest wasn't."""

    data: dict[str, Any]
    errors: list[dict[str, Any]]


class Scope(NamedTuple):
    """What a call is for."""

    phase: str
    target: str = ""  # "" when it serves many


class Authentication(Protocol):
    """Who we are there."""

    def auth(self) -> Auth:
        """The authentication to use now; another object when the last one has ended."""


class Access(Struct, frozen=True):
    """Where the API is."""

    api_url: str = "https://api.github.com"
    graphql_url: str = ""  # "" derives it from api_url


class GitHub:
    """REST and GraphQL calls; share one object between threads."""

    def __init__(
        self,
        access: Access,
        credentials: Authentication,
        ledger: Ledger,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        **pace: Any,
    ) -> None:
        self.access, self.credentials, self.ledger = access, credentials, ledger
        self.scopes: frozenset[str] | None = None  # of a classic token, once GitHub told them
        self.lacking: set[str] = set()  # fields that this server, or this token, can't be asked for
        self._refused: ApiError | None = None  # 401: nothing that follows would be answered
        self._clock, self._sleep = clock, sleep
        self.pace = Pace(clock, self._pause, **pace)
        self._local = threading.local()
        self._threads = ThreadPoolExecutor(THREADS, "github")

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._clock()

    def together(self, work: Callable[[_Item], _Result], items: Sequence[_Item]) -> list[_Result]:
        """`work` done for all items side by side, each on a thread that has its own connection."""
        if len(items) == 1:
            return [work(items[0])]
        return list(self._threads.map(work, items))

    def get(self, path: str, scope: Scope) -> Any:
        """A REST read, repeated while GitHub is in trouble. Raises ApiError, Malformed, Throttled, Unreachable."""
        reply = self._read(REST_READ, "GET", path, None, scope, ATTEMPTS)
        if reply.status >= 400:
            raise _refusal(reply)
        refuse_odd(reply.data, "REST")
        return reply.data

    def write(self, verb: str, path: str, body: object, scope: Scope, *, repeatable: bool = False) -> Any:
        """A REST write, sent once unless it does no harm twice. Raises ApiError, Malformed, Throttled, Unsure."""
        for attempt in range(ATTEMPTS if repeatable else 1):
            try:
                reply = self._write(REST_WRITE, verb, path, body, scope)
                break
            except Unsure:
                if not repeatable or attempt + 1 == ATTEMPTS:
                    raise
                self.pace.pause(2.0**attempt)
        if reply.status >= 400:
            raise _refusal(reply)
        refuse_odd(reply.data, "REST")
        return reply.data

    def query(
        self, document: str, variables: Mapping[str, Any], scope: Scope, attempts: int = ATTEMPTS
    ) -> GraphQLAnswer:
        """A GraphQL read; a server error is answered by `attempts` tries. Raises ApiError, Throttled, Unreachable."""
        body = {"query": document, "variables": variables}
        return _graphql(self._read(QUERY, "POST", self._graphql_path, body, scope, attempts))

    def mutate(self, document: str, variables: Mapping[str, Any], scope: Scope) -> GraphQLAnswer:
        """A GraphQL write, sent once; parts of it may have failed. Raises ApiError, Malformed, Throttled, Unsure."""
        body = {"query": document, "variables": variables}
        answer = _graphql(self._write(MUTATION, "POST", self._graphql_path, body, scope))
        refuse_odd(answer.data)
        return answer

    @property
    def _graphql_path(self) -> str:
        return self.access.graphql_url or str(self._requester.graphql_url)

    @property
    def _requester(self) -> Requester:
        auth = self.credentials.auth()
        if getattr(self._local, "auth", None) is not auth:
            self._local.auth = auth
            self._local.requester = pygithub.requester(auth, self.access.api_url, _USER_AGENT, TIMEOUT)
        return self._local.requester  # type: ignore[no-any-return]  # a thread's own values have no types

    def _read(self, kind: str, verb: str, path: str, body: object, scope: Scope, attempts: int) -> Reply:
        for attempt in range(ATTEMPTS):
            reply = self._send(kind, verb, path, body, scope)
            if reply.throttled:
                self._hold(reply, attempt)
            elif reply.status == 0 or reply.status >= 500:
                self.pace.width.trouble()
                if attempt + 1 >= (attempts if reply.status else ATTEMPTS):
                    break
                self.pace.pause(2.0**attempt)
            else:
                self.pace.width.calm()
                return reply
        if reply.throttled:
            raise Throttled(f"GitHub keeps refusing for its limits: {reply.throttled}", "a later run goes on")
        raise Unreachable(
            f"{self.access.api_url} gave no usable answer: {reply.reason}",
            "check api-url, the network and https://www.githubstatus.com, then run again",
        )

    def _write(self, kind: str, verb: str, path: str, body: object, scope: Scope) -> Reply:
        for attempt in range(ATTEMPTS):
            reply = self._send(kind, verb, path, body, scope)
            if not reply.throttled:
                break
            self._hold(reply, attempt)
            if reply.partial:  # some of it has happened: the caller looks before it goes on
                return reply
        if reply.throttled:
            raise Throttled(f"GitHub keeps refusing for its limits: {reply.throttled}", "a later run goes on")
        if reply.status == 0 or reply.status >= 500:
            raise Unsure(f"no proper answer to a write: {reply.reason}", "run again; it goes on where this run stopped")
        return reply

    def _send(self, kind: str, verb: str, path: str, body: object, scope: Scope) -> Reply:
        if self._refused:
            raise self._refused
        with self.pace.turn(kind):
            started = time.perf_counter()
            text = ""
            try:
                status, headers, text = self._requester.requestJson(verb, path, input=body)
                reply = replies.parse(status, headers, text)
            except OSError as error:  # what requests raises is one, too
                reply = replies.nothing(_network_reason(error))
            except (RuntimeError, AssertionError) as error:  # how PyGithub refuses a redirect to another host
                reply = replies.nothing(f"redirected elsewhere: {error}")
            except (ValueError, ArithmeticError) as error:  # a header that should hold a number
                reply = replies.nothing(f"an answer that can't be read: {error}")
            seconds = time.perf_counter() - started
        rates = limits.rates(reply.headers)
        self.pace.heard(kind, rates)
        call = Call(
            kind, scope.phase, scope.target, reply.status, seconds, _size(body), len((text or "").encode()),
            reply.points,
        )  # fmt: skip
        if call.sent > LARGE:  # the requester would hold the body until it sends another
            self._requester.close()
        self.ledger.add(call, rates)
        log.debug("%s %s %s → %s", kind, verb, path, reply.status or reply.reason)
        if reply.status == 401:
            self._refused = _refusal(reply)
        if scopes := reply.headers.get("x-oauth-scopes"):
            self.scopes = frozenset(scope.strip() for scope in scopes.split(","))
        return reply

    def _hold(self, reply: Reply, attempt: int) -> None:
        self.pace.hold(limits.wait_of(reply.headers, self._clock(), attempt), reply.throttled)

    def _pause(self, seconds: float) -> None:
        self.ledger.wait(seconds)
        self._sleep(seconds)


def _graphql(reply: Reply) -> GraphQLAnswer:
    if reply.status >= 400 or not isinstance(reply.data, dict):
        raise _refusal(reply)
    data = reply.data.get("data")
    return GraphQLAnswer(data if isinstance(data, dict) else {}, reply.errors)


def _size(body: object) -> int:
    """Bytes of `body` as JSON, all of it ASCII; counted piece by piece, for it may be large."""
    return sum(map(len, json.JSONEncoder().iterencode(body))) if body is not None else 0


def _refusal(reply: Reply) -> ApiError:
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
