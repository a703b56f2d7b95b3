"""Work on plans: one outcome for each target, whatever happens at another; budgets, stages and groups are kept."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from broadcast.config.selectors import Selector
from broadcast.errors import Failure
from broadcast.github.rate_limiter import Throttled
from broadcast.pipeline.fleet import Seen
from broadcast.pipeline.work import Work
from broadcast.plan.outcome import FileDiff
from broadcast.plan.plan import planned
from broadcast.plan.reason import Reason, Refused, said
from broadcast.plan.schedule import Budget, Turns
from broadcast.runner.stop import Stop, Stopped
from tests.unit.plan.test_guards import EMPTY, observation, opened, plan, target

ONE, TWO, THREE = target("one"), target("two"), target("three")


class Executor:
    """Carries out every plan, but for targets at which something happens."""

    def __init__(self, happens=None, written=()) -> None:
        self.happens, self.flushed = happens or {}, 0
        self.github = SimpleNamespace(usage=SimpleNamespace(written=set(written)), now=lambda: 0.0)
        self.decorator, self.context = SimpleNamespace(flush=self._flush), SimpleNamespace(commit="")

    def _flush(self) -> None:
        self.flushed += 1

    def sync(self, outcome, target_, _snapshot, _observation, plan_):
        if error := self.happens.get(target_.name):
            raise error
        return planned(outcome, plan_)


def work(plans, *executors, unreached=(), unlisted=None, most=None, diffs=None, stop=None):
    """Work on these plans, split among the executors in turn; also the labels in the order in which work began."""
    began, ended, executors = [], [], executors or (Executor(),)
    reached = [one for one in plans if one not in unreached]
    parts = [
        SimpleNamespace(syncer=one, observations=dict.fromkeys(reached[at :: len(executors)]))
        for at, one in enumerate(executors)
    ]
    fleet = SimpleNamespace(
        unreached=dict.fromkeys(unreached), unlisted=unlisted or {}, parts=parts,
        finish=lambda: ended.append("finished"),
    )  # fmt: skip
    seen = Seen({one: observation("R_1") for one in plans}, dict.fromkeys(plans, EMPTY), ())
    made = Work(
        fleet=fleet, seen=seen, plans=plans, diffs=diffs or {}, budget=Budget(plans, most, None), stop=stop or Stop(),
        turns=Turns(), began=began.append, ended=ended.append,
    )  # fmt: skip
    return made, began, ended


def outcomes(plans, *executors, **more):
    return {one.target.partition("/")[2]: one for one in work(plans, *executors, **more)[0].outcomes()}


def test_every_target_gets_one_outcome_and_the_rest_comes_after_all():
    made, began, ended = work({ONE: plan(), TWO: opened()}, Executor(), Executor())
    found = list(made.outcomes())
    assert {one.target: one.name for one in found} == {"acme/one": "created", "acme/two": "open"}
    assert sorted(began) == ["acme/one", "acme/two"]
    assert ended[-1] == "finished"
    assert {one.target for one in ended[:-1]} == {"acme/one", "acme/two"}
    assert [part.syncer.flushed for part in made.fleet.parts] == [1, 1]


FAILURES = {
    "a refusal": (Failure("no", "ask"), "failed", said("no", "ask")),
    "a reason that is known": (Refused(Reason("empty")), "failed", Reason("empty")),
    "a limit": (Throttled("wait", "later"), "deferred", said("wait", "later")),
    "a bug": (KeyError("head"), "failed", said("unexpected KeyError: 'head'")),
}


@pytest.mark.parametrize("name", FAILURES)
def test_what_happens_at_one_target_stops_no_other(name):
    error, outcome, reason = FAILURES[name]
    found = outcomes({ONE: plan(), TWO: plan()}, Executor({"one": error}))
    assert (found["one"].name, found["one"].reason) == (outcome, reason)
    assert bool(found["one"].traceback) == isinstance(error, KeyError)
    assert found["two"].name == "created"


@pytest.mark.parametrize(("written", "kind"), [((), "stopped"), (("acme/one",), "stopped_writing")])
def test_a_stop_says_whether_a_write_was_under_way(written, kind):
    stop = Stop()
    stop.ask("SIGTERM")
    found = outcomes({ONE: plan()}, Executor({"one": Stopped("stopped")}, written), stop=stop)
    assert (found["one"].name, found["one"].reason) == ("deferred", Reason(kind, name="SIGTERM"))


def test_a_selector_without_an_answer_fails_and_at_a_limit_is_deferred():
    some, others = (Selector((owner,), "*") for owner in ("ab", "cd"))
    made, *_ = work({ONE: plan()}, unlisted={some: Failure("no such owner"), others: Throttled("at its limit")})
    assert [(one.target, one.name) for one in made.outcomes()] == [
        ("ab/*", "failed"), ("cd/*", "deferred"), ("acme/one", "created"),
    ]  # fmt: skip


def test_a_plan_that_failed_and_a_target_without_a_token_fail_with_their_reasons():
    found = outcomes({ONE: Failure("gone"), TWO: Failure("no token"), THREE: plan()}, unreached=(TWO,))
    assert next(iter(found)) == "two"
    assert {name: (one.name, one.reason) for name, one in found.items()} == {
        "one": ("failed", said("gone")), "two": ("failed", said("no token")), "three": ("created", None),
    }  # fmt: skip


def test_what_came_to_nothing_gives_its_place_in_the_budget_to_another():
    found = outcomes({ONE: plan(), TWO: plan(), THREE: plan()}, Executor({"one": Failure("no")}), most=1)
    assert [found[name].name for name in ("one", "two", "three")] == ["failed", "created", "deferred"]


def test_a_stage_begins_when_the_one_before_is_done_and_not_after_its_failure():
    first = replace(ONE, groups=frozenset({"core"}))
    later = replace(TWO, stage=1, waits_for=frozenset({"core"}))
    made, began, _ = work({later: plan(), first: plan()}, Executor({"one": Failure("no")}))
    found = {one.target: one for one in made.outcomes()}
    assert began == ["acme/one", "acme/two"]
    assert found["acme/two"].reason == Reason("group_failed", name="core", other="acme/one")


def test_an_outcome_has_its_base_its_diffs_and_whether_it_is_the_first_pull_request():
    diffs = {ONE: {"a": FileDiff(1, 0, "+a")}}
    found = outcomes({ONE: plan()}, diffs=diffs)["one"]
    assert (found.base, found.diffs, found.joined) == ("main", diffs[ONE], True)
