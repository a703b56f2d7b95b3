"""Which client speaks to which owner: one for each token, each with a pace of its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Protocol

from broadcast.api import pygithub
from broadcast.api.client import Access, Authentication, GitHub
from broadcast.api.credentials import App, Mask, Permissions, Token
from broadcast.api.ledger import Ledger
from broadcast.errors import Failure


class Secrets(Protocol):
    """What the inputs give: a token, one for each owner, or a GitHub App."""

    @property
    def token(self) -> str:
        """For every owner that has nothing of its own."""

    @property
    def tokens(self) -> Mapping[str, str]:
        """By owner, in lower case."""

    @property
    def app(self) -> str:
        """Client id, or id, of a GitHub App."""

    @property
    def private_key(self) -> str:
        """Of that App, as PEM."""


class Clients:
    """One client for each token; owners that share a token share the client."""

    def __init__(
        self, secrets: Secrets, permissions: Permissions, access: Access, ledger: Ledger, clock: Callable[[], float],
        sleep: Callable[[float], None], mask: Mask, **pace: Any,
    ) -> None:  # fmt: skip
        pygithub.load(signing=bool(secrets.app))
        self._secrets, self._permissions, self._access, self._ledger = secrets, permissions, access, ledger
        self._clock, self._sleep, self._mask, self._pace = clock, sleep, mask, pace
        self._app: App | None = None
        self._partial: set[str] = set()
        self._made: dict[str, GitHub] = {}  # by what identifies the credentials

    def of(self, owner: str, share: float = 1.0) -> GitHub:
        """The client for an owner; `share` is this run's part of its token's budget. Raises Failure."""
        key = identity(self._secrets, owner)
        if key not in self._made:
            self._made[key] = GitHub(
                self._access, self._credentials(owner), self._ledger, clock=self._clock, sleep=self._sleep,
                share=share, **self._pace,
            )  # fmt: skip
        return self._made[key]

    def is_partial(self, owner: str) -> bool:
        """Whether the owner has a GitHub App installed for some of its repositories only; known after `of`."""
        return identity(self._secrets, owner) in self._partial

    def others(self, owners: Collection[str]) -> list[str]:
        """The owners that some credentials are for besides these: lines of tokens, installations of the App."""
        known = {owner.lower() for owner in owners}
        tokens = [owner for owner in self._secrets.tokens if owner not in known]
        installed = self._signing_app().others([*known, *tokens]) if self._secrets.app else []
        return [*tokens, *installed]

    def _credentials(self, owner: str) -> Authentication:
        secrets = self._secrets
        if owner.lower() in secrets.tokens:
            return Token(secrets.tokens[owner.lower()], self._clock(), owner)
        if secrets.app:
            installation = self._signing_app().installation(owner, self._permissions)
            if installation.is_partial:
                self._partial.add(identity(secrets, owner))
            installation.auth()  # what is wrong with it is reported now, as a failure of this owner's targets
            return installation
        if secrets.token:
            return Token(secrets.token, self._clock())
        raise Failure(f"no token is given for {owner}", f"add a line `{owner}=…` to the input tokens, or give `token`")

    def _signing_app(self) -> App:
        if self._app is None:
            self._app = App(
                self._secrets.app, self._secrets.private_key, self._access, self._ledger, self._clock, self._sleep,
                self._mask, **self._pace,
            )  # fmt: skip
        return self._app


def identity(secrets: Secrets, owner: str) -> str:
    """What tells the credentials of one owner from another's; never a secret itself."""
    if owner.lower() in secrets.tokens:
        return f"token of {owner.lower()}"
    return f"installation at {owner.lower()}" if secrets.app else "token"
