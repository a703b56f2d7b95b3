from __future__ import annotations

import json

import pytest
from graphql import build_schema

from tests.contract.openapi import OpenAPI
from tests.published import GRAPHQL, OPENAPI, fetch


@pytest.fixture(scope="session")
def github_schema():
    """GitHub's GraphQL schema, which breaks rules of deprecation that graphql-core would check."""
    return build_schema(fetch(GRAPHQL).read_text(encoding="utf-8"), assume_valid=True)


@pytest.fixture(scope="session")
def openapi():
    """GitHub's description of its REST API."""
    return OpenAPI(json.loads(fetch(OPENAPI).read_text(encoding="utf-8")))
