"""What a refusal by REST says, in whichever of GitHub's shapes it comes."""

from __future__ import annotations

import json

import pytest

from broadcast.github.response import parse

BODIES = {
    "a message alone": ({"message": "Not Found"}, "Not Found"),
    "items with messages": (
        {"message": "Validation Failed", "errors": [{"resource": "PullRequest", "code": "custom", "message": "A pull request already exists for o:b."}]},
        "Validation Failed (A pull request already exists for o:b.)",
    ),
    "items with a field and a code": (
        {"message": "Validation Failed", "errors": [{"resource": "Label", "code": "invalid", "field": "color"}]},
        "Validation Failed (Label color: invalid)",
    ),
    "items with a code": ({"message": "Validation Failed", "errors": [{"code": "missing"}]}, "Validation Failed (missing)"),
    "items that are texts": (
        {"message": "Validation Failed", "errors": ["Could not resolve to a node", "No"]},
        "Validation Failed (Could not resolve to a node; No)",
    ),
    "errors that are one text": ({"message": "Validation Failed", "errors": "spammed"}, "Validation Failed (spammed)"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "words"), BODIES.values(), ids=BODIES)
def test_the_reason_names_what_was_refused(body, words):
    assert parse(422, {}, json.dumps(body)).reason == f"HTTP 422: {words}"


def test_a_page_in_place_of_json_keeps_its_status():
    assert parse(503, {}, "<html><body><h1>503 Service Unavailable</h1>").reason == "HTTP 503 without valid JSON"


def test_half_an_answer_is_none():
    found = parse(200, {}, '{"data": {"q0"')
    assert (found.status, found.reached) == (0, True)
