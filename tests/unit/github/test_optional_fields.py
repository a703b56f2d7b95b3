"""A server that lacks a field is asked without it, and the document stays whole."""

from __future__ import annotations

import re

import pytest
from graphql import parse

from broadcast.github import optional_fields
from broadcast.github.questions import document
from broadcast.observe import pull_requests, repository
from broadcast.observe.repository import Details

WHOLE = document(
    [
        repository.select_repository(
            "acme", "api", base=None, branches=("b", "s"), roots=("a",), details=Details(("sync",), "1.0", True, True)
        ),
        pull_requests.select_pulls("acme", "api", 'b"{', "main", decorated=True),
    ]
)
NAMES = [
    "viewerPermission",
    "rateLimit",
    "compare",
    "isInMergeQueue",
    "isDisabled",
    "mergeable",
    "timelineItems",
    "autoMergeRequest",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_document_without_a_field_can_still_be_parsed(name):
    assert name in WHOLE
    left = optional_fields.without(WHOLE, [name])
    assert name not in left
    parse(left)


@pytest.mark.parametrize("name", NAMES)
def test_a_document_without_a_field_keeps_its_fragments(name):
    left = optional_fields.without(WHOLE, [name])
    fragments = [set(re.findall(r"^fragment (\w+) on", text, re.MULTILINE)) for text in (WHOLE, left)]
    assert fragments[0] == fragments[1]


def test_a_document_without_all_of_them_can_still_be_parsed():
    parse(optional_fields.without(WHOLE, NAMES))


@pytest.mark.parametrize(
    "text", ["Field 'mergeable' doesn't exist on type 'Query'", "Cannot query field 'mergeable' on type 'Query'."]
)
def test_an_unknown_field_is_found_by_its_name(text):
    assert optional_fields.refused({}, [{"message": text}]) == {"mergeable"}


def test_a_required_field_that_is_refused_in_its_place_is_left_out_too():
    errors = [{"message": "no", "path": ["q0", "open", "nodes", 0, "timelineItems"]}]
    assert optional_fields.refused({"q0": {}}, errors) == {"timelineItems"}


def test_a_nullable_field_that_is_refused_is_not_asked_for_again():
    errors = [{"message": "no", "path": ["q0", "viewerPermission"]}]
    assert optional_fields.refused({"q0": {}}, errors) == set()
