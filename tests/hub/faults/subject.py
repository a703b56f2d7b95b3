"""What a request is about: its operation and its repository, whichever API it uses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import FieldNode, GraphQLError, get_operation_ast, value_from_ast_untyped

from tests.hub.errors import Refused
from tests.hub.git.ids import parse
from tests.hub.graphql.validation import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hub.faults.requests import Request
    from tests.hub.hub import Hub

ACCOUNTS = {"U", "BOT", "O", "T"}


class Root(NamedTuple):
    """A field at the top of a GraphQL document."""

    key: str  # its alias or name
    name: str
    arguments: dict[str, Any]

    @property
    def input(self) -> dict[str, Any]:
        given = self.arguments.get("input")
        return given if isinstance(given, dict) else {}


class Subject(NamedTuple):
    """Requests with the same subject are tries of the same thing."""

    method: str
    operation: str  # the path without its repository, or the document's name or fields
    repository: str  # as the request names it; the first of many; "" if there is none


def subject(hub: Hub, request: Request) -> Subject:
    if request.document is None:
        return Subject(request.method, *_rest(hub, request.path))
    top = roots(request)
    name = re.match(r"\s*(?:query|mutation)\s+(\w+)", request.document)
    operation = name[1] if name else "+".join(sorted({each.name for each in top}))
    return Subject(request.method, operation, next((found for each in top if (found := _named(hub, each))), ""))


def roots(request: Request) -> list[Root]:
    if request.document is None or not isinstance(request.body, dict):
        return []
    document = parsed(request.document)
    if isinstance(document, GraphQLError):
        return []
    operation = get_operation_ast(document, request.body.get("operationName"))
    fields = [each for each in operation.selection_set.selections if isinstance(each, FieldNode)] if operation else []
    return [_root(each, request.variables or {}) for each in fields]


def _root(node: FieldNode, variables: dict[str, Any]) -> Root:
    arguments = {each.name.value: value_from_ast_untyped(each.value, variables) for each in node.arguments or ()}
    return Root(node.alias.value if node.alias else node.name.value, node.name.value, arguments)


def _rest(hub: Hub, path: str) -> tuple[str, str]:
    """Object ids differ from run to run, as commits have dates."""
    path = re.sub(r"[0-9a-f]{40}", "{oid}", path)
    match = re.match(r"/repos/([^/?]+/[^/?]+)(.*)|/repositories/(\d+)(.*)", path)
    if not match:
        return path, ""
    if match[1]:
        return match[2], match[1]
    repository = hub.repositories.get(int(match[3]))
    return match[4], repository.full_name if repository else ""


def _named(hub: Hub, root: Root) -> str:
    if root.name == "repository":
        return f"{root.arguments.get('owner')}/{root.arguments.get('name')}"
    return next((name for key, value in _leaves(root.arguments) if (name := _owner(hub, key, value))), "")


def _leaves(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _leaves(each, name)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _leaves(each, key)
    elif isinstance(value, str):
        yield key, value


def _owner(hub: Hub, key: str, value: str) -> str:
    if key == "repositoryNameWithOwner":
        return value
    if not key.lower().endswith(("id", "ids")):
        return ""
    try:
        kind, parts = parse(value)
    except Refused:
        return ""
    ours = kind not in ACCOUNTS and isinstance(parts, list) and parts
    repository = hub.repositories.get(parts[0]) if ours else None
    return repository.full_name if repository else ""
