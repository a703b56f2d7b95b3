"""Conditions for opening a pull request: who may, and which kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.hub.errors import Refused, invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.hub.git.repository import Repository
    from tests.hub.models import Token

ACTIONS = "github-actions[bot]"
OFF = "Pull requests are disabled for this repository."  # in words of ours: GitHub's are in no record
OUTSIDER = "must be a collaborator"  # cli/cli #8670
NO_DRAFTS = "Draft pull requests are not supported in this repository."
NO_ACTIONS = "GitHub Actions is not permitted to create or approve pull requests"
STRANGERS = (
    "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a "
    "collaborator of the {} repository."
)
STATUS = {"UNPROCESSABLE": 422, "FORBIDDEN": 403, "NOT_FOUND": 404}


class Opening:
    """The part of a Repository that keeps these conditions."""

    def __init__(self) -> None:
        super().__init__()
        self.pulls_enabled = True
        self.drafts_supported = True
        self.actions_may_open = True  # the tokens of workflows: an organization's and a repository's setting
        self.collaborators: set[str] | None = None  # logins; None: everybody is one
        self.collaborators_only = False  # open pull requests

    def is_collaborator(self: Repository, login: str) -> bool:
        if login.lower() in self.hub.strangers:
            return False
        return self.collaborators is None or login.lower() in {each.lower() for each in self.collaborators}

    def is_assignable(self: Repository, login: str) -> bool:
        """Whether GitHub assigns this account; only users that are collaborators."""
        account = self.hub.users.get(login.lower())
        return account is not None and account.type == "User" and self.is_collaborator(login)

    def check_reviewers(self: Repository, logins: Sequence[str]) -> None:
        """People and teams; those of the organization are collaborators."""
        known = (
            name in self.hub.users and ("/" in name or self.is_collaborator(name)) for name in map(str.lower, logins)
        )
        if not all(known):
            raise Refused(STRANGERS.format(self.full_name))

    def check_opening(self: Repository, token: Token, draft: bool) -> None:
        unknowns = self.hub.unknowns
        if not self.pulls_enabled:
            raise Refused(OFF, kind=unknowns.pulls_off, status=STATUS[unknowns.pulls_off])
        if token.login == ACTIONS and not self.actions_may_open:
            raise Refused(f"{NO_ACTIONS}.", graphql=NO_ACTIONS, kind=unknowns.actions_refused, status=403)
        if self.collaborators_only and not self.is_collaborator(token.login):
            raise invalid("PullRequest", code="custom", message=OUTSIDER)
        if draft and not self.drafts_supported:
            raise Refused(NO_DRAFTS)
