"""Policies above a token's permissions: SAML, IP allow lists, rulesets, push protection."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.hub.accounts.organizations import ADDRESS, admit, check_saml, closed
from tests.hub.errors import Refused
from tests.hub.git import history
from tests.hub.git.refs import FAILED, UNCREATED, ZERO

if TYPE_CHECKING:
    from tests.hub.git.repository import Repository
    from tests.hub.models import Token

VIOLATED = "Repository rule violations found"
SECRET = f"{VIOLATED}\n\nSecret detected in content"
FORCED = "Cannot force-push to this branch"
PROTECTED = "protected branch '{}' check failed:\n  Changes must be made through a pull request."
BY_PULL_REQUEST = "Changes must be made through a pull request."
UNSIGNED = "Commits must have verified signatures."
CREATED = "Cannot create ref due to creations being restricted."
DELETED = "Cannot delete this branch"


class Policies:
    """The part of a Repository that keeps what is forbidden in it; the methods for tests are free of it."""

    def __init__(self) -> None:
        self.saml = False  # tokens of people need a single sign-on that none of the hub's has
        self.hidden_in_listings: str | None = None  # the words with which an owner's listing refuses it
        self.unlisted = False  # by an owner's listing, without a word
        self.left_out = False  # of what an installation lists, though `total_count` counts it
        self.refused_fields: dict[str, str] = {}  # GraphQL fields of it, and the words
        self.ip_allow_list = False  # and the test's address isn't on it
        self.no_force_push: list[str] = []  # patterns of branches, as in GitHub's rulesets
        self.no_creation: list[str] = []
        self.no_deletion: list[str] = []
        self.protected: list[str] = []  # branches that change by pull requests alone: classic branch protection
        self.by_pull_request: list[str] = []  # the same by a ruleset
        self.required_signatures: list[str] = []
        self.secrets: list[bytes] = []  # what push protection takes for one
        self.by_people: set[str] = set()  # commits, which people sign where that is required

    def admit(self: Repository, token: Token) -> None:
        """Everything that the token could reach here is closed to it."""
        admit(self.hub, self.hub.user(self.owner), token)
        if self.ip_allow_list:
            raise closed(ADDRESS.format(self.owner))
        if self.saml:
            check_saml(self.hub, self.owner, self.id, token)

    def is_off_list(self: Repository, token: Token) -> bool:
        """Is it closed to the test's address, though the token is for it?"""
        listed = self.ip_allow_list or self.hub.user(self.owner).ip_allow_list
        return listed and token.may("read", self)

    def check_listed(self: Repository, token: Token) -> None:
        """A node that can't be given in full is null with an error, and the rest is there.

        boostsecurityio/poutine #415 and jasperapp/jasper #187 met it; who reads data alone has a shorter list.
        """
        self.admit(token)
        if self.hidden_in_listings is not None:
            raise closed(self.hidden_in_listings)

    def check_field(self: Repository, name: str) -> None:
        if name in self.refused_fields:
            raise closed(self.refused_fields[name])

    def admits(self: Repository, token: Token) -> bool:
        try:
            self.admit(token)
        except Refused:
            return False
        return True

    def check_rules(self: Repository, name: str, new: str) -> None:
        """May this ref become `new`, or go where that is the zero id?"""
        found, old = [], self.refs.get(name)
        if old and new != ZERO and self._ruled(self.protected, name):
            words = PROTECTED.format(name.removeprefix("refs/heads/"))
            raise Refused(words, kind="BRANCH_PROTECTION_RULE_VIOLATION")
        if old is None and self._ruled(self.no_creation, name):
            if self.hub.unknowns.creation_ruled == "bare":
                raise Refused(FAILED, graphql=UNCREATED)
            found.append(CREATED)
        if old and new != ZERO and self._ruled(self.by_pull_request, name):
            found.append(BY_PULL_REQUEST)
        if new == ZERO:
            found += [DELETED] if self._ruled(self.no_deletion, name) else []
        else:
            if old and self._ruled(self.no_force_push, name) and not history.is_ancestor(self.objects, old, new):
                found.append(FORCED)
            if self._ruled(self.required_signatures, name) and self._unsigned(old, new):
                found.append(UNSIGNED)
        if found:
            raise Refused("\n\n".join([VIOLATED, *found]), kind=self.hub.unknowns.ruleset_type)

    def _unsigned(self: Repository, old: str | None, new: str) -> bool:
        """Every commit that is new to the ref counts; to a new ref, what the default branch hasn't got."""
        base = old or self.head()
        added = history.missing(self.objects, base, new) if base else history.log(self.objects, new)
        return any(not each.signature and each.oid not in self.by_people for each in added)

    def _ruled(self: Repository, patterns: list[str], name: str) -> bool:
        branch = name.removeprefix("refs/heads/")
        default = branch == self.default_branch
        return branch != name and any(
            each == "~ALL" or (each == "~DEFAULT_BRANCH" and default) or _fits(each, branch) for each in patterns
        )

    def check_content(self: Repository, content: bytes, status: int = 422) -> None:
        """Push protection, at the moment in which the content arrives."""
        if any(secret in content for secret in self.secrets):
            refusal = Refused(SECRET, status=status)
            placeholder = {
                "placeholder_id": "2gakJrAududURpxlhIZdNlX14ZZ",
                "token_type": "GITHUB_PERSONAL_ACCESS_TOKEN",
            }
            refusal.metadata = {"secret_scanning": {"bypass_placeholders": [placeholder]}}
            raise refusal


def _fits(pattern: str, branch: str) -> bool:
    """`*` stays within a part of the name, `**` doesn't: Ruby's fnmatch, as the documentation of rulesets says."""
    pieces = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    tokens = re.split(r"(\*\*/|\*\*|\*|\?)", pattern.removeprefix("refs/heads/"))
    return re.fullmatch("".join(pieces.get(each, re.escape(each)) for each in tokens), branch) is not None
