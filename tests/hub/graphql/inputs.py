"""What all mutations share: the things that their inputs name, checked for the right to write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.hub.errors import Refused
from tests.hub.git.ids import parse, unknown
from tests.hub.graphql.views import find
from tests.hub.graphql.views_git import Ref
from tests.hub.graphql.views_people import Account, Label
from tests.hub.graphql.views_pulls import PullRequest

if TYPE_CHECKING:
    from tests.hub.git.repository import Repository
    from tests.hub.graphql.context import Context

Input = dict[str, Any]


def repository(context: Context, id_: str, mutation: str) -> Repository:
    kind, parts = parse(id_)
    found = context.hub.repositories.get(parts[0]) if kind == "R" else None
    if not found:
        raise unknown(id_)
    return context.writable(found, mutation)


def pull(context: Context, id_: str, mutation: str) -> PullRequest:
    view = find(context, id_)
    if not isinstance(view, PullRequest):
        raise unknown(id_)
    context.writable(view.stored, mutation)
    return view


def ref(context: Context, id_: str, mutation: str) -> tuple[Repository, str]:
    view = find(context, id_)
    if not isinstance(view, Ref):
        raise unknown(id_)
    return context.writable(view.stored, mutation), view.prefix + view.name


def answer(input_: Input, **fields: Any) -> dict[str, Any]:
    return {"clientMutationId": input_.get("clientMutationId")} | fields


def label(context: Context, id_: str) -> Label:
    found = find(context, id_)
    if not isinstance(found, Label):
        raise unknown(id_)
    return found


def account(context: Context, id_: str) -> Account:
    found = find(context, id_)
    if not isinstance(found, Account):
        raise unknown(id_)
    return found


def assignees(context: Context, repository: Repository, ids: list[str]) -> list[str]:
    logins = [account(context, each).account.login for each in ids]
    found = [login for login in logins if repository.is_assignable(login)]
    if found != logins and context.hub.unknowns.unassignable == "refused":
        raise Refused("Assignee is not assignable")  # in words of ours: GitHub's are in no record
    return found
