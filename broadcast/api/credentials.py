"""Who we are to GitHub: a token, one token for each owner, or a GitHub App's installations.

Docs: authenticating as a GitHub App installation; a token of an installation lives for one hour.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from broadcast.api import pygithub
from broadcast.api.client import Access, ApiError, GitHub, Scope
from broadcast.api.ledger import Ledger
from broadcast.api.shapes import present, reading
from broadcast.errors import Failure, UsageError

if TYPE_CHECKING:
    from github.Auth import Auth

RENEW_BEFORE = 300.0  # seconds before a token of an installation ends, or a tenth of its life
PAGE = 100
_LEVELS = {"": 0, "read": 1, "write": 2, "admin": 3}

Mask = Callable[[str], None]
Needs = Mapping[str, str]  # permission → read or write


class Credentials(Protocol):
    """What a client authenticates by."""

    permissions: Needs | None  # None: GitHub doesn't tell

    def auth(self) -> Auth:
        """The authentication to use now; another object when the last one has ended."""


class Token:
    """A token that somebody gave us."""

    permissions: Needs | None = None

    def __init__(self, value: str) -> None:
        self._auth = pygithub.token(value)

    def auth(self) -> Auth:
        """Always the same."""
        return self._auth


class Installation:
    """Tokens of an App's installation for one owner, made with the permissions that are needed and no more."""

    def __init__(self, app: App, number: int, permissions: Needs, *, is_partial: bool) -> None:
        self.permissions: Needs | None = permissions
        self.is_partial = is_partial  # for some of the owner's repositories only
        self._app, self._number = app, number
        self._lock = threading.Lock()
        self._auth: Auth | None = None
        self._renew_at = 0.0

    def auth(self) -> Auth:
        """The token of now; a new one shortly before the old one ends. Raises ApiError."""
        with self._lock:
            if self._auth is None or self._app.clock() > self._renew_at:
                path = f"/app/installations/{self._number}/access_tokens"
                with reading():
                    answer = self._app.post(path, {"permissions": dict(self.permissions or {})})
                    self._app.mask(present(answer, "token"))
                    self._auth = pygithub.token(answer["token"])
                    now, ends = self._app.clock(), datetime.fromisoformat(answer["expires_at"]).timestamp()
                self._renew_at = ends - min(RENEW_BEFORE, (ends - now) / 10)
            return self._auth


class App:
    """A GitHub App, as itself: finds its installations and makes their tokens."""

    permissions: Needs | None = None

    def __init__(
        self, client_id: str, key: str, access: Access, ledger: Ledger, clock: Callable[[], float],
        sleep: Callable[[float], None], mask: Mask,
    ) -> None:  # fmt: skip
        self.clock, self.mask = clock, mask
        try:
            self._auth = pygithub.app(client_id, key.replace("\\n", "\n"))
            _ = self._auth.token
        except Exception as error:  # whatever the libraries below raise for what isn't a key
            raise UsageError(
                "the input private-key is no private key that can sign",
                "give the whole PEM file of the GitHub App, from -----BEGIN to -----END",
            ) from error
        self._github = GitHub(access, self, ledger, clock=clock, sleep=sleep)
        self._page: list[dict[str, Any]] | None = None

    def auth(self) -> Auth:
        """Signs a new JSON web token when one is asked for."""
        return self._auth

    def post(self, path: str, body: object) -> Any:
        """A call as the App itself. Raises ApiError."""
        return self._github.write("POST", path, body, Scope("tokens"), repeatable=True)

    def installation(self, owner: str, needs: Needs) -> Installation:
        """The installation at `owner`. Raises Failure where there is none, or it may not do what is needed."""
        with reading():
            return self._installation(owner, needs)

    def _installation(self, owner: str, needs: Needs) -> Installation:
        found = self._find(owner)
        if found is None:
            raise Failure(f"the GitHub App isn't installed at {owner}", f"install it there, or take {owner} out")
        granted = found.get("permissions") or {}
        missing = [name for name, level in needs.items() if _LEVELS[granted.get(name, "")] < _LEVELS[level]]
        if missing:
            listed = ", ".join(f"{name.replace('_', ' ').capitalize()}: {needs[name]}" for name in missing)
            raise Failure(
                f"the GitHub App's installation at {owner} lacks {listed}",
                "give the App that permission, and accept it for the installation",
            )
        if found.get("suspended_at"):
            raise Failure(f"the GitHub App's installation at {owner} is suspended", "unsuspend it")
        return Installation(self, int(found["id"]), needs, is_partial=found.get("repository_selection") == "selected")

    def _find(self, owner: str) -> dict[str, Any] | None:
        """One page of installations has those of nearly every App; an App with more is asked owner by owner."""
        if self._page is None:
            self._page = self._github.get(f"/app/installations?per_page={PAGE}", Scope("tokens"))
        found = next((row for row in self._page if str(row["account"]["login"]).lower() == owner.lower()), None)
        if found or len(self._page) < PAGE:
            return found
        for kind in ("orgs", "users"):
            try:
                return dict(self._github.get(f"/{kind}/{quote(owner)}/installation", Scope("tokens")))
            except ApiError as failure:
                if failure.status != 404:
                    raise
        return None
