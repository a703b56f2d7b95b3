"""REST: pull requests, and the side of them that GitHub calls issues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.hub.accounts.rights import CONTENTS, check_new_label, lacking, of_pull, reads_teams
from tests.hub.errors import LOCKED, Refused, forbidden, invalid, not_found
from tests.hub.git.ids import node_id, unknown
from tests.hub.pulls.issues import FIRST
from tests.hub.pulls.texts import check_texts
from tests.hub.rest import present
from tests.hub.rest.issues import edit_issue
from tests.hub.rest.paging import page
from tests.hub.rest.present_pulls import issue, pull_request
from tests.hub.rest.routing import Call, Reply, route

if TYPE_CHECKING:
    from tests.hub.models import Comment, PullRequest


def _pull(call: Call) -> PullRequest:
    number = call["number"]
    if not number.isdigit() or not 0 < int(number) <= len(call.repository.pulls):
        raise not_found()
    return call.repository.pulls[int(number) - 1]


@route("GET", "/{repo}/pulls")
def list_pulls(call: Call) -> Reply:
    """`head` must say whose branch it is; without the owner GitHub ignores it."""
    state, base, head = (call.query.get(name) for name in ("state", "base", "head"))
    found = [pull for pull in call.repository.pulls if state == "all" or (pull.state == "OPEN") == (state != "closed")]
    if base:
        found = [pull for pull in found if pull.base == base]
    if head and ":" in head:
        owner, _, branch = head.partition(":")
        mine = owner.lower() == call.repository.owner.lower()
        found = [pull for pull in found if pull.head == branch and mine != pull.is_cross_repository]
    newest = found if call.query.get("direction") == "asc" else found[::-1]
    return 200, [pull_request(pull, call.token, full=False) for pull in page(call, newest)]


@route("POST", "/{repo}/pulls")
def create_pull(call: Call) -> Reply:
    title, head, base = call.given("title", "head", "base")
    owner, _, branch = head.rpartition(":")
    if owner and owner.lower() != call.repository.owner.lower():
        raise invalid("PullRequest", "head")
    text, draft = call.body.get("body") or "", bool(call.body.get("draft"))
    call.repository.check_opening(call.token, draft)
    pull = call.repository.open_pull(branch, base, title, text, author=call.login, draft=draft)
    return 201, pull_request(pull, call.token)


@route("GET", "/{repo}/pulls/{number}")
def get_pull(call: Call) -> Reply:
    return 200, pull_request(_pull(call), call.token)


@route("PATCH", "/{repo}/pulls/{number}")
def update_pull(call: Call) -> Reply:
    pull = _pull(call)
    values = {name: call.body.get(name) for name in ("title", "body", "state", "base")}
    call.repository.edit_pull(pull, call.login, **values)
    return 200, pull_request(pull, call.token)


@route("GET", "/{repo}/issues/{number}")
def get_issue(call: Call) -> Reply:
    return 200, issue(_pull(call))


@route("PATCH", "/{repo}/issues/{number}")
def update_issue(call: Call) -> Reply:
    """Labels and assignees replace what was there; labels that don't exist are made."""
    if call["number"].isdigit() and int(call["number"]) >= FIRST:
        return edit_issue(call)
    pull, repository = _pull(call), call.repository
    if call.body.keys() & {"labels", "assignees", "milestone"}:
        _check_conversation(call)
    labels = _labels(call, call.body.get("labels"))
    values = {name: call.body.get(name) for name in ("title", "body", "state")}
    repository.edit_pull(pull, call.login, **values)
    if "labels" in call.body:
        repository.set_labels(pull, labels, call.login)
    if "assignees" in call.body:
        repository.set_assignees(pull, _known(call, call.body["assignees"] or []), call.login)
    if "milestone" in call.body:
        number = call.body["milestone"]
        milestone = next((each for each in repository.milestones if each.number == number), None)
        if number is not None and not milestone:
            raise invalid("Issue", "milestone")
        repository.set_milestone(pull, milestone, call.login)
    return 200, issue(pull)


def _labels(call: Call, labels: list[Any] | None) -> list[str]:
    """Nothing has happened where one of them can't be made."""
    names = [given["name"] if isinstance(given, dict) else given for given in labels or []]
    if not all(call.repository.label(name) for name in names):
        check_new_label(call.token, call.repository)
    return [(call.repository.label(name) or call.repository.add_label(name)).name for name in names]


def _check_conversation(call: Call) -> None:
    needed = of_pull(call.hub.unknowns)
    if not call.token.may("write", call.repository, needed):
        raise lacking(call.token, call.repository, "write", needed)


def _known(call: Call, logins: list[str]) -> list[str]:
    """GitHub drops people who can't be assigned, without a word; ten at most."""
    return [call.hub.users[login.lower()].login for login in logins if call.repository.is_assignable(login)][:10]


@route("POST", "/{repo}/issues/{number}/labels")
def add_labels(call: Call) -> Reply:
    pull = _pull(call)
    _check_conversation(call)
    given = call.request.body if isinstance(call.request.body, list) else call.body.get("labels")
    call.repository.set_labels(pull, pull.labels + _labels(call, given), call.login)
    return 200, present.labels(call.repository, pull.labels)


@route("DELETE", "/{repo}/issues/{number}/labels/{label}")
def remove_label(call: Call) -> Reply:
    pull, repository = _pull(call), call.repository
    _check_conversation(call)
    label = call["label"].lower()
    left = [name for name in pull.labels if name.lower() != label]
    if left == pull.labels:
        raise not_found("Label does not exist")
    repository.set_labels(pull, left, call.login)
    return 200, present.labels(repository, left)


@route("GET", "/{repo}/issues/{number}/comments")
def list_comments(call: Call) -> Reply:
    pull = _pull(call)
    return 200, [present.comment(call.repository, pull.number, each) for each in page(call, pull.comments)]


@route("POST", "/{repo}/issues/{number}/comments")
def add_comment(call: Call) -> Reply:
    (body,) = call.given("body")
    pull = _pull(call)
    if pull.locked and not call.token.may("write", call.repository, CONTENTS):
        raise forbidden(LOCKED)
    comment = call.repository.comment(pull, body, call.login)
    return 201, present.comment(call.repository, pull.number, comment)


@route("PATCH", "/{repo}/issues/comments/{id}")
def update_comment(call: Call) -> Reply:
    (body,) = call.given("body")
    pull, comment = _comment(call)
    check_texts(call.hub.unknowns, None, body, "IssueComment")
    comment.body = body
    return 200, present.comment(call.repository, pull.number, comment)


@route("DELETE", "/{repo}/issues/comments/{id}")
def delete_comment(call: Call) -> Reply:
    pull, comment = _comment(call)
    pull.comments.remove(comment)
    return 204, None


def _comment(call: Call) -> tuple[PullRequest, Comment]:
    both = ((pull, each) for pull in call.repository.pulls for each in pull.comments)
    found = next((one for one in both if str(one[1].id) == call["id"]), None)
    if not found:
        raise not_found()
    return found


@route("POST", "/{repo}/issues/{number}/assignees")
def add_assignees(call: Call) -> Reply:
    pull = _pull(call)
    _check_conversation(call)
    added = _known(call, call.body.get("assignees") or [])
    call.repository.set_assignees(pull, pull.assignees + added, call.login)
    return 201, issue(pull)


@route("POST", "/{repo}/pulls/{number}/requested_reviewers")
def request_reviewers(call: Call) -> Reply:
    pull, repository = _pull(call), call.repository
    people, teams = call.body.get("reviewers") or [], call.body.get("team_reviewers") or []
    if pull.author in people:
        raise Refused("Review cannot be requested from pull request author.")
    names = [login.lower() for login in people] + [f"{repository.owner}/{slug}".lower() for slug in teams]
    repository.check_reviewers(names)
    if teams and not reads_teams(call.token):
        problem = unknown(node_id("T", call.hub.users[names[-1]].id)).message
        raise Refused("Validation Failed", errors=[problem])
    repository.set_reviewers(pull, pull.reviewers + people, pull.team_reviewers + teams, call.login)
    return 201, pull_request(pull, call.token, full=False)
