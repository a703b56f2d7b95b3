"""What a refusal of a write means for the rights of a token, where GitHub doesn't name the missing one."""

from __future__ import annotations

import pytest

from broadcast.apply.obstacles import explained
from broadcast.apply.task import Interrupted
from broadcast.errors import Failure
from broadcast.github.client import ApiError
from tests.unit.plan.test_guards import change, plan, target

FLOW = plan(change(".github/workflows/ci.yml"))


def caused(failure: Failure) -> Failure:
    """A failure that this one has led to."""
    try:
        raise Interrupted("the target kept changing") from failure
    except Interrupted as interrupted:
        return interrupted


@pytest.mark.parametrize(
    ("failure", "is_asked_for"),
    [
        (ApiError(404, "Not Found", http=True), True),
        (ApiError(403, "Forbidden", http=True), True),
        (caused(ApiError(403, "Forbidden", http=True)), True),
        (ApiError(403, "Resource not accessible by integration"), True),
        (ApiError(403, "no such thing"), False),  # stands for a GraphQL error
        (ApiError(422, "HTTP 403 is what the branch is called", http=True), False),
        (Failure("no answer"), False),
    ],
)
def test_workflows_are_asked_for_where_a_right_is_missing_that_github_does_not_name(failure, is_asked_for):
    found = explained(failure, target("api"), FLOW, left="")
    assert ("Workflows" in found.remedy) == is_asked_for
