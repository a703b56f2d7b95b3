"""The order among groups, and the budget of new pull requests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from broadcast.errors import Failure
from broadcast.plan import schedule
from broadcast.plan.outcome import NAMES, Outcome
from broadcast.plan.reason import Reason
from broadcast.plan.schedule import Budget, Turns
from tests.unit.plan.test_guards import fleet, opened, plan, target


def grouped(name: str, *groups: str, after: tuple[str, ...] = ()):
    return replace(target(name), groups=frozenset(groups), waits_for=frozenset(after))


@pytest.mark.parametrize("name", NAMES)
def test_only_a_failure_in_a_group_defers_what_depends_on_it(name):
    turns, work = Turns(), plan()
    outcome = Outcome("acme/one", "main", name)
    assert turns.note(grouped("one", "core"), outcome) is outcome
    admitted = turns.admit(grouped("two", "leaf", after=("core",)), work)
    if name != "failed":
        assert admitted is work
        return
    assert (admitted.step, admitted.outcome) == ("nothing", "deferred")
    assert admitted.reason == Reason("group_failed", name="core", other="acme/one")


def test_other_groups_and_targets_with_nothing_to_do_go_on():
    turns = Turns()
    turns.note(grouped("one", "core"), Outcome("acme/one", "main", "failed"))
    idle = opened()
    assert turns.admit(grouped("two", "leaf", after=("core",)), idle) is idle
    work = plan()
    assert turns.admit(grouped("three", "other", after=("base",)), work) is work
    assert turns.admit(grouped("four", "core"), work) is work


def test_of_several_failed_groups_the_first_by_name_is_reported():
    turns = Turns()
    for group in ("b", "a"):
        turns.note(grouped(f"in-{group}", group), Outcome(f"acme/in-{group}", "main", "failed"))
    assert turns.admit(grouped("x", after=("b", "a")), plan()).reason.name == "a"


@given(st.lists(st.none() | st.integers(0, 9), max_size=4))
def test_the_strictest_limit_counts_and_none_is_no_limit(limits):
    known = [one for one in limits if one is not None]
    assert schedule.lowest(*limits) == (min(known) if known else None)


def test_what_a_budget_admits_is_in_the_order_of_work_and_has_no_failures():
    plans = fleet(opened("2025-06-02T00:00:00Z"), plan(), Failure("gone"), plan(), opened("2025-06-01T00:00:00Z"))
    found = schedule.admitted(plans, Budget(plans, 1, None))
    assert [(one.name, made.outcome) for one, made in found.items()] == [
        ("t1", "created"), ("t3", "deferred"), ("t4", "open"), ("t0", "open"),
    ]  # fmt: skip
