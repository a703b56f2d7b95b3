"""Records of requests and responses, and the faults that strike before or after a request's effect."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from tests.hub.errors import Aborted, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.hub.hub import Hub

UNTOLD: Any = object()  # for `retry_after`, where None means that GitHub doesn't say how long to wait
LIMIT_DOCS = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"
SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. "
    "If you reach out to GitHub Support for help, please include the request ID HUB:1."
)
CONTENT = (
    "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. "
    "Please retry your request again later."
)
RATE_LIMITED = "API rate limit exceeded for user ID 1."
CREATES = ("createPullRequest", "addComment")
TOO_QUICKLY = "was submitted too quickly"
ABORTED = "Something went wrong while executing your query on {}. Please include `{}` when reporting this issue."
WENT_WRONG = "Something went wrong while executing your query. Please include `HUB:1` when reporting this issue."
HTML = b"<!DOCTYPE html>\n<html><head><title>Unicorn! &middot; GitHub</title></head><body>We had issues</body></html>\n"
HTML_TYPE = {"Content-Type": "text/html; charset=utf-8"}
STAND_IN = {"id": 1, "node_id": "MDU6", "url": "https://api.github.com/", "data": {"viewer": {"login": "octocat"}}}


@dataclass
class Request:
    method: str
    path: str  # with its query string, as it was sent
    kind: str  # "rest read", "rest write", "graphql query" or "graphql mutation"
    login: str | None = None
    document: str | None = None
    variables: dict[str, Any] | None = None
    body: Any = field(default=None, repr=False)
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    received_at: float = 0.0
    size: int = 0
    authorized: bool = False
    status: int | None = None
    number: int = 0  # its place in hub.requests, from 1
    faults: list[Fault] = field(default_factory=list, repr=False)  # for this request alone
    field_faults: list[FieldFault] = field(default_factory=list, repr=False)

    @property
    def writes(self) -> bool:
        return self.kind in {"rest write", "graphql mutation"}


@dataclass
class Answer:
    status: int  # 0: the connection closes without one
    body: Any = None  # bytes are sent as they are, anything else as JSON
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False  # half of it, then a reset

    @property
    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body).encode()


@dataclass
class Fault:
    match: Callable[[Request], bool]
    times: int
    status: int | None
    body: Any
    after_effect: bool
    headers: dict[str, str]
    cut: bool = False
    delay: float = 0.0
    malformed: bool | str = False

    def strikes(self, request: Request) -> bool:
        if self.times <= 0 or not self.match(request):
            return False
        self.times -= 1
        return True

    def answer(self, true: Answer | None) -> Answer | None:
        """What the client gets in place of the true answer, which there is after the effect; None lets that be."""
        if self.cut or self.malformed:
            return self._spoiled(true)
        if self.delay and self.status is None and self.body is None:
            return None
        status = 502 if self.status is None else self.status
        return Answer(status, {"message": "Server Error"} if self.body is None else self.body, self.headers)

    def _spoiled(self, true: Answer | None) -> Answer:
        """An answer without a body gets one, for there must be something to spoil."""
        given = Answer(200, self.body) if self.body is not None else true or Answer(200, STAND_IN)
        whole, headers = given.content or Answer(200, STAND_IN).content, given.headers | self.headers
        status = self.status or (200 if self.malformed or given.status == 204 else given.status)
        if self.malformed == "html":
            return Answer(status, HTML, headers | HTML_TYPE, self.cut)
        return Answer(status, whole[: len(whole) // 2] if self.malformed else whole, headers, self.cut)


@dataclass
class FieldFault:
    """One field of a document becomes null, the rest runs."""

    match: Callable[[Request, list[Any], str, str, dict[str, Any]], bool]
    message: str | Callable[[dict[str, Any]], str]
    type: str | None
    times: int = 1
    after_effect: bool = False
    aborts: bool = False  # the whole document: no data at all, and nothing after this field is run

    def refuse(self, arguments: dict[str, Any]) -> None:
        if self.aborts:
            raise Aborted
        text = self.message if isinstance(self.message, str) else self.message(arguments)
        raise Refused(text, kind=self.type or "")


def field_fault(hub: Hub, request: Request, info: Any, arguments: dict[str, Any]) -> FieldFault | None:
    """The fault for this field, or None."""
    if not request.field_faults and not hub.field_faults:
        return None
    path = info.path.as_list()
    with hub.lock:
        for fault in (*request.field_faults, *hub.field_faults):
            if fault.times > 0 and fault.match(request, path, info.parent_type.name, info.field_name, arguments):
                fault.times -= 1
                return fault
    return None


def throttled(status: int, retry_after: int | str | None, message: str = SECONDARY) -> Answer:
    """GitHub's response when a secondary limit is exceeded; GraphQL answers with status 200."""
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    if status == 200:
        return Answer(200, {"errors": [{"type": "RATE_LIMITED", "message": RATE_LIMITED}]}, headers)
    return Answer(status, {"documentation_url": LIMIT_DOCS, "message": message, "status": str(status)}, headers)


def creates(request: Request) -> bool:
    """A REST request that creates content, which GitHub may refuse as too quick."""
    path = request.path.partition("?")[0]
    return request.document is None and request.method == "POST" and path.endswith(("/pulls", "/comments"))


def too_quickly() -> Answer:
    """REST's response to that: 422, "Validation failed, or the endpoint has been spammed"."""
    problem = {"resource": "PullRequest", "code": "custom", "message": TOO_QUICKLY}
    return Answer(422, Refused("Validation Failed", errors=[problem]).body())


def quick_fields(match: Callable[[Request], bool], times: int) -> FieldFault:
    """GraphQL's response to that: the fields that create content are null, the others run."""

    def fits(request: Request, path: list[Any], _type: str, name: str, _arguments: dict[str, Any]) -> bool:
        return len(path) == 1 and name in CREATES and match(request)

    return FieldFault(fits, TOO_QUICKLY, "UNPROCESSABLE", times)


def http_date(seconds: float) -> str:
    """An epoch time as an HTTP header has it."""
    return formatdate(seconds, usegmt=True)
