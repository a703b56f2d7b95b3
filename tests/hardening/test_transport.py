"""The token goes to the API's own host, over a line that no one reads, and nowhere else."""

from __future__ import annotations

import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from broadcast.errors import UsageError
from broadcast.runner.context import checked_api_url
from broadcast.runner.inputs import from_environment
from tests.world import TOKEN

CONFIG = "version: 1\ntargets: [acme/api]\nfiles: [LICENSE]\n"


class Trap(ThreadingHTTPServer):
    """A host that isn't GitHub, and writes down what it is told."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        super().__init__(("127.0.0.1", 0), type("Handler", (_Handler,), {"heard": self.heard}))
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    heard: list[str]

    def do_GET(self) -> None:
        self.heard.append(f"{self.path} {self.headers}")
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_CONNECT = do_GET  # noqa: N815  as http.server names them

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def trap():
    server = Trap()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def target(swift):
    swift.write({"LICENSE": "MIT\n"}, CONFIG)
    return swift.hub.repository("acme/api", files={"a": b"a"})


def redirect(swift, status: int, location: str, match) -> None:
    swift.hub.fail(match, times=99, status=status, body={"message": "Moved"}, headers={"location": location})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("api", ["graphql", "rest"])
def test_a_redirect_to_another_host_is_not_followed(swift, target, trap, status, api):
    redirect(
        swift,
        status,
        f"http://{trap.address.replace('127.0.0.1', 'localhost')}/x",
        lambda one: one.kind.startswith(api),
    )
    ran = swift.run(write_strategy="rest")
    assert ran.code == 1
    assert trap.heard == []


def test_an_api_that_always_redirects_to_itself_comes_to_an_end(swift, target):
    redirect(swift, 301, f"{swift.hub.url}/graphql", lambda one: one.path == "/graphql")
    assert swift.run().code == 1


def test_a_netrc_of_another_step_does_not_replace_the_token(swift, target, tmp_path, monkeypatch):
    (tmp_path / ".netrc").write_text("default login evil password evil\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    assert swift.run().outcomes == {"acme/api": "created"}


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"CURL_CA_BUNDLE": ""},
        {"REQUESTS_CA_BUNDLE": ""},
        {"PYTHONHTTPSVERIFY": "0"},
        {"SSL_CERT_FILE": "/dev/null"},
    ],
)
def test_a_certificate_that_no_one_signed_is_refused_and_no_variable_changes_that(
    swift, target, tls, environment, monkeypatch
):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    ran = swift.run(api_url=f"https://{tls.address}")
    assert ran.code == 1
    assert "SSLError" in ran.log or "CERTIFICATE_VERIFY_FAILED" in ran.log
    assert tls.heard == []


def test_a_private_certificate_authority_is_trusted_where_the_workflow_names_it(swift, target, tls, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tls.certificate))
    ran = swift.run(api_url=f"https://{tls.address}")
    assert TOKEN in "".join(tls.heard)  # the line was trusted, so that the request was made
    assert ran.code == 1


@pytest.fixture
def tls(trap, tmp_path):
    """The trap behind a certificate of its own making."""
    key, trap.certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
         "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", trap.certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trap.certificate, key)
    trap.socket = context.wrap_socket(trap.socket, server_side=True)
    trap.handle_error = lambda *_: None
    return trap


@pytest.mark.parametrize(
    "url",
    [
        "https://api.github.com", "https://github.example.com/api/v3/", "http://127.0.0.1:8080", "http://[::1]:8080/api/v3",
        "http://localhost/api/v3", "http://172.17.0.1:8080", "http://hub:8080",
    ],
)  # fmt: skip
def test_an_address_is_taken(url):
    assert checked_api_url(url) == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "", "ftp://x", "https://", "github.example.com", "https://user:geheim@github.example.com", "https://a b/", "https://x\n.y",
        "http://github.example.com/api/v3", "http://127.0.0.1.evil.example", "http://localhost.evil.example", "http://8.8.8.8", "https://x:port",
        "https://github.example.com/api/v3/../..", "https://github.example.com/./x", "https://x/api?x=1", "https://x/api#y",
        "https://x/%2e%2e/", "//x", "javascript:x", "https://x\\@y", "file:///etc/passwd", "https://[::1",
    ],
)  # fmt: skip
def test_an_address_that_a_token_should_not_go_to_is_refused(url):
    with pytest.raises(UsageError, match="api-url") as caught:
        checked_api_url(url)
    assert "geheim" not in caught.value.message


@pytest.mark.parametrize("token", ["ghp_a b", "ghp_a\nb", 'ghp_"a"', "ghp_ä", "ghp_a\tb", "Bearer ghp_a"])
@pytest.mark.parametrize("name", ["token", "tokens"])
def test_a_token_that_is_none_is_refused_without_being_shown(name, token):
    if name == "tokens" and "\n" in token:
        return
    with pytest.raises(UsageError, match=f"the input {name}") as caught:
        from_environment({f"INPUT_{name.upper()}": f"acme={token}" if name == "tokens" else token})
    assert "ghp_" not in caught.value.message + caught.value.remedy
