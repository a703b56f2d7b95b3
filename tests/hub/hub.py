"""The hub: users, tokens and repositories, served on the loopback interface."""

from __future__ import annotations

import itertools
import shutil
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Self

from tests.hub.accounts.apps import App, Apps, Installation, Tokens
from tests.hub.faults.clock import Clock
from tests.hub.faults.injector import FaultInjector
from tests.hub.faults.limits import Limits, RateLimits, Rejection, SecondaryLimits
from tests.hub.git.objects import ObjectPool, Person
from tests.hub.git.repository import Content, Repository
from tests.hub.models import Milestone, Token, User
from tests.hub.server import Server
from tests.hub.unknowns import Unknowns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tests.hub.faults.requests import Request


class Hub(FaultInjector):
    def __init__(
        self,
        root: Path,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] | None = None,
        latency: float = 0.0,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        super().__init__()
        self.root, self.clock, self.latency = root, clock, latency
        self.sleep = sleep or (clock.sleep if isinstance(clock, Clock) else time.sleep)
        self.lock = threading.RLock()
        self.pool = ObjectPool()
        self.limits = Limits()
        self.unknowns = Unknowns()
        self.rates = RateLimits(self.limits, clock)
        self.secondary = SecondaryLimits(self.limits, clock)
        self.users: dict[str, User] = {}
        self.strangers: set[str] = set()  # logins of those who are collaborators nowhere
        self.tokens: dict[str, Token] = Tokens(self)
        self.token_lifetime = 3600.0  # seconds, of those that installations get
        self.token_lag = 0.0  # seconds in which they aren't known everywhere: credentials.py
        self.installation_page: int | None = None  # rows on a page of an installation's listing, at most
        self.apps = Apps(self)
        self.repositories: dict[int, Repository] = {}
        self._names: dict[str, Repository] = {}  # every name a repository has or had
        self._ids = itertools.count(1001)
        self.requests: list[Request] = []
        self.rejected: list[Rejection] = []  # by a limit
        self.weight = 0.0  # seconds for each `repository` of a document; GitHub was measured at 0.075 to 0.15
        self.unstable_for = 0.0  # seconds from a pull request's creation until GitHub knows whether it can be merged
        self.lacking: set[str] = set()  # fields, `name` or `Type.name`, that an older server hasn't got
        self.unimplemented: list[str] = []
        self.defects: list[str] = []
        self.packs = root / ".packs"
        self.packs.mkdir(parents=True, exist_ok=True)
        self._server = Server(self, host, port)

    @property
    def url(self) -> str:
        return self._server.url

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._server.stop()
        if self.defects and kind is None:
            raise AssertionError("the hub failed on:\n" + "\n".join(self.defects))

    def next_id(self) -> int:
        return next(self._ids)

    # People

    def user(self, login: str, type: str = "User") -> User:  # noqa: A002  GitHub's name for it
        """The account of that name; creates it if needed."""
        with self.lock:
            key = login.lower()
            if key not in self.users:
                self.users[key] = User(self.next_id(), login, "Bot" if login.endswith("[bot]") else type)
            return self.users[key]

    def team(self, owner: str, slug: str, repositories: Sequence[str] = ()) -> User:
        """A team, with what is listed as its repositories; it may do everything in all of the organization's."""
        self.user(owner, "Organization")
        team = self.user(f"{owner}/{slug}", "Team")
        team.repositories |= {f"{owner}/{name}".lower() for name in repositories}
        return team

    def person(self, login: str) -> Person:
        return Person(login, self.user(login).email, int(self.clock()), "+0000")

    def token(
        self,
        value: str,
        login: str = "broadcast-bot",
        kind: str = "classic",
        permission: str = "write",
        repositories: Sequence[str] | None = None,
        workflow: bool = True,
        permissions: Mapping[str, str] | None = None,
        scopes: Sequence[str] | None = None,
    ) -> Token:
        """`permission` is the level for everything; with `permissions` each has its own, by GitHub's names.

        `scopes` are a classic token's; without them it has all that it needs.
        """
        if kind == "app" and not login.endswith("[bot]"):
            login += "[bot]"
        names = None if repositories is None else list(repositories)
        token = Token(value, self.user(login), kind, permission, names, workflow)
        if permissions is not None:
            token.permissions = {"metadata": "read"} | dict(permissions)
            token.workflow = permissions.get("workflows") == "write"
        if scopes is not None:
            token.scopes, token.workflow = tuple(scopes), "workflow" in scopes
        self.tokens[value] = token
        return token

    # GitHub Apps

    def app(self, identity: str | int, public_key: str, slug: str = "broadcast", owner: str = "acme") -> App:
        """Create a GitHub App that signs with this key; `identity` is its id or its client id."""
        return self.apps.add(identity, public_key, slug, owner)

    def install(
        self,
        app: App,
        owner: str,
        repositories: Sequence[str] | None = None,
        permissions: Mapping[str, str] | None = None,
        *,
        enterprise: bool = False,
    ) -> Installation:
        """Install the App in an account, for all of its repositories or those named; `permissions` as PERMISSIONS in apps.py."""
        self.user(owner, "Enterprise" if enterprise else "Organization")
        return self.apps.install(app, owner, repositories, permissions)

    # Repositories

    def repository(
        self,
        full_name: str,
        files: Mapping[str, Content] | None = None,
        default_branch: str = "main",
        archived: bool = False,
        disabled: bool = False,
        private: bool = True,
        visibility: str | None = None,
        fork: bool = False,
        template: bool = False,
        labels: Sequence[str] = (),
        topics: Sequence[str] = (),
        milestones: Sequence[str] = (),
        language: str | None = None,
        allow_auto_merge: bool = False,
        required_checks: bool = False,
        merge_commit_allowed: bool = True,
        squash_merge_allowed: bool = True,
        rebase_merge_allowed: bool = True,
        delete_branch_on_merge: bool = False,
        default_merge_method: str | None = None,
        properties: Mapping[str, str | list[str] | None] | None = None,
    ) -> Repository:
        """A new repository; `files=None` leaves it without a commit.

        `visibility` (public, private or internal) goes before `private`.
        """
        with self.lock:
            self.user(full_name.partition("/")[0], "Organization")
            repository = Repository(self, self.next_id(), full_name, default_branch=default_branch)
            self.repositories[repository.id] = self._names[full_name.lower()] = repository
            if files is not None:
                repository.seed(files)
            repository.archived, repository.disabled = archived, disabled
            repository.private = private if visibility is None else visibility != "public"
            repository.internal, repository.fork = visibility == "internal", fork
            repository.topics, repository.language = list(topics), language
            repository.properties, repository.template = dict(properties or {}), template
            repository.allow_auto_merge, repository.required_checks = allow_auto_merge, required_checks
            allowed = {"MERGE": merge_commit_allowed, "SQUASH": squash_merge_allowed, "REBASE": rebase_merge_allowed}
            repository.merge_methods = [name for name, is_allowed in allowed.items() if is_allowed]
            repository.delete_branch_on_merge = delete_branch_on_merge
            repository.default_merge_method = default_merge_method
            repository.milestones = [Milestone(n, title, self.clock()) for n, title in enumerate(milestones, 1)]
            for label in labels:
                repository.add_label(label)
            return repository

    def rename(self, old: str, new: str) -> None:
        with self.lock:
            repository = self._names[old.lower()]
            path = self.root / f"{new}.git"
            path.parent.mkdir(parents=True, exist_ok=True)
            repository.path.rename(path)
            repository.place(path)
            repository.full_name = new
            self._names[new.lower()] = repository
            self.user(repository.owner, "Organization")

    def remove(self, repository: Repository) -> None:
        """Delete a repository with its branches, pull requests and redirects."""
        with self.lock:
            del self.repositories[repository.id]
            self._names = {name: each for name, each in self._names.items() if each is not repository}
            shutil.rmtree(repository.path)

    def find(self, full_name: str) -> Repository | None:
        """The repository with this name, present or former; None if there is none."""
        return self._names.get(full_name.lower())

    # What happened

    def calls(self) -> Counter[str]:
        return Counter(request.kind for request in self.requests)
