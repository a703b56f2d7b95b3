"""A server on the loopback that hands the product's requests on to a GitHub, and keeps what was exchanged."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import requests

from tests.live.api import HEADERS, Api, Exchange

DROPPED = {"connection", "content-encoding", "content-length", "keep-alive", "transfer-encoding", "server", "date"}
SENT = {"host", "content-length", "connection", "accept-encoding"}


class Forwarder:
    """One address for the product; the other side is the place's."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"forwarder": self}))
        self._http.daemon_threads = False
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def forward(self, method: str, path: str, headers: dict[str, str], raw: bytes) -> requests.Response:
        """The true answer."""
        place = self.api.place
        address = place.graphql if path == "/graphql" else place.api + path
        kept = {name: value for name, value in headers.items() if name.lower() not in SENT}
        answer = requests.request(method, address, data=raw or None, headers=kept, timeout=60, allow_redirects=False)
        self._note(method, path, raw, answer)
        return answer

    def body(self, answer: requests.Response) -> bytes:
        """As the product gets it: addresses of the API are those of this server."""
        return answer.content.replace(self.api.place.api.encode(), self.url.encode())

    def _note(self, method: str, path: str, raw: bytes, answer: requests.Response) -> None:
        headers = {name: answer.headers[name] for name in HEADERS if name in answer.headers}
        exchange = Exchange(self.api.by, method, path, _json(raw), answer.status_code, headers, _json(answer.content))
        with self._lock:
            self.api.log.exchanges.append(exchange)


class _Handler(BaseHTTPRequestHandler):
    forwarder: Forwarder
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """The log of exchanges says it."""

    def serve(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = self.forwarder.forward(self.command, self.path, dict(self.headers.items()), raw)
        body = self.forwarder.body(answer)
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() not in DROPPED:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


for _verb in ("GET", "POST", "PUT", "PATCH", "DELETE"):
    setattr(_Handler, f"do_{_verb}", _Handler.serve)


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw.decode("utf-8", "replace")
