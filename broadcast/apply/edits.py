"""Who last changed the files that a pull request would overwrite, for its description."""

from __future__ import annotations

from typing import Any, NamedTuple

from broadcast.apply.commits import read_author
from broadcast.config.targets import Target
from broadcast.github.client import GitHub
from broadcast.github.questions import Question, quote
from broadcast.observe.state import Edit, State
from broadcast.plan.plan import DESCRIBING, Plan

MAX_PATHS = 20  # of one target; the description names no person for others


class Loss(NamedTuple):
    """People's changes in one target that a plan overwrites."""

    github: GitHub  # that reads the target
    target: Target
    commit: str  # the head of the base
    paths: tuple[str, ...]


def loss_of(github: GitHub, target: Target, state: State, plan: Plan) -> Loss | None:
    """What a plan overwrites; None where its description has nothing to say about that."""
    paths = tuple(sorted({*plan.undoes, *plan.overwrites}))[:MAX_PATHS]
    if plan.step not in DESCRIBING or not state.base or not paths:
        return None
    return Loss(github, target, state.base.head.oid, paths)


def select_edits(loss: Loss) -> Question:
    """Select the last commit at each path."""
    fields = " ".join(
        f"last{at}: history(first: 1, path: {quote(path)}) {{ nodes {{ oid author {{ name user {{ login }} }} }} }}"
        for at, path in enumerate(loss.paths)
    )
    commit = f"commit: object(oid: {quote(loss.commit)}) {{ ... on Commit {{ {fields} }} }}"
    return Question(loss.target.owner, loss.target.name, commit)


def read_edits(data: dict[str, Any], loss: Loss) -> dict[str, Edit]:
    """Read the answer to `select_edits`, by path; without what GitHub doesn't answer."""
    commit = data.get("commit") or {}
    found = {path: (commit.get(f"last{at}") or {}).get("nodes") for at, path in enumerate(loss.paths)}
    return {path: Edit(read_author(nodes[0]), nodes[0]["oid"]) for path, nodes in found.items() if nodes and nodes[0]}
