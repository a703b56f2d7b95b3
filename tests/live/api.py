"""Plain requests to a GitHub, each of them kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import jwt
import requests

from tests.live.budget import Budget
from tests.live.place import Place

PATIENCE = 60.0  # seconds for an answer
SETTLED = 3.0  # seconds
HEADERS = (
    "location", "retry-after", "x-accepted-github-permissions", "x-accepted-oauth-scopes", "x-oauth-scopes",
    "x-ratelimit-limit", "x-ratelimit-resource",
)  # fmt: skip
MAIN, APP = "{token}", "{app}"  # who asks, as a recording has it


@dataclass
class Exchange:
    """One request, and what came back."""

    by: str
    method: str
    path: str
    request: Any
    status: int
    headers: dict[str, str]
    response: Any


class Reply(NamedTuple):
    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass
class Log:
    """What one statement's test has sent and got, what must not be shown of it, and what came to be known."""

    exchanges: list[Exchange] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    tokens: int = 0  # that were made
    installation: int = 0  # the App's, once it is known
    is_whole: bool = True  # nothing happened but by these exchanges


@dataclass
class Api:
    """One credential's way to a GitHub."""

    place: Place
    session: requests.Session
    budget: Budget
    log: Log
    token: str
    by: str = MAIN

    @property
    def is_app(self) -> bool:
        """Whether it is an installation's token."""
        return self.token.startswith("ghs_")

    @property
    def is_classic(self) -> bool:
        """Whether it is a classic personal token."""
        return self.token.startswith("ghp_")

    def rest(self, method: str, path: str, body: Any = None, *, keep: tuple[str, ...] | None = None) -> Reply:
        """A REST call; of an answer to a success only the names in `keep` are recorded."""
        self.budget.before(method, path, "")
        answer = self._send(method, self.place.api + path, body)
        found = answer.json() if answer.content else None
        kept = _kept(found, keep) if answer.ok and keep is not None else found
        self._note(method, path, body, answer, kept)
        return Reply(answer.status_code, found, answer.headers)

    def post(self, document: str, variables: Mapping[str, Any]) -> Reply:
        """A GraphQL document, whatever becomes of it; status 0 stands for a connection that broke."""
        self.budget.before("POST", "/graphql", document)
        body = {"query": document, "variables": dict(variables)}
        try:
            answer = self._send("POST", self.place.graphql, body)
            found = answer.json() if "json" in answer.headers.get("content-type", "") else answer.text
        except requests.RequestException:
            self.log.exchanges.append(Exchange(self.by, "POST", "/graphql", body, 0, {}, None))
            return Reply(0, None, {})
        self._note("POST", "/graphql", body, answer, found)
        return Reply(answer.status_code, found, answer.headers)

    def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """The whole answer to a document that the server takes."""
        reply = self.post(document, variables)
        assert reply.status == 200, reply.body
        return reply.body

    def data(self, document: str, **variables: Any) -> dict[str, Any]:
        """What a document without any error answers."""
        answer = self.ask(document, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def errors(self, document: str, **variables: Any) -> list[dict[str, Any]]:
        """The errors of an answer; empty where all went well."""
        return self.ask(document, **variables).get("errors", [])

    def until(self, ask: Callable[[], Any], *, seconds: float = 30.0) -> Any:
        """Ask again until there is an answer that is true; only that one is recorded."""
        end, kept = time.monotonic() + seconds, len(self.log.exchanges)
        while not (found := ask()) and time.monotonic() < end:
            del self.log.exchanges[kept:]
            time.sleep(1.0 if self.place.is_real else 0.05)
        return found

    def as_app(self) -> Api:
        """The App itself, by an assertion that it signs."""
        now = int(time.time())
        return self._other(sign(self.place.client_id, self.place.key, now), APP)

    def narrowed(self, **permissions: str) -> Api:
        """A token of the App's installation with these permissions and no others, known everywhere.

        A run against a real GitHub makes one for all tests, and each has its making in its record.
        """
        kept = self.place.lent.get(repr(permissions))
        if kept:
            self.installation()
            return self._lent(*kept)
        before = len(self.log.exchanges)
        made = self.minted(**permissions)
        made.settle()
        if self.place.is_real:
            self.place.lent[repr(permissions)] = (made.token, self.log.exchanges[before:])
        return made

    def _lent(self, token: str, exchanges: list[Exchange]) -> Api:
        self.log.tokens += 1
        by = f"{{token{self.log.tokens}}}"
        self.log.exchanges += [each if each.by in {MAIN, APP} else replace(each, by=by) for each in exchanges]
        return self._other(token, by)

    def settle(self) -> None:
        """Wait until a new token is accepted, and some seconds more: not every server knows it at the same time."""
        path = "/installation/repositories?per_page=1"
        self.until(lambda: self.rest("GET", path, keep=("total_count",)).status == 200, seconds=PATIENCE)
        if self.place.is_real:
            time.sleep(SETTLED)

    def minted(self, *names: str, **permissions: str) -> Api:
        """The same at once, for all repositories or for these; without permissions it has all of the installation."""
        status, answer = self.ask_token(*names, **permissions)
        if status == 422:
            self.place.skip(f"the App's installation may not do {', '.join(permissions)}")
        assert status == 201, answer
        self.log.tokens += 1
        return self._other(answer["token"], f"{{token{self.log.tokens}}}")

    def ask_token(self, *names: str, **permissions: str) -> tuple[int, Any]:
        """What the App is answered that asks for a token."""
        if not self.place.key:
            self.place.skip("needs a GitHub App")
        path = f"/app/installations/{self.installation()}/access_tokens"
        body = {"repositories": list(names)} if names else {}
        status, answer, _ = self.as_app().rest(
            "POST", path, body | ({"permissions": permissions} if permissions else {})
        )
        return status, answer

    def installation(self) -> int:
        """The number of the App's installation at the owner."""
        if self.log.installation:
            return self.log.installation
        rows = self.as_app().rest("GET", "/app/installations?per_page=100", keep=("id", "account")).body
        found = [
            row["id"] for row in rows if (row["account"] or {}).get("login", "").lower() == self.place.owner.lower()
        ]
        if not found:
            self.place.skip(f"the App isn't installed at {self.place.owner}")
        self.log.installation = int(found[0])
        return self.log.installation

    def _other(self, token: str, by: str) -> Api:
        self.log.secrets.append(token)
        return Api(self.place, self.session, self.budget, self.log, token, by)

    def _send(self, method: str, address: str, body: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}", "User-Agent": "broadcast-live"}
        return self.session.request(
            method, address, json=body, headers=headers, timeout=PATIENCE, allow_redirects=False
        )

    def _note(self, method: str, path: str, body: Any, answer: requests.Response, kept: Any) -> None:
        headers = {name: answer.headers[name] for name in HEADERS if name in answer.headers}
        self.log.exchanges.append(Exchange(self.by, method, path, body, answer.status_code, headers, kept))


def sign(client_id: str, key: str, now: int) -> str:
    """An App's assertion (docs: generating a JSON Web Token for a GitHub App)."""
    return jwt.encode({"iss": client_id, "iat": now - 60, "exp": now + 300}, key, algorithm="RS256")


def _kept(body: Any, names: tuple[str, ...]) -> Any:
    if isinstance(body, list):
        return [_kept(each, names) for each in body]
    return {name: _account(body[name]) if name == "account" else body[name] for name in names if name in body}


def _account(account: Mapping[str, Any] | None) -> Any:
    return account and {name: account[name] for name in ("login", "slug", "type") if name in account}
