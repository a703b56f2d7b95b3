"""REST: the token's own budget and name, repositories, labels."""

from __future__ import annotations

import re

from tests.hub.accounts.rights import check_new_label
from tests.hub.errors import forbidden, invalid, not_found
from tests.hub.rest import present
from tests.hub.rest.routing import Call, Reply, route


@route("GET", "/rate_limit")
def rate_limit(call: Call) -> Reply:
    """Asking costs nothing."""
    found = {}
    for resource in ("core", "graphql"):
        budget = call.hub.rates.budget(call.token.value, resource)
        found[resource] = {
            "limit": budget.limit,
            "used": budget.used,
            "remaining": budget.remaining,
            "reset": budget.reset,
        }
    search = {"limit": 30, "used": 0, "remaining": 30, "reset": found["core"]["reset"]}
    return 200, {"resources": found | {"search": search}, "rate": found["core"]}


@route("GET", "/user")
def get_user(call: Call) -> Reply:
    if call.token.is_app:
        raise forbidden("Resource not accessible by integration")
    return 200, present.private_user(call.hub, call.token.user)


@route("GET", "/{repo}")
def get_repository(call: Call) -> Reply:
    return 200, present.repository(call.repository, call.token)


@route("GET", "/{repo}/activity")
def list_activities(call: Call) -> Reply:
    """Of all that has happened only the deletions of branches, which is what is asked for."""
    if call.query.get("activity_type") != "branch_deletion":
        raise not_found()
    rows = [
        {
            "id": number, "node_id": f"PSH_{number}", "before": head, "after": "0" * 40, "ref": ref,
            "timestamp": present.when(at), "activity_type": "branch_deletion", "actor": present.user(call.hub, by),
        }
        for number, (ref, head, by, at) in enumerate(call.repository.deletions)
        if call.query.get("ref") in (None, ref, ref.removeprefix("refs/heads/"))
    ]  # fmt: skip
    return 200, rows[::-1][: int(call.query.get("per_page", "30"))]


@route("GET", "/{repo}/labels")
def list_labels(call: Call) -> Reply:
    return 200, [present.label(call.repository, each) for each in call.repository.labels.values()]


@route("POST", "/{repo}/labels")
def create_label(call: Call) -> Reply:
    (name,) = call.given("name")
    if call.hub.unknowns.create_label == "issues":
        check_new_label(call.token, call.repository)
    if call.repository.label(name):
        raise invalid("Label", "name", "already_exists")
    if not re.fullmatch(r"[0-9a-fA-F]{6}", call.body.get("color") or "ededed"):
        raise invalid("Label", "color")
    label = call.repository.add_label(name, call.body.get("color", "ededed"), call.body.get("description"))
    return 201, present.label(call.repository, label)


@route("GET", "/{repo}/labels/{label}")
def get_label(call: Call) -> Reply:
    found = call.repository.label(call["label"])
    if not found:
        raise not_found()
    return 200, present.label(call.repository, found)
