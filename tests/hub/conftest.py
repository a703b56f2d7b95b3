from __future__ import annotations

from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.hub import Hub, Repository

NOW = 1_750_000_000
FILES = {f"dir{n % 3}/file{n}.txt": b"line %d\n" % n for n in range(9)}


class Client:
    """A token's view of the hub."""

    def __init__(self, hub: Hub, token: str) -> None:
        self.hub, self.session = hub, requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        body = {"query": document, "variables": variables}
        answer = self.session.post(f"{self.hub.url}/graphql", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def data(self, document: str, **variables: Any) -> dict[str, Any]:
        answer = self.ask(document, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def refused(self, document: str, **variables: Any) -> tuple[str, str]:
        """The type and message of the only error."""
        answer = self.ask(document, **variables)
        (error,) = answer["errors"]
        return error.get("type", ""), error["message"]

    def rest(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        answer = self.session.request(method, self.hub.url + path, json=body)
        return answer.status_code, answer.json() if answer.content else None


@pytest.fixture
def hub(tmp_path):
    with Hub(tmp_path / "hub", clock=lambda: float(NOW)) as running:
        running.token("secret")
        yield running


@pytest.fixture
def client(hub):
    client = Client(hub, "secret")
    yield client
    client.session.close()


@pytest.fixture
def as_token(hub):
    """A client with another token."""
    made = []

    def make(**options: Any) -> Client:
        value = f"other-{len(made)}"
        hub.token(value, **options)
        made.append(Client(hub, value))
        return made[-1]

    yield make
    for each in made:
        each.session.close()


@pytest.fixture
def api(hub) -> Repository:
    return hub.repository("acme/api", files=FILES, labels=["sync"], milestones=["v1"], topics=["tools"])


# GitHub Apps


def keys() -> tuple[str, str]:
    """The private and the public half."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    plain = (serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    private = key.private_bytes(serialization.Encoding.PEM, *plain)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


@pytest.fixture(scope="module")
def key():
    return keys()


@pytest.fixture
def app(hub, key):
    return hub.app("Iv23liabcdef", key[1], slug="sync")


@pytest.fixture
def sign(hub, key):
    """A client with an assertion, sound unless a claim says otherwise."""
    made = []

    def make(private: str = key[0], algorithm: str = "RS256", **claims) -> Client:
        claims = {"iss": "Iv23liabcdef", "iat": NOW - 60, "exp": NOW + 540} | claims
        claims = {name: value for name, value in claims.items() if value is not None}
        made.append(Client(hub, jwt.encode(claims, private, algorithm=algorithm)))
        return made[-1]

    yield make
    for each in made:
        each.session.close()


@pytest.fixture
def lend(hub, sign):
    """A client with a token of an installation, and the answer that it came with."""
    made = []

    def make(installation, **body) -> tuple[Client, dict]:
        status, answer = sign().rest("POST", f"/app/installations/{installation.id}/access_tokens", body)
        assert status == 201, answer
        made.append(Client(hub, answer["token"]))
        return made[-1], answer

    yield make
    for each in made:
        each.session.close()
