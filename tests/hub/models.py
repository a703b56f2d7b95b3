"""Records besides git: people, tokens, labels, pull requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.hub.accounts.apps import Installation
    from tests.hub.git.repository import Repository
    from tests.hub.pulls.timeline import Event

GHOST = "ghost"  # who stands for deleted accounts
LEVELS = {"none": 0, "read": 1, "write": 2, "admin": 3}


class File(NamedTuple):
    """A file to commit, with its mode."""

    content: bytes
    mode: int = 0o100644


class Symlink(NamedTuple):
    target: str


@dataclass
class User:
    id: int
    login: str
    type: str = "User"  # or Bot, Organization, Enterprise, Team
    deleted: bool = False  # GraphQL has null for them, REST the "ghost"
    repositories: set[str] = field(default_factory=set)  # that a team was given: owner/name in lower case
    withheld: str | None = None  # the words with which GraphQL refuses to tell who it is: jasperapp/jasper #187
    # What an organization refuses to tokens: organizations.py
    saml: bool = False
    ip_allow_list: bool = False
    oauth_restricted: bool = False
    forbidden_tokens: set[str] = field(default_factory=set)  # classic, fine-grained
    longest_lifetime: int | None = None  # days, of fine-grained tokens

    @property
    def email(self) -> str:
        return f"{self.id}+{self.login}@users.noreply.github.com"


@dataclass
class Token:
    value: str
    user: User
    kind: str = "classic"  # or fine-grained, app
    permission: str = "write"
    repositories: list[str] | None = None
    workflow: bool = True
    expired: bool = False
    uses_left: int | None = None  # requests until it expires; None: it doesn't
    expires_at: float | None = None
    lifetime: int | None = None  # days for which it was made
    refused_until: float | None = None  # by the hub's clock, as GitHub doesn't know the token everywhere yet
    refused_how: str | None = None  # an answer to `fresh_token` in unknowns.py; None: the hub's
    doubt: str | None = None  # how the request under way is refused, or what it can't see
    installation: Installation | None = None
    chosen: frozenset[int] | None = None  # of the installation's repositories, for which it was made; None: all
    hides_teams: bool = False  # whatever it may do
    permissions: dict[str, str] | None = None  # None: `permission` holds for everything
    scopes: tuple[str, ...] | None = None  # of a classic token; None: all that it needs

    @property
    def login(self) -> str:
        return self.user.login

    @property
    def is_app(self) -> bool:
        return self.kind == "app"

    def reaches(self, repository: Repository) -> bool:
        if self.installation and not self.installation.covers(repository):
            return False
        if self.chosen is not None and repository.id not in self.chosen:
            return False
        return self.repositories is None or repository.full_name.lower() in map(str.lower, self.repositories)

    def lists(self, repository: Repository) -> bool:
        """Whether listings contain the repository; private ones may be missing for a new token."""
        return not (repository.private and self.doubt in {"short", "not found"})

    def may(self, level: str, repository: Repository, needed: Sequence[str] = ("metadata",)) -> bool:
        """Whether the token has any of the needed permissions; public repositories are readable to all."""
        if self.doubt == "not found" and repository.private:
            return False
        if level == "read" and not repository.private:
            return True
        granted = self._granted(needed) if self.reaches(repository) and self.in_scope(repository) else "none"
        return LEVELS[granted] >= LEVELS[level]

    def in_scope(self, repository: Repository) -> bool:
        wanted = {"repo"} if repository.private else {"repo", "public_repo"}
        return self.scopes is None or bool(wanted & set(self.scopes))

    def _granted(self, needed: Sequence[str]) -> str:
        if self.permissions is None:
            return self.permission
        return max((self.permissions.get(name, "none") for name in needed), key=LEVELS.__getitem__)


@dataclass
class Label:
    id: int
    name: str
    color: str = "ededed"
    description: str | None = None


class Report(NamedTuple):
    """What a check says of a commit."""

    name: str
    state: str  # SUCCESS, FAILURE or PENDING
    is_run: bool  # of an App; else a status
    at: float  # seconds since the epoch


@dataclass
class CheckRun:
    """What an App said of a commit, with its annotations."""

    id: int
    name: str
    head_sha: str
    conclusion: str | None
    output: dict[str, Any]
    at: float


@dataclass
class Milestone:
    number: int
    title: str
    created_at: float = 0.0
    closed_at: float | None = None


@dataclass
class Comment:
    id: int
    author: str
    body: str
    created_at: float


@dataclass
class PullRequest:
    id: int
    number: int
    repository: Repository = field(repr=False)
    title: str
    body: str
    head: str
    base: str
    head_oid: str
    base_oid: str
    author: str
    created_at: float
    updated_at: float
    draft: bool = False
    is_cross_repository: bool = False
    maintainer_can_modify: bool = True
    state: str = "OPEN"
    labels: list[str] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    reviewers: list[str] = field(default_factory=list)
    team_reviewers: list[str] = field(default_factory=list)
    milestone: Milestone | None = None
    comments: list[Comment] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    auto_merge: str | None = None
    auto_merge_by: str | None = None
    closed_by: str | None = None
    closed_at: float | None = None
    merged_at: float | None = None
    merged_by: str | None = None
    merge_commit: str | None = None
    editor: str | None = None
    last_edited_at: float | None = None
    in_merge_queue: bool = False
    approvals: int = 0
    changes_requested: bool = False
    locked: bool = False  # its conversation

    @property
    def path(self) -> str:
        return f"/{self.repository.full_name}/pull/{self.number}"
