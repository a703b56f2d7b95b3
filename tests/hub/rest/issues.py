"""REST: issues that aren't pull requests, and what people may do in a repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.hub.accounts.rights import ISSUES, METADATA, check_new_label, lacking
from tests.hub.errors import not_found
from tests.hub.git.ids import node_id
from tests.hub.rest.present import labels, maybe_user, user, when
from tests.hub.rest.routing import Call, Reply, route

if TYPE_CHECKING:
    from tests.hub.pulls.issues import Issue


@route("POST", "/{repo}/issues")
def create_issue(call: Call) -> Reply:
    """Labels that don't exist are made."""
    _check(call)
    (title,) = call.given("title")
    names = call.body.get("labels") or []
    if not all(call.repository.label(name) for name in names):
        check_new_label(call.token, call.repository)
    made = [(call.repository.label(name) or call.repository.add_label(name)).name for name in names]
    return 201, issue(call.repository.open_issue(title, call.body.get("body") or "", call.login, tuple(made)))


def edit_issue(call: Call) -> Reply:
    """The part of the route that a pull request hasn't got to itself."""
    _check(call)
    found = call.repository.issue(int(call["number"]))
    call.repository.edit_issue(found, call.login, call.body.get("body"), call.body.get("state"))
    return 200, issue(found)


@route("GET", "/{repo}/collaborators/{username}/permission")
def get_permission(call: Call) -> Reply:
    """What maintainers may do is called write here, and triage is called read."""
    found = call.hub.users.get(call["username"].lower())
    if call.hub.unknowns.permission_of_people == "refused" and call.token.kind != "classic":
        raise lacking(call.token, call.repository, "read", METADATA)
    if not found or found.type == "Team" or found.deleted:
        raise not_found()
    level = call.repository.permission_of(found.login)
    return 200, {"permission": level, "role_name": level, "user": user(call.hub, found.login)}


def _check(call: Call) -> None:
    if not call.token.may("write", call.repository, ISSUES):
        raise lacking(call.token, call.repository, "write", ISSUES)


def issue(found: Issue) -> dict[str, Any]:
    repo, hub = found.repository, found.repository.hub
    url = f"{hub.url}/repos/{repo.full_name}/issues/{found.number}"
    return {f"{part}_url": f"{url}/{part}" for part in ("comments", "events", "timeline")} | {
        "id": found.id,
        "node_id": node_id("I", repo.id, found.number),
        "url": url,
        "html_url": f"{hub.url}/{repo.full_name}/issues/{found.number}",
        "labels_url": f"{url}/labels{{/name}}",
        "repository_url": f"{hub.url}/repos/{repo.full_name}",
        "number": found.number,
        "state": found.state.lower(),
        "state_reason": None,
        "locked": False,
        "active_lock_reason": None,
        "title": found.title,
        "body": found.body,
        "user": user(hub, found.author),
        "labels": labels(repo, found.labels),
        "milestone": None,
        "assignee": None,
        "assignees": [],
        "comments": 0,
        "created_at": when(found.created_at),
        "updated_at": when(found.updated_at),
        "closed_at": when(found.closed_at),
        "closed_by": maybe_user(hub, found.closed_by),
        "author_association": "CONTRIBUTOR",
        "performed_via_github_app": None,
    }
