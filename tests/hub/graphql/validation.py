"""What GitHub says of a document that doesn't fit its schema: its server is graphql-ruby, with words of its own."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from graphql import (
    FieldNode,
    FieldsOnCorrectTypeRule,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    KnownTypeNamesRule,
    Node,
    NoUnusedFragmentsRule,
    NoUnusedVariablesRule,
    OperationDefinitionNode,
    ValidationRule,
    VariableNode,
    get_named_type,
    is_union_type,
    parse,
    specified_rules,
    validate,
)

from tests.hub.graphql.schemas import schema

if TYPE_CHECKING:
    from graphql import DocumentNode, VariableDefinitionNode

REPLACED = {FieldsOnCorrectTypeRule, KnownTypeNamesRule, NoUnusedVariablesRule, NoUnusedFragmentsRule}


@cache
def parsed(document: str) -> DocumentNode | GraphQLError:
    """Once for each: a fleet is asked with few documents."""
    try:
        return parse(document)
    except GraphQLError as error:
        return error


@cache
def problems(document: str, lacking: frozenset[str]) -> list[dict[str, Any]]:
    """Why GitHub would refuse the document before it executes anything of it."""
    found = parsed(document)
    if isinstance(found, GraphQLError):
        return [_told(found)]
    rules = [Defined, *(each for each in specified_rules if each not in REPLACED)]
    return [_told(error) for error in validate(schema(lacking), found, rules)]


def _told(error: GraphQLError) -> dict[str, Any]:
    told: dict[str, Any] = {"path": list(error.path)} if error.path else {}
    told |= {"extensions": error.extensions} if error.extensions else {}
    places = [{"line": place.line, "column": place.column} for place in error.locations or ()]
    return told | {"locations": places, "message": error.message}


class Defined(ValidationRule):
    """Types and fields exist; what is declared is used, and not only below a field that doesn't exist."""

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        self.undefined: list[FieldNode] = []

    def enter_variable_definition(self, node: VariableDefinitionNode, _k: Any, _p: Any, _path: Any, above: Any) -> None:
        kind: Any = node.type
        while hasattr(kind, "type"):
            kind = kind.type
        name, variable = kind.name.value, node.variable.name.value
        if name not in self.context.schema.type_map:
            extensions = {"code": "variableRequiresValidType", "typeName": name, "variableName": variable}
            self._say(f"{name} isn't a defined input type (on ${variable})", node, _path_to(above), extensions)

    def enter_field(self, node: FieldNode, _key: Any, _parent: Any, _path: Any, above: Any) -> None:
        kind = self.context.get_parent_type()
        if kind is None or self.context.get_field_def():
            return
        self.undefined.append(node)
        owner, name = get_named_type(kind).name, node.name.value
        path = [*_path_to(above), _key_of(node)]
        if is_union_type(kind):
            text = f"Selections can't be made directly on unions (see selections on {owner})"
            self._say(text, node, path, {"code": "selectionMismatch", "nodeName": owner})
        else:
            extensions = {"code": "undefinedField", "typeName": owner, "fieldName": name}
            self._say(f"Field '{name}' doesn't exist on type '{owner}'", node, path, extensions)

    def enter_inline_fragment(self, node: InlineFragmentNode, _k: Any, _p: Any, _path: Any, above: Any) -> None:
        self._check_condition(node, above)

    def enter_fragment_definition(self, node: FragmentDefinitionNode, *_: Any) -> None:
        self._check_condition(node, [])

    def _check_condition(self, node: Any, above: Any) -> None:
        name = node.type_condition.name.value if node.type_condition else None
        if name and name not in self.context.schema.type_map:
            path = [*_path_to(above), _step(node)]
            extensions = {"code": "undefinedType", "typeName": name}
            self._say(f"No such type {name}, so it can't be a fragment condition", node, path, extensions)

    def leave_document(self, node: DocumentNode, *_: Any) -> None:
        fragments = {each.name.value: each for each in node.definitions if isinstance(each, FragmentDefinitionNode)}
        reached: set[str] = set()
        for each in node.definitions:
            if isinstance(each, OperationDefinitionNode):
                used, spread = self._used(each, fragments)
                reached |= spread
                self._check_variables(each, used)
        for name, fragment in fragments.items():
            if name not in reached:
                extensions = {"code": "useAndDefineFragment", "fragmentName": name}
                self._say(f"Fragment {name} was defined, but not used", fragment, [_step(fragment)], extensions)

    def _check_variables(self, operation: OperationDefinitionNode, used: set[str]) -> None:
        kind = operation.operation.value
        owner = operation.name.value if operation.name else f"anonymous {kind}"
        for each in operation.variable_definitions or ():
            name = each.variable.name.value
            if name not in used:
                extensions = {"code": "variableNotUsed", "variableName": name}
                self._say(
                    f"Variable ${name} is declared by {owner} but not used", operation, [_step(operation)], extensions
                )

    def _used(self, operation: OperationDefinitionNode, fragments: dict[str, Any]) -> tuple[set[str], set[str]]:
        """The variables and the fragments that GitHub comes across, as it doesn't look below an undefined field."""
        variables, spread = set(), set()
        stack: list[Any] = [*operation.selection_set.selections, *(operation.directives or ())]
        while stack:
            node = stack.pop()
            if any(node is each for each in self.undefined):
                continue
            if isinstance(node, VariableNode):
                variables.add(node.name.value)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                spread.add(node.name.value)
                stack += [fragments[name] for name in [node.name.value] if name in fragments]
            stack += _below(node)
        return variables, spread

    def _say(self, text: str, node: Node, path: list[str | int], extensions: dict[str, str]) -> None:
        self.report_error(GraphQLError(text, node, path=path, extensions=extensions))


def _below(node: Node) -> list[Any]:
    values = (getattr(node, key) for key in node.keys if key != "loc")
    every = (each for value in values for each in (value if isinstance(value, list | tuple) else [value]))
    return [each for each in every if isinstance(each, Node)]


def _path_to(above: Any) -> list[str | int]:
    """GitHub names the operation, every field by its alias, and every fragment by its type."""
    return [step for each in above if (step := _step(each))]


def _step(node: Any) -> str | None:
    if isinstance(node, OperationDefinitionNode):
        return f"{node.operation.value} {node.name.value}" if node.name else node.operation.value
    if isinstance(node, FragmentDefinitionNode):
        return f"fragment {node.name.value}"
    if isinstance(node, InlineFragmentNode):
        return f"... on {node.type_condition.name.value}" if node.type_condition else "..."
    return _key_of(node) if isinstance(node, FieldNode) else None


def _key_of(node: FieldNode) -> str:
    return node.alias.value if node.alias else node.name.value
