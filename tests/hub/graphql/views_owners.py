"""What `RepositoryOwner.repositories` lists: whose, which of them the token sees, in what order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.hub.errors import Refused
from tests.hub.graphql.connections import connection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.hub.git.repository import Repository as Stored
    from tests.hub.graphql.context import Context

OWNED = ("OWNER", "COLLABORATOR")  # the default of the published schema
TWICE = "The `privacy` and `visibility` arguments cannot be combined."  # the documentation has the rule, not its words
ORDERS: dict[str, Callable[[Stored], Any]] = {
    "CREATED_AT": lambda each: each.created_at,
    "NAME": lambda each: each.name.lower(),
    "PUSHED_AT": lambda each: each.pushed_at,
    "STARGAZERS": lambda each: 0,
    "UPDATED_AT": lambda each: each.pushed_at,
}
FILTERS: dict[str, Callable[[Stored], Any]] = {
    "hasIssuesEnabled": lambda each: True,
    "isArchived": lambda each: each.archived,
    "isFork": lambda each: each.fork,
    "isLocked": lambda each: each.locked,
    "privacy": lambda each: "PRIVATE" if each.private else "PUBLIC",
    "visibility": lambda each: each.visibility.upper(),
}


def owned(
    context: Context,
    login: str,
    affiliations: Sequence[str] | None = None,
    ownerAffiliations: Sequence[str] | None = OWNED,
    orderBy: dict[str, str] | None = None,
    **arguments: Any,
) -> Any:
    from tests.hub.graphql.views import Repository

    wanted = {name: arguments.pop(name) for name in FILTERS if arguments.get(name) is not None}
    page = {name: value for name, value in arguments.items() if name not in FILTERS}
    if {"privacy", "visibility"} <= wanted.keys():
        raise Refused(TWICE)
    if affiliations is not None and "OWNER" not in affiliations:
        raise context.lacks("repositories affiliations", "tests/hub/graphql/views_owners.py")
    found = _seen(context, login) if ownerAffiliations is None or "OWNER" in ownerAffiliations else []
    found = [each for each in found if all(FILTERS[name](each) == value for name, value in wanted.items())]
    context.work(len(found))
    field, down = (orderBy["field"], orderBy["direction"] == "DESC") if orderBy else ("CREATED_AT", False)
    found.sort(key=lambda each: _place(each, field), reverse=down)
    keys = [_place(each, field) for each in found]
    views = [Repository(each) if (refusal := _refusal(context, each)) is None else refusal for each in found]
    return connection(views, keys=keys, down=down, **page)


def _refusal(context: Context, each: Stored) -> Refused | None:
    """graphql-core turns an exception among the items into null and an error."""
    try:
        each.check_listed(context.token)
    except Refused as refusal:
        context.headers |= refusal.headers
        return refusal
    return None


def _place(each: Stored, field: str) -> list[Any]:
    return [ORDERS[field](each), each.id]


def _seen(context: Context, login: str) -> list[Stored]:
    mine = [each for each in context.hub.repositories.values() if each.owner.lower() == login.lower()]
    token = context.token
    return [each for each in mine if token.may("read", each) and token.lists(each) and not each.unlisted]
