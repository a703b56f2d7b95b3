"""Keeps one comment of ours on a pull request of the source, and makes its check run.

A comment is ours if this token's user or bot wrote it and it has our marker: everybody may copy the marker.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple
from urllib.parse import quote

from broadcast.github.client import GitHub, Scope
from broadcast.github.validation import reading

SCOPE = Scope("comment")
VIEWER = "query { viewer { login } }"
MAX_ANNOTATIONS = 50  # of one request (docs: create a check run)
_PAGE, _MOST_PAGES = 100, 30

Done = Literal["made", "updated", "unchanged", "silent", "outdated"]


class Comment(NamedTuple):
    """A comment of ours."""

    id: int
    body: str


class Wanted(NamedTuple):
    """What the comment should be."""

    head: str  # commit of the pull request that it was made for
    text: str
    is_quiet: bool  # made only where there is one already
    is_ours: Callable[[str], bool]  # whether a body has our marker
    is_same: Callable[[str], bool]  # whether a body says the same


def keep(github: GitHub, repository: str, number: int, wanted: Wanted) -> Done:
    """Bring the comment to this text, unless the pull request has another head by now. Raises Failure."""
    pull = github.get(f"/repos/{repository}/pulls/{number}", SCOPE)
    with reading():
        if pull["head"]["sha"] != wanted.head:
            return "outdated"
    login = _login(github)
    found = _find(github, repository, number, login, wanted)
    if found:
        _drop(github, repository, found[1:])
        return _update(github, repository, found[0], wanted)
    if wanted.is_quiet:
        return "silent"
    github.write("POST", f"/repos/{repository}/issues/{number}/comments", {"body": wanted.text}, SCOPE)
    now = _find(github, repository, number, login, wanted)
    if len(now) > 1:  # another run has made one at the same time: the first one stays
        _drop(github, repository, now[1:])
        _update(github, repository, now[0], wanted)
    return "made"


def number_of(github: GitHub, repository: str, branch: str, owner: str, head: str) -> int:
    """The number of the open pull request from this branch with this head; 0 if there is none. Raises Failure."""
    query = f"state=open&per_page={_PAGE}&head={quote(f'{owner}:{branch}', safe='')}"
    pulls = github.get(f"/repos/{repository}/pulls?{query}", SCOPE)
    with reading():
        return next((int(one["number"]) for one in pulls if one["head"]["sha"] == head), 0)


def check(
    github: GitHub, repository: str, head: str, *, conclusion: str, title: str, summary: str,
    annotations: Sequence[Mapping[str, Any]], url: str,
) -> None:  # fmt: skip
    """Make a check run on a commit. Raises Failure."""
    output = {"title": title, "summary": summary, "annotations": list(annotations[:MAX_ANNOTATIONS])}
    body = {"name": "Broadcast plan", "head_sha": head, "status": "completed", "conclusion": conclusion}
    github.write("POST", f"/repos/{repository}/check-runs", body | {"output": output, "details_url": url}, SCOPE)


def _login(github: GitHub) -> str:
    answer = github.query(VIEWER, {}, SCOPE)
    with reading():
        return str(answer.data["viewer"]["login"])


def _find(github: GitHub, repository: str, number: int, login: str, wanted: Wanted) -> list[Comment]:
    """Our comments, the oldest first."""
    found: list[Comment] = []
    for at in range(1, _MOST_PAGES + 1):
        page = github.page(f"/repos/{repository}/issues/{number}/comments?per_page={_PAGE}&page={at}", SCOPE)
        with reading():
            rows = [one for one in page.data if (one["user"] or {}).get("login") == login]
            found += [Comment(int(one["id"]), str(one["body"])) for one in rows if wanted.is_ours(one["body"] or "")]
        if page.is_last or found:
            break
    return sorted(found)


def _update(github: GitHub, repository: str, found: Comment, wanted: Wanted) -> Done:
    if wanted.is_same(found.body):
        return "unchanged"
    github.write(
        "PATCH", f"/repos/{repository}/issues/comments/{found.id}", {"body": wanted.text}, SCOPE, repeatable=True
    )
    return "updated"


def _drop(github: GitHub, repository: str, comments: Sequence[Comment]) -> None:
    for one in comments:
        github.write("DELETE", f"/repos/{repository}/issues/comments/{one.id}", None, SCOPE)
