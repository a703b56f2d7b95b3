"""The HTTP server: one request in, one JSON response out, with fault injection before and after the effect."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
import traceback
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.hub.accounts import credentials
from tests.hub.accounts.apps import Assertion
from tests.hub.errors import DOCS
from tests.hub.faults.limits import Rejection, rate_headers
from tests.hub.faults.requests import (
    CONTENT,
    CREATES,
    SECONDARY,
    Answer,
    Request,
    creates,
    quick_fields,
    throttled,
    too_quickly,
)
from tests.hub.faults.subject import roots
from tests.hub.faults.weights import weighed
from tests.hub.graphql import execute
from tests.hub.rest import dispatch

if TYPE_CHECKING:
    from tests.hub.hub import Hub
    from tests.hub.models import Token

GRAPHQL_PATHS = {"/graphql", "/api/graphql"}
VERSION = {"x-github-api-version-selected": "2022-11-28", "x-github-media-type": "github.v3; format=json"}
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing throws away what was not sent, and says so


class Server:
    def __init__(self, hub: Hub, host: str, port: int) -> None:
        self.hub = hub
        self._http = _Listener((host, port), type("Handler", (_Handler,), {"hub": hub}))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        host, port = self._http.server_address[:2]
        return f"http://{host!s}:{port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.hang_up()
        self._http.server_close()


class _Listener(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for those who are still answering
    request_queue_size = 128

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._open: set[socket.socket] = set()
        self.resets: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        if request in self.resets:
            self.resets.discard(request)
            request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that disconnect."""

    def hang_up(self) -> None:
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def finish(self) -> None:
        try:
            super().finish()
        finally:  # the last flush fails where the client went away, and would leave the socket open
            self.rfile.close()

    def log_message(self, *_: Any) -> None:
        """Log nothing: tests read hub.requests."""

    def serve(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = respond(self.hub, self.command, self.path, dict(self.headers.items()), raw)
        if answer.status == 0:
            self.close_connection = True
            return
        body = answer.content
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if answer.cut:
            body = body[: len(body) // 2]
            self.close_connection = True
            self.server.resets.add(self.connection)  # type: ignore[attr-defined]  # a _Listener
        self.wfile.write(b"" if self.command == "HEAD" else body)


for _verb in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
    setattr(_Handler, f"do_{_verb}", _Handler.serve)


def respond(hub: Hub, method: str, path: str, headers: dict[str, str], raw: bytes) -> Answer:
    """Serve one request; every request passes here."""
    token = authenticate(hub, headers)
    with hub.secondary.running(token.value if token else ""):
        if hub.latency:
            time.sleep(hub.latency)
        request = _record(hub, method, path, headers, raw)
        request.login = token.login if token else None
        answer = _met_or_defect(hub, token, request)
    request.status = answer.status
    return replace(answer, headers=_headers(hub, token, request) | answer.headers)


def authenticate(hub: Hub, headers: dict[str, str]) -> Token | None:
    given = next((value for name, value in headers.items() if name.lower() == "authorization"), "")
    token = hub.tokens.get(given.rpartition(" ")[2])
    if token is None:
        return None
    with hub.lock:
        token.expired = token.expired or token.uses_left == 0
        if token.uses_left:
            token.uses_left -= 1
        return None if token.expired else token


def _met_or_defect(hub: Hub, token: Token | None, request: Request) -> Answer:
    """Keep a defect of the hub, or of a test's matcher; closing the hub raises it."""
    try:
        return _met(hub, token, request)
    except Exception:
        hub.defects.append(f"{request.method} {request.path}\n{traceback.format_exc()}")
        return Answer(500, {"message": "The hub has a defect", "trace": hub.defects[-1]})


def _met(hub: Hub, token: Token | None, request: Request) -> Answer:
    """The response, with hooks, limits and faults applied."""
    hub.run_hooks(request, after_effect=False)
    answer = _over_limit(hub, token, request)
    if answer is None:
        if hub.weather and token:
            hub.weather.meet(hub, request)
        answer = _struck(hub, request)
        if answer is None:
            true = _answer(hub, token, request)
            answer = _struck(hub, request, true) or true
    request.status = answer.status
    hub.run_hooks(request, after_effect=True)
    return answer


def _record(hub: Hub, method: str, path: str, headers: dict[str, str], raw: bytes) -> Request:
    path = path.removeprefix("/api/v3")
    try:
        body = json.loads(raw) if raw else None
    except ValueError:
        body = raw
    request = Request(method, path, "rest read" if method in {"GET", "HEAD"} else "rest write", body=body)
    request.headers = {name.lower(): value for name, value in headers.items() if name.lower() != "authorization"}
    request.authorized = any(name.lower() == "authorization" for name in headers)
    request.received_at, request.size = hub.clock(), len(raw)
    if path in GRAPHQL_PATHS and isinstance(body, dict):
        request.document = str(body.get("query") or "")
        request.variables = body.get("variables") or {}
        request.kind = execute.kind_of(request.document, body.get("operationName"))
    with hub.lock:
        hub.requests.append(request)
        request.number = len(hub.requests)
    return request


def _struck(hub: Hub, request: Request, true: Answer | None = None) -> Answer | None:
    """The fault's response; after the effect if `true` is given."""
    with hub.lock:  # so that `times` holds when requests come side by side
        faults = [each for each in (*hub.faults, *request.faults) if each.after_effect == (true is not None)]
        fault = next((each for each in faults if each.strikes(request)), None)
    if fault is None:
        return None
    if fault.delay:
        hub.sleep(fault.delay)
    return fault.answer(true)


def _answer(hub: Hub, token: Token | None, request: Request) -> Answer:
    if token is None:
        message = "Bad credentials" if request.authorized else "Requires authentication"
        return Answer(401, {"message": message, "documentation_url": DOCS, "status": "401"})
    credentials.weigh(hub, token)
    return credentials.refused(hub, token, request) or _served(hub, token, request)


def _over_limit(hub: Hub, token: Token | None, request: Request) -> Answer | None:
    over = hub.secondary.admit(token.value, request.kind) if token else None
    if over is None:
        return None
    limit, wait = over
    hub.rejected.append(Rejection(request, limit, wait))
    names = [each.name for each in roots(request)]
    quick = limit == "burst" and hub.unknowns.burst == "too quickly"
    if quick and creates(request):
        return too_quickly()
    if quick and set(names) & set(CREATES):  # in a document it is the fields that are refused, each by itself
        request.field_faults.append(quick_fields(lambda _: True, len(names)))
        return None
    created = limit in {"content_minute", "content_hour", "burst"}
    return throttled(403, wait if hub.limits.tells_wait else None, CONTENT if created else SECONDARY)


def _served(hub: Hub, token: Token, request: Request) -> Answer:
    if request.path in GRAPHQL_PATHS:
        return weighed(hub, request, lambda: Answer(*execute.answer(hub, token, request)))
    if request.path.partition("?")[0] != "/rate_limit" and not hub.rates.spend(token.value, "core", 1):
        hub.rejected.append(Rejection(request, "core", hub.rates.wait(token.value, "core")))
        return Answer(403, _exceeded(token))
    return Answer(*dispatch.answer(hub, token, request))


def _exceeded(token: Token) -> dict[str, str]:
    message = f"API rate limit exceeded for user ID {token.user.id}."
    return {"message": message, "documentation_url": DOCS, "status": "403"}


def _headers(hub: Hub, token: Token | None, request: Request) -> dict[str, str]:
    headers = {"Content-Type": "application/json; charset=utf-8", "x-github-request-id": f"HUB:{len(hub.requests):X}"}
    headers |= VERSION
    if token and not isinstance(token, Assertion):
        resource = "graphql" if request.path in GRAPHQL_PATHS else "core"
        headers |= rate_headers(hub.rates.budget(token.value, resource), resource)
        if token.kind == "classic":
            headers["x-oauth-scopes"] = "repo, workflow" if token.workflow else "repo"
        if token.expires_at and not token.installation:
            until = datetime.fromtimestamp(token.expires_at, UTC)
            headers["github-authentication-token-expiration"] = until.strftime("%Y-%m-%d %H:%M:%S UTC")
    return headers
