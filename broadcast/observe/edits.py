"""Who last changed files of a target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from broadcast.github.questions import Question, quote
from broadcast.observe.state import Edit


def select_edits(owner: str, name: str, commit: str, paths: Sequence[str]) -> Question:
    """Select the last commit at each path."""
    fields = " ".join(
        f"last{at}: history(first: 1, path: {quote(path)}) {{ nodes {{ oid author {{ name user {{ login }} }} }} }}"
        for at, path in enumerate(paths)
    )
    return Question(owner, name, f"commit: object(oid: {quote(commit)}) {{ ... on Commit {{ {fields} }} }}")


def read_edits(data: dict[str, Any], paths: Sequence[str]) -> dict[str, Edit]:
    """Read the answer to `select_edits`, by path; without what GitHub doesn't answer."""
    commit = data.get("commit") or {}
    found = {path: (commit.get(f"last{at}") or {}).get("nodes") for at, path in enumerate(paths)}
    return {path: Edit(read_author(nodes[0]), nodes[0]["oid"]) for path, nodes in found.items() if nodes and nodes[0]}


def read_author(node: dict[str, Any]) -> str:
    """Read the author of a commit: the login, or the name in the commit."""
    author = node.get("author") or {}
    return str((author.get("user") or {}).get("login") or author.get("name") or "an unknown author")
