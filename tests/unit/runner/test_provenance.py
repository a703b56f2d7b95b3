"""Events, refs and heads that may reach a fleet, and those that may not."""

from __future__ import annotations

import json

import pytest

from broadcast.errors import UsageError
from broadcast.runner import context, provenance

ALLOWED = [
    # allow-ref, and the refs that it means
    ("main", ["refs/heads/main"]),
    ("next", ["refs/heads/next"]),
    ("refs/heads/next", ["refs/heads/next"]),
    ("heads/next", ["refs/heads/next"]),
    ("release/*", ["refs/heads/release/1", "refs/heads/release/1/x"]),
    ("v*", ["refs/heads/v1", "refs/heads/v"]),
    ("tags/v*", ["refs/tags/v1"]),
    ("refs/tags/v*", ["refs/tags/v1"]),
    ("*", ["refs/heads/main", "refs/heads/next", "refs/heads/v1", "refs/heads/release/1"]),
    ("tags/*", ["refs/tags/v1"]),
    ("refs/*", ["refs/heads/main", "refs/tags/v1", "refs/pull/7/merge"]),
    ("pull/7/*", ["refs/pull/7/merge"]),
    ("", []),
    ("V*", []),
    ("refs/heads", []),
]
REFS = [
    "refs/heads/main", "refs/heads/next", "refs/heads/v1", "refs/heads/v", "refs/heads/release/1", "refs/heads/release/1/x",
    "refs/tags/v1", "refs/pull/7/merge", "refs/heads/tags/v1", "HEAD", "",
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "meant"), ALLOWED)
def test_allow_ref_means_branches_unless_it_says_otherwise_and_never_both(pattern, meant):
    allowed = {ref for ref in REFS if provenance.allows(pattern, ref)}
    assert set(meant) <= allowed
    if "*" not in pattern:
        assert allowed == set(meant)
    assert len({ref.split("/")[1] for ref in allowed}) <= 1 or pattern == "refs/*"


def standing(event: str, ref: str, default: str = "main") -> context.Context:
    environment = {"GITHUB_EVENT_NAME": event, "GITHUB_REF": ref, "GITHUB_REPOSITORY": "acme/templates"}
    environment["GITHUB_SHA"] = "1" * 40
    payload = {"repository": {"default_branch": default}} if default else {}
    return context.from_environment(environment, json.dumps(payload))


# docs: events that trigger workflows, with the ref that GITHUB_REF has there
DEFAULT_BRANCH = [
    "push", "schedule", "workflow_dispatch", "repository_dispatch", "workflow_run", "issue_comment", "issues", "label",
    "check_run", "check_suite", "discussion", "fork", "watch", "status", "page_build", "milestone", "public", "gollum",
    "branch_protection_rule", "delete", "registry_package", "deployment_status", "deployment",
]  # fmt: skip


@pytest.mark.parametrize("event", DEFAULT_BRANCH)
def test_the_default_branch_may_and_what_is_checked_out_there_is_looked_at_next(event):
    provenance.refuse_ref(standing(event, "refs/heads/main"), "")


@pytest.mark.parametrize("event", [*DEFAULT_BRANCH, "create", "release", "merge_group"])
@pytest.mark.parametrize(
    "ref", ["", "refs/heads/evil", "refs/tags/v1", "refs/tags/main", "refs/pull/7/merge", "main", "HEAD"]
)
def test_no_event_lets_another_ref_in(event, ref):
    if (event, ref) == ("schedule", "refs/heads/evil"):
        return  # named by the event as well
    with pytest.raises(UsageError) as caught:
        provenance.refuse_ref(standing(event, ref), "")
    assert caught.value.remedy


@pytest.mark.parametrize(
    "event", ["pull_request", "pull_request_review", "pull_request_review_comment", "pull_request_target"]
)
@pytest.mark.parametrize("ref", ["refs/heads/main", "refs/pull/7/merge", ""])
def test_no_pull_request_may(event, ref):
    with pytest.raises(UsageError):
        provenance.refuse_ref(standing(event, ref), "")


def test_an_event_without_a_default_branch_lets_a_usual_name_in_with_a_warning_and_others_by_an_input():
    with pytest.raises(UsageError, match="doesn't name the default branch") as caught:
        provenance.refuse_ref(standing("push", "refs/heads/trunk", ""), "")
    assert "allow-ref: trunk" in caught.value.remedy
    provenance.refuse_ref(standing("push", "refs/heads/trunk", ""), "trunk")
    provenance.refuse_ref(standing("push", "refs/heads/main", ""), "")
    (warning,) = provenance.unnamed(standing("push", "refs/heads/main", ""))
    assert warning.endswith("main was taken for it")
    assert provenance.unnamed(standing("push", "refs/heads/main")) == []


def at(ref: str, default: str) -> context.Context:
    from msgspec.structs import replace

    made = context.from_environment({"GITHUB_REF": "refs/heads/evil", "GITHUB_SHA": "1" * 40}, "", terminal=True)
    assert (made.ref, made.commit) == ("", "")  # the checkout says it
    return replace(made, ref=ref, default_branch=default)


@pytest.mark.parametrize(
    ("ref", "default", "fine"),
    [
        ("refs/heads/main", "main", True), ("refs/heads/main", "", True), ("refs/heads/master", "", True), ("", "", True),
        ("refs/heads/main", "trunk", False), ("refs/heads/evil", "main", False), ("refs/heads/evil", "", False),
        ("HEAD", "main", False), ("HEAD", "", False),
    ],
)  # fmt: skip
def test_a_terminal_sends_from_the_default_branch_and_says_the_way_out(ref, default, fine):
    if fine:
        provenance.refuse_ref(at(ref, default), "")
        return
    with pytest.raises(UsageError, match="sync runs on the default branch") as caught:
        provenance.refuse_ref(at(ref, default), "")
    assert "git switch" in caught.value.remedy
    if ref != "HEAD":
        provenance.refuse_ref(at(ref, default), ref.removeprefix("refs/heads/"))
