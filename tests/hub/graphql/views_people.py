"""GraphQL views of accounts, labels and milestones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.hub import models
from tests.hub.accounts.rights import inaccessible, reads_teams
from tests.hub.errors import Refused, forbidden
from tests.hub.git.ids import node_id
from tests.hub.graphql.views_owners import owned
from tests.hub.models import GHOST
from tests.hub.rest.present import when

if TYPE_CHECKING:
    from tests.hub.git.repository import Repository as Stored
    from tests.hub.graphql.context import Context
    from tests.hub.hub import Hub


class Account:
    prefix = "U"

    def __init__(self, hub: Hub, account: models.User) -> None:
        self.hub, self.account = hub, account
        self.id, self.databaseId, self.login = node_id(self.prefix, account.id), account.id, account.login
        self.createdAt = when(hub.clock())
        self.resourcePath, self.url = f"/{account.login}", f"{hub.url}/{account.login}"
        self.name, self.email = None, account.email

    def avatarUrl(self, context: Context, size: int | None = None) -> str:
        return f"{self.hub.url}/avatars/{self.account.id}"

    def isViewer(self, context: Context) -> bool:
        return context.token.user is self.account

    def repositories(self, context: Context, **arguments: Any) -> Any:
        return owned(context, self.login, **arguments)

    def repository(self, context: Context, name: str, followRenames: bool = True) -> Any:
        from tests.hub.graphql.views import Root

        return Root().repository(context, self.login, name, followRenames)


class User(Account):
    pass


class Bot(Account):
    """GraphQL leaves the `[bot]` out that REST has, and that `viewer` has for an App."""

    prefix = "BOT"

    def __init__(self, hub: Hub, account: models.User) -> None:
        super().__init__(hub, account)
        self.login = account.login.removesuffix("[bot]")
        self.resourcePath = f"/apps/{self.login}"
        self.url = hub.url + self.resourcePath


class Organization(Account):
    prefix = "O"

    def team(self, context: Context, slug: str) -> Team | None:
        """abhinav/git-spice #972 met the refusal."""
        if not reads_teams(context.token):
            raise inaccessible(context.token, "read", ("members",))
        found = context.hub.users.get(f"{self.login}/{slug}".lower())
        return Team(context.hub, found) if found else None


class Team(Account):
    prefix = "T"

    def __init__(self, hub: Hub, account: models.User) -> None:
        super().__init__(hub, account)
        self.combinedSlug = account.login
        self.slug = self.name = account.login.partition("/")[2]


def reviewer(context: Context, login: str) -> Account | Refused | None:
    """A team that the token may not read is null, with an error: cli/cli #14317 and #12597, chdsbd/kodiak #146."""
    if "/" not in login or reads_teams(context.token):
        return actor(context.hub, login)
    if context.hub.unknowns.team_reviewer == "null":
        return None
    raise inaccessible(context.token, "read", ("members",))


VIEWS: dict[str, type[Account]] = {"User": User, "Bot": Bot, "Organization": Organization, "Team": Team}


def actor(hub: Hub, login: str) -> Account | Refused | None:
    """Null without an error where the account was deleted; graphql-core makes null and an error of a refusal."""
    account = hub.user(login)
    if account.deleted or account.login == GHOST:
        return None
    return VIEWS[account.type](hub, account) if account.withheld is None else forbidden(account.withheld)


def maybe_actor(hub: Hub, login: str | None) -> Account | Refused | None:
    return actor(hub, login) if login else None


owner = actor


class Label:
    def __init__(self, repository: Stored, label: models.Label) -> None:
        self.stored, self.label = repository, label
        self.id, self.name, self.color = node_id("LA", repository.id, label.id), label.name, label.color
        self.description, self.isDefault = label.description, False
        self.createdAt = self.updatedAt = when(repository.created_at)
        self.resourcePath = f"/{repository.full_name}/labels/{label.name}"
        self.url = repository.hub.url + self.resourcePath

    def repository(self, context: Context) -> Any:
        from tests.hub.graphql.views import Repository

        return Repository(self.stored)


class Milestone:
    def __init__(self, repository: Stored, milestone: models.Milestone) -> None:
        self.stored, self.number, self.title = repository, milestone.number, milestone.title
        self.id = node_id("MI", repository.id, milestone.number)
        self.closed, self.closedAt = milestone.closed_at is not None, when(milestone.closed_at)
        self.state = "CLOSED" if self.closed else "OPEN"
        self.description = self.dueOn = None
        self.createdAt = self.updatedAt = when(milestone.created_at)
        self.resourcePath = f"/{repository.full_name}/milestone/{milestone.number}"
        self.url = repository.hub.url + self.resourcePath
        self.viewerCanClose, self.viewerCanReopen = not self.closed, self.closed

    def creator(self, context: Context) -> Account | Refused | None:
        return actor(context.hub, self.stored.owner)

    def repository(self, context: Context) -> Any:
        from tests.hub.graphql.views import Repository

        return Repository(self.stored)
