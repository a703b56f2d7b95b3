"""Bounded HTTP connections: a maximum size and a maximum time for each answer.

requests ends only a silence: a server that sends a byte a minute, or never stops, would keep a thread for good. So each
connection is cut when its request has taken too long, wherever in the answer that is.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Any
from weakref import finalize

import requests
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

MAX_SECONDS = 180.0  # GitHub ends what takes it 10 seconds (docs: timeouts), and big trees take a while to arrive
MAX_BYTES = 100 * 1024 * 1024  # of an answer; GitHub's largest are those of git trees, 7 MB
PIECE = 256 * 1024


class _Lines:
    """The open connections of one adapter, by handles of our own: theirs change hands while TLS begins."""

    def __init__(self) -> None:
        self._handles: list[tuple[HTTPConnection, socket.socket]] = []

    def opened(self, connection: HTTPConnection, line: socket.socket) -> None:
        self._handles.append((connection, line.dup()))

    def tidy(self) -> None:
        """Let go of connections that are closed; while its answer is read, one may be closed, and open all the same."""
        for connection, handle in self._handles[:-1] + [one for one in self._handles[-1:] if one[0].sock is None]:
            self._handles.remove((connection, handle))
            handle.close()

    def drop(self) -> None:
        while self._handles:
            self._handles.pop()[1].close()

    def cut(self) -> None:
        for _, handle in list(self._handles):
            with suppress(OSError):
                handle.shutdown(socket.SHUT_RDWR)


class Bounded(HTTPAdapter):
    """Reads the whole of an answer, or ends it. One request at a time."""

    def __init__(self, **how: Any) -> None:
        self.seconds = MAX_SECONDS
        self._lines = _Lines()
        finalize(self, self._lines.drop)
        super().__init__(**how)
        self.poolmanager.pool_classes_by_scheme = _pools(self._lines)

    def close(self) -> None:
        """Close all connections."""
        super().close()
        self._lines.drop()

    def proxy_manager_for(self, proxy: str, **how: Any) -> Any:
        """The same through a proxy."""
        manager = super().proxy_manager_for(proxy, **how)
        manager.pool_classes_by_scheme = _pools(self._lines)
        return manager

    def send(self, request: requests.PreparedRequest, *_: Any, **how: Any) -> requests.Response:
        """The answer, with its body. Raises requests' errors."""
        cut = threading.Event()

        def stop() -> None:
            cut.set()
            self._lines.cut()

        watch = threading.Timer(self.seconds, stop)
        watch.daemon = True
        watch.start()
        try:
            response = super().send(request, **how)
            response._content = _body(response)  # as `content` would set it, once the stream is read
            response.encoding = response.encoding or "utf-8"  # as JSON is (RFC 8259); guessing takes seconds
        except (OSError, AttributeError):
            if not cut.is_set():
                raise
        finally:
            watch.cancel()
            self._lines.tidy()
        if cut.is_set():
            raise requests.Timeout(f"no whole answer within {self.seconds:.0f} s")
        if response.status_code == requests.codes.accepted and request.method == "GET":
            raise requests.ConnectionError("HTTP 202 for a read")  # PyGithub would ask again without end
        return response


class _Http(HTTPRequestsConnectionClass):
    def __init__(self, *args: Any, **how: Any) -> None:
        super().__init__(*args, **how)
        self.session.mount("http://", Bounded(max_retries=self.retry, pool_maxsize=self.pool_size))


class _Https(HTTPSRequestsConnectionClass):
    def __init__(self, *args: Any, **how: Any) -> None:
        super().__init__(*args, **how)
        self.session.mount("https://", Bounded(max_retries=self.retry, pool_maxsize=self.pool_size))


def install() -> None:
    """Have PyGithub use these connections, and keep them open between requests as it keeps its own."""
    Requester.injectConnectionClasses(_Http, _Https)
    Requester._Requester__persist = True  # type: ignore[attr-defined]  # else each request opens one


def _body(response: requests.Response) -> bytes:
    pieces, size = [], 0
    for piece in response.iter_content(PIECE):
        size += len(piece)
        if size > MAX_BYTES:
            response.close()
            raise requests.ConnectionError(f"the answer is over {MAX_BYTES // 1024**2} MiB")
        pieces.append(piece)
    return b"".join(pieces)


def _pools(lines: _Lines) -> dict[str, type[HTTPConnectionPool]]:
    """urllib3's own pools, whose connections register with `lines`."""

    class Http(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            line = super()._new_conn()
            lines.opened(self, line)
            return line

    class Https(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            line = super()._new_conn()
            lines.opened(self, line)
            return line

    http = type("Http", (HTTPConnectionPool,), {"ConnectionCls": Http})
    https = type("Https", (HTTPSConnectionPool,), {"ConnectionCls": Https})
    return {"http": http, "https": https}
