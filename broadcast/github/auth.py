"""Credentials: a token, one token for each owner, or a GitHub App's installations.

Docs: authenticating as a GitHub App installation; a token of an installation lives for one hour.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from broadcast.errors import Failure, UsageError
from broadcast.github import pygithub
from broadcast.github.client import Access, ApiError, GitHub, Scope
from broadcast.github.usage import Usage
from broadcast.github.validation import present, reading

if TYPE_CHECKING:
    from github.Auth import Auth

log = logging.getLogger(__name__)

RENEW_BEFORE = 300.0  # seconds before a token of an installation ends, or a tenth of its life
PAGE = 100
MOST_NAMED = 500  # repositories that a token can name (docs: create an installation access token for an app)
_LEVELS = {"": 0, "read": 1, "write": 2, "admin": 3}

Mask = Callable[[str], None]
Levels = Mapping[str, str]  # permission → read, write or admin


class Permissions(NamedTuple):
    """What a GitHub App's tokens should be able to do in a run."""

    required: Levels
    optional: Levels  # taken where they are granted
    looking: Levels = MappingProxyType({})  # optional, of a token that looks at whatever an owner has

    @property
    def reading(self) -> Permissions:
        """What it takes to look at the same things."""
        return Permissions(_reading(self.required), self.looking)


class Token:
    """A token that the inputs give; `owner` is set where it is for one owner alone."""

    author = "author:@me"

    def __init__(self, value: str, now: float, owner: str = "") -> None:
        self._auth = pygithub.token(value)
        # An installation's token that an earlier step made may be as young as this run.
        self.made_at = now if value.startswith("ghs_") else None
        self.is_personal = not value.startswith("ghs_")
        whose = f"the token of {owner}" if owner else "the token"
        self.refusal = (whose, "give a token that is valid and not expired")

    def auth(self) -> Auth:
        """Always the same."""
        return self._auth


class Installation:
    """Tokens of an App's installation for one owner, with the permissions and for the repositories that are needed.

    `names` are those repositories', without their owner's; none means the whole installation. GitHub refuses them all
    for one that it doesn't know: then a token for the whole installation looks which are there, and only reads.
    """

    is_personal = False

    def __init__(
        self, app: App, number: int, *, owner: str, slug: str, permissions: Levels, names: Collection[str],
        is_partial: bool,
    ) -> None:  # fmt: skip
        self.made_at: float | None = None
        self.author = f"author:app/{slug}" if slug else "author:@me"
        self.refusal = (
            f"the GitHub App's token for {owner}",
            f"check that the App's installation at {owner} is neither suspended nor gone, then run again",
        )
        self.is_partial = is_partial  # for some of the owner's repositories only
        self._app, self._number, self._owner, self._permissions = app, number, owner, permissions
        self._names = sorted(names)
        self._looks = False  # with a token that only reads
        self._is_narrowed = False
        self._lock = threading.Lock()
        self._auth: Auth | None = None
        self._renew_at = 0.0

    def auth(self) -> Auth:
        """The token of now; a new one shortly before the old one ends. Raises ApiError."""
        with self._lock:
            if self._auth is None or self._app.clock() > self._renew_at:
                with reading():
                    answer = self._made()
                    self._app.mask(present(answer, "token"))
                    self._auth = pygithub.token(answer["token"])
                    now, ends = self._app.clock(), datetime.fromisoformat(answer["expires_at"]).timestamp()
                self.made_at = now
                self._renew_at = ends - min(RENEW_BEFORE, (ends - now) / 10)
            return self._auth

    def narrow(self, names: Collection[str]) -> None:
        """Make the next token for `names` alone, where the first one had to be for the whole installation."""
        with self._lock:
            self._is_narrowed = True
            if self._looks and names:
                self._names, self._looks, self._auth = sorted(names), False, None

    def _made(self) -> Any:
        """GitHub's answer with a new token."""
        if self._looks:
            return self._asked(_reading(self._permissions))
        if not self._names:
            return self._asked(self._permissions)
        try:
            return self._asked(self._permissions, repositories=self._names)
        except ApiError as refusal:
            if refusal.status != 422 or "permissions" in refusal.message:  # docs/github.md, "Tokens"
                raise
            return self._unnamed(refusal)

    def _unnamed(self, refusal: ApiError) -> Any:
        """The same, where GitHub doesn't know one of the names, and doesn't say which."""
        writes = "write" in self._permissions.values()
        self._looks = writes and not self._is_narrowed
        answer = self._asked(_reading(self._permissions) if self._looks else self._permissions)
        does = "may write" if writes and not self._looks else "only reads"
        log.info(
            "the token for %s that %s is for the whole installation, not for %d of its repositories: %s",
            self._owner, does, len(self._names), refusal.message,
        )  # fmt: skip
        return answer

    def _asked(self, permissions: Levels, **body: list[str]) -> Any:
        path = f"/app/installations/{self._number}/access_tokens"
        return self._app.post(path, {"permissions": dict(permissions), **body})


class App:
    """A GitHub App, as itself: finds its installations and makes their tokens."""

    is_personal = False
    author = ""
    made_at: float | None = None
    refusal = (
        "the GitHub App's key",
        "check that private-key belongs to the App of client-id, and that this machine's clock is right",
    )

    def __init__(
        self, client_id: str, key: str, *, access: Access, usage: Usage, clock: Callable[[], float],
        sleep: Callable[[float], None], mask: Mask, **pace: Any,
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
        self._github = GitHub(access, self, usage, clock=clock, sleep=sleep, **pace)
        self._page: list[dict[str, Any]] | Failure | None = None
        self._found: dict[str, dict[str, Any] | None] = {}  # by owner

    def auth(self) -> Auth:
        """Signs a new JSON web token when one is asked for."""
        return self._auth

    def post(self, path: str, body: object) -> Any:
        """A call as the App itself. Raises ApiError."""
        return self._github.write("POST", path, body, Scope("tokens"), repeatable=True)

    def installation(self, owner: str, permissions: Permissions, names: Collection[str] = ()) -> Installation:
        """The installation at `owner`, for `names` alone where some are given.

        Raises Failure where there is none, or it may not do what is required.
        """
        with reading():
            return self._installation(owner, permissions, names)

    def others(self, owners: Collection[str]) -> list[str]:
        """The owners at which the App is installed besides these, as far as one page of installations has them."""
        known = {owner.lower() for owner in owners}
        with reading():
            logins = [_login(row) for row in self._installations() if not row.get("suspended_at")]
        return [login for login in logins if login and login.lower() not in known]

    def _installation(self, owner: str, permissions: Permissions, names: Collection[str]) -> Installation:
        required, optional = permissions.required, permissions.optional
        if owner not in self._found:
            self._found[owner] = self._find(owner)
        found = self._found[owner]
        if found is None:
            raise Failure(f"the GitHub App isn't installed at {owner}", f"install it there, or take {owner} out")
        granted = found.get("permissions") or {}
        missing = [name for name, level in required.items() if not _grants(granted, name, level)]
        if missing:
            listed = ", ".join(f"{name.replace('_', ' ').capitalize()}: {required[name]}" for name in missing)
            raise Failure(
                f"the GitHub App's installation at {owner} lacks {listed}",
                "give the App that permission, and accept it for the installation",
            )
        if found.get("suspended_at"):
            raise Failure(f"the GitHub App's installation at {owner} is suspended", "unsuspend it")
        extra = {name: level for name, level in optional.items() if _grants(granted, name, level)}
        is_partial = found.get("repository_selection") == "selected"
        slug = str(found.get("app_slug") or "")
        return Installation(
            self, int(found["id"]), owner=owner, slug=slug, permissions={**required, **extra}, names=names,
            is_partial=is_partial,
        )  # fmt: skip

    def _installations(self) -> list[dict[str, Any]]:
        """The first page of installations, which has those of nearly every App; asked for once. Raises Failure."""
        if self._page is None:
            try:
                self._page = self._github.get(f"/app/installations?per_page={PAGE}", Scope("tokens"))
            except Failure as failure:
                self._page = failure
        if isinstance(self._page, Failure):
            raise self._page
        return self._page

    def _find(self, owner: str) -> dict[str, Any] | None:
        """From the first page; where there are more, or rows that name no account, the owner is asked for."""
        page = self._installations()
        found = next((row for row in page if _login(row).lower() == owner.lower()), None)
        if found or (len(page) < PAGE and all(map(_login, page))):
            return found
        for kind in ("orgs", "users"):
            try:
                path = f"/{kind}/{quote(owner)}/installation"
                return dict(self._github.get(path, Scope("tokens"), may_be_absent=True))
            except ApiError as failure:
                if failure.status != 404:
                    raise
        return None


def _reading(levels: Levels) -> dict[str, str]:
    return {name: "read" for name in levels if name != "workflows"}  # that one has no such level


def _grants(granted: Levels, name: str, level: str) -> bool:
    return _LEVELS[granted.get(name, "")] >= _LEVELS[level]


def _login(row: Mapping[str, Any]) -> str:
    """Whose installation it is; empty for an enterprise's, which has a slug, and for an account that is gone.

    OpenAPI description, `installation.account`.
    """
    return str((row["account"] or {}).get("login") or "")
