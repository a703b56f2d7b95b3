"""Scopes of classic tokens: GraphQL refuses a document whole when one of its fields needs a scope that isn't there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import FieldNode, TypeInfo, TypeInfoVisitor, Visitor, visit

from tests.hub.graphql.schemas import schema

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphql import DocumentNode

    from tests.hub.models import Token
    from tests.hub.rest.routing import Reply

WRITE, TEAMS = ("public_repo",), ("read:org", "read:discussion")
FIELDS = {"Organization.team": TEAMS}
TYPES = {"Mutation": WRITE, "Team": TEAMS}
INCLUDED = {
    "repo": {"public_repo"},
    "admin:org": {"write:org", "read:org"},
    "write:org": {"read:org"},
    "write:discussion": {"read:discussion"},
}


def granted(scopes: Iterable[str]) -> set[str]:
    return set(scopes).union(*(INCLUDED.get(each, ()) for each in scopes))


def problems(document: DocumentNode, token: Token) -> list[dict[str, Any]]:
    if token.scopes is None:
        return []
    info = TypeInfo(schema())
    fields = _Fields(info, token.scopes)
    visit(document, TypeInfoVisitor(info, fields))
    return fields.problems


def told(token: Token, reply: Reply) -> Reply:
    """The answer with a header that names what the token has."""
    if token.scopes is None:
        return reply
    status, body, *more = reply
    return status, body, {"x-oauth-scopes": ", ".join(token.scopes)} | (more[0] if more else {})


class _Fields(Visitor):
    def __init__(self, info: TypeInfo, scopes: tuple[str, ...]) -> None:
        super().__init__()
        self.info, self.scopes = info, scopes
        self.granted = granted(scopes)
        self.problems: list[dict[str, Any]] = []

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        owner, name = self.info.get_parent_type(), node.name.value
        needed = FIELDS.get(f"{owner}.{name}") or TYPES.get(str(owner))
        if name == "__typename" or not needed or self.granted & set(needed):
            return
        place = node.loc.start_token if node.loc else None
        where = {"line": place.line, "column": place.column} if place else {}
        self.problems.append(
            {"type": "INSUFFICIENT_SCOPES", "locations": [where], "message": self._words(name, needed)}
        )

    def _words(self, name: str, needed: tuple[str, ...]) -> str:
        wanted = ", ".join(f"'{each}'" for each in needed)
        granted = ", ".join(f"'{each}'" for each in sorted(self.scopes) or [""])
        return (
            "Your token has not been granted the required scopes to execute this query. "
            f"The '{name}' field requires one of the following scopes: [{wanted}], but your token has only been granted "
            f"the: [{granted}] scopes. Please modify your token's scopes at: https://github.com/settings/tokens."
        )
