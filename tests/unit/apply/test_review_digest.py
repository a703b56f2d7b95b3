"""The digest of a plan: whatever would be written has a part in it, and nothing else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from broadcast.apply import review_digest
from broadcast.apply.texts import Writer
from broadcast.config.settings import Settings
from broadcast.errors import Failure
from broadcast.git.objects import Entry
from broadcast.observe.change import Change
from broadcast.observe.state import State, Superseded
from broadcast.plan.plan import Plan, Rules
from broadcast.plan.reason import Reason, said
from broadcast.runner.context import Context
from broadcast.snapshot.snapshot import Wanted
from tests.unit.plan.test_guards import change, deletion, observation, opened, plan, pull, settled, target
from tests.unit.report.sample_runs import CONTEXT

A = plan(change("a"), change("b", "2"))
STATE = observation("R_1").state
TARGET = target("t0")


def writer(context: Context = CONTEXT, *, cancel: bool = False) -> Writer:
    return Writer(context, settled(), Rules("Broadcast-Id: x", cancel=cancel))


def of(made: Plan | Failure = A, state: State = STATE, context: Context = CONTEXT, **more) -> str:
    """The digest of one plan; `more` is of the target or its settings."""
    settings = {name: value for name, value in more.items() if name in Settings.__struct_fields__}
    own = {name: value for name, value in more.items() if name not in settings}
    one = replace(TARGET, settings=Settings(**settings), **own)
    return review_digest.whole({one: made}, {one: replace(observation("R_1"), state=state)}, writer(context))


def pulled(**more) -> Plan:
    """The plan of an open pull request that is to be made again."""
    return replace(A, step="rebuild", outcome="updated", pull=pull()._replace(**{"title": "t", **more}))


def waiting(**more) -> Plan:
    """An open pull request that is as it should be."""
    return replace(A, step="nothing", outcome="open", pull=pull()._replace(**more))


ORDINARY = {
    "the repository": lambda: of(state=replace(STATE, full_name="acme/other")),
    "the target": lambda: of(name="t1"),
    "its base": lambda: of(base="next"),
    "the base that it has": lambda: of(state=observation("R_1", "next").state),
    "our branch": lambda: of(branch="broadcast/y"),
    "a path": lambda: of(plan(change("a"), change("c", "2"))),
    "a mode": lambda: of(plan(change("a", mode=0o100755), change("b", "2"))),
    "the end of an id": lambda: of(plan(Change("a", None, Wanted(0o100644, "1" * 39 + "2", "a")), change("b", "2"))),
    "one change more": lambda: of(plan(*A.changes, change("c"))),
    "one change less": lambda: of(plan(change("a"))),
    "two ids exchanged": lambda: of(plan(change("a", "2"), change("b"))),
    "a deletion": lambda: of(plan(deletion("a"), change("b", "2"))),
    "whether a file is there": lambda: of(
        plan(A.changes[0]._replace(before=Entry(0o100644, "9" * 40)), A.changes[1])
    ),
    "the step": lambda: of(replace(A, step="propose")),
    "a title": lambda: of(pr_title="Another"),
    "a text": lambda: of(pr_body="Merge me"),
    "a commit message": lambda: of(commit_message="Another"),
    "a draft": lambda: of(pr_draft=True),
    "a label": lambda: of(pr_labels=("x",)),
    "an assignee": lambda: of(pr_assignees=("x",)),
    "a reviewer": lambda: of(pr_reviewers=("x",)),
    "a team": lambda: of(pr_team_reviewers=("x",)),
    "a milestone": lambda: of(pr_milestone="x"),
    "auto-merge": lambda: of(pr_auto_merge=True),
    "its method": lambda: of(pr_auto_merge=True, pr_merge_method="squash"),
    "the repository's own method": lambda: of(state=replace(STATE, merge_method="REBASE"), pr_auto_merge=True),
    "whether news are told": lambda: of(news=True),
    "who may read the target": lambda: of(state=replace(STATE, visibility="PUBLIC")),
    "a file that is left out": lambda: of(replace(A, left_out=(("x", Reason("local_change")),))),
    "work that gets lost": lambda: of(replace(A, overwrites=frozenset({"a"}))),
    "a pull request of an older tool": lambda: of(state=replace(STATE, superseded=(Superseded("PR_9", 9),))),
    "two of them": lambda: of(state=replace(STATE, superseded=(Superseded("PR_9", 9), Superseded("PR_8", 8)))),
    "where the config names the target": lambda: of(place=TARGET.place._replace(line=9)),
    "nothing at all": lambda: of(replace(A, step="nothing", outcome="in_sync", changes=())),
    "a failure": lambda: of(Failure("gone")),
    "an open pull request": lambda: of(pulled()),
    "another one": lambda: of(pulled(number=2)),
    "one with another base": lambda: of(pulled(base="next")),
    "one with a title of people": lambda: of(pulled(title="theirs")),
    "one whose label goes": lambda: of(pulled(rebuild_label="LA_1")),
    "one that never got its labels": lambda: of(pulled(decorated=False), pr_labels=("x",)),
    "a branch that goes": lambda: of(replace(pulled(), leftovers=(("x", "1" * 40),))),
    "that branch with another head": lambda: of(replace(pulled(), leftovers=(("x", "2" * 40),))),
    "a pull request that closes": lambda: of(replace(pulled(), step="close", outcome="closed")),
    "one that closes for another reason": lambda: of(replace(pulled(), step="close", outcome="closed", reason=Reason("cancelled"))),
    "one that the config has dropped": lambda: of(replace(pulled(), step="close", outcome="closed"), dropped=True),
    "a sweep": lambda: of(Plan("sweep", "in_sync", leftovers=(("x", "1" * 40),))),
    "another sweep": lambda: of(Plan("sweep", "in_sync", leftovers=(("y", "1" * 40),))),
    "labels for one that waits": lambda: of(waiting(decorated=False), pr_labels=("x",)),
    "auto-merge for one that waits": lambda: of(waiting(lacks_auto_merge=True), pr_auto_merge=True),
    "auto-merge that is taken away": lambda: of(replace(waiting(auto_merging=True), undoes={"a": 3})),
}  # fmt: skip


def test_whatever_would_be_written_makes_another_digest():
    found = {name: make() for name, make in {"as it is": of, **ORDINARY}.items()}
    same = {name for name in found if list(found.values()).count(found[name]) > 1}
    assert same <= {"nothing at all", "a failure"}  # both write nothing
    assert all(re.fullmatch("[0-9a-f]{64}", one) for one in found.values())


SAME = {
    "the run's address": lambda: of(
        context=replace(CONTEXT, run_url="https://github.com/acme/templates/actions/runs/9")
    ),
    "the source's commit": lambda: of(context=replace(CONTEXT, commit="d" * 40)),
    "the order of changes": lambda: of(replace(A, changes=A.changes[::-1])),
    "what is only told in the log": lambda: of(replace(A, notes=(said("w"),), reason=said("r", "m"))),
    "an older content": lambda: of(state=replace(STATE, topics=("x",))),
    "how the repository merges what people merge": lambda: of(state=replace(STATE, merge_method="REBASE")),
}


@pytest.mark.parametrize("name", SAME)
def test_what_changes_from_run_to_run_makes_no_other_digest(name):
    assert SAME[name]() == of()


def test_what_people_wrote_around_our_text_and_the_age_of_a_pull_request_have_no_part_in_it():
    assert of(pulled(body="theirs", updated_at="2030-01-01T00:00:00Z")) == of(pulled())


def test_targets_that_nothing_is_written_to_and_their_order_have_no_part_in_it():
    one, other, idle, gone = (target(f"t{n}") for n in range(4))
    plans = {one: A, other: plan(change("c")), idle: opened(), gone: Failure("gone")}
    observations = {name: observation(name.name) for name in (one, other, idle)} | {gone: Failure("gone")}
    both = {name: plans[name] for name in (other, one)}
    assert review_digest.whole(plans, observations, writer()) == review_digest.whole(both, observations, writer())
    assert review_digest.whole(plans, observations, writer()) != review_digest.whole({one: A}, observations, writer())


def test_a_withdrawal_is_no_closing_for_another_reason():
    one = {TARGET: replace(pulled(), step="close", outcome="closed")}
    seen = {TARGET: observation("R_1")}
    assert review_digest.whole(one, seen, writer()) != review_digest.whole(one, seen, writer(cancel=True))


@given(
    st.lists(st.tuples(st.text(min_size=1, max_size=5), st.text("01", min_size=1, max_size=2)), max_size=3, unique=True)
)
def test_no_two_sets_of_changes_have_one_encoding(pairs):
    made = plan(*(change(path, oid) for path, oid in pairs), change("z"))
    same = of(made) == of(plan(change("z")))
    assert same == (not pairs)


@pytest.mark.parametrize(
    ("now", "within"),
    [
        (A, True),
        (replace(A, step="propose"), True),
        (replace(A, changes=A.changes[:1]), True),
        (Plan("nothing", "in_sync"), True),
        (plan(*A.changes, change("c")), False),
        (plan(change("a", "3")), False),
        (plan(change("a", mode=0o120000)), False),
        (plan(deletion("a")), False),
        (replace(pulled(), step="close", outcome="closed", changes=()), False),
    ],
)
def test_another_look_may_leave_out_some_of_what_was_reviewed_and_add_nothing(now, within):
    assert review_digest.stays_within(A, now) is within
