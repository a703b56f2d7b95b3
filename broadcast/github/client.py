"""Client for GitHub's REST and GraphQL, on PyGithub's requester: authentication, retries, limits, counting.

A requester isn't safe to share (its connection object keeps the request it is about to send), so every thread gets
its own. Its built-in throttle and retries are off: they know neither threads nor GraphQL, and never retry a PATCH.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from msgspec import Struct

from broadcast import __version__
from broadcast.errors import PASSING, Unreachable
from broadcast.github import network, pygithub, rate_limits, response
from broadcast.github.authentication import Authentication
from broadcast.github.rate_limiter import RateLimiter, Throttled
from broadcast.github.refusals import advice
from broadcast.github.request import Request, Scope
from broadcast.github.response import ApiError, Response, Unsure
from broadcast.github.retry import BACKOFF, tries
from broadcast.github.token_retry import FRESH, TokenRetry
from broadcast.github.usage import MUTATION, QUERY, REST_READ, REST_WRITE, Call, Rate, Usage
from broadcast.github.validation import validate

if TYPE_CHECKING:
    from github.Requester import Requester

log = logging.getLogger(__name__)

TIMEOUT = 60  # seconds; big trees take GitHub more than PyGithub's 15
ATTEMPTS = len(BACKOFF) + 1
LARGE = 1024 * 1024  # bytes of a body
THREADS = 16  # the most that may ask at once; `Pace` says how many do
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_USER_AGENT = f"broadcast-action/{__version__}"


class GraphQLAnswer(NamedTuple):
    """`data` holds what was answered, `errors` why the rest wasn't."""

    data: dict[str, Any]
    errors: list[dict[str, Any]]
    seconds: float = 0.0  # that GitHub took


class Page(NamedTuple):
    """One page of a REST list."""

    data: Any
    is_last: bool


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
        usage: Usage,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        check: Callable[[], None] = lambda: None,
        **pace: Any,
    ) -> None:
        self.access, self.credentials, self.usage = access, credentials, usage
        self.scopes: frozenset[str] | None = None  # of a classic token, once GitHub has sent them
        self.lacking: set[str] = set()  # fields that this server, or this token, can't be asked for
        self.document_size = 0  # questions that one document may hold, as far as is known
        self._trial = TokenRetry()
        self._refused: ApiError | None = None  # the token, for good: nothing that follows would be answered
        self._clock, self._sleep = clock, sleep
        self._check = check  # raises Stopped when nothing more is to be sent
        self.pace = RateLimiter(clock, self._pause, **pace)
        self._local = threading.local()
        self._threads = ThreadPoolExecutor(THREADS, "github")

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._clock()

    @property
    def age(self) -> float:
        """Seconds since the token was made; infinite where nothing is known of that."""
        made_at = self.credentials.made_at
        return float("inf") if made_at is None else self._clock() - made_at

    @property
    def is_fresh(self) -> bool:
        """Whether the token is so young that GitHub may not know it everywhere yet."""
        return self.age < FRESH

    def together(self, work: Callable[[_Item], _Result], items: Sequence[_Item]) -> list[_Result]:
        """`work` done for all items side by side, each on a thread that has its own connection."""
        if len(items) == 1:
            return [work(items[0])]
        return list(self._threads.map(work, items))

    def get(self, path: str, scope: Scope, *, may_be_absent: bool = False) -> Any:
        """A REST read, repeated while GitHub is in trouble; a 404 is final where the thing `may_be_absent`.

        Raises ApiError, Malformed, Throttled, Unreachable.
        """
        return self.page(path, scope, may_be_absent=may_be_absent).data

    def page(self, path: str, scope: Scope, *, may_be_absent: bool = False) -> Page:
        """The same for a page of a list (docs: using pagination in the REST API)."""
        reply = self._read(
            Request(kind=REST_READ, verb="GET", path=path, body=None, scope=scope, may_be_absent=may_be_absent),
            ATTEMPTS,
        )
        if reply.status >= 400:
            raise self._refusal(reply)
        validate(reply.data, "REST")
        return Page(reply.data, is_last='rel="next"' not in reply.headers.get("link", ""))

    def write(self, verb: str, path: str, body: object, scope: Scope, *, repeatable: bool = False) -> Any:
        """A REST write, sent once unless it does no harm twice. Raises ApiError, Malformed, Throttled, Unsure."""
        request = Request(REST_WRITE, verb, path, body, scope)
        for is_last in tries(self.pace.pause, BACKOFF if repeatable else ()):
            try:
                reply = self._write(request)
                break
            except Unsure:
                if is_last:
                    raise
        if reply.status >= 400:
            raise self._refusal(reply)
        validate(reply.data, "REST")
        return reply.data

    def query(
        self, document: str, variables: Mapping[str, Any], scope: Scope, attempts: int = ATTEMPTS
    ) -> GraphQLAnswer:
        """A GraphQL read; a server error is answered by `attempts` tries. Raises ApiError, Throttled, Unreachable."""
        body = {"query": document, "variables": variables}
        return self._graphql(self._read(Request(QUERY, "POST", self._graphql_path, body, scope), attempts))

    def mutate(self, document: str, variables: Mapping[str, Any], scope: Scope) -> GraphQLAnswer:
        """A GraphQL write, sent once; parts of it may have failed. Raises ApiError, Malformed, Throttled, Unsure."""
        body = {"query": document, "variables": variables}
        answer = self._graphql(self._write(Request(MUTATION, "POST", self._graphql_path, body, scope)))
        validate(answer.data)
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

    def _read(self, request: Request, attempts: int) -> Response:
        def pause(seconds: float) -> None:
            if not reply.throttled:  # a refusal for limits has a wait of its own, in `_send`
                self.pace.pause(seconds)

        for attempt, _ in enumerate(tries(pause)):
            reply = self._admitted(request)
            if reply.throttled:
                continue
            if reply.status != 0 and reply.status < 500:
                self.pace.width.calm()
                return reply
            self.pace.width.trouble()
            if reply.reached and attempt + 1 >= attempts:
                break
        if reply.throttled:
            raise Throttled(f"GitHub keeps refusing for its limits: {reply.throttled}", "a later run goes on")
        raise Unreachable(
            f"{self.access.api_url} gave no usable answer: {reply.reason}",
            "check api-url, the network and https://www.githubstatus.com, then run again",
            reached=reply.reached,
        )

    def _write(self, request: Request) -> Response:
        for _ in range(ATTEMPTS):
            reply = self._admitted(request)
            if not reply.throttled:
                break
            if reply.partial:  # some of it has happened: the caller looks before it goes on
                return reply
        if reply.throttled:
            raise Throttled(f"GitHub keeps refusing for its limits: {reply.throttled}", "a later run goes on")
        if reply.status == 0 or reply.status >= 500:
            raise Unsure(f"no proper answer to a write: {reply.reason}", "run again; it goes on where this run stopped")
        return reply

    def _admitted(self, request: Request) -> Response:
        """The answer, after as many tries as a token deserves that GitHub refuses. A refused request did nothing."""
        while True:
            if self._refused:
                raise self._refused
            sent_in = self._trial.round
            reply = self._send(request)
            if not self._is_doubtful(reply, request):
                if reply.status:
                    self._trial.accepted()
                return reply
            wait = self._trial.refused(sent_in, self._clock())
            if wait is None:
                break
            log.warning("GitHub answers %s; trying again in %.0f s", reply.reason, wait, extra=PASSING)
            self.pace.pause(wait)
        if reply.status == 401:
            self._refused = self._refusal(reply)
        return reply

    def _is_doubtful(self, reply: Response, request: Request) -> bool:
        """Whether the token may be refused for its youth, or by mistake (docs/github.md, "Tokens")."""
        if reply.status == 401:
            return reply.message in ("", "Bad credentials")  # a JSON web token's refusals say what is wrong with it
        unseen = reply.status == 403 or (reply.status == 404 and not request.may_be_absent)
        return unseen and request.kind != REST_WRITE and not reply.throttled and self.is_fresh

    def _send(self, request: Request) -> Response:
        opens = request.opens
        with self.pace.turn(request.kind, opens=opens):
            started = self._clock()
            self._check()
            reply, received = self._exchange(request)
            reply = reply._replace(seconds=max(0.0, self._clock() - started))
        rates = rate_limits.rates(reply.headers)
        self.pace.heard(request.kind, rates, opens=opens, ok=200 <= reply.status < 300 and not reply.throttled)
        self._note(request, reply, received, rates)
        if scopes := reply.headers.get("x-oauth-scopes"):
            self.scopes = frozenset(scope.strip() for scope in scopes.split(","))
        if reply.throttled:
            self.usage.refuse()
            self.pace.refused(request.kind, reply.headers, reply.throttled, opens=opens)
        return reply

    def _exchange(self, request: Request) -> tuple[Response, int]:
        """The answer, and its bytes."""
        try:
            status, headers, text = self._requester.requestJson(request.verb, request.path, input=request.body)
            return response.parse(status, headers, text), len((text or "").encode())
        except network.FAILURES as error:
            return network.without_answer(error), 0

    def _note(self, request: Request, reply: Response, received: int, rates: dict[str, Rate]) -> None:
        scope = request.scope
        call = Call(
            kind=request.kind, phase=scope.phase, target=scope.target, status=reply.status, seconds=reply.seconds,
            sent=request.size, received=received, points=reply.points,
        )  # fmt: skip
        if call.sent > LARGE:  # the requester would hold the body until it sends another
            self._requester.close()
        self.usage.add(call, rates)
        log.debug("%s %s %s → %s", request.kind, request.verb, request.path, reply.status or reply.reason)

    def _graphql(self, reply: Response) -> GraphQLAnswer:
        if reply.status >= 400 or not isinstance(reply.data, dict):
            raise self._refusal(reply)
        data = reply.data.get("data")
        return GraphQLAnswer(data if isinstance(data, dict) else {}, reply.errors, reply.seconds)

    def _refusal(self, reply: Response) -> ApiError:
        if reply.status != 401:
            known = advice(reply.reason)
            return ApiError(reply.status, f"GitHub answered {reply.reason}", known.remedy if known else "", http=True)
        what, remedy = self.credentials.refusal
        return ApiError(401, f"GitHub refuses {what} (401 {reply.message or 'Unauthorized'})", remedy)

    def _pause(self, seconds: float) -> None:
        self._sleep(seconds)
        self.usage.wait(seconds)


__all__ = ["Access", "ApiError", "Authentication", "GitHub", "GraphQLAnswer", "Page", "Scope", "Throttled", "Unsure"]
