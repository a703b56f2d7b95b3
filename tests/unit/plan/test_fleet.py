"""Plans for all targets: what a target turned out to be, what its token may not do, and what ends its work."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from broadcast.errors import Failure
from broadcast.plan.fleet import objections, plan_all, plan_one
from broadcast.plan.plan import Plan, Rules
from broadcast.plan.reason import Reason, reason_of
from broadcast.snapshot.time_limit import TimeLimit, TimeLimitExceeded
from tests.unit.plan.test_guards import observation, opened, plan, settled, target

RULES, SOURCE = Rules("Broadcast-Id: x"), "acme/templates"


def time_limit(most: float = 60.0) -> TimeLimit:
    return TimeLimit(lambda: 0.0, most)


def decided(named, base: str | None = "main", **state) -> Plan | Failure:
    """The plan for a target whose repository is in this state."""
    seen = observation("R_1", base or "")
    held = replace(seen.state, **state) if base else replace(seen.state, base=None, **state)
    return plan_one(named, replace(seen, state=held), time_limit(), source=SOURCE, rules=RULES)


def test_a_target_that_could_not_be_looked_at_fails_as_it_is():
    gone = Failure("gone")
    assert plan_one(target("x"), gone, time_limit(), source=SOURCE, rules=RULES) is gone


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ({"full_name": "Acme/Templates"}, Reason("is_source", name=SOURCE)),
        ({"full_name": "Acme/Templates", "base": None}, Reason("is_source", name=SOURCE)),
        ({"full_name": "initech/x"}, Reason("moved", repository="initech/x", other="initech")),
    ],
)
def test_a_target_that_turned_out_to_be_something_else_fails(state, reason):
    assert reason_of(decided(target("x"), **state)) == reason


@pytest.mark.parametrize(("running", "refused"), [("main", True), ("", True), ("next", False)])
def test_the_running_branch_of_the_source_is_refused_once_more_when_it_is_seen(running, refused):
    seen = observation("R_1", "main")
    seen = replace(seen, state=replace(seen.state, full_name=SOURCE))
    rules = replace(RULES, running=running)
    found = plan_one(target("templates"), seen, time_limit(), source=SOURCE, rules=rules)
    assert (isinstance(found, Failure) and reason_of(found) == Reason("is_running", name="main")) == refused


def test_a_repository_that_was_renamed_by_its_owner_is_worked_on():
    assert isinstance(decided(target("x"), full_name="ACME/y"), Plan)


def test_a_branch_that_is_not_there_fails_where_the_config_names_it_and_is_skipped_where_it_selects():
    named = target("x", "next")
    assert reason_of(decided(named, base=None)) == Reason("no_named_branch", name="next")
    skipped = decided(replace(named, selected=True), base=None)
    assert (skipped.step, skipped.outcome, skipped.reason) == ("nothing", "skipped", Reason("no_branch", name="next"))


@pytest.mark.parametrize("selected", [False, True])
def test_an_archived_repository_is_skipped_as_such_whatever_it_lacks(selected):
    found = decided(replace(target("x", "next"), selected=selected), base=None, archived=True)
    assert found.reason == Reason("archived")


def test_an_empty_repository_is_skipped_where_no_branch_is_named():
    assert decided(target("x"), base=None).reason == Reason("empty")


def test_a_pull_request_that_the_config_dropped_closes_for_that_reason():
    pull = opened().pull
    assert decided(target("x"), pulls=(pull,), has_pulls=True).reason == Reason("nothing_left")
    found = decided(target("x", dropped=True), pulls=(pull,), has_pulls=True)
    assert (found.step, found.reason) == ("close", Reason("dropped"))
    assert decided(target("x", dropped=True)).reason is None


def test_a_target_that_takes_too_long_fails_alone():
    clock = iter(range(0, 10_000, 100))
    slow = TimeLimit(lambda: float(next(clock)), 1.0)
    seen = observation("R_1")
    state = replace(seen.state, opt_outs={".broadcastignore": "a"})
    seen = replace(seen, state=state, drift=replace(seen.drift, changes=list(plan().changes)))
    found = plan_one(target("x"), seen, slow, source=SOURCE, rules=RULES)
    assert isinstance(found, TimeLimitExceeded)


def test_the_plans_of_a_fleet_have_every_target_once_and_are_guarded():
    one, twin, gone, unreached = target("a"), target("b", line=7), target("c"), target("d")
    seen = {one: observation("R_1"), twin: observation("R_1"), gone: Failure("gone"), unreached: Failure("no token")}
    limits = dict.fromkeys((one, twin, gone), time_limit())
    found = plan_all(seen, limits, source=SOURCE, rules=RULES, config=settled())
    assert list(found) == [one, twin, gone, unreached]
    assert isinstance(found[one], Plan)
    assert [reason_of(found[name]) for name in (twin, gone, unreached)] == [
        Reason("twin", name="acme/a", other="c.yml:2"), reason_of(seen[gone]), reason_of(seen[unreached]),
    ]  # fmt: skip


IDLE = {"step": "nothing", "outcome": "in_sync", "changes": ()}


@pytest.mark.parametrize(
    ("made", "writes", "objected"),
    [
        (plan(), True, True),
        (plan(), False, True),
        (plan(**IDLE), True, False),
        (plan(**IDLE | {"step": "sweep"}), True, False),
        (plan(**IDLE), False, True),
        (Failure("gone"), True, False),
    ],
)
def test_a_token_that_may_only_read_is_objected_to_where_something_is_to_be_written_or_asked(made, writes, objected):
    one, seen = target("x"), observation("R_1")
    seen = replace(seen, state=replace(seen.state, permission="READ"))
    found = objections({one: made}, {one: seen}, {one: None}, writes=writes)
    assert [reason_of(failure).kind for failure in found.values()] == (["read_only"] if objected else [])


def test_without_an_observation_there_is_no_objection():
    one = target("x")
    assert objections({one: plan()}, {one: Failure("gone")}, {one: frozenset()}, writes=True) == {}
