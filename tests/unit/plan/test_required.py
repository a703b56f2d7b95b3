"""What the source requires is proposed again whatever people close, at most once a day, and everything comes to rest."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from broadcast.compose.composition import Composition
from broadcast.compose.composition import State as PartState
from broadcast.compose.parts import Block
from broadcast.git.ignore import Excludes
from broadcast.git.objects import REGULAR, Entry, build_tree
from broadcast.observe.change import Change
from broadcast.plan import required
from broadcast.plan.closings import RECENT
from broadcast.plan.decide import decide
from broadcast.plan.plan import Plan
from broadcast.plan.required import DAY
from broadcast.snapshot.snapshot import Shared, Snapshot, Territory, Wanted
from tests.unit.observe.test_drift import drift
from tests.unit.plan.test_plan import EVENTS, FILES, NEW, OLD, RULES, WANTED, Model, patiently

MUST = st.sets(st.sampled_from("abc"))
START = 1_800_000_000.0


class Strict(Model):
    """A target where some paths are required, and people close pull requests at known times."""

    def __init__(self, base: dict, must: set[str], mirror: bool = False, now: float = START) -> None:
        super().__init__(base, mirror)
        self.must, self.now = must, now

    def decide(self, wanted: dict, rules=RULES, **more) -> Plan:
        files = {path: Wanted(one.mode, one.oid, path, required=path in self.must) for path, one in wanted.items()}
        mirrors = (Territory(self.mirror, Excludes(["*.keep"]), frozenset()),) if self.mirror else ()
        roots = (self.mirror,) if self.mirror else ()
        goal = Snapshot(files, build_tree(wanted), roots, mirrors, frozenset(), (), 0)
        held = drift(goal, self.ours)[0] if self.ours is not None else None
        rules = replace(rules, now=self.now, answers=True)
        return decide(self.state(**more), goal, drift(goal, self.base)[0], held, rules)

    def decline(self, _: dict) -> None:
        self.now += 60
        if self.open:
            moment = datetime.fromtimestamp(self.now, UTC).isoformat()
            self._edit(state="CLOSED", closed_at=moment, closed_by="alice")

    def rest(self, wanted: dict) -> Plan:
        for _ in range(3):
            self.run(wanted)
        return self.decide(wanted)


def lived(base: dict, must: set[str], mirror: bool, events, wanted: dict) -> Strict:
    model = Strict(base, must, mirror)
    for name, *given_ in events:
        getattr(model, name)(*given_)
    model.rest(wanted)
    return model


@patiently
@given(FILES, MUST, st.booleans(), EVENTS, WANTED)
def test_runs_come_to_rest_and_withhold_nothing_that_is_required(base, must, mirror, events, wanted):
    model = lived(base, must, mirror, events, wanted)
    plan = model.decide(wanted)
    assert plan.step == "nothing"
    assert plan.outcome in ("open", "in_sync", "declined", "deferred")
    model.now += DAY
    later = model.rest(wanted)
    assert later.step == "nothing"
    assert later.outcome in ("open", "in_sync", "declined")
    assert not {path for path, _ in later.left_out} & must & wanted.keys()


@patiently
@given(FILES, MUST, EVENTS, WANTED, st.integers(1, 4))
def test_people_who_close_get_one_pull_request_more_for_each_closing_and_day(base, must, events, wanted, closings):
    model = lived(base, must, False, events, wanted)
    for _ in range(closings):
        before = len(model.pulls)
        model.decline({})
        first = model.rest(wanted)
        assert len(model.pulls) <= before + 1
        assert {one.path for one in first.changes} <= must
        model.now += DAY
        model.rest(wanted)
        assert len(model.pulls) <= before + 1


@patiently
@given(FILES, MUST, EVENTS, WANTED)
def test_a_closing_is_said_to_decline_what_is_withheld_and_to_require_the_rest(base, must, events, wanted):
    model = lived(base, must, False, events, wanted)
    if not model.open:
        return
    proposed = {one.path for one in model.decide(wanted).changes}
    model.decline({})
    plan = model.decide(wanted)
    told = [one for one in plan.answers if one.pull.number == model.pulls[0].number]
    assert {name for one in told for name in one.declined} == proposed - must
    assert {name for one in told for name in one.required} == proposed & must
    model.now += RECENT
    assert model.decide(wanted).answers == ()


def test_only_unanswered_closings_are_answered_and_none_without_the_time():
    model = lived({}, {"a"}, False, [], {"a": NEW, "b": NEW})
    model.decline({})
    assert len(model.decide({"a": NEW, "b": NEW}).answers) == 1
    model.pulls[0] = model.pulls[0]._replace(answered=True)
    plan = model.decide({"a": NEW, "b": NEW})
    assert (len(plan.closed), plan.answers) == (1, ())
    model.pulls[0], model.now = model.pulls[0]._replace(answered=False), 0.0
    assert model.decide({"a": NEW, "b": NEW}).answers == ()


def test_a_required_part_of_a_shared_file_counts_without_the_others():
    parts = tuple(
        Shared(Block(name), Wanted(REGULAR, "1" * 40, name, required=name == "must")) for name in ("must", "may")
    )
    states = tuple(PartState(name, "", is_changed=True) for name in ("must", "may"))
    after = Wanted(REGULAR, "2" * 40, "", composition=Composition("f", b"old", (), b"new", states), parts=parts)
    change = Change("f", Entry(REGULAR, OLD.oid), after)
    snapshot = Snapshot({"f": after}, build_tree({}), (), (), frozenset(), (), 0, shared={"f": parts})
    (only,) = required.pairs([change], snapshot)
    assert change.parts[only].identity == "must"


@pytest.mark.parametrize("path", ["a", "a/b"])
def test_what_makes_room_for_a_required_file_goes_with_it(path):
    changes = [
        Change("a", Entry(REGULAR, OLD.oid), None),
        Change("a/b", None, Wanted(REGULAR, NEW.oid, "x", required=True)),
    ]
    snapshot = Snapshot({"a/b": changes[1].after}, build_tree({}), (), (), frozenset({"a"}), (), 0)
    assert {one.path for one in changes if one.pair in required.pairs(changes, snapshot)} == {"a", "a/b"}
