"""Merged pull requests of ours that a look doesn't reach, because a target merges many: page by page, as far back as
is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from broadcast.config.targets import Target
from broadcast.github import batch
from broadcast.github.client import GitHub, Scope
from broadcast.github.questions import Question, quote
from broadcast.github.validation import reading
from broadcast.observe.pull_requests import Ownership, read_pull
from broadcast.observe.state import Pull

PAGE, PAGES = 20, 10


class _Ask(Struct):
    """What is still asked of one target."""

    until: float  # seconds since the epoch
    cursor: str = ""
    found: list[Pull] = field(default_factory=list)
    is_done: bool = False


def older_merges(
    github: GitHub, asked: Mapping[Target, float], owner: Ownership, scope: Scope
) -> dict[Target, list[Pull]]:
    """The merged pull requests of each target, down to one that was merged by a moment in seconds since the epoch.

    Raises Failure.
    """
    asks = {target: _Ask(until) for target, until in asked.items()}
    for _ in range(PAGES):
        left = [target for target, ask in asks.items() if not ask.is_done]
        questions = [select_merged(target, asks[target].cursor) for target in left]
        replies = batch.ask(github, questions, scope) if questions else []
        for target, reply in zip(left, replies, strict=True):
            if reply.data is None:
                asks[target].is_done = True
                continue
            with reading():
                _take(asks[target], target, owner, reply.data["merged"])
    return {target: ask.found for target, ask in asks.items()}


def select_merged(target: Target, cursor: str) -> Question:
    """A page of the merged pull requests from our branch, the newest first."""
    after = f", after: {quote(cursor)}" if cursor else ""
    page = f"states: [MERGED], orderBy: {{field: CREATED_AT, direction: DESC}}, first: {PAGE}{after}"
    fields = "id number url state title body isCrossRepository headRefOid baseRefName closedAt baseRef { name }"
    fields = f"merged: pullRequests(headRefName: {quote(target.branch)}, {page}) {{ nodes {{ {fields} }} "
    return Question(target.owner, target.name, f"{fields} pageInfo {{ hasNextPage endCursor }} }}")


def _take(ask: _Ask, target: Target, owner: Ownership, page: Mapping[str, Any]) -> None:
    pulls = [read_pull(node, target) for node in page["nodes"] if node and not node["isCrossRepository"]]
    ask.found += [pull for pull in pulls if owner.has(pull)]
    is_reached = any(_when(pull) <= ask.until for pull in ask.found)
    ask.cursor = page["pageInfo"]["endCursor"] or ""
    ask.is_done = is_reached or not page["pageInfo"]["hasNextPage"] or not ask.cursor


def _when(pull: Pull) -> float:
    return datetime.fromisoformat(pull.closed_at).timestamp() if pull.closed_at else 0.0
