"""Who closed a pull request whose base is gone: people, or GitHub because the base was deleted.

A timeline may lack the deletion (docs/github.md, "Pull requests, labels and people"). The repository's activity has it:
a deletion of the base at the very moment of the closing. It is asked for such pull requests alone; one that a person
closed before its base was deleted or renamed stays declined.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from msgspec.structs import replace

from broadcast.errors import Failure
from broadcast.github.client import GitHub, Scope
from broadcast.github.validation import reading
from broadcast.observe.pull_requests import is_apart
from broadcast.observe.state import Pull, State

if TYPE_CHECKING:
    from broadcast.observe.state import Observation, Observations

MOST = 100  # deletions of a branch of one name that are looked at, the latest first


def resolve(github: GitHub, observations: Observations, scope: Scope) -> Observations:
    """Mark the pull requests that GitHub closed for their base; where that isn't known, people closed them."""
    return observations | {
        target: _resolved(github, observation, scope)
        for target, observation in observations.items()
        if not isinstance(observation, Failure) and any(map(_is_doubtful, observation.state.pulls))
    }


def _resolved(github: GitHub, observation: Observation, scope: Scope) -> Observation:
    state = observation.state
    found = {base: _deletions(github, state, base, scope) for base in {p.base for p in state.pulls if _is_doubtful(p)}}

    def known(pull: Pull) -> Pull:
        moments = found.get(pull.base, ()) if _is_doubtful(pull) else ()
        return pull._replace(
            base_deleted=pull.base_deleted or any(not is_apart(pull.closed_at, one, unknown=True) for one in moments)
        )

    return replace(observation, state=replace(state, pulls=tuple(map(known, state.pulls))))


def _is_doubtful(pull: Pull) -> bool:
    by_us = pull.marker is None or pull.marker.closed_by_us
    return pull.state == "CLOSED" and pull.base_gone and not (pull.base_deleted or pull.empty or by_us)


def _deletions(github: GitHub, state: State, base: str, scope: Scope) -> tuple[str, ...]:
    """When a branch was deleted; empty where GitHub doesn't say."""
    asked = urlencode({"ref": f"refs/heads/{base}", "activity_type": "branch_deletion", "per_page": MOST})
    try:
        with reading():
            rows: list[Mapping[str, Any]] = github.get(f"/repos/{state.full_name}/activity?{asked}", scope)
            return tuple(str(row["timestamp"]) for row in rows)
    except Failure:
        return ()
