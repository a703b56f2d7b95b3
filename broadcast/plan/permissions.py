"""The permissions that a run needs, and those that a token is known to lack (pure).

Docs: scopes for OAuth apps; permissions required for GitHub Apps. GitHub reveals nothing about fine-grained tokens
before it refuses a request.
"""

from __future__ import annotations

from collections.abc import Iterable

from broadcast.github.auth import Permissions
from broadcast.observe.state import State
from broadcast.plan.plan import Plan
from broadcast.plan.reason import Reason

WORKFLOWS = ".github/workflows/"
READ_ONLY = ("READ", "TRIAGE")
_FULL_SCOPE = "repo"


def permissions(
    paths: Iterable[str], *, checks: bool, writes: bool, reads_checks: bool = False, teams: bool = False,
    properties: bool = False, proposes: bool = True,
) -> Permissions:  # fmt: skip
    """The permissions to request for a GitHub App's tokens; optional ones only for a run that writes.

    Issues creates labels, Workflows allows a branch at a base whose workflows differ from the default branch's, Members
    lists teams (docs/github.md, "Permissions"). Checks and Statuses name what a pull request waits for. A run that only
    pushes (`proposes` is false) still looks at pull requests, and closes those that are left if it may.
    """
    level = "write" if checks else "read"
    required = {"metadata": "read", "contents": level, "pull_requests": level}
    if checks and any(path.startswith(WORKFLOWS) for path in paths):
        required["workflows"] = "write"
    optional = {"issues": "write", "workflows": "write", "members": "read"} if writes else {}
    if checks and not proposes:
        required["pull_requests"], optional["pull_requests"] = "read", "write"
    if reads_checks:
        optional |= {"checks": "read", "statuses": "read"}
    looking = ({"members": "read"} if teams else {}) | (
        {"organization_custom_properties": "read"} if properties else {}
    )
    return Permissions(required, optional, looking)


def keeping(*, writes: bool) -> Permissions:
    """The permissions to request in the source for the dashboard."""
    return Permissions({"metadata": "read", "issues": "write" if writes else "read"}, {})


def proposing(paths: Iterable[str]) -> Permissions:
    """The permissions to request in the source for a pull request there with these files."""
    required = {"metadata": "read", "contents": "write", "pull_requests": "write"}
    return Permissions(required | ({"workflows": "write"} if any(map(_is_workflow, paths)) else {}), {})


def commenting() -> Permissions:
    """The permissions to request in the source for a comment on a pull request, and for its check run."""
    return Permissions({"metadata": "read", "pull_requests": "write"}, {"checks": "write"})


def _is_workflow(path: str) -> bool:
    return path.startswith(WORKFLOWS)


def objection(state: State, plan: Plan, scopes: frozenset[str] | None) -> Reason | None:
    """Why the token can't carry out `plan`; None if nothing is known to be missing."""
    if state.permission in READ_ONLY:
        return Reason("read_only", repository=state.full_name)
    if scopes is None:
        return None
    if _FULL_SCOPE not in scopes and "public_repo" not in scopes:
        return Reason("no_scope", other=_listed(scopes))
    if "workflow" not in scopes and any(change.path.startswith(WORKFLOWS) for change in plan.changes):
        return Reason("no_workflow_scope", name=WORKFLOWS)
    return None


def _listed(scopes: frozenset[str]) -> str:
    return ", ".join(sorted(scopes)) or "none"
