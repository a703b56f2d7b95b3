"""Closes the open pull requests of an older tool, once ours takes their place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from broadcast.apply import mutations
from broadcast.errors import Failure
from broadcast.github.client import GitHub, Scope
from broadcast.markdown import numbered, quoted
from broadcast.observe.state import Superseded
from broadcast.plan.reason import Reason

SUPERSEDED = "Superseded by {}, which keeps these files in step from now on."
SUPERSEDED_IN_STEP = "Superseded: {} keeps these files in step from now on, and they are."


def supersede(github: GitHub, found: Iterable[Superseded], pull: str, source: str, scope: Scope) -> Iterable[Reason]:
    """Close them, with a word on `pull` (URL; empty where there is none); yields a note on each."""
    text = SUPERSEDED.format(pull) if numbered(pull) else SUPERSEDED_IN_STEP.format(quoted(source))
    for old in found:
        variables = {
            "comment": {"subjectId": old.id, "body": text},
            "pull": {"pullRequestId": old.id},
        }
        try:
            answer = github.mutate(mutations.SUPERSEDE, variables, scope)
            reasons = "; ".join(str(error.get("message", "")) for error in answer.errors)
        except Failure as failure:
            reasons = failure.message
        kind: Literal["superseded", "not_superseded"] = "not_superseded" if reasons else "superseded"
        yield Reason(kind, pull=old.number, text=reasons)
