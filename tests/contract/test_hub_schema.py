"""The hub's GraphQL schema is a part of GitHub's, letter for letter."""

from __future__ import annotations

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLUnionType,
)

from tests.hub.graphql.execute import schema

pytestmark = pytest.mark.network

OURS = {name: each for name, each in schema().type_map.items() if not name.startswith("__")}


def argument(each) -> tuple[str, str]:
    return str(each.type), repr(each.default_value)


def fields(each: GraphQLNamedType) -> dict:
    """Every field with its type and arguments, to be compared at once."""
    return {
        name: (str(field.type), {key: argument(value) for key, value in getattr(field, "args", {}).items()})
        for name, field in each.fields.items()
    }


@pytest.mark.parametrize("name", OURS)
def test_every_type_is_one_of_githubs(name, github_schema):
    ours, theirs = OURS[name], github_schema.type_map[name]
    assert type(ours) is type(theirs)
    if isinstance(ours, GraphQLObjectType | GraphQLInterfaceType):
        published = fields(theirs)
        assert fields(ours) == {key: published.get(key) for key in fields(ours)}
        assert {each.name for each in ours.interfaces} <= {each.name for each in theirs.interfaces}
    elif isinstance(ours, GraphQLInputObjectType):
        assert fields(ours) == fields(theirs)
        assert {key: argument(each) for key, each in ours.fields.items()} == {
            key: argument(each) for key, each in theirs.fields.items()
        }
    elif isinstance(ours, GraphQLEnumType):
        assert set(ours.values) == set(theirs.values)
    elif isinstance(ours, GraphQLUnionType):
        assert {each.name for each in ours.types} <= {each.name for each in theirs.types}
