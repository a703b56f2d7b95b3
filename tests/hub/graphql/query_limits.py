"""What a query may ask for, counted before it runs: "Rate limits and query limits for the GraphQL API"."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    get_argument_values,
    get_named_type,
    type_from_ast,
)
from graphql.execution.values import get_variable_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphql import DocumentNode, GraphQLNamedType, SelectionSetNode

    from tests.hub.faults.limits import Limits


@dataclass
class Price:
    nodes: int = 0
    requests: int = 0
    depth: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)

    @property
    def points(self) -> int:
        return max(1, round(self.requests / 100))


def price(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: dict[str, Any],
    limits: Limits,
) -> Price:
    values = get_variable_values(schema, operation.variable_definitions or (), variables)
    if isinstance(values, list):
        return Price()  # bad variables: execution will tell
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    found = Price()
    root = schema.get_root_type(operation.operation)
    assert root
    _Walk(schema, fragments, values, limits, found).selections(operation.selection_set, root, 1, 1)
    if found.depth > limits.depth:
        found.errors.append({"message": f"Query has depth of {found.depth}, which exceeds max depth of {limits.depth}"})
    if found.nodes > limits.nodes:
        text = f"This query requests up to {found.nodes:,} possible nodes "
        text += f"which exceeds the maximum limit of {limits.nodes:,}."
        found.errors.append({"type": "MAX_NODE_LIMIT_EXCEEDED", "message": text})
    return found


@dataclass
class _Walk:
    schema: GraphQLSchema
    fragments: dict[str, FragmentDefinitionNode]
    variables: Any
    limits: Limits
    found: Price

    def selections(self, selection: SelectionSetNode | None, parent: GraphQLNamedType, depth: int, times: int) -> None:
        if not selection:
            return
        self.found.depth = max(self.found.depth, depth)
        for node, owner in self._fields(selection, parent):
            definition = getattr(owner, "fields", {}).get(node.name.value)
            if not definition:
                continue  # __typename and its like
            inner = get_named_type(definition.type)
            below = times
            if inner.name.endswith("Connection"):
                below = times * self._page(node, definition)
                self.found.nodes += below
                self.found.requests += times
            self.selections(node.selection_set, inner, depth + 1, below)

    def _fields(
        self, selection: SelectionSetNode, parent: GraphQLNamedType
    ) -> Iterator[tuple[FieldNode, GraphQLNamedType]]:
        for node in selection.selections:
            if isinstance(node, FieldNode):
                yield node, parent
            elif isinstance(node, FragmentSpreadNode):
                fragment = self.fragments[node.name.value]
                yield from self._fields(fragment.selection_set, self._typed(fragment, parent))
            elif isinstance(node, InlineFragmentNode):
                yield from self._fields(node.selection_set, self._typed(node, parent))

    def _typed(self, node: Any, parent: GraphQLNamedType) -> GraphQLNamedType:
        found = type_from_ast(self.schema, node.type_condition) if node.type_condition else None
        return found or parent

    def _page(self, node: FieldNode, definition: Any) -> int:
        """Nodes need a bound; a `totalCount` alone doesn't."""
        given = get_argument_values(definition, node, self.variables)
        name = node.name.value
        bounds = {side: given[side] for side in ("first", "last") if given.get(side) is not None}
        wanted = (
            {each.name.value for each in node.selection_set.selections if isinstance(each, FieldNode)}
            if node.selection_set
            else set()
        )
        if not bounds and wanted & {"nodes", "edges"}:
            text = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
            self.found.errors.append({"type": "MISSING_PAGINATION_BOUNDARIES", "message": text})
        for side, size in bounds.items():
            if not 1 <= size <= self.limits.page:
                text = (
                    f"Requesting {size} records on the `{name}` connection exceeds the `{side}` limit of "
                    f"{self.limits.page} records."
                )
                self.found.errors.append({"type": "EXCESSIVE_PAGINATION", "message": text})
        return max(bounds.values(), default=0)
