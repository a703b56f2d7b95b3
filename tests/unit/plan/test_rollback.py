"""Rollbacks in plans: what a sync leaves to one, and what one does where nothing changes."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from broadcast.observe.drift import Drift
from broadcast.observe.state import Edited
from broadcast.ownership import Marker, shortened
from broadcast.plan import people, rollback
from broadcast.plan.people import OptOut
from broadcast.plan.plan import Plan, Rules, Undone
from broadcast.plan.reason import Reason
from broadcast.snapshot.back import Back
from broadcast.snapshot.snapshot import digest
from tests.unit.observe.test_rollbacks import TARGET
from tests.unit.plan.test_people import change, pull, snapshot, state, withheld

TO = "b" * 40
A, B = change("a"), change("b")
RULES = Rules("id")
BACK = Back(TO, TARGET, lambda commit: commit.startswith("c"), {})


def marker(*undone: str, **more) -> Marker:
    values = {"back": TO, "undone": shortened(undone), "undone_digest": digest(shortened(undone))} | more
    return Marker("x", "acme/templates", "c.yml", "c" * 40, "t", frozenset({"restored"}), "d", **values)


def test_what_a_merged_rollback_took_back_is_withheld_until_it_changes():
    seen = state(pull(2, state="MERGED", marker=marker(A.pair)))
    assert withheld(seen, A, B) == {"a": Reason("rolled_back", pull=2, commit=TO[:10])}
    assert withheld(seen, change("a", after="2" * 40)) == {}


def test_repropose_does_not_lift_it_and_resume_does():
    seen = state(pull(2, state="MERGED", marker=marker(A.pair)))
    assert withheld(seen, A, repropose=True)
    assert not withheld(seen, A, resume=True)


@pytest.mark.parametrize(
    ("status", "more", "is_withheld"),
    [("MERGED", {}, True), ("OPEN", {}, False), ("CLOSED", {}, False), ("CLOSED", {"withdrawn": True}, True)],
)
def test_a_rollback_counts_once_it_is_merged_or_has_closed_what_it_took_back(status, more, is_withheld):
    seen = state(pull(2, state=status, marker=marker(A.pair, closed_by_us=True, **more)))
    assert bool(people.rolled_back(seen, [A])) == is_withheld


def test_what_was_merged_again_later_is_not_rolled_back_any_more():
    seen = state(pull(3, A, state="MERGED"), pull(2, state="MERGED", marker=marker(A.pair)))
    assert people.rolled_back(seen, [A]) == {}


def test_one_too_large_for_its_marker_is_known_by_its_digest():
    large = marker(undone_digest=digest(shortened([A.pair, B.pair])))
    seen = state(pull(2, state="MERGED", marker=large))
    assert people.rolled_back(seen, [A, B]).keys() == {A.pair, B.pair}
    assert people.rolled_back(seen, [A]) == {}


def test_peoples_edits_are_left_with_their_names_unless_they_are_to_be_overwritten():
    seen = state(edited={A.pair: Edited(2, "octocat", "e" * 40)})
    why = Reason("edited_since", pull=2, name="octocat", commit="e" * 10)
    assert withheld(seen, A) == {"a": why}
    assert withheld(seen, A, overwrite=True) == {}
    unknown = state(edited={A.pair: Edited(2)})
    assert withheld(unknown, A)["a"].name == "people"


def test_a_rollback_is_not_held_up_by_earlier_ones():
    wanted = replace(snapshot(), back=BACK)
    seen = state(pull(2, state="MERGED", marker=marker(A.pair)))
    assert people.withheld(seen, Drift([A]), OptOut(seen, wanted), repropose=False) == {}


def held(rules: Rules = RULES, wanted=None, branch: Drift | None = None, **more) -> Plan | None:
    open_pull = pull(2, state="OPEN", marker=marker(A.pair, **more))
    plan = Plan("nothing", "open", changes=(A,), pull=open_pull)
    return rollback.held(plan, wanted or snapshot("a"), Drift([A]) if branch is None else branch, rules)


def test_sync_leaves_an_open_rollback_while_the_source_wants_what_it_takes_back():
    plan = held()
    assert (plan.step, plan.outcome, plan.changes) == ("nothing", "open", ())
    assert plan.reason == Reason("rollback_open", pull=2, commit=TO[:10])


def test_sync_takes_over_once_the_source_has_changed_or_the_run_resumes():
    assert held(branch=Drift([B])) is None
    assert held(branch=Drift()) is None
    assert held(replace(RULES, resume=True)) is None
    assert held(wanted=snapshot()) is None
    assert held(wanted=replace(snapshot("a"), back=BACK)) is None
    assert held(back="") is None


@pytest.mark.parametrize(
    ("commit", "more", "step", "reason"),
    [
        ("c" * 40, {}, "close", "withdrawn"),
        ("c" * 40, {"back": TO}, "close", "nothing_left"),
        ("e" * 40, {}, "nothing", None),
    ],
)
def test_without_changes_only_what_came_later_is_closed(commit, more, step, reason):
    known = Marker("x", "acme/templates", "c.yml", commit, "t", frozenset(), "d", **more)
    plan = Plan("nothing", "open", pull=pull(2, state="OPEN", marker=known), back=Undone(TO, frozenset()))
    done = rollback.without_changes(plan, replace(snapshot(), back=BACK))
    assert (done.step, done.reason.kind if done.reason else None) == (step, reason)


def test_a_target_whose_people_changed_everything_says_so():
    left_out = (("a", Reason("edited_since", pull=2, name="octocat", commit="e")),)
    plan = Plan("nothing", "open", left_out=left_out, back=Undone(TO, frozenset()))
    done = rollback.without_changes(plan, replace(snapshot(), back=BACK))
    assert (done.outcome, done.reason) == ("edited", Reason("all_edited", commit=TO[:10]))


def test_a_marker_says_the_same_as_a_plan_or_is_written_again():
    plan = Plan("nothing", "open", back=Undone(TO, frozenset({"a"})))
    assert rollback.is_said(plan, marker("a"))
    assert not rollback.is_said(plan, marker("b"))
    assert not rollback.is_said(plan, marker("a", back="c" * 40))
    assert not rollback.is_said(Plan("nothing", "open"), marker("a"))
    assert rollback.is_said(Plan("nothing", "open"), marker(back=""))
