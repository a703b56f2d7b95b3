"""Pushes a plan as one commit straight to the base: only from the head that was observed, never forced."""

from __future__ import annotations

from msgspec.structs import replace

from broadcast.apply import graphql, mutations, rest
from broadcast.apply.ref_updates import address
from broadcast.apply.task import Interrupted, Task, Written, is_passing
from broadcast.errors import Failure
from broadcast.github import refusals
from broadcast.github.client import ApiError, GitHub
from broadcast.github.graphql_errors import is_undefined
from broadcast.observe.state import Observation
from broadcast.ownership import MAX_PARTS, PARTS_TRAILER
from broadcast.plan.delivery import EITHER, PULL_REQUEST

_REFUSED = (403, 404, 422)  # HTTP status


class NotPushed(Interrupted):
    """GitHub refused a commit on the base: by a rule, or for a right. Nothing was written there."""


def push(github: GitHub, work: Task, *, by_rest: bool) -> Written:
    """One commit on the base, whose oid is the id. Raises NotPushed, and what another write raises."""
    named = _with_parts(work)
    try:
        return Written((_by_rest if by_rest else _by_graphql)(github, named), 0, "")
    except ApiError as failure:
        if failure.status in _REFUSED and not is_passing(failure):
            raise NotPushed(failure.message, failure.remedy) from failure
        raise


def _by_graphql(github: GitHub, work: Task) -> str:
    variables = {"commit": graphql.commit_input(work, work.base.name)}
    answer = graphql.noted(work, github.mutate(mutations.COMMIT_ON_BASE, variables, work.scope))
    is_typed = any(error.get("path") for error in answer.errors)
    try:
        graphql.check(answer)
    except Interrupted as failure:
        if is_typed and not is_passing(failure) and not is_undefined(answer.errors):
            raise NotPushed(failure.message) from failure
        raise
    return str(answer.data["commit"]["commit"]["oid"])


def _by_rest(github: GitHub, work: Task) -> str:
    made = rest.commit(github, work)
    github.write("PATCH", address(work.state, work.base.name), {"sha": made, "force": False}, work.scope)
    return made


def _with_parts(work: Task) -> Task:
    """With a commit message that has the parts of shared files: a file's history alone doesn't tell them apart."""
    parts = [pair for change in work.plan.changes for pair in change.parts][:MAX_PARTS]
    if not parts:
        return work
    message = f"{work.texts.message}\n{PARTS_TRAILER}: {' '.join(parts)}"
    return work._replace(texts=work.texts._replace(message=message))


def falls_back(failure: Failure, observation: Observation) -> bool:
    """Whether a refused push is to become a pull request."""
    if not isinstance(failure, NotPushed) or observation.state.delivery != EITHER:
        return False
    known = refusals.advice(failure.message)
    return known is None or known.ruled or not known.lasting or refusals.is_about_rights(failure.message)


def by_pull_request(observation: Observation) -> Observation:
    """The observation of a target whose base takes no push."""
    return replace(observation, state=replace(observation.state, delivery=PULL_REQUEST))
