"""Finds the dashboard in the source's issues, and the boxes on it that people with write access ticked.

An issue is the dashboard if we wrote it and it has our marker: everybody may open issues in a public repository.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from broadcast.errors import Failure
from broadcast.github import batch, questions
from broadcast.github.client import ApiError, GitHub, Scope
from broadcast.github.questions import Question
from broadcast.github.validation import Malformed, present, reading
from broadcast.observe import boxes
from broadcast.observe.boxes import Counted, Edit

LABEL = "broadcast-dashboard"
MAX_ISSUES, MAX_EDITS = 10, 20  # that are read: each has a whole text
SCOPE = Scope("dashboard")
VIEWER = "query { viewer { login } }"
_WRITERS = ("admin", "write")  # REST's words; what maintainers may do is called write
_ISSUE = "number url state body viewerDidAuthor lastEditedAt author { login } editor { login }"
_PAGE = f"first: {MAX_ISSUES}, orderBy: {{field: CREATED_AT, direction: DESC}}"


class Issue(NamedTuple):
    """An issue of ours with the marker."""

    number: int
    url: str
    body: str
    is_open: bool
    author: str  # login, as GraphQL has it
    editor: str = ""  # who last changed the body; empty: it is as it was written first, or that isn't known
    is_edited: bool = False


class Board(NamedTuple):
    """The dashboard as it was found."""

    issue: Issue | None = None
    duplicates: tuple[Issue, ...] = ()  # open ones of ours besides it
    has_issues: bool = True  # whether the repository has them turned on
    visibility: str = ""  # of the source; empty where a server doesn't say
    counted: Counted = Counted({})
    hidden: str = ""  # why it isn't known who has write access; empty where it is


def find(github: GitHub, repository: str, identity: str) -> Board:
    """The dashboard, without its boxes: by its label, or else by who wrote it. Raises Failure."""
    data = _ask(github, repository, select())
    with reading():
        board, has_issues = _chosen(_ours(data["issues"], identity)), bool(data["hasIssuesEnabled"])
        board = board._replace(has_issues=has_issues, visibility=str(data.get("visibility") or ""))
    if board.issue or not has_issues:
        return board
    answer = github.query(VIEWER, {}, SCOPE)
    with reading():
        login = str(answer.data["viewer"]["login"])
    made = _ask(github, repository, select_made(login))
    with reading():
        found = _chosen(_ours(made["issues"], identity))
    return board._replace(issue=found.issue, duplicates=found.duplicates)


def read(github: GitHub, repository: str, identity: str) -> Board:
    """The dashboard with the boxes that count. Raises Failure."""
    board = find(github, repository, identity)
    issue = board.issue
    if issue is None or not issue.is_open:
        return board
    if boxes.is_whole(issue.body, identity) and (not issue.is_edited or issue.editor == issue.author):
        return board._replace(counted=Counted(boxes.ticked(issue.body)))
    edits = _edits(_ask(github, repository, select_edits(issue.number)), issue.body)
    may, hidden = _rights(github, repository, boxes.editors(edits, author=issue.author, identity=identity))
    counted = boxes.counted(edits, issue.body, author=issue.author, identity=identity, may=may)
    return board._replace(counted=counted, hidden=hidden)


def select() -> str:
    """The selection on the source that finds it by its label."""
    return f"visibility hasIssuesEnabled issues({_PAGE}, labels: [{questions.quote(LABEL)}]) {{ nodes {{ {_ISSUE} }} }}"


def select_made(login: str) -> str:
    """The same by who wrote it."""
    by = f"filterBy: {{createdBy: {questions.quote(login)}}}"
    return f"issues({_PAGE}, {by}) {{ nodes {{ {_ISSUE} }} }}"


def select_edits(number: int) -> str:
    """The selection on the source of an issue's last edits."""
    edit = "editedAt diff editor { __typename login }"
    return f"issue(number: {number}) {{ userContentEdits(first: {MAX_EDITS}) {{ nodes {{ {edit} }} }} }}"


def _ask(github: GitHub, repository: str, fields: str) -> dict[str, Any]:
    owner, _, name = repository.partition("/")
    (reply,) = batch.ask(github, [Question(owner, name, fields)], SCOPE)
    if reply.data is None:
        raise reply.failure or Failure("no answer")
    if not (reply.data.get("issues") or reply.data.get("issue")):
        raise ApiError(403, f"the token may not read issues of {repository}")
    return reply.data


def _ours(found: Any, identity: str) -> list[Issue]:
    nodes = [one for one in present(found, "nodes") if one]
    return [_issue(one) for one in nodes if one["viewerDidAuthor"] and boxes.is_marked(one["body"] or "", identity)]


def _issue(node: Mapping[str, Any]) -> Issue:
    author, editor = (str((node.get(name) or {}).get("login") or "") for name in ("author", "editor"))
    is_open = node["state"] == "OPEN"
    return Issue(
        number=int(node["number"]), url=node["url"], body=node["body"], is_open=is_open, author=author, editor=editor,
        is_edited=bool(node["lastEditedAt"]),
    )  # fmt: skip


def _chosen(issues: Sequence[Issue]) -> Board:
    """The first one that is open; closed ones count only where none is."""
    in_order = sorted(issues, key=lambda one: (not one.is_open, one.number))
    duplicates = tuple(one for one in in_order[1:] if one.is_open)
    return Board(in_order[0] if in_order else None, duplicates)


def _edits(data: Mapping[str, Any], body: str) -> list[Edit]:
    """The last edits, the oldest first; the last one came to this body."""
    with reading():
        nodes = [one for one in present(data["issue"]["userContentEdits"], "nodes") if one]
        edits = [_edit(one) for one in nodes]
        first, last = (nodes[0]["editedAt"], nodes[-1]["editedAt"]) if nodes else ("", "")
        is_newest_first = boxes.is_same(edits[0].text or body, body) if nodes and first == last else first >= last
    return edits[::-1] if is_newest_first else edits


def _edit(node: Mapping[str, Any]) -> Edit:
    editor, text = node.get("editor") or {}, node.get("diff")
    return Edit(str(editor.get("login") or ""), editor.get("__typename") == "User", text or None)


def _rights(github: GitHub, repository: str, people: Iterable[str]) -> tuple[dict[str, bool], str]:
    """Who has write access, and why that isn't known. Raises Failure."""
    found: dict[str, bool] = {}
    for login in sorted(people):
        try:
            path = f"/repos/{repository}/collaborators/{quote(login, safe='')}/permission"
            answer = github.get(path, SCOPE, may_be_absent=True)
        except ApiError as refusal:
            if refusal.status == 404:
                continue
            if refusal.status != 403:
                raise
            return {}, refusal.message
        if not isinstance(answer, dict):
            raise Malformed("a permission is no mapping")
        found[login] = answer.get("permission") in _WRITERS
    return found, ""
