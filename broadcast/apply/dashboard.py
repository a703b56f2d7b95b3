"""Writes the dashboard: makes the issue, updates it where its text differs, closes duplicates of ours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from broadcast.github.client import GitHub
from broadcast.observe import boxes
from broadcast.observe.dashboard import LABEL, SCOPE, Board, Issue, find

TITLE = "Broadcast dashboard"

Done = Literal["made", "updated", "unchanged", "busy"]


def write(github: GitHub, repository: str, board: Board, text: str, identity: str) -> Done:
    """Bring the dashboard to this text. Raises Failure.

    `busy`: people changed it while the run was under way, so the next run takes their boxes and writes it.
    """
    body, issue = boxes.marked(text, identity), board.issue
    _close(github, repository, board.duplicates)
    if issue is None:
        if find(github, repository, identity).issue:
            return "busy"  # another run has just made it
        fields = {"title": TITLE, "body": body, "labels": [LABEL]}
        github.write("POST", f"/repos/{repository}/issues", fields, SCOPE)
        return "made"
    if boxes.is_same(issue.body, body):
        return "unchanged"
    now = find(github, repository, identity).issue
    if now is None or not now.is_open or not boxes.is_same(now.body, issue.body):
        return "busy"
    github.write("PATCH", f"/repos/{repository}/issues/{issue.number}", {"body": body}, SCOPE)
    return "updated"


def _close(github: GitHub, repository: str, duplicates: Iterable[Issue]) -> None:
    for one in duplicates:
        github.write("PATCH", f"/repos/{repository}/issues/{one.number}", {"state": "closed"}, SCOPE)
