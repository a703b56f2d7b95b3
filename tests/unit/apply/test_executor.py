"""One target from its plan to its outcome, whatever comes between: what is tried again, how, and when it ends.

`Model` is the target, `Script` says how much of each write is done before it fails.
"""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from broadcast.apply import obstacles
from broadcast.apply.executor import Executor
from broadcast.apply.task import Interrupted, Opaque, Passing, Written
from broadcast.apply.ways import PATIENCE, REST_AFTER, TRIES, UNKNOWN_TRIES, Way
from broadcast.errors import Failure, FileUnavailable
from broadcast.git.objects import EXECUTABLE, Entry
from broadcast.github.client import ApiError, Throttled
from broadcast.observe.change import Change
from broadcast.observe.state import Observation
from broadcast.plan.outcome import Outcome
from broadcast.plan.plan import Plan
from broadcast.snapshot.time_limit import TimeLimit
from tests.unit.observe.test_drift import drift, snapshot
from tests.unit.plan.test_guards import change, deletion, target
from tests.unit.plan.test_plan import NEW, NEWER, OLD, RULES, Model, proposed

PASSING = Interrupted("GitHub answered: Something went wrong")
UNKNOWN = Interrupted("GitHub answered: words that are in no list")
LASTING = ApiError(422, "GitHub answered HTTP 422: Commits must be signed")
WANTED = {"a": NEW}
TARGET = target("api")


class Script:
    """Stands for the applier and the observer: writes to a model, each time as far as the next step says."""

    def __init__(self, model: Model, *steps: tuple[int, Exception | None], between=lambda _: None) -> None:
        self.model, self.steps, self.between = model, list(steps), between
        self.time_limit = TimeLimit(lambda: 0.0)
        self.plans: list[Plan] = []
        self.ways: list[str] = []
        self.looks = 0

    def apply(self, work, strategy) -> Written:
        self.plans.append(work.plan)
        self.ways.append(strategy)
        effects, failure = self.steps.pop(0) if self.steps else (99, None)
        self.model.run(WANTED, effects)
        if failure:
            raise failure
        return Written("PR", 1, "https://x/1")

    def heed(self, message, state) -> None:
        """Nothing is learned here."""

    def observe(self, wanted, scope) -> dict:
        self.looks += 1
        self.between(self.model)
        return {TARGET: self.seen()}

    def seen(self) -> Observation:
        goal = snapshot(WANTED, None)
        ours = drift(goal, self.model.ours)[0] if self.model.ours is not None else None
        return Observation(self.model.state(), drift(goal, self.model.base)[0], ours, goal)


def executor(script: Script, *, expect: str = "", strategy: str = "auto", fresh: bool = False) -> Executor:
    waited: list[float] = []
    pace = SimpleNamespace(pause=waited.append, check_deadline=lambda: None)
    github = SimpleNamespace(pace=pace, is_fresh=fresh, now=lambda: 0.0)
    inputs = SimpleNamespace(writes=True, write_strategy=strategy, expect_plan=expect)
    renderer = SimpleNamespace(contents=lambda _: b"x")
    made = Executor(github, script, inputs=inputs, context=None, config=None, renderer=renderer, rules=RULES)
    made._applier, made._writer = script, SimpleNamespace(texts=lambda *_: SimpleNamespace(notes=()))
    return made


def sync(script: Script, made: Executor | None = None) -> Outcome:
    observation, plan = script.seen(), script.model.decide(WANTED)
    outcome = Outcome(TARGET.label, "main", "failed")
    return (made or executor(script)).sync(outcome, TARGET, observation.snapshot, observation, plan)


@pytest.fixture(autouse=True)
def no_branch_in_the_way(monkeypatch):
    monkeypatch.setattr(obstacles, "blocking_branch", lambda *_: "")
    monkeypatch.setattr("broadcast.apply.ref_updates.swap", lambda *_, **__: None)


def test_a_write_that_succeeds_takes_no_other_look():
    script = Script(Model({}))
    assert (sync(script).name, script.looks, len(script.plans)) == ("created", 0, 1)


@pytest.mark.parametrize("effects", [0, 1, 2, 3])
def test_what_an_interrupted_write_left_undone_is_done_and_nothing_twice(effects):
    model = Model({})
    script = Script(model, (effects, PASSING))
    assert sync(script).name == "created"
    assert len(model.pulls) == 1
    assert script.looks == 1


def test_a_lost_answer_to_a_write_that_was_done_writes_nothing_more():
    script = Script(Model({}), (99, Passing("no proper answer to a write")))
    assert sync(script).name == "created"
    assert len(script.plans) == 1


def test_an_update_whose_answer_was_lost_counts_as_an_update():
    model = proposed({}, {"a": OLD})
    assert sync(Script(model, (99, Passing("no proper answer to a write")))).name == "updated"


@pytest.mark.parametrize(("failure", "tries"), [
    (PASSING, TRIES), (UNKNOWN, UNKNOWN_TRIES), (LASTING, 1), (ApiError(401, "Bad credentials"), 1),
    (Passing("moved"), TRIES), (ApiError(409, "words that are in no list"), TRIES),
    (ApiError(403, "Resource not accessible by integration"), 1), (ApiError(404, "Not Found"), 1),
    (ApiError(422, "GitHub answered HTTP 422: Cannot force-push to this branch"), TRIES),
])  # fmt: skip
def test_a_refusal_is_tried_as_often_as_it_may_pass(failure, tries):
    script = Script(Model({}), *[(0, failure)] * 9)
    with pytest.raises(ApiError) as raised:
        sync(script)
    assert len(script.plans) == tries
    assert failure.message in raised.value.message
    assert raised.value.remedy


@pytest.mark.parametrize("status", [403, 404])
def test_what_a_token_made_a_moment_ago_may_not_do_yet_gets_every_try(status):
    script = Script(Model({}), *[(0, ApiError(status, "Resource not accessible by integration"))] * (TRIES - 1))
    assert sync(script, executor(script, fresh=True)).name == "created"


def test_each_try_waits_longer():
    script = Script(Model({}), *[(0, PASSING)] * 9)
    made = executor(script)
    waited: list[float] = []
    made.github.pace.pause = waited.append
    with pytest.raises(ApiError):
        sync(script, made)
    assert tuple(waited) == PATIENCE


def test_a_base_that_moved_is_planned_again_on_its_new_head():
    script = Script(Model({}), (0, PASSING), between=lambda model: model.change({"b": OLD}))
    assert sync(script).name == "created"
    assert script.model.fork_oid == script.model.base_oid


def test_a_pull_request_that_people_close_meanwhile_is_declined():
    model = Model({})
    script = Script(model, (99, PASSING), between=lambda one: one.decline({}))
    assert sync(script).name == "declined"
    assert len(script.plans) == 1


def test_what_people_merged_meanwhile_needs_nothing_more():
    script = Script(Model({}), (0, PASSING), between=lambda model: model.change(WANTED))
    assert sync(script).name == "in_sync"


def test_a_pull_request_over_a_branch_of_others_is_taken_back(monkeypatch):
    retracted = []
    monkeypatch.setattr("broadcast.apply.graphql.retract", lambda _, pull, __: retracted.append(pull.number))

    def theirs(model: Model) -> None:
        model.ours, model.message = {"z": OLD}, "their own"

    script = Script(Model({}), (99, PASSING), between=theirs)
    outcome = sync(script)
    assert (outcome.name, outcome.pull_request, retracted) == ("edited", "", [1])


def test_after_a_review_another_plan_is_not_written():
    script = Script(Model({}), (0, PASSING))
    made = executor(script, expect="0" * 64)
    made._look_again = lambda *_: (script.seen(), Plan("create", "created", changes=(change("a"), change("b"))))
    with pytest.raises(Failure, match="has changed since its plan was reviewed"):
        sync(script, made)
    assert len(script.plans) == 1


def test_after_a_review_the_same_plan_is_tried_again():
    script = Script(Model({}), (0, PASSING))
    assert sync(script, executor(script, expect="0" * 64)).name == "created"


def test_a_target_that_can_not_be_seen_again_fails_with_that_reason():
    script = Script(Model({}), (0, PASSING))
    script.observe = lambda *_: {TARGET: Failure("no answer", "run again")}
    with pytest.raises(Failure, match="no answer"):
        sync(script)


def test_what_is_not_about_the_target_ends_at_once():
    script = Script(Model({}), (0, Throttled("the deadline")))
    with pytest.raises(Throttled):
        sync(script)
    assert script.looks == 0


def test_a_branch_in_the_way_is_named_at_the_first_refusal(monkeypatch):
    monkeypatch.setattr(obstacles, "blocking_branch", lambda *_: "broadcast")
    script = Script(Model({}), (0, Interrupted("Reference cannot be created: a ref cannot be created")))
    with pytest.raises(Failure, match="the branch broadcast is in the way"):
        sync(script)


@pytest.mark.parametrize("readable", [{"a"}, set()])
def test_a_file_that_can_not_be_read_is_left_out_and_fails_the_target_only_if_it_is_all(readable, monkeypatch):
    monkeypatch.setitem(WANTED, "b", NEWER)
    script = Script(Model({}))
    made = executor(script)

    def contents(wanted) -> bytes:
        if wanted.source not in readable:
            raise FileUnavailable("is gone")
        return b"x"

    made.renderer.contents = contents
    if readable:
        outcome = sync(script, made)
        assert [one.path for one in outcome.changes] == ["a"]
        assert [one.path for one in outcome.file_errors] == ["b"]
    else:
        with pytest.raises(Failure, match="gone"):
            sync(script, made)


PLAIN = Plan("create", "created", changes=(change("a"),))
SWAP = Plan("create", "created", changes=(deletion("a"), change("a/b")))
SPECIAL = Plan("create", "created", changes=(Change("a", Entry(EXECUTABLE, "1" * 40), None),))


@pytest.mark.parametrize(("plan", "failure", "attempt", "strategy"), [
    (PLAIN, PASSING, 0, "auto"),
    (PLAIN, PASSING, REST_AFTER - 2, "auto"),
    (PLAIN, PASSING, REST_AFTER - 1, "rest"),
    (PLAIN, UNKNOWN, UNKNOWN_TRIES - 2, "rest"),
    (SWAP, PASSING, 0, "rest"),
    (SPECIAL, PASSING, 0, "rest"),
])  # fmt: skip
def test_the_next_try_goes_by_rest_where_documents_do_not_say_why(plan, failure, attempt, strategy):
    assert Way("auto").after(failure, attempt, plan).strategy == strategy


@pytest.mark.parametrize("strategy", ["graphql", "rest"])
def test_a_strategy_that_is_asked_for_stays(strategy):
    assert Way(strategy).after(PASSING, TRIES - 2, SWAP).strategy == strategy


def test_after_an_answer_without_a_reason_refs_are_moved_by_rest_from_then_on():
    way = Way("auto").after(Opaque("GitHub answered: Something went wrong"), 0, PLAIN)
    assert way.refs_by_rest
    assert way.after(PASSING, 1, PLAIN).refs_by_rest
