"""Whatever happened to a target, wherever a run was interrupted: the next run completes it, and the one after rests.

`Model` is a target without a GitHub: what `decide` sees of it, and what the steps of a plan do to it.
"""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from broadcast.git.objects import EXECUTABLE, REGULAR, Entry, blob_id, build_tree
from broadcast.observe.state import Branch, Located, LogEntry, Pull, Scratch, State
from broadcast.ownership import PLAN_TRAILER, Marker, scratch_name, trailer
from broadcast.plan.decide import decide
from broadcast.plan.plan import Plan, Rules
from broadcast.snapshot.snapshot import digest, pair
from tests.unit.observe.test_drift import drift, snapshot

ID, OURS = "acme/templates", "broadcast/acme/templates"
SCRATCH = scratch_name(OURS)
OUR_TRAILER = trailer(ID, ID)
RULES = Rules(OUR_TRAILER)
OLD, NEW, NEWER = (Entry(REGULAR, blob_id(text)) for text in (b"old", b"new", b"newer"))
FILES = st.dictionaries(st.sampled_from("abc"), st.sampled_from([OLD, NEW, NEWER, replace(OLD, mode=EXECUTABLE)]))
WANTED = FILES.filter(bool)


class Model:
    """One target: its base, our branch and where that was made, and its pull requests, newest first."""

    def __init__(self, base: dict, mirror: bool = False) -> None:
        self.base, self.ours, self.fork, self.mirror = dict(base), None, {}, "." if mirror else None
        self.message, self.pulls, self.commits = "", [], 0
        self.past = [self._oid()]  # the commits of the base
        self.ours_oid = self.fork_oid = self.base_oid

    @property
    def base_oid(self) -> str:
        return self.past[-1]

    def _oid(self) -> str:
        self.commits += 1
        return f"{self.commits:040x}"

    def decide(self, wanted: dict, rules: Rules = RULES, **more) -> Plan:
        goal = snapshot(wanted, self.mirror)
        held = drift(goal, self.ours)[0] if self.ours is not None else None
        return decide(self.state(**more), goal, drift(goal, self.base)[0], held, rules)

    def state(self, **more) -> State:
        entry = LogEntry(self.ours_oid, self.message, (self.fork_oid,), frozenset(), amended=False)
        values = {
            "base": branch("main", self.base_oid, self.base), "pulls": tuple(self._seen(pull) for pull in self.pulls),
            "ours": None if self.ours is None else branch(OURS, self.ours_oid, self.ours),
            "lineage": () if self.ours is None else (entry,), "has_pulls": True,
            "ahead": int(self.ours_oid not in self.past),
        }  # fmt: skip
        return State("R_1", "acme/api", archived=False, disabled=False, permission=None, labels={}, **values | more)

    def _seen(self, pull: Pull) -> Pull:
        return pull._replace(conflicting=pull.state == "OPEN" and self.conflicts())

    @property
    def open(self) -> list[Pull]:
        return [pull for pull in self.pulls if pull.state == "OPEN"]

    # What runs do

    def run(self, wanted: dict, effects: int = 99, rules: Rules = RULES) -> Plan:
        """One look and its plan, of whose effects the first so many are done."""
        plan = self.decide(wanted, rules)
        steps = {
            "create": [self._branch, lambda: self._commit(plan), lambda: self._open(plan)],
            "propose": [lambda: self._open(plan)],
            "rebuild": [lambda: self._commit(plan), lambda: (self._describe if plan.pull else self._open)(plan)],
            "describe": [lambda: self._describe(plan)],
            "close": [self._close, self._delete],
            "sweep": [self._delete],
            "nothing": [],
        }
        for effect in steps[plan.step][:effects]:
            effect()
        return plan

    def _branch(self) -> None:
        assert self.ours is None
        self.ours, self.fork, self.ours_oid, self.fork_oid = dict(self.base), self.base, self.base_oid, self.base_oid

    def _commit(self, plan: Plan) -> None:
        after = dict(self.base)
        for change in plan.changes:
            after.pop(change.path, None)
            if change.after:
                after[change.path] = change.after.entry
        self.ours, self.fork, self.fork_oid, self.ours_oid = after, self.base, self.base_oid, self._oid()
        self.message = f"sync\n\n{OUR_TRAILER}\n{PLAN_TRAILER}: {marker(plan).digest}"

    def _open(self, plan: Plan) -> None:
        assert not self.open
        assert self.ours_oid != self.base_oid, "no commits between the two"
        number = len(self.pulls) + 1
        values = {"id": "PR", "number": number, "url": "", "state": "OPEN", "title": "t", "body": "", "base": "main"}
        moments = {"created_at": "", "updated_at": "", "conflicting": False, "queued": False}
        self.pulls.insert(0, Pull(head_oid=self.ours_oid, marker=marker(plan), **values, **moments))

    def _describe(self, plan: Plan) -> None:
        self._edit(marker=marker(plan), head_oid=self.ours_oid)

    def _close(self) -> None:
        self._edit(state="CLOSED", marker=replace(self.open[0].marker, closed_by_us=True))

    def _delete(self) -> None:
        self.ours = None

    # What people do

    def _edit(self, **values) -> None:
        (pull,) = self.open
        self.pulls[self.pulls.index(pull)] = pull._replace(**values)

    def change(self, files: dict) -> None:
        """A commit to the base."""
        self.base = {**self.base, **files}
        self.past.append(self._oid())

    def decline(self, _: dict) -> None:
        if self.open:
            self._edit(state="CLOSED")

    def merge(self, _: dict) -> None:
        if self.open and not self.conflicts():
            self._edit(state="MERGED", head_oid=self.ours_oid)
            self.base = self.merged()
            self.past.append(self._oid())

    def conflicts(self) -> bool:
        return any(
            self.base.get(path) != self.fork.get(path) != self.ours.get(path) != self.base.get(path)
            for path in self.base.keys() | self.ours.keys() | self.fork.keys()
        )

    def merged(self) -> dict:
        """The base after a merge: what our branch changed since it left, and what the base did."""
        touched = {path for path in self.ours.keys() | self.fork.keys() if self.ours.get(path) != self.fork.get(path)}
        theirs = {path: entry for path, entry in self.base.items() if path not in touched}
        return theirs | {path: self.ours[path] for path in touched & self.ours.keys()}


def marker(plan: Plan) -> Marker:
    pairs = frozenset(change.pair for change in plan.changes)
    return Marker(ID, ID, "c.yml", "c" * 40, "t", pairs, digest(pairs))


def branch(name: str, oid: str, files: dict) -> Branch:
    return Branch(name, Located(oid, build_tree(files).oid, {}))


patiently = settings(max_examples=300, deadline=None)
EVENTS = st.lists(
    st.tuples(st.sampled_from(["change", "decline", "merge"]), FILES)
    | st.tuples(st.just("run"), WANTED, st.integers(0, 4)),
    max_size=7,
)


def lived(base: dict, mirror: bool, events, wanted: dict) -> Model:
    """A target after all that, and after runs of which none is interrupted any more."""
    model = Model(base, mirror)
    for name, *given_ in events:
        getattr(model, name)(*given_)
    for _ in range(3):
        model.run(wanted)
    return model


@patiently
@given(FILES, st.booleans(), EVENTS, WANTED)
def test_runs_come_to_rest_whatever_happened_before(base, mirror, events, wanted):
    plan = lived(base, mirror, events, wanted).decide(wanted)
    assert plan.step == "nothing"
    assert plan.outcome in ("open", "in_sync", "declined")


@patiently
@given(FILES, st.booleans(), EVENTS, WANTED)
def test_what_is_at_rest_is_right(base, mirror, events, wanted):
    model = lived(base, mirror, events, wanted)
    plan = model.decide(wanted)
    left_out = {path for path, _ in plan.left_out}
    held = model.ours if plan.outcome == "open" else model.base
    assert len(model.open) == (plan.outcome == "open")
    assert all(held.get(path) == entry for path, entry in wanted.items() if path not in left_out)
    if plan.outcome == "open":
        assert {change.pair for change in plan.changes} <= model.open[0].marker.pairs


@patiently
@given(FILES, st.booleans(), EVENTS, WANTED)
@example({"b": NEW}, False, [("run", {"a": NEW, "b": NEW}, 4), ("change", {"b": OLD})], {"a": NEW, "b": NEW})
def test_merging_what_is_open_brings_every_change_that_it_names(base, mirror, events, wanted):
    model = lived(base, mirror, events, wanted)
    plan = model.decide(wanted)
    if model.open:
        assert not model.conflicts()
        after = model.merged()
        assert all(after.get(change.path) == (change.after and change.after.entry) for change in plan.changes)


@patiently
@given(FILES, EVENTS, WANTED)
def test_what_people_declined_is_not_proposed_again(base, events, wanted):
    model = lived(base, False, events, wanted)
    proposed = {change.pair for change in model.decide(wanted).changes}
    model.decline({})
    assert not proposed & {change.pair for change in model.decide(wanted).changes}
    assert {change.pair for change in model.decide(wanted, replace(RULES, repropose=True)).changes} >= proposed


@patiently
@given(FILES, EVENTS, WANTED)
def test_who_wants_branches_on_todays_base_gets_them(base, events, wanted):
    model = lived(base, False, events, wanted)
    for _ in range(2):
        model.run(wanted, rules=replace(RULES, rebase="always"))
    assert model.decide(wanted, replace(RULES, rebase="always")).step == "nothing"
    assert not model.open or model.fork_oid == model.base_oid


@patiently
@given(FILES, st.booleans(), st.lists(WANTED, max_size=5), WANTED)
@example({}, False, [{"a": OLD}, {"a": NEW}], {"a": OLD})
@example({}, True, [{"a": OLD, "b": OLD}, {"b": OLD}], {"a": OLD, "b": OLD})
@example({}, False, [{"a": OLD}, {"a": NEW}, {"a": OLD}], {"a": NEW})
def test_going_back_in_the_source_undoes_nothing_of_peoples(base, mirror, merged, wanted):
    model = Model(base, mirror)
    for each in merged:
        model.run(each)
        model.merge({})
        model.ours = None
    assert model.decide(wanted).undoes == {}


@patiently
@given(FILES, st.lists(WANTED, max_size=3), WANTED, FILES)
@example({}, [{"a": OLD}], {"a": NEW}, {"a": OLD})
@example({}, [{"a": OLD}], {"a": NEW}, {"a": NEWER})
def test_what_people_changed_back_after_the_last_merge_is_named(base, merged, last, theirs):
    model = Model(base)
    for each in [*merged, last]:
        model.run(each)
        model.merge({})
        model.ours = None
    undone = {path for path in theirs.keys() & last if theirs[path] != last[path] and _came_last(model, path, last)}
    model.change(theirs)
    assert undone <= model.decide(last).undoes.keys()


def _came_last(model: Model, path: str, files: dict) -> bool:
    """Whether the last pull request brought this very file."""
    return bool(model.pulls) and pair(path, files[path].mode, files[path].oid) in model.pulls[0].marker.pairs


# What people hold back


def proposed(base: dict, wanted: dict) -> Model:
    """A target with an open pull request."""
    model = Model(base)
    model.run(wanted)
    return model


@pytest.mark.parametrize("flag", [{"queued": True}, {"paused": True}])
def test_a_pull_request_that_is_queued_or_paused_is_left_as_it_is(flag):
    model = proposed({}, {"a": NEW})
    model._edit(**flag)
    plan = model.decide({"a": NEWER})
    assert (plan.step, plan.outcome) == ("nothing", "deferred" if "queued" in flag else "paused")


def test_commits_of_others_are_left_alone_until_somebody_says_otherwise():
    model = proposed({}, {"a": NEW})
    model.ours, model.ours_oid, model.message = {"a": OLD}, "f" * 40, "by hand"
    plan = model.decide({"a": NEW})
    assert (plan.step, plan.outcome) == ("nothing", "edited")
    assert plan.reason.commit == "ffffffffff"
    assert model.decide({"a": NEW}, replace(RULES, overwrite=True)).step == "rebuild"
    model._edit(rebuild=True)
    assert model.decide({"a": NEW}).step == "rebuild"


def test_a_branch_that_is_wanted_again_is_made_again_though_it_is_right():
    model = proposed({}, {"a": NEW})
    model._edit(rebuild=True)
    assert (model.decide({"a": NEW}).step, model.decide({"a": NEW}).outcome) == ("rebuild", "updated")


def test_more_deletions_than_allowed_are_a_failure_that_writes_nothing():
    model = Model(dict.fromkeys("abc", OLD), mirror=True)
    plan = model.decide({"c": OLD}, replace(RULES, max_deletions=1))
    assert (plan.step, plan.outcome, plan.changes) == ("nothing", "failed", ())
    assert model.decide({"c": OLD}, replace(RULES, max_deletions=2)).step == "create"


@pytest.mark.parametrize("lack", [{"archived": True}, {"disabled": True}, {"base": None}])
def test_what_cannot_be_written_to_is_skipped_with_its_reason(lack):
    goal = snapshot({"a": NEW}, None)
    plan = decide(replace(Model({}).state(), **lack), goal, drift(goal, {})[0], None, RULES)
    assert (plan.step, plan.outcome) == ("nothing", "skipped")
    assert plan.reason


def test_a_scratch_branch_that_was_left_behind_is_swept_where_nothing_else_is_to_do():
    left = {"scratch": Scratch(SCRATCH, "5" * 40, f"half\n\n{OUR_TRAILER}")}
    model = proposed({}, {"a": NEW})
    assert model.decide({"a": NEWER}, **left).step == "rebuild"
    plan = model.decide({"a": NEW}, **left)
    assert (plan.step, plan.outcome, plan.leftovers) == ("sweep", "open", ((SCRATCH, "5" * 40),))
