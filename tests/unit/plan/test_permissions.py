"""What a token is known to lack, before anything is written."""

from __future__ import annotations

import pytest

from broadcast.github.auth import Permissions
from broadcast.observe.change import Change
from broadcast.observe.state import State
from broadcast.plan.permissions import objection, permissions, proposing
from broadcast.plan.plan import Plan
from broadcast.report.reasons import words
from broadcast.snapshot.snapshot import Wanted

WORKFLOW, OTHER = ".github/workflows/ci.yml", "LICENSE"


def told(path: str, scopes: set[str] | None, permission: str | None = "WRITE") -> str:
    """What is said against sending this file."""
    state = State(
        "R_1", "acme/api", archived=False, disabled=False, permission=permission, base=None, ours=None, labels={}
    )
    plan = Plan("create", "created", changes=(Change(path, None, Wanted(0o100644, "1" * 40, path)),))
    return words(objection(state, plan, None if scopes is None else frozenset(scopes)))


def test_a_run_that_only_pushes_need_not_write_pull_requests():
    needed = permissions([OTHER], checks=True, writes=True, proposes=False)
    assert needed.required == {"metadata": "read", "contents": "write", "pull_requests": "read"}
    assert needed.optional["pull_requests"] == "write"
    assert permissions([OTHER], checks=False, writes=False, proposes=False).required["contents"] == "read"


@pytest.mark.parametrize("path", [WORKFLOW, OTHER])
@pytest.mark.parametrize("permission", ["WRITE", "MAINTAIN", "ADMIN", None])
def test_nothing_is_known_against_a_token_that_has_no_scopes(path, permission):
    assert told(path, None, permission) == ""


@pytest.mark.parametrize("permission", ["READ", "TRIAGE"])
def test_who_may_only_read_may_not_write_whatever_the_scopes(permission):
    assert told(OTHER, {"repo", "workflow"}, permission) == "the token may read acme/api but not write to it"


def test_scopes_without_repo_are_named():
    assert told(OTHER, {"read:org", "gist"}) == "the token's scopes (gist, read:org) don't let it write"
    assert told(OTHER, set()) == "the token's scopes (none) don't let it write"


def test_workflows_need_a_scope_of_their_own_and_other_files_do_not():
    assert "lacks the scope `workflow`" in told(WORKFLOW, {"repo"})
    assert told(OTHER, {"repo"}) == told(OTHER, {"public_repo"}) == told(WORKFLOW, {"public_repo", "workflow"}) == ""


def test_a_pull_request_on_the_source_asks_for_workflows_only_where_it_brings_some():
    both = {"metadata": "read", "contents": "write", "pull_requests": "write"}
    assert proposing([OTHER]) == Permissions(both, {})
    assert proposing([OTHER, WORKFLOW]) == Permissions(both | {"workflows": "write"}, {})


def test_what_selectors_need_is_for_the_token_that_looks_at_an_owner_alone():
    wanted = permissions([OTHER], checks=True, writes=False, teams=True, properties=True)
    looking = {"members": "read", "organization_custom_properties": "read"}
    assert wanted.reading == Permissions({"metadata": "read", "contents": "read", "pull_requests": "read"}, looking)
    assert not wanted.optional
