"""What takes longer than it is worth ends its own target, and no other."""

from __future__ import annotations

from functools import partial

import pytest

from broadcast.observe.drift import compare
from broadcast.plan import people
from broadcast.plan.decide import decide
from broadcast.snapshot.time_limit import MAX_SECONDS, TimeLimit, TimeLimitExceeded
from tests.hub import Clock, Hub
from tests.unit.plan.test_plan import NEW, RULES, Model, drift, snapshot
from tests.unit.snapshot.test_render import Play
from tests.world import World

STEP = 5.0  # seconds that each look at the clock takes
MANY = 2 * int(MAX_SECONDS / STEP)  # files


class Ticking(Clock):
    """Time goes by whenever somebody looks."""

    def __call__(self) -> float:
        return self.advance(STEP)


@pytest.fixture
def slow(tmp_path):
    """A world in which every look at the clock takes time."""
    with Hub(tmp_path / "hub", clock=Ticking()) as hub:
        yield World(tmp_path, hub)


@pytest.mark.parametrize("command", ["plan", "sync"])
def test_a_target_that_takes_too_long_fails_and_the_others_go_on(slow, command):
    files = {f"kit/{n % 2}/{n}": f"{n}\n" for n in range(MANY)}
    held = {path: text.encode() for path, text in files.items()}
    slow.write({**files, "LICENSE": "MIT\n"}, "version: 1\ntargets: [acme/api, acme/web, acme/lib]\n"
               "directories: [kit]\nfiles: [LICENSE]\n")  # fmt: skip
    slow.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    slow.hub.repository("acme/web", files=held)
    slow.hub.repository("acme/lib", files=held | {"LICENSE": b"MIT\n"})
    ran = slow.run(command=command)
    assert ran.outcomes == {"acme/api": "failed", "acme/web": "created", "acme/lib": "in_sync"}
    assert ran.target("acme/api")["reason"] == f"takes more than {MAX_SECONDS:g} seconds of work here"
    assert "shorten its .broadcastignore" in ran.target("acme/api")["remedy"]


def rendering(root, check):
    files = {f"t{n}": b"[[ A ]]" for n in range(MANY)}
    listed = ", ".join(f"{{src: {name}, template: true}}" for name in files)
    play = Play(root, files, f"vars: {{A: x}}\ntargets: [acme/a]\nfiles: [{listed}]\n")
    play.renderer.at = partial(play.renderer.at, check=check)
    play.at("a")


def comparing(_root, check):
    goal = snapshot({f"t{n}": NEW for n in range(MANY)}, None)
    compare(goal, dict.fromkeys(goal.files), {}, check)


def planning(_root, check):
    wanted = {f"t{n}": NEW for n in range(MANY)}
    goal = snapshot(wanted, None)
    decide(Model({}).state(), goal, drift(goal, {})[0], None, RULES, check)


def matching(_root, check):
    goal = snapshot({f"t{n}": NEW for n in range(MANY)}, None)
    people.OptOut(Model({}).state(), goal, check).is_whole()
    for path in goal.files:
        people.OptOut(Model({}).state(), goal, check).names(path)


@pytest.mark.parametrize("work", [rendering, comparing, planning, matching])
def test_each_kind_of_work_looks_at_the_clock_for_each_file(tmp_path, work):
    looks = []
    work(tmp_path, lambda: looks.append(1))
    assert len(looks) >= MANY
    ended = TimeLimit(Ticking()).attempt("a", partial(work, tmp_path))
    assert isinstance(ended, TimeLimitExceeded)


def test_the_time_of_a_target_is_that_of_all_its_work_and_of_no_other_target():
    clock = Clock()
    time_limit = TimeLimit(clock)

    def work(seconds, check):
        check()
        clock.advance(seconds)
        check()
        return "done"

    half = partial(work, MAX_SECONDS * 0.4)
    assert [time_limit.attempt("a", half), time_limit.attempt("b", half), time_limit.attempt("a", half)] == ["done"] * 3
    assert isinstance(time_limit.attempt("a", half), TimeLimitExceeded)
    assert time_limit.attempt("b", half) == "done"
