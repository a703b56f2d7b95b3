"""Who last changed the files that a pull request would overwrite, for its description."""

from __future__ import annotations

from typing import NamedTuple

from broadcast.config.targets import Target
from broadcast.github.client import GitHub
from broadcast.github.questions import Question
from broadcast.observe.edits import select_edits
from broadcast.observe.state import State
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


def select_losses(loss: Loss) -> Question:
    """Select the last commit at each path."""
    return select_edits(loss.target.owner, loss.target.name, loss.commit, loss.paths)
