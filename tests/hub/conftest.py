from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.hub import Hub, Repository

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
    with Hub(tmp_path / "hub", clock=lambda: 1_750_000_000.0) as running:
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
