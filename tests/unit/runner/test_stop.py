"""A stop: what sleeps wakes up, and each target has its outcome."""

from __future__ import annotations

import threading
import time

import pytest
from msgspec.structs import replace

from broadcast.github.rate_limiter import Throttled
from broadcast.github.usage import MUTATION, QUERY, REST_WRITE, Call, Usage
from broadcast.pipeline import remaining
from broadcast.plan.reason import said
from broadcast.report.headline import headline
from broadcast.report.reasons import words
from broadcast.runner.inputs import Inputs
from broadcast.runner.stop import Stop, Stopped
from tests.unit.report import sample_runs
from tests.unit.report.sample_runs import added, outcome


def test_what_sleeps_wakes_up_at_once():
    stop, woken = Stop(), []

    def sleep():
        try:
            stop.sleep(3600)
        except Stopped:
            woken.append(time.monotonic())

    threads = [threading.Thread(target=sleep) for _ in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    asked = time.monotonic()
    stop.ask("SIGTERM")
    for thread in threads:
        thread.join(10)
    assert len(woken) == 3
    assert max(woken) - asked < 2


def test_without_a_stop_one_sleeps_for_the_time_and_goes_on():
    stop, began = Stop(), time.monotonic()
    stop.sleep(0.1)
    stop.check()
    assert time.monotonic() - began >= 0.1


def test_the_first_who_asks_is_named_and_what_is_left_is_deferred():
    stop = Stop()
    stop.ask("SIGINT")
    stop.ask("SIGTERM")
    with pytest.raises(Throttled) as caught:
        stop.check()
    assert (caught.value.message, caught.value.remedy) == ("stopped by SIGINT", "the next run goes on")


def pending(name):
    return replace(outcome(name, "deferred"), files=0)


def stopped(outcomes, known, inputs=None, begun="", **more):
    run = sample_runs.made(outcomes, inputs, **more)
    run.known = {one.target: one for one in known}
    if begun:
        remaining.begin(run, begun)
    return remaining.stopped(run, "SIGTERM", now=100.0)


def test_targets_without_an_outcome_are_deferred_in_the_order_of_the_config():
    done, budget = outcome("acme/c", "created", added("LICENSE"), 1), outcome("acme/d", "deferred", reason="no budget")
    run = stopped(
        [done, budget],
        [pending("acme/a"), pending("acme/b"), done, budget, outcome("acme/e", "failed", reason="x")],
        begun="acme/b",
    )
    assert [(one.target, one.name, words(one.reason)) for one in run.outcomes] == [
        ("acme/a", "deferred", "stopped by SIGTERM"),
        ("acme/b", "deferred", "stopped by SIGTERM while its pull request was being written"),
        ("acme/c", "created", ""),
        ("acme/d", "deferred", "no budget"),
        ("acme/e", "failed", "x"),  # on its way to the report
    ]
    assert run.stopped == "SIGTERM"


def test_what_a_thread_still_adds_does_not_change_the_report():
    done = outcome("acme/a", "created", added("LICENSE"), 1)
    run = sample_runs.made([done])
    run.known = {"acme/a": done, "acme/b": pending("acme/b")}
    report = remaining.stopped(run, "SIGINT", now=0.0)
    run.outcomes.append(outcome("acme/b", "created"))
    run.warnings.append("late")
    run.phases["apply"] = 1e6
    assert [one.name for one in report.outcomes] == ["created", "deferred"]
    assert report.warnings == []
    assert report.phases["apply"] < 1e6


def test_a_phase_that_was_stopped_has_taken_its_time_and_notes_are_reported_once():
    done = outcome("acme/a", "created", added("LICENSE"), 1)
    run = stopped([done], [done], running={"apply": 90.0}, notes=lambda: [("acme/a", "no labels yet")])
    assert run.phases["apply"] == pytest.approx(sample_runs.PHASES["apply"] + 10)
    assert run.outcomes[0].notes == (said("no labels yet"),)
    remaining.settle(run)
    assert run.outcomes[0].notes == (said("no labels yet"),)


@pytest.mark.parametrize(
    ("known", "inputs", "sentence"),
    [
        ([], Inputs(), "Stopped by SIGTERM before any repository was looked at; the next run goes on"),
        ([], Inputs(command="check"), "Stopped by SIGTERM before any repository was looked at; nothing was written"),
        ([pending("acme/a")], Inputs(), "Stopped by SIGTERM: acme/a was left to a later run; the next run goes on"),
        ([outcome("acme/a", "created")], Inputs(), "Stopped by SIGTERM: acme/a got a pull request"),
        (
            [pending("acme/a"), pending("acme/b")],
            Inputs(command="plan"),
            "Stopped by SIGTERM: all 2 repositories would be left to a later run; nothing was written",
        ),
    ],
)
def test_the_headline_says_what_was_done_and_how_it_goes_on(known, inputs, sentence):
    assert headline(stopped([], known, inputs)) == sentence


def test_a_ledger_knows_whom_something_may_have_been_written_to():
    usage = Usage()
    for target, kind, status in [
        ("read", QUERY, 200), ("refused", REST_WRITE, 403), ("lost", MUTATION, 0), ("broken", REST_WRITE, 502),
        ("done", MUTATION, 200),
    ]:  # fmt: skip
        usage.add(Call(kind, "apply", target, status, 0.1, 1, 1, 1), {})
    copy = usage.copy()
    usage.add(Call(MUTATION, "apply", "late", 200, 0.1, 1, 1, 1), {})
    assert copy.written == {"lost", "broken", "done"}
    assert len(copy.calls) == 5
