"""The schema that the hub serves, whole or as an older GitHub Enterprise Server would have it."""

from __future__ import annotations

import re
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphql import (
    DocumentNode,
    GraphQLAbstractType,
    GraphQLError,
    InputObjectTypeDefinitionNode,
    NamedTypeNode,
    Visitor,
    build_ast_schema,
    parse,
    visit,
)
from graphql.language import REMOVE

if TYPE_CHECKING:
    from graphql import GraphQLSchema

FILE = Path(__file__).parent / "schema.graphql"
SHAPES = {"GitObjectID": r"[0-9a-f]{40}", "GitRefname": r"refs/(heads|tags)/.+"}


def schema(lacking: frozenset[str] = frozenset()) -> GraphQLSchema:
    """Without the fields in `lacking`, each `name` or `Type.name`, and without the inputs that only they took."""
    return _built(lacking)


@cache
def _built(lacking: frozenset[str]) -> GraphQLSchema:
    document = parse(FILE.read_text())
    built = build_ast_schema(_without(document, lacking) if lacking else document, assume_valid=True)
    for each in built.type_map.values():
        if isinstance(each, GraphQLAbstractType):
            each.resolve_type = lambda value, *_: type(value).__name__
    for name, pattern in SHAPES.items():
        scalar = built.type_map.get(name)
        if scalar:
            scalar.parse_value = scalar.coerce_input_value = partial(_shaped_as, name, re.compile(pattern))
    return built


def _shaped_as(name: str, pattern: re.Pattern[str], value: Any) -> Any:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise GraphQLError(f"{value!r} is not a valid {name}")
    return value


def _without(document: DocumentNode, lacking: frozenset[str]) -> DocumentNode:
    pruned = visit(document, _Fields(lacking))
    while True:
        used = _Names()
        visit(pruned, used)
        kept = tuple(
            each
            for each in pruned.definitions
            if not isinstance(each, InputObjectTypeDefinitionNode) or each.name.value in used.found
        )
        if len(kept) == len(pruned.definitions):
            return pruned
        pruned = DocumentNode(definitions=kept)


class _Fields(Visitor):
    def __init__(self, lacking: frozenset[str]) -> None:
        super().__init__()
        self.lacking = lacking

    def enter_field_definition(self, node: Any, _key: Any, _parent: Any, _path: Any, ancestors: list[Any]) -> Any:
        owner = next(each for each in reversed(ancestors) if hasattr(each, "name"))
        names = {node.name.value, f"{owner.name.value}.{node.name.value}"}
        return REMOVE if names & self.lacking else None


class _Names(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def enter_named_type(self, node: NamedTypeNode, *_: Any) -> None:
        self.found.add(node.name.value)
