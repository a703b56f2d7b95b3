"""PyGithub is imported only for runs that use GitHub; answers without an encoding are UTF-8."""

from __future__ import annotations

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from broadcast.github import pygithub


class Handler(BaseHTTPRequestHandler):
    """A server that doesn't say the encoding of its answers."""

    def do_GET(self) -> None:
        body = '{"name": "é€"}'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-unknown")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def python(code: str) -> str:
    """What a new process prints."""
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(("code", "loaded"), [("", False), ("pygithub.load(); ", True)])
def test_pygithub_is_imported_by_load_and_not_before(code, loaded):
    modules = "print(sorted({'github', 'requests', 'urllib3', 'jwt', 'cryptography'} & sys.modules.keys()))"
    found = python(f"import sys, broadcast.cli; from broadcast.github import pygithub; {code}{modules}")
    assert found == str(["cryptography", "github", "jwt", "requests", "urllib3"] if loaded else [])


def test_an_answer_without_an_encoding_is_utf_8():
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        pygithub.load()
        requester = pygithub.requester(pygithub.token("x"), f"http://127.0.0.1:{server.server_port}", "test", 30)
        assert requester.requestJson("GET", "/user")[2] == '{"name": "é€"}'
        requester.close()
        server.shutdown()


def test_an_app_signs_with_its_key():
    key = rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    assert pygithub.app("Iv1", key.decode()).token.count(".") == 2


def test_a_token_is_sent_as_it_is():
    headers: dict[str, str] = {}
    pygithub.token("ghp_x").authentication(headers)
    assert headers == {"Authorization": "token ghp_x"}
