"""The guards over all plans of a fleet, on plans made by hand; and the refs that may reach a fleet."""

from __future__ import annotations

import json

import pytest

from broadcast.config.model import Config
from broadcast.config.parse import parse
from broadcast.config.settings import Settings
from broadcast.config.targets import Target
from broadcast.config.yaml_reader import Place
from broadcast.errors import Failure, UsageError
from broadcast.git.objects import Entry, build_tree
from broadcast.observe.change import Change
from broadcast.observe.drift import Drift
from broadcast.observe.state import Branch, Located, Observation, Pull, State
from broadcast.plan import guards, schedule
from broadcast.plan.guards import Plans
from broadcast.plan.plan import Plan
from broadcast.plan.reason import Reason, reason_of
from broadcast.runner import context, provenance
from broadcast.snapshot.snapshot import Snapshot, Wanted

EMPTY = Snapshot({}, build_tree({}), (), (), frozenset(), (), 0)
CONFIG = "version: 1\ntargets: [acme/t0]\nfiles: [LICENSE]\n"


def target(name: str, base: str | None = None, line: int = 2, *, dropped: bool = False) -> Target:
    return Target("acme", name, base, "broadcast/x", (), (), Settings(), Place(line, 1), dropped=dropped)


def change(path: str = "a", content: str = "1", mode: int = 0o100644) -> Change:
    return Change(path, None, Wanted(mode, content * 40, path))


def deletion(path: str) -> Change:
    return Change(path, Entry(0o100644, "0" * 40), None)


def pull(updated_at: str = "2025-06-01T00:00:00Z") -> Pull:
    return Pull("PR", 1, "", "OPEN", "", "", "", "main", False, False, "", updated_at, None)


def plan(*changes: Change, **more) -> Plan:
    values = {"step": "create", "outcome": "created", "changes": changes or (change(),)}
    return Plan(**values | more)


def opened(updated_at: str = "2025-06-01T00:00:00Z", **more) -> Plan:
    return plan(**{"step": "nothing", "outcome": "open", "pull": pull(updated_at)} | more)


def fleet(*made: Plan | Failure) -> Plans:
    return {target(f"t{n}"): one for n, one in enumerate(made)}


def names(plans) -> list[str]:
    return [one.name for one in plans]


def settled(more: str = "") -> Config:
    return parse(CONFIG + more, "c.yml", "acme/templates")


A, B = plan(change("a")), plan(change("b"))


# Whose turn it is


def test_those_without_a_pull_request_come_first_in_the_order_of_the_config_then_the_longest_untouched():
    days = ["2025-06-03", "", "2025-06-01", "", "2025-06-02"]
    plans = fleet(*(opened(f"{day}T00:00:00Z") if day else plan() for day in days), Failure("gone"))
    assert names(schedule.in_turn(plans)) == ["t1", "t3", "t5", "t2", "t4", "t0"]


# The budget


def created(plans: Plans) -> list[str]:
    return [one.name for one, made in plans.items() if isinstance(made, Plan) and made.outcome == "created"]


def admitted(plans: Plans, most: int | None, most_open: int | None) -> Plans:
    budget = schedule.Budget(plans, most, most_open)
    return {one: budget.admit(made) if isinstance(made, Plan) else made for one, made in plans.items()}


@pytest.mark.parametrize(
    ("most", "most_open", "allowed", "reason"),
    [
        (None, None, 4, ""),
        (0, None, 0, "max-pull-requests"),
        (2, None, 2, "max-pull-requests"),
        (9, None, 4, ""),
        (None, 3, 2, "limits.max_open_pull_requests"),
        (None, 1, 0, "limits.max_open_pull_requests"),
        (None, 0, 0, "limits.max_open_pull_requests"),
        (3, 2, 1, "limits.max_open_pull_requests"),
        (1, 9, 1, "max-pull-requests"),
    ],
)
def test_the_lower_budget_counts_and_the_rest_is_deferred(most, most_open, allowed, reason):
    plans = fleet(plan(), opened(), plan(), Failure("gone"), plan(), plan())
    kept = admitted(plans, most, most_open)
    assert list(kept) == list(plans)
    assert created(kept) == ["t0", "t2", "t4", "t5"][:allowed]
    rest = [one for one in kept.values() if isinstance(one, Plan) and one.outcome == "deferred"]
    assert {(one.step, one.reason) for one in rest} == (
        {("nothing", Reason("no_budget", name=reason))} if reason else set()
    )
    assert len(rest) == 4 - allowed
    assert isinstance(kept[target("t3")], Failure)


def test_a_budget_holds_back_new_pull_requests_alone():
    updated, closed = opened(step="rebuild", outcome="updated"), opened(step="close", outcome="closed")
    plans = fleet(updated, closed, plan(step="nothing", outcome="declined"), opened())
    assert admitted(plans, 0, 0) == plans


def test_what_came_to_nothing_gives_its_turn_to_another():
    budget = schedule.Budget(fleet(A, A), 1, None)
    assert budget.admit(A) == A
    assert budget.admit(A).outcome == "deferred"
    budget.give_back()
    assert budget.admit(A) == A


# Deletions in all


def test_over_the_total_of_deletions_every_plan_with_changes_fails():
    plans = fleet(plan(deletion("a"), deletion("b")), plan(deletion("c"), change()), A, opened(changes=()))
    assert guards.within_total(plans, settled("limits: {max_total_deletions: 3}\n")) == plans
    held = guards.within_total(plans, settled("limits: {max_total_deletions: 2}\n"))
    failures = [one for one in held.values() if isinstance(one, Failure)]
    assert len(failures) == 3
    assert {reason_of(one) for one in failures} == {Reason("too_many_deletions_in_all", count=3, limit=2)}


# The same place by two names


def observation(repository: str, base: str = "main") -> Observation:
    branch = Branch(base, Located("c" * 40, "t" * 40, {}))
    return Observation(State(repository, "acme/x", False, False, None, branch, None, {}), Drift(), None, EMPTY)


def test_two_targets_that_are_the_same_repository_and_branch_are_one_too_many():
    one, other, next_, moved = target("new"), target("old", line=7), target("new", "next"), target("x", "main", 9)
    plans = dict.fromkeys((one, other, next_, moved), A)
    observations = {
        one: observation("R_1"),
        other: observation("R_1"),
        next_: observation("R_1", "next"),
        moved: Failure("gone"),
    }
    kept = guards.without_twins(plans, observations, settled())
    assert [one for one, made in kept.items() if isinstance(made, Failure)] == [other]
    assert reason_of(kept[other]) == Reason("twin", name="acme/new", other="c.yml:2")
    assert guards.without_twins({target("d", dropped=True): A, one: A}, {
        target("d", dropped=True): observation("R_1"), one: observation("R_1"),
    }, settled())[one] == A  # fmt: skip


# Content that no one has merged

MERGED = [
    ("push", "refs/heads/main"),
    ("schedule", "refs/heads/main"),
    ("workflow_dispatch", "refs/heads/main"),
    ("repository_dispatch", "refs/heads/main"),
]
UNMERGED = [
    ("push", "refs/heads/feature"),
    ("push", "refs/heads/mainline"),
    ("push", "refs/heads/release/main"),
    ("push", "refs/tags/v1"),
    ("push", "refs/tags/main"),
    ("workflow_dispatch", "refs/heads/feature"),
    ("merge_group", "refs/heads/gh-readonly-queue/main/pr-7-abc"),
    ("pull_request", "refs/pull/7/merge"),
    ("pull_request_target", "refs/heads/main"),
    ("pull_request_review", "refs/pull/7/merge"),
    ("pull_request_review_comment", "refs/pull/7/merge"),
    ("workflow_dispatch", "refs/pull/7/head"),
]


def standing(event: str, ref: str, default: str = "main") -> context.Context:
    environment = {"GITHUB_EVENT_NAME": event, "GITHUB_REF": ref, "GITHUB_REPOSITORY": "acme/templates"}
    return context.from_environment(environment, json.dumps({"repository": {"default_branch": default}}))


@pytest.mark.parametrize(("event", "ref"), MERGED)
def test_what_is_merged_may_reach_the_fleet(event, ref):
    provenance.refuse_ref(standing(event, ref), "")


@pytest.mark.parametrize(("event", "ref"), UNMERGED)
def test_what_is_not_merged_may_not(event, ref):
    with pytest.raises(UsageError) as caught:
        provenance.refuse_ref(standing(event, ref), "")
    assert "allow-ref" in caught.value.remedy
    with pytest.raises(UsageError):
        provenance.refuse_ref(standing(event, ref), "next")


@pytest.mark.parametrize(
    ("ref", "allow"),
    [
        ("refs/heads/next", "next"),
        ("refs/heads/next", "refs/heads/next"),
        ("refs/heads/release/2.x", "release/*"),
        ("refs/tags/v1.2", "tags/v*"),
    ],
)
def test_allow_ref_names_refs_or_patterns(ref, allow):
    provenance.refuse_ref(standing("push", ref), allow)


@pytest.mark.parametrize("default", ["trunk", "master"])
def test_the_default_branch_is_the_one_that_the_event_names(default):
    provenance.refuse_ref(standing("push", f"refs/heads/{default}", default), "")
    with pytest.raises(UsageError, match=f"runs on the default branch {default}, not on main"):
        provenance.refuse_ref(standing("push", "refs/heads/main", default), "")
