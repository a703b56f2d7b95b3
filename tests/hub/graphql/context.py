"""What a GraphQL request carries through its resolvers: who asks, and how much work it has caused."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.hub.accounts import organizations, rights
from tests.hub.errors import ARCHIVED, BLOCKED, MIGRATING, Refused, forbidden, unresolved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hub.faults.requests import Request
    from tests.hub.git.repository import Repository
    from tests.hub.graphql.query_limits import Price
    from tests.hub.hub import Hub
    from tests.hub.models import Token, User


class Exceeded(Exception):
    """The query has used up the work that GitHub's time limit allows."""


class Context:
    def __init__(self, hub: Hub, token: Token, price: Price, request: Request) -> None:
        self.hub, self.token, self.price, self.request = hub, token, price, request
        self.done = self.mutations = 0
        self.exceeded = self.aborted = False
        self.headers: dict[str, str] = {}

    def work(self, amount: int) -> None:
        self.done += amount
        if self.done > self.hub.limits.work:
            self.exceeded = True
            raise Exceeded

    def count_mutation(self) -> None:
        self.mutations += 1
        if self.mutations > self.hub.limits.mutations:
            self.exceeded = True
            raise Exceeded

    def readable(self, repository: Repository | None, name: str) -> Repository:
        if not repository or not self.token.may("read", repository):
            raise unresolved("Repository", f"name '{name}'")
        self.admit(repository)
        return repository

    def admit(self, repository: Repository) -> None:
        """What the refusal says in headers goes with the whole answer."""
        with self._headers():
            repository.admit(self.token)

    def admit_to(self, account: User) -> None:
        with self._headers():
            organizations.admit(self.hub, account, self.token)

    @contextmanager
    def _headers(self) -> Iterator[None]:
        try:
            yield
        except Refused as refusal:
            self.headers |= refusal.headers
            raise

    def lacks(self, what: str, file: str) -> Refused:
        """A thing of GitHub's that the hub hasn't got: never a silent wrong answer."""
        self.hub.unimplemented.append(what)
        return Refused(f"The hub does not implement {what}: add it to {file}")

    def writable(self, repository: Repository, mutation: str) -> Repository:
        self.readable(repository, repository.full_name)
        for needed in rights.of_mutation(mutation, self.hub.unknowns):
            if not self.token.may("write", repository, needed):
                raise self._denied(mutation, needed)
        if repository.archived:
            raise forbidden(ARCHIVED)
        if repository.locked:
            raise forbidden(MIGRATING)
        if repository.disabled:
            raise forbidden(BLOCKED)
        return repository

    def check(self, repository: Repository, needed: rights.Alternatives) -> None:
        """May this part of the repository be read?"""
        elsewhere = self.token.is_app and not self.token.reaches(repository)
        if elsewhere and self.hub.unknowns.public_elsewhere == "forbidden":
            raise rights.inaccessible(self.token, "read", needed)
        if not self.token.may("read", repository, needed):
            raise rights.inaccessible(self.token, "read", needed)

    def check_conversation(self, repository: Repository, mutation: str) -> None:
        """May labels, assignees and the milestone of its pull requests be set?"""
        needed = rights.of_pull(self.hub.unknowns)
        if not self.token.may("write", repository, needed):
            raise self._denied(mutation, needed)

    def check_issues(self, repository: Repository, answer: str) -> None:
        """A field that may need Issues: read, by the answer to that question."""
        if answer == "forbidden":
            self.check(repository, rights.ISSUES)

    def check_merging(self) -> None:
        """May this token read how its pull requests will be merged?"""
        if self.token.is_app and self.hub.unknowns.merge_fields == "forbidden":
            raise forbidden(rights.INACCESSIBLE["app"])

    def _denied(self, mutation: str, needed: rights.Alternatives) -> Refused:
        if self.token.kind != "classic":
            return rights.inaccessible(self.token, "write", needed)
        return forbidden(f"{self.token.login} does not have the correct permissions to execute `{mutation}`")
