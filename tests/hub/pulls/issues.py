"""Issues of one repository, and who may edit what is in them.

Their numbers begin where no pull request's can be: GitHub counts both together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.hub.errors import Refused, not_found
from tests.hub.pulls.texts import check_texts

if TYPE_CHECKING:
    from tests.hub.git.repository import Repository

FIRST = 1_000_001
DISABLED = "Issues has been disabled in this repository."


@dataclass
class Edit:
    """A text that the body once had, with who wrote it."""

    editor: str
    at: float
    text: str


@dataclass
class Issue:
    id: int
    number: int
    repository: Repository = field(repr=False)
    title: str
    body: str
    author: str
    created_at: float
    updated_at: float
    state: str = "OPEN"
    closed_at: float | None = None
    closed_by: str | None = None
    labels: list[str] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)  # with the first text, once there is a second; the oldest first


class Issues:
    """The part of a Repository that keeps its issues."""

    def __init__(self) -> None:
        super().__init__()
        self.issues: list[Issue] = []
        self.issues_enabled = True
        self.roles: dict[str, str] = {}  # login in lower case → admin, write, read or none; others: write

    def open_issue(
        self: Repository, title: str, body: str, author: str = "alice", labels: tuple[str, ...] = ()
    ) -> Issue:
        with self.hub.lock:
            if not self.issues_enabled:
                raise Refused(DISABLED, status=410)
            check_texts(self.hub.unknowns, title, body, "Issue")
            now, login = self.hub.clock(), self.hub.user(author).login
            issue = Issue(self.hub.next_id(), FIRST + len(self.issues), self, title, body, login, now, now)
            issue.labels = list(labels)
            self.issues.append(issue)
            return issue

    def issue(self: Repository, number: int) -> Issue:
        if not 0 <= number - FIRST < len(self.issues):
            raise not_found()
        return self.issues[number - FIRST]

    def edit_issue(
        self: Repository, issue: Issue, login: str, body: str | None = None, state: str | None = None
    ) -> None:
        """A body that is as it was makes no edit."""
        with self.hub.lock:
            check_texts(self.hub.unknowns, None, body, "Issue")
            now = self.hub.clock()
            if body is not None and body != issue.body:
                first = [] if issue.edits else [Edit(issue.author, issue.created_at, issue.body)]
                issue.edits += [*first, Edit(self.hub.user(login).login, now, body)]
                issue.body, issue.updated_at = body, now
            if state and state.upper() != issue.state:
                issue.state, issue.updated_at = state.upper(), now
                is_closed = issue.state == "CLOSED"
                issue.closed_at, issue.closed_by = (now, login) if is_closed else (None, None)

    def permission_of(self: Repository, login: str) -> str:
        """A collaborator may write unless a test says otherwise; all may read what is public."""
        known = "write" if self.is_collaborator(login.lower()) else "none" if self.private else "read"
        return self.roles.get(login.lower(), known)
