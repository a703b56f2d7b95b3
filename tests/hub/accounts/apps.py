"""GitHub Apps: JWT authentication, installations, installation tokens."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jwt  # with cryptography, before a run in the same process does without

from tests.hub.errors import Refused, forbidden, not_found, unauthorized
from tests.hub.models import LEVELS, Token

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.hub.git.repository import Repository
    from tests.hub.hub import Hub
    from tests.hub.models import User

PERMISSIONS = {"contents": "write", "metadata": "read", "pull_requests": "write"}
LIFETIME = 600  # of an assertion, at most
UNDECODED = "A JSON web token could not be decoded"
EXPIRED = "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires"
TOO_LONG = "'Expiration time' claim ('exp') is too far in the future"
NOT_ISSUED = "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
NO_ISSUER = "Missing 'issuer' claim ('iss')"
NOT_GRANTED = "The permissions requested are not granted to this installation."
NOT_COVERED = "There is at least one repository that does not exist or is not accessible to the parent installation."
SUSPENDED = "This installation has been suspended"


@dataclass
class App:
    id: int
    client_id: str
    slug: str
    owner: str
    public_key: str = field(repr=False)
    created_at: float = 0.0

    @property
    def login(self) -> str:
        return f"{self.slug}[bot]"


@dataclass
class Installation:
    id: int
    app: App
    owner: User
    repositories: list[str] | None  # None: all of the owner's, those to come too
    permissions: dict[str, str]
    created_at: float
    suspended: bool = False
    anonymous: bool = False  # without an account, as GitHub's description allows

    @property
    def selection(self) -> str:
        return "all" if self.repositories is None else "selected"

    def covers(self, repository: Repository) -> bool:
        if repository.owner.lower() != self.owner.login.lower():
            return False
        return self.repositories is None or repository.full_name.lower() in map(str.lower, self.repositories)

    def grants(self, permissions: Mapping[str, str]) -> bool:
        return all(
            LEVELS.get(level, 9) <= LEVELS[self.permissions.get(name, "none")] for name, level in permissions.items()
        )


@dataclass
class Assertion(Token):
    """A JSON web token: it stands for the App itself, or for why it doesn't."""

    app: App | None = None
    problem: Refused | None = None


class Tokens(dict[str, Token]):
    """All valid tokens by value, JWTs included."""

    def __init__(self, hub: Hub) -> None:
        super().__init__()
        self.hub = hub

    def get(self, value: str, default: Any = None) -> Any:
        token = super().get(value, default)
        if token is None and value.count(".") == 2:
            return self.hub.apps.assertion(value)
        if token and token.expires_at is not None and self.hub.clock() >= token.expires_at:
            token.expired = True
        return token


class Apps:
    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.apps: list[App] = []
        self.installations: list[Installation] = []

    def add(self, identity: str | int, public_key: str, slug: str, owner: str) -> App:
        """Digits are the id of the App, anything else its client id; the other one is made."""
        with self.hub.lock:
            by_id = str(identity).isdigit()
            number = int(identity) if by_id else self.hub.next_id()
            client_id = f"Iv23li{number:014d}" if by_id else str(identity)
            self.hub.user(owner, "Organization")
            app = App(number, client_id, slug, owner, public_key, self.hub.clock())
            self.hub.user(app.login)
            self.apps.append(app)
            return app

    def install(
        self, app: App, owner: str, repositories: Sequence[str] | None, permissions: Mapping[str, str] | None
    ) -> Installation:
        """Repositories by their name alone or with their owner's."""
        with self.hub.lock:
            names = None if repositories is None else [f"{owner}/{name.rpartition('/')[2]}" for name in repositories]
            granted = {"metadata": "read"} | dict(PERMISSIONS if permissions is None else permissions)
            account = self.hub.user(owner, "Organization")
            made = Installation(self.hub.next_id(), app, account, names, granted, self.hub.clock())
            self.installations.append(made)
            return made

    def of(self, app: App) -> list[Installation]:
        return [each for each in self.installations if each.app is app]

    def repositories(self, installation: Installation) -> list[Repository]:
        return [each for each in self.hub.repositories.values() if installation.covers(each)]

    # Assertions

    def assertion(self, value: str) -> Assertion:
        app, problem = None, None
        try:
            app = self._verified(value)
        except Refused as refusal:
            problem = refusal
        login = app.login if app else "ghost"
        return Assertion(value, self.hub.user(login), "assertion", "none", [], workflow=False, app=app, problem=problem)

    def _verified(self, value: str) -> App:
        """By the hub's clock, not by the machine's: so PyJWT is asked for the signature alone."""
        decoder = jwt.PyJWT()
        try:
            claims = decoder.decode(value, options={"verify_signature": False})
        except jwt.PyJWTError:
            raise unauthorized(UNDECODED) from None
        if "iss" not in claims:
            raise unauthorized(NO_ISSUER)
        app = next((each for each in self.apps if str(claims["iss"]) in {each.client_id, str(each.id)}), None)
        if app is None:
            raise not_found("Integration not found")
        try:
            jwt.PyJWS().decode(value, app.public_key, algorithms=["RS256"])
        except jwt.PyJWTError:
            raise unauthorized(UNDECODED) from None
        self._check_times(claims)
        return app

    def _check_times(self, claims: dict[str, Any]) -> None:
        now, expires, issued = self.hub.clock(), claims.get("exp"), claims.get("iat")
        if not isinstance(expires, int | float) or expires <= now:
            raise unauthorized(EXPIRED)
        if expires > now + LIFETIME:
            raise unauthorized(TOO_LONG)
        if not isinstance(issued, int | float) or issued > now:
            raise unauthorized(NOT_ISSUED)

    # Tokens

    def token(
        self, installation: Installation, chosen: list[Repository] | None, permissions: Mapping[str, str] | None
    ) -> Token:
        if installation.suspended:
            raise forbidden(SUSPENDED)
        wanted = installation.permissions if permissions is None else {"metadata": "read"} | dict(permissions)
        if not installation.grants(wanted):
            raise Refused(NOT_GRANTED)
        if chosen is not None and not all(installation.covers(each) for each in chosen):
            raise Refused(NOT_COVERED)
        token = Token(self._value(installation.app), self.hub.user(installation.app.login), "app")
        token.installation, token.permissions = installation, dict(wanted)
        token.chosen = None if chosen is None else frozenset(each.id for each in chosen)
        token.hides_teams = chosen is not None and self.hub.unknowns.team_by_narrow_token == "hidden"
        token.workflow = wanted.get("workflows") == "write"
        token.expires_at = self.hub.clock() + self.hub.token_lifetime
        token.refused_until = self.hub.clock() + self.hub.token_lag if self.hub.token_lag else None
        self.hub.tokens[token.value] = token
        return token

    def _value(self, app: App) -> str:
        if self.hub.unknowns.token_form == "short":
            return f"ghs_{secrets.token_hex(18)}"
        head, claims, signature = (secrets.token_urlsafe(size) for size in (27, 84, 256))
        return f"ghs_{app.id}_{head}.{claims}.{signature}"
