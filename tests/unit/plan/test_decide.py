"""Each reason for which a target is left as it is, and what a plan becomes as an outcome."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from broadcast.errors import FileError
from broadcast.observe.drift import Drift
from broadcast.observe.state import Scratch
from broadcast.ownership import PLAN_TRAILER
from broadcast.plan.decide import decide
from broadcast.plan.outcome import Outcome
from broadcast.plan.plan import Plan, pending, planned
from broadcast.plan.reason import Reason
from tests.unit.observe.test_drift import drift, snapshot
from tests.unit.plan.test_guards import change, deletion, pull, target
from tests.unit.plan.test_plan import NEW, NEWER, OLD, OUR_TRAILER, OURS, RULES, SCRATCH, Model, proposed


def opened(**edits) -> Model:
    """A target whose open pull request proposes one new file; `edits` are people's."""
    model = proposed({}, {"a": NEW})
    if edits:
        model._edit(**edits)
    return model


@pytest.mark.parametrize(
    ("lack", "kind"), [({"archived": True}, "archived"), ({"disabled": True}, "disabled"), ({"base": None}, "empty")]
)
def test_a_repository_that_takes_no_writes_is_skipped(lack, kind):
    goal = snapshot({"a": NEW}, None)
    plan = decide(replace(Model({}).state(), **lack), goal, drift(goal, {})[0], None, RULES)
    assert plan == Plan("nothing", "skipped", Reason(kind))


def test_too_many_deletions_are_counted():
    model = Model(dict.fromkeys("abc", OLD), mirror=True)
    plan = model.decide({"d": NEW}, replace(RULES, max_deletions=2))
    assert (plan.step, plan.outcome) == ("nothing", "failed")
    assert plan.reason == Reason("too_many_deletions", count=3, limit=2)


def test_a_pull_request_of_another_config_with_our_id_is_a_rival():
    model = opened()
    config = model.open[0].marker.config
    plan = model.decide({"a": NEWER}, replace(RULES, is_rival=lambda path: path == config))
    assert (plan.step, plan.outcome) == ("nothing", "failed")
    assert plan.reason == Reason("rival", pull=model.open[0].number, name=config)
    assert model.decide({"a": NEWER}, replace(RULES, is_rival=lambda path: path != config)).outcome == "updated"


@pytest.mark.parametrize(("flag", "outcome"), [("queued", "deferred"), ("paused", "paused")])
def test_a_pull_request_that_waits_names_itself(flag, outcome):
    model = opened(**{flag: True})
    plan = model.decide({"a": NEWER})
    assert (plan.step, plan.outcome, plan.reason) == ("nothing", outcome, Reason(flag, pull=model.open[0].number))


def test_a_pull_request_that_people_pointed_elsewhere_is_theirs_until_they_ask_for_it_again():
    model = opened()
    model._edit(base="stable", marker=replace(model.open[0].marker, base="main"))
    plan = model.decide({"a": NEWER})
    assert (plan.step, plan.outcome) == ("nothing", "edited")
    assert plan.reason == Reason("retargeted", pull=model.open[0].number, name="stable", other="main")
    assert model.decide({"a": NEWER}, replace(RULES, overwrite=True)).step == "rebuild"
    model._edit(rebuild=True)
    assert model.decide({"a": NEWER}).step == "rebuild"


def test_an_unmarked_pull_request_from_our_branch_to_another_base_is_left_alone():
    plan = Model({}).decide({"a": NEW}, others=((7, "main"), (8, "stable"), (9, "old")))
    assert (plan.step, plan.outcome) == ("nothing", "edited")
    assert plan.reason == Reason("unmarked", pull=8, name="stable")
    assert Model({}).decide({"a": NEW}, others=((7, "main"),)).step == "create"
    assert opened().decide({"a": NEWER}, others=((8, "stable"),)).step == "rebuild"


CANCEL = replace(RULES, cancel=True)
LEFT = {"scratch": Scratch(SCRATCH, "5" * 40, f"half\n\n{OUR_TRAILER}")}


def test_cancelling_closes_the_pull_request_and_deletes_what_was_left_behind():
    plan = opened().decide({"a": NEW}, CANCEL, **LEFT)
    assert (plan.step, plan.outcome, plan.reason) == ("close", "closed", Reason("cancelled"))
    assert plan.leftovers == ((SCRATCH, "5" * 40),)
    assert plan.pull is not None


def test_cancelling_leaves_a_queued_or_edited_pull_request():
    model = opened(queued=True)
    plan = model.decide({"a": NEW}, CANCEL)
    assert (plan.step, plan.outcome, plan.reason) == (
        "nothing",
        "deferred",
        Reason("queued", pull=model.open[0].number),
    )
    model = opened()
    model.ours, model.ours_oid, model.message = {"a": OLD}, "f" * 40, "by hand"
    plan = model.decide({"a": NEW}, CANCEL)
    assert (plan.step, plan.outcome, plan.reason) == ("nothing", "edited", Reason("edited", name=OURS, commit="f" * 10))
    assert model.decide({"a": NEW}, replace(CANCEL, overwrite=True)).step == "close"


def test_cancelling_without_a_pull_request_sweeps_what_was_left_behind():
    plan = Model({}).decide({"a": NEW}, CANCEL, **LEFT)
    assert (plan.step, plan.outcome, plan.reason) == ("sweep", "skipped", Reason("none_open"))
    assert Model({}).decide({"a": NEW}, CANCEL) == Plan("nothing", "skipped", Reason("none_open"))


def test_a_pull_request_with_nothing_left_is_closed():
    model = opened()
    model.base = {"a": NEW}
    plan = model.decide({"a": NEW})
    assert (plan.step, plan.outcome, plan.reason) == ("close", "closed", Reason("nothing_left"))


@pytest.mark.parametrize(("count", "kind"), [(1, "file_error"), (2, "file_errors"), (3, "file_errors")])
@pytest.mark.parametrize("where", ["source", "target"])
def test_files_that_can_not_be_sent_leave_a_target_without_other_changes_incomplete(count, kind, where):
    goal, errors = snapshot({"a": NEW}, None), [FileError(f"p{n}", f"reason {n}", f"remedy {n}") for n in range(count)]
    goal = replace(goal, errors=tuple(errors)) if where == "source" else goal
    drift = Drift(errors=errors if where == "target" else [])
    plan = decide(Model({"a": NEW}).state(), goal, drift, None, RULES)
    assert (plan.step, plan.outcome, plan.file_errors) == ("nothing", "incomplete", tuple(errors))
    assert plan.reason == Reason(kind, name="p0", text="reason 0", remedy="remedy 0", count=count - 1)


def test_a_target_in_step_needs_nothing():
    plan = Model({"a": NEW}).decide({"a": NEW})
    assert (plan.step, plan.outcome, plan.reason, plan.changes) == ("nothing", "in_sync", None, ())


def test_a_target_that_opts_out_of_everything_is_skipped_by_the_names_of_its_files():
    plan = Model({}).decide({"a": NEW, "b": NEW}, opt_outs={".broadcastignore": "*\n", ".github/.broadcastignore": ""})
    assert (plan.step, plan.outcome, plan.changes) == ("nothing", "skipped", ())
    assert plan.reason == Reason("opted_out", name=".broadcastignore, .github/.broadcastignore")
    assert Model({}).decide({"a": NEW, "b": NEW}, opt_outs={".broadcastignore": "a\n"}).step == "create"


def test_an_open_pull_request_is_emptied_where_the_target_opts_out():
    plan = opened().decide({"a": NEW}, opt_outs={".broadcastignore": "*\n"})
    assert (plan.step, plan.outcome, plan.reason) == ("close", "closed", Reason("nothing_left"))


def test_a_branch_on_an_old_base_is_rebuilt_only_if_the_config_wants_that():
    model = opened()
    model.past.append(model._oid())
    assert model.decide({"a": NEW}).step == "nothing"
    assert model.decide({"a": NEW}, replace(RULES, rebase="always")).step == "rebuild"


def test_a_right_branch_without_a_pull_request_is_proposed_and_a_wrong_one_rebuilt():
    model = Model({})
    model.run({"a": NEW}, effects=2)
    assert PLAN_TRAILER in model.message
    assert (model.decide({"a": NEW}).step, model.decide({"a": NEW}).outcome) == ("propose", "created")
    assert (model.decide({"a": NEWER}).step, model.decide({"a": NEWER}).outcome) == ("rebuild", "created")


def test_a_pull_request_that_conflicts_is_rebuilt():
    assert (opened().decide({"a": NEW}).step, opened(title="x").decide({"a": NEW}).step) == ("nothing", "nothing")
    model = opened()
    model.base = {"a": OLD}
    assert model.conflicts()
    assert (model.decide({"a": NEW}).step, model.decide({"a": NEW}).outcome) == ("rebuild", "updated")


def test_an_outcome_has_what_its_plan_says():
    plan = Plan(
        "rebuild",
        "updated",
        Reason("cancelled"),
        changes=(change("a"), deletion("b")),
        left_out=(("c", Reason("local_change")),),
        undoes={"d": 5},
        overwrites=frozenset({"f", "d", "e"}),
        file_errors=(FileError("g", "reason", "remedy"),),
        notes=(Reason("opt_out_unreadable", name="h"),),
        pull=pull()._replace(url="https://x/1", created_at="2025-01-01T00:00:00Z"),
        leftovers=(("i", "1" * 40),),
    )
    found = planned(Outcome("acme/t", "main", "deferred"), plan)
    assert (found.name, found.reason, found.changes, found.file_errors) == (
        "updated", plan.reason, plan.changes, plan.file_errors,
    )  # fmt: skip
    assert (found.pull_request, found.opened_at) == ("https://x/1", "2025-01-01T00:00:00Z")
    assert found.notes == (
        Reason("left_out", name="c", why=Reason("local_change")),
        Reason("undoes", name="d", pull=5),
        Reason("overwrites", name="e"),
        Reason("overwrites", name="f"),
        Reason("sweeps", name="i"),
        Reason("opt_out_unreadable", name="h"),
    )


@pytest.mark.parametrize(
    ("step", "swept"), [("sweep", True), ("rebuild", True), ("close", True), ("create", False), ("nothing", False)]
)
def test_branches_are_noted_only_by_steps_that_delete_them(step, swept):
    plan = Plan(step, "open", leftovers=(("i", "1" * 40),))
    assert planned(Outcome("acme/t", "", "deferred"), plan).notes == ((Reason("sweeps", name="i"),) if swept else ())


def test_an_outcome_without_a_pull_request_has_no_address():
    found = planned(Outcome("acme/t", "", "deferred"), Plan("nothing", "in_sync"))
    assert (found.pull_request, found.opened_at) == ("", "")


def test_a_target_of_which_nothing_is_known_is_deferred():
    goal = replace(snapshot({"a": NEW, "b": NEW}, None), errors=(FileError("c", "reason", "remedy"),))
    found = pending(target("t", base="stable"), goal)
    assert (found.target, found.base, found.name, found.reason) == ("acme/t@stable", "stable", "deferred", None)
    assert (found.files, found.file_errors) == (2, goal.errors)


def test_a_target_whose_people_closed_everything_says_which_pull_request():
    model = opened()
    model.decline({})
    plan = model.decide({"a": NEW})
    assert (plan.step, plan.outcome, plan.reason.kind) == ("nothing", "declined", "all_declined")
    assert [one.pull for one in plan.reason.closings] == [1]
