"""GraphQL: a document in, data and errors out, in the shapes that GitHub gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, OperationDefinitionNode, execute_sync, get_operation_ast

from tests.hub.accounts import scopes
from tests.hub.accounts.apps import Assertion
from tests.hub.errors import Aborted, Refused, unauthorized
from tests.hub.faults.limits import Rejection
from tests.hub.faults.requests import ABORTED, field_fault
from tests.hub.graphql.context import Context, Exceeded
from tests.hub.graphql.mutations import Mutations
from tests.hub.graphql.query_limits import price
from tests.hub.graphql.schemas import schema
from tests.hub.graphql.validation import parsed, problems
from tests.hub.graphql.views import Repository as RepositoryView
from tests.hub.graphql.views import Root
from tests.hub.rest.present import when

if TYPE_CHECKING:
    from graphql import DocumentNode, GraphQLResolveInfo

    from tests.hub.faults.requests import Request
    from tests.hub.hub import Hub
    from tests.hub.models import Token
    from tests.hub.rest.routing import Reply


def kind_of(document: str, operation: str | None) -> str:
    found = parsed(document)
    node = None if isinstance(found, GraphQLError) else get_operation_ast(found, operation)
    return f"graphql {node.operation.value}" if node else "graphql query"


def answer(hub: Hub, token: Token, request: Request) -> Reply:
    return scopes.told(token, _answer(hub, token, request))


def _answer(hub: Hub, token: Token, request: Request) -> Reply:
    if isinstance(token, Assertion):
        return 401, (token.problem or unauthorized()).body()
    if request.size > hub.limits.graphql_body:
        return 413, {"message": "Payload too large"}
    if not isinstance(request.body, dict) or not request.document:
        return 400, {"message": "A query attribute must be specified and must be a string."}
    document, refused = parsed(request.document), problems(request.document, frozenset(hub.lacking))
    if refused or isinstance(document, GraphQLError):
        return 200, {"errors": refused}
    refused = scopes.problems(document, token)
    if refused:
        return 200, {"errors": refused}
    operation = get_operation_ast(document, request.body.get("operationName"))
    if operation is None:
        return 200, {"errors": [{"message": "An operation name is required"}]}
    cost = price(schema(), document, operation, request.variables or {}, hub.limits)
    if cost.errors:
        return 200, {"errors": cost.errors}
    if not hub.rates.spend(token.value, "graphql", cost.points):
        hub.rejected.append(Rejection(request, "graphql", hub.rates.wait(token.value, "graphql")))
        message = f"API rate limit exceeded for user ID {token.user.id}."
        return 200, {"errors": [{"type": "RATE_LIMITED", "message": message}]}
    context = Context(hub, token, cost, request)
    return 200, run(context, document, operation, request), context.headers


def run(
    context: Context, document: DocumentNode, operation: OperationDefinitionNode, request: Request
) -> dict[str, Any]:
    result = execute_sync(
        schema(),
        document,
        root_value=Mutations() if operation.operation.value == "mutation" else Root(),
        context_value=context,
        variable_values=request.variables,
        operation_name=request.body.get("operationName"),
        field_resolver=resolve,
    )
    if context.aborted:
        return {"errors": [{"message": ABORTED.format(when(context.hub.clock()), f"HUB:{request.number:X}")}]}
    errors = [_problem(error) for error in result.errors or ()]
    if result.data is None:
        return {"errors": errors}
    return _cut(result.data, errors) if context.exceeded else _shaped(result.data, errors)


def resolve(source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
    """Every field passes here. What a view has under the field's name is the value, or computes it."""
    context: Context = info.context
    if context.aborted:
        raise Aborted
    context.work(1)
    if isinstance(source, Mutations):
        context.count_mutation()
    try:
        return _resolved(context, source, info, arguments)
    except Aborted:
        context.aborted = True
        raise


def _resolved(context: Context, source: Any, info: GraphQLResolveInfo, arguments: dict[str, Any]) -> Any:
    fault = field_fault(context.hub, context.request, info, arguments)
    if fault and not fault.after_effect:
        fault.refuse(arguments)
    if isinstance(source, RepositoryView):
        source.stored.check_field(info.field_name)
    value = source[info.field_name] if isinstance(source, dict) else getattr(source, info.field_name)
    value = value(context, **arguments) if callable(value) else value
    if fault:
        fault.refuse(arguments)
    return value


def _problem(error: GraphQLError) -> dict[str, Any]:
    cause, problem = error.original_error, {}
    if isinstance(cause, Refused):
        problem = {"type": cause.kind, "message": cause.graphql} if cause.kind else {"message": cause.graphql}
    elif isinstance(cause, Exceeded):
        problem = {"type": "RESOURCE_LIMITS_EXCEEDED", "message": "Resource limits for this query exceeded."}
    elif cause is not None and not isinstance(cause, GraphQLError):
        raise cause  # a defect of the hub's: let it be seen
    else:
        problem = {"message": error.message}
    if isinstance(cause, Refused) and cause.extensions:
        problem["extensions"] = cause.extensions
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
