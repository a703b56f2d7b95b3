"""A document that is broken off as a whole: what was in it is sent again in smaller ones, until the culprit is found."""

from __future__ import annotations

from tests.hub.git.ids import node_id
from tests.integration.test_metadata import WHOLE, decorated, decorates, documents, fleet, kinds, warnings, world

__all__ = ["world"]


def breaks(world, *, off, times: int = 99) -> None:
    """Answer documents that hold what `off` says with an error that has no path, and do nothing of them."""
    broken = {"errors": [{"message": "Something went wrong while executing your query."}]}
    world.hub.fail(lambda one: decorates(one) and off(one), status=200, body=broken, times=times)


def inputs(request) -> list[dict]:
    return list(request.variables.values())


def mark(api) -> str:
    """How the id of its first pull request ends."""
    return node_id("PR", api.id, 1)[-8:]


def test_a_document_that_is_broken_off_is_sent_again_one_pull_request_at_a_time(world):
    repositories = fleet(world, count=3)
    breaks(world, off=lambda one: len(one.variables) > 4)
    ran = world.run()
    assert (ran.code, warnings(ran)) == (0, [])
    assert [decorated(api.pulls[0]) for api in repositories] == [WHOLE] * 3
    assert [kinds(request) for request in documents(world)] == ["lapr" * 3, *["lapr"] * 3]


def test_what_breaks_documents_off_is_found_and_named_and_all_else_is_set(world):
    fine, api, also_fine = fleet(world, count=3)
    breaks(
        world, off=lambda one: any("assigneeIds" in x and x["assignableId"].endswith(mark(api)) for x in inputs(one))
    )
    ran = world.run()
    (warning,) = warnings(ran)
    assert warning.startswith(
        "acme/t1: assignee sam: Something went wrong while executing your query.; give them access"
    )
    assert [decorated(one.pulls[0]) for one in (fine, also_fine)] == [WHOLE] * 2
    assert decorated(api.pulls[0]) == WHOLE | {"assignees": []}
    assert [kinds(request) for request in documents(world)] == ["lapr" * 3, *["lapr"] * 2, "l", "a", "p", "r", "lapr"]


def test_a_document_that_is_broken_off_once_costs_no_warning(world):
    (api,) = fleet(world)
    breaks(world, off=lambda one: True, times=1)
    ran = world.run()
    assert (warnings(ran), decorated(api.pulls[0])) == ([], WHOLE)
