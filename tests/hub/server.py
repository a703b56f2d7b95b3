"""HTTP: one request in, one JSON answer out; each passes the faults, before its effect and after it."""

from __future__ import annotations

import json
import socket
import threading
import time
import traceback
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from . import graphql, rest, rest_contents, rest_git, rest_pulls, rest_repos  # noqa: F401  (they add their routes)
from .errors import DOCS
from .faults import Request
from .limits import SECONDARY, rate_headers

if TYPE_CHECKING:
    from .hub import Hub
    from .models import Token

GRAPHQL_PATHS = {"/graphql", "/api/graphql"}


@dataclass
class Answer:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


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

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of ours."""

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

    def log_message(self, *_: Any) -> None:
        """Tests have their own record: hub.requests."""

    def serve(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = respond(self.hub, self.command, self.path, dict(self.headers.items()), raw)
        if answer.status == 0:
            self.close_connection = True
            return
        body = answer.body if isinstance(answer.body, bytes) else b""
        if answer.body is not None and not body:
            body = json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)


for _verb in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
    setattr(_Handler, f"do_{_verb}", _Handler.serve)


def respond(hub: Hub, method: str, path: str, headers: dict[str, str], raw: bytes) -> Answer:
    """The one place that every request passes."""
    if hub.latency:
        time.sleep(hub.latency)
    token = authenticate(hub, headers)
    request = _record(hub, method, path, headers, raw)
    request.login = token.login if token else None
    answer = _struck(hub, request, after_effect=False)
    if answer is None:
        answer = _answer_or_defect(hub, token, request)
        answer = _struck(hub, request, after_effect=True) or answer
    request.status = answer.status
    return Answer(answer.status, answer.body, _headers(hub, token, request) | answer.headers)


def authenticate(hub: Hub, headers: dict[str, str]) -> Token | None:
    given = next((value for name, value in headers.items() if name.lower() == "authorization"), "")
    return hub.tokens.get(given.rpartition(" ")[2])


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
        request.kind = graphql.kind_of(request.document, body.get("operationName"))
    hub.requests.append(request)
    return request


def _struck(hub: Hub, request: Request, *, after_effect: bool) -> Answer | None:
    with hub.lock:  # so that `times` holds when requests come side by side
        faults = [each for each in hub.faults if each.after_effect == after_effect]
        fault = next((each for each in faults if each.strikes(request)), None)
    if fault is None:
        return None
    return Answer(fault.status, {"message": "Server Error"} if fault.body is None else fault.body, fault.headers)


def _answer_or_defect(hub: Hub, token: Token | None, request: Request) -> Answer:
    """A defect of the hub's own is kept, and raised when the hub is closed."""
    try:
        return _answer(hub, token, request)
    except Exception:
        hub.defects.append(f"{request.method} {request.path}\n{traceback.format_exc()}")
        return Answer(500, {"message": "The hub has a defect", "trace": hub.defects[-1]})


def _answer(hub: Hub, token: Token | None, request: Request) -> Answer:
    if token is None:
        message = "Bad credentials" if request.authorized else "Requires authentication"
        return Answer(401, {"message": message, "documentation_url": DOCS, "status": "401"})
    with hub.secondary.request(token.value, request.kind) as wait:
        if wait:
            body = {"message": SECONDARY, "documentation_url": DOCS, "status": "403"}
            return Answer(403, body, {"retry-after": str(wait)})
        return _served(hub, token, request)


def _served(hub: Hub, token: Token, request: Request) -> Answer:
    if request.path in GRAPHQL_PATHS:
        return Answer(*graphql.answer(hub, token, request))
    if request.path.partition("?")[0] != "/rate_limit" and not hub.rates.spend(token.value, "core", 1):
        return Answer(403, _exceeded(token))
    return Answer(*rest.answer(hub, token, request))


def _exceeded(token: Token) -> dict[str, str]:
    message = f"API rate limit exceeded for user ID {token.user.id}."
    return {"message": message, "documentation_url": DOCS, "status": "403"}


def _headers(hub: Hub, token: Token | None, request: Request) -> dict[str, str]:
    headers = {"Content-Type": "application/json; charset=utf-8", "x-github-request-id": f"HUB:{len(hub.requests):X}"}
    if token:
        resource = "graphql" if request.path in GRAPHQL_PATHS else "core"
        headers |= rate_headers(hub.rates.budget(token.value, resource), resource)
        if token.kind == "classic":
            headers["x-oauth-scopes"] = "repo, workflow" if token.workflow else "repo"
    return headers
