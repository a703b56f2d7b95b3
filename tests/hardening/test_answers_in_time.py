"""An answer that drips, or never ends, ends by itself; the other targets go on."""

from __future__ import annotations

import contextlib
import io
import socket
import threading
import time

import pytest
import requests

from broadcast import action
from broadcast.github import pygithub, transport
from broadcast.runner.commands import Runner
from broadcast.runner.signals import Signals
from tests.world import TOKEN

SOON = 1.0  # seconds
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


class Server:
    """Answers each connection with one endless stream of pieces."""

    def __init__(self, first: bytes, piece: bytes, pause: float) -> None:
        self._said = first, piece, pause
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.connections = 0
        self._serving = threading.Thread(target=self._serve, daemon=True)
        self._serving.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._drip, args=(line,), daemon=True).start()

    def _drip(self, line: socket.socket) -> None:
        first, piece, pause = self._said
        with line, contextlib.suppress(OSError):
            line.recv(65_536)
            line.sendall(first)
            while piece:
                line.sendall(piece)
                time.sleep(pause)

    def close(self) -> None:
        """Wake the thread before its socket's number is free: it would take another server's connections."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._serving.join()
        self._listening.close()


@pytest.fixture
def ask(monkeypatch):
    pygithub.load()
    monkeypatch.setattr(transport, "MAX_SECONDS", SOON)
    servers = []

    def asking(first: bytes, piece: bytes, pause: float = 0.05):
        servers.append(Server(first, piece, pause))
        requester = pygithub.requester(pygithub.token("x"), servers[-1].url, "test", 30)
        return requester.requestJson("GET", "/user")

    yield asking
    for server in servers:
        server.close()


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        (HEAD + b"\r\n", b" "),
        (HEAD + b"Content-Length: 1000000\r\n\r\n", b" "),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (b"HTTP/1.1 2", b"0"),
        (HEAD + b"X-Long: ", b"x"),
    ],
    ids=["to the end", "of a length", "in chunks", "a status", "a header"],
)
def test_an_answer_that_drips_is_ended(ask, first, piece):
    began = time.monotonic()
    with pytest.raises(requests.RequestException, match="no whole answer within 1 s"):
        ask(first, piece)
    assert time.monotonic() - began < 5 * SOON


def test_an_answer_that_never_ends_is_ended_by_its_size(ask, monkeypatch):
    monkeypatch.setattr(transport, "MAX_BYTES", 1024**2)
    monkeypatch.setattr(transport, "MAX_SECONDS", 60)
    with pytest.raises(requests.ConnectionError, match="over 1 MiB"):
        ask(HEAD + b"\r\n", b"x" * 65_536, 0.0)


def test_a_read_that_is_always_still_being_made_is_no_answer(ask):
    with pytest.raises(requests.ConnectionError, match="HTTP 202"):
        ask(b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}", b"")


def test_connections_are_kept_between_requests(world):
    hub = world.hub
    pygithub.load()
    requester = pygithub.requester(pygithub.token(TOKEN), hub.url, "test", 30)
    for _ in range(3):
        requester.requestJson("GET", "/rate_limit")
    adapter = requester._Requester__connection.session.get_adapter(hub.url)
    assert isinstance(adapter, transport.Bounded)
    assert len(adapter._lines._handles) == 1


@pytest.mark.parametrize("first", [True, False], ids=["before anything is known", "at one target"])
def test_the_deadline_ends_what_does_not_end_by_itself(world, monkeypatch, first):
    monkeypatch.setattr(action, "OVERTIME", SOON - 60)
    for name in ("acme/api", "acme/web"):
        world.hub.repository(name, files={"a": b"a"})
    world.write({"LICENSE": "MIT\n"}, "version: 1\ntargets: [acme/api, acme/web]\nfiles: [LICENSE]\n")
    let_go = threading.Event()
    world.hub.before(lambda one: first or one.writes, lambda *_: let_go.wait(60))
    variables, log, signals = world.environment(deadline="1m"), io.StringIO(), Signals()
    began = time.monotonic()
    with contextlib.redirect_stdout(log):
        code = action.act(variables, Runner(), time.time, signals.stop.sleep, signals)
    let_go.set()
    ran = world.ran(code, log.getvalue(), variables)
    assert time.monotonic() - began < 10
    assert (code, signals.stop.by) == (1 if first and not ran.outcomes else 0, "the deadline")
    assert set(ran.outcomes.values()) <= {"deferred", "created"}
    assert "topped by the deadline" in ran.log
