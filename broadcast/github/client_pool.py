"""Clients by owner: one for each token, each with its own rate limiter."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple, Protocol

from broadcast.errors import Failure
from broadcast.github import pygithub
from broadcast.github.auth import MOST_NAMED, App, Installation, Mask, Permissions, Token
from broadcast.github.client import Access, Authentication, GitHub
from broadcast.github.usage import Usage

log = logging.getLogger(__name__)

_WHOLE = f"teams are asked for reviews, or there are more than {MOST_NAMED} targets"


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


class _Reach(NamedTuple):
    """What a token of an App is for, at one owner."""

    names: frozenset[str] = frozenset()  # of repositories; none: the whole installation
    reads: bool = False  # and does nothing else
    proposes: bool = False  # in the source
    keeps: bool = False  # the dashboard, in the source


class ClientPool:
    """One client for each token; owners that share a token share the client.

    An App has several at one owner: a token that works on repositories names them, and one that looks further only
    reads. Any other token reaches what it reaches.
    """

    def __init__(
        self, secrets: Secrets, permissions: Permissions, *, access: Access, usage: Usage, clock: Callable[[], float],
        sleep: Callable[[float], None], mask: Mask, **pace: Any,
    ) -> None:  # fmt: skip
        pygithub.load()
        self._secrets, self._permissions, self._access, self._usage = secrets, permissions, access, usage
        self._clock, self._sleep, self._mask, self._pace = clock, sleep, mask, pace
        self._app: App | None = None
        self._proposing = self._keeping = permissions.reading
        self._partial: set[str] = set()
        self._made: dict[tuple[str, _Reach], GitHub] = {}  # by what identifies the credentials
        self._readers: dict[GitHub, str] = {}  # an App's → the owner

    def of(self, owner: str, names: Collection[str], share: float = 1.0) -> GitHub:
        """The client that works on these repositories of an owner; where none are given, on all of them.

        `share` is this run's part of its token's budget. Raises Failure.
        """
        reach = _Reach(frozenset(names if len(names) <= MOST_NAMED else ()))
        return self._client(owner, reach, share)

    def reader(self, owner: str, share: float = 1.0) -> GitHub:
        """The client that looks at whatever the credentials reach at an owner. Raises Failure."""
        reader = self._client(owner, _Reach(reads=True), share)
        if self._is_by_app(owner):
            self._readers[reader] = owner
        return reader

    def source(self, repository: str) -> GitHub:
        """The client that reads the source. Raises Failure."""
        owner, _, name = repository.partition("/")
        return self._client(owner, _Reach(frozenset([name]), reads=True), 1.0)

    def proposing(self, repository: str, permissions: Permissions) -> GitHub:
        """The client that opens a pull request in the source. Raises Failure."""
        self._proposing = permissions
        owner, _, name = repository.partition("/")
        return self._client(owner, _Reach(frozenset([name]), proposes=True), 1.0)

    def dashboard(self, repository: str, permissions: Permissions, token: str = "") -> GitHub:
        """The client that keeps the dashboard in the source, with this token if there is one. Raises Failure."""
        if token:
            return self.of_token(token)
        self._keeping = permissions
        owner, _, name = repository.partition("/")
        return self._client(owner, _Reach(frozenset([name]), keeps=True), 1.0)

    def of_token(self, token: str) -> GitHub:
        """A client with this token, whatever the other credentials are."""
        credentials = Token(token, self._clock())
        return GitHub(self._access, credentials, self._usage, clock=self._clock, sleep=self._sleep, **self._pace)

    def working(self, github: GitHub, names: Collection[str], share: float = 1.0) -> GitHub:
        """The client for work on what `github` found: another one where that is an App's reader. Raises Failure."""
        owner = self._readers.get(github)
        return self.of(owner, names, share) if owner else github

    def narrow(self, github: GitHub, names: Collection[str]) -> None:
        """Narrow an App's token to the repositories that `github` reached, where some of those named didn't exist."""
        if isinstance(github.credentials, Installation):
            github.credentials.narrow(names)

    def is_partial(self, owner: str) -> bool:
        """Whether a GitHub App is installed for some of the owner's repositories only; known once it has a client."""
        return identity(self._secrets, owner) in self._partial

    def others(self, owners: Collection[str]) -> list[str]:
        """The owners that some credentials are for besides these: lines of tokens, installations of the App."""
        known = {owner.lower() for owner in owners}
        tokens = [owner for owner in self._secrets.tokens if owner not in known]
        installed = self._signing_app().others([*known, *tokens]) if self._secrets.app else []
        return [*tokens, *installed]

    def _client(self, owner: str, reach: _Reach, share: float) -> GitHub:
        key = (identity(self._secrets, owner), reach if self._is_by_app(owner) else _Reach())
        if key not in self._made:
            self._made[key] = GitHub(
                self._access, self._credentials(owner, reach), self._usage, clock=self._clock, sleep=self._sleep,
                share=share, **self._pace,
            )  # fmt: skip
        return self._made[key]

    def _credentials(self, owner: str, reach: _Reach) -> Authentication:
        secrets = self._secrets
        if self._is_by_app(owner):
            return self._installation(owner, reach)
        if owner.lower() in secrets.tokens:
            return Token(secrets.tokens[owner.lower()], self._clock(), owner)
        if secrets.token:
            return Token(secrets.token, self._clock())
        raise Failure(f"no token is given for {owner}", f"add a line `{owner}=…` to the input tokens, or give `token`")

    def _installation(self, owner: str, reach: _Reach) -> Installation:
        permissions = self._permissions.reading if reach.reads else self._permissions
        permissions = self._proposing if reach.proposes else self._keeping if reach.keeps else permissions
        installation = self._signing_app().installation(owner, permissions, reach.names)
        if installation.is_partial:
            self._partial.add(identity(self._secrets, owner))
        if not reach.reads:  # what is wrong with it is reported now, as a failure of this owner's targets
            installation.auth()
        if not reach.reads and not reach.names:
            log.info("the token for %s is for the whole installation: %s", owner, _WHOLE)
        return installation

    def _is_by_app(self, owner: str) -> bool:
        return bool(self._secrets.app) and owner.lower() not in self._secrets.tokens

    def _signing_app(self) -> App:
        if self._app is None:
            self._app = App(
                self._secrets.app, self._secrets.private_key, access=self._access, usage=self._usage, clock=self._clock,
                sleep=self._sleep, mask=self._mask, **self._pace,
            )  # fmt: skip
        return self._app


def identity(secrets: Secrets, owner: str) -> str:
    """A name for the credentials of an owner, which is no secret; owners that share a token share it."""
    if owner.lower() in secrets.tokens:
        return f"token of {owner.lower()}"
    return f"installation at {owner.lower()}" if secrets.app else "token"
