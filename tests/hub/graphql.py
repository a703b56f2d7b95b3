"""GraphQL: a document in, data and errors out, in the shapes that GitHub gives them."""

from __future__ import annotations

import re
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLAbstractType,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)

from .context import Context, Exceeded
from .errors import Refused
from .mutations import Mutations
from .query_limits import price
from .views import Root

if TYPE_CHECKING:
    from graphql import DocumentNode, GraphQLResolveInfo

    from .faults import Request
    from .hub import Hub
    from .models import Token

SHAPES = {"GitObjectID": r"[0-9a-f]{40}", "GitRefname": r"refs/(heads|tags)/.+"}


@cache
def schema() -> GraphQLSchema:
    built = build_schema((Path(__file__).parent / "schema.graphql").read_text(), assume_valid=True)
    for each in built.type_map.values():
        if isinstance(each, GraphQLAbstractType):
            each.resolve_type = lambda value, *_: type(value).__name__
    for name, pattern in SHAPES.items():
        scalar = built.type_map[name]
        scalar.parse_value = scalar.coerce_input_value = partial(_shaped_as, name, re.compile(pattern))
    return built


def _shaped_as(name: str, pattern: re.Pattern[str], value: Any) -> Any:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise GraphQLError(f"{value!r} is not a valid {name}")
    return value


@cache
def prepared(document: str) -> tuple[DocumentNode | None, tuple[GraphQLError, ...]]:
    """Parsed and validated once: a fleet is asked with few documents."""
    try:
        parsed = parse(document)
    except GraphQLError as error:
        return None, (error,)
    return parsed, tuple(validate(schema(), parsed))


def kind_of(document: str, operation: str | None) -> str:
    parsed, _ = prepared(document)
    node = get_operation_ast(parsed, operation) if parsed else None
    return f"graphql {node.operation.value}" if node else "graphql query"


def answer(hub: Hub, token: Token, request: Request) -> tuple[int, Any]:
    if request.size > hub.limits.graphql_body:
        return 413, {"message": "Payload too large"}
    if not isinstance(request.body, dict) or not request.document:
        return 400, {"message": "A query attribute must be specified and must be a string."}
    parsed, problems = prepared(request.document)
    if parsed is None or problems:
        return 200, {"errors": [_problem(error) for error in problems]}
    operation = get_operation_ast(parsed, request.body.get("operationName"))
    if operation is None:
        return 200, {"errors": [{"message": "An operation name is required"}]}
    cost = price(schema(), parsed, operation, request.variables or {}, hub.limits)
    if cost.errors:
        return 200, {"errors": cost.errors}
    if not hub.rates.spend(token.value, "graphql", cost.points):
        message = f"API rate limit exceeded for user ID {token.user.id}."
        return 200, {"errors": [{"type": "RATE_LIMITED", "message": message}]}
    return 200, run(Context(hub, token, cost), parsed, operation, request)


def run(context: Context, parsed: DocumentNode, operation: OperationDefinitionNode, request: Request) -> dict[str, Any]:
    result = execute_sync(
        schema(),
        parsed,
        root_value=Mutations() if operation.operation.value == "mutation" else Root(),
        context_value=context,
        variable_values=request.variables,
        operation_name=request.body.get("operationName"),
        field_resolver=resolve,
    )
    errors = [_problem(error) for error in result.errors or ()]
    if result.data is None:
        return {"errors": errors}
    return _cut(result.data, errors) if context.exceeded else _shaped(result.data, errors)


def resolve(source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
    """Every field passes here. What a view has under the field's name is the value, or computes it."""
    context: Context = info.context
    context.work(1)
    if isinstance(source, Mutations):
        context.count_mutation()
    value = source[info.field_name] if isinstance(source, dict) else getattr(source, info.field_name)
    return value(context, **arguments) if callable(value) else value


def _problem(error: GraphQLError) -> dict[str, Any]:
    cause, problem = error.original_error, {}
    if isinstance(cause, Refused):
        problem = {"type": cause.kind, "message": cause.graphql}
    elif isinstance(cause, Exceeded):
        problem = {"type": "RESOURCE_LIMITS_EXCEEDED", "message": "Resource limits for this query exceeded."}
    elif cause is not None and not isinstance(cause, GraphQLError):
        raise cause  # a defect of the hub's: let it be seen
    else:
        problem = {"message": error.message}
    if error.path:
        problem["path"] = error.path
    places = [{"line": place.line, "column": place.column} for place in error.locations or ()]
    return problem | {"locations": places}


def _shaped(data: dict[str, Any], errors: list[dict[str, Any]]) -> dict[str, Any]:
    return {"data": data, "errors": errors} if errors else {"data": data}


def _cut(data: dict[str, Any], errors: list[dict[str, Any]]) -> dict[str, Any]:
    """Past the limit an alias has no answer at all, and one error that tells how deep it came."""
    kept: dict[str, dict[str, Any]] = {}
    for error in errors:
        if error.get("type") == "RESOURCE_LIMITS_EXCEEDED":
            alias = error["path"][0]
            data[alias] = None
            kept.setdefault(alias, error)
    others = [error for error in errors if error.get("type") != "RESOURCE_LIMITS_EXCEEDED"]
    return {"data": data, "errors": others + list(kept.values())}
