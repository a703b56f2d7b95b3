"""A server that lacks a field is asked without it, and the document stays whole."""

from __future__ import annotations

import pytest
from graphql import parse

from broadcast.api import optional, queries
from broadcast.api.batch import Rider, document
from broadcast.api.queries import Wishes
from broadcast.cleanup import search
from broadcast.config import parse as parse_config

CONFIG = parse_config("version: 1\ntargets: [acme/api]\nfiles: [a]\n", "c.yml", "acme/templates")
WHOLE = document(
    [
        queries.look("acme", "api", None, ("b", "s"), ("a",), Wishes(("sync",), "1.0", True, True)),
        queries.pulls("acme", "api", 'b"{', "main", decorated=True),
    ],
    Rider(search(CONFIG, "acme/templates", ())),
)
NAMES = [
    "viewerPermission",
    "rateLimit",
    "compare",
    "isInMergeQueue",
    "isDisabled",
    "mergeable",
    "timelineItems",
    "dropped",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_document_without_a_field_can_still_be_parsed(name):
    assert name in WHOLE
    left = optional.without(WHOLE, [name])
    assert name not in left
    parse(left)


def test_a_document_without_all_of_them_can_still_be_parsed():
    parse(optional.without(WHOLE, NAMES))


@pytest.mark.parametrize(
    "text", ["Field 'search' doesn't exist on type 'Query'", "Cannot query field 'search' on type 'Query'."]
)
def test_an_unknown_field_is_told_by_name(text):
    assert optional.refused({}, [{"message": text}]) == {"dropped"}


def test_a_required_field_that_is_refused_in_its_place_is_left_out_too():
    errors = [{"message": "no", "path": ["q0", "open", "nodes", 0, "timelineItems"]}]
    assert optional.refused({"q0": {}}, errors) == {"timelineItems"}


def test_a_nullable_field_that_is_refused_is_overlooked():
    errors = [{"message": "no", "path": ["q0", "viewerPermission"]}]
    assert optional.refused({"q0": {}}, errors) == set()
    assert optional.is_optional(["q0", "viewerPermission"])
