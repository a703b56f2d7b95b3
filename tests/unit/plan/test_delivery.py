"""What is pushed: never what nothing changed, never over people's changes, never a second time what they reverted."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from broadcast.observe.sent import Ours, _take_paths
from broadcast.observe.state import Sent
from broadcast.plan.plan import Plan
from broadcast.snapshot.snapshot import pair
from tests.unit.plan.test_plan import FILES, NEW, NEWER, OLD, OUR_TRAILER, RULES, WANTED, Model

OURS = Ours(OUR_TRAILER, frozenset())


class Base(Model):
    """A target whose base takes pushes, with the history of each of its paths."""

    def __init__(self, base: dict, delivery: str) -> None:
        super().__init__(base)
        self.delivery, self.log = delivery, []  # who → what became of which paths, the newest last

    def sent(self) -> Sent:
        found: dict[str, list] = {}
        for number, (message, files) in reversed(list(enumerate(self.log))):
            for path, entry in files.items():
                node = {
                    "oid": f"{number:040x}", "message": message, "committedDate": f"2026-01-01T00:{number:02}:00Z",
                    "file": {"mode": entry.mode, "oid": entry.oid} if entry else None,
                }  # fmt: skip
                found.setdefault(path, []).append(node)
        return _take_paths(Sent(), found, OURS)

    def plan(self, wanted: dict, rules=RULES) -> Plan:
        return self.decide(wanted, rules, delivery=self.delivery, sent=self.sent())

    def becomes(self, files: dict, message: str = "by hand") -> None:
        """A commit to the base; None deletes."""
        files = {path: entry for path, entry in files.items() if self.base.get(path) != entry}
        self.base = {path: entry for path, entry in {**self.base, **files}.items() if entry}
        self.log.append((message, files))
        self.past.append(self._oid())

    def push(self, plan: Plan) -> None:
        self.becomes({one.path: one.after.entry if one.after else None for one in plan.changes}, f"x\n\n{OUR_TRAILER}")

    def brought(self) -> set[str]:
        """The pairs that commits of ours brought."""
        ours = [item for message, files in self.log if OUR_TRAILER in message for item in files.items()]
        return {pair(path, entry.mode, entry.oid) for path, entry in ours if entry}

    def last(self, path: str) -> str:
        """Whose the last commit at a path is, if a commit of ours was there before."""
        messages = [message for message, files in self.log if path in files]
        return messages[-1] if any(OUR_TRAILER in one for one in messages) else ""


EDITS = st.dictionaries(st.sampled_from("abc"), st.sampled_from([OLD, NEW, NEWER, None]), max_size=2)
ACTIONS = st.lists(st.tuples(st.sampled_from(["source", "people", "run"]), EDITS, WANTED), max_size=12)


@settings(max_examples=300)
@given(base=FILES, wanted=WANTED, actions=ACTIONS, delivery=st.sampled_from(["push", "push_or_pull_request"]))
def test_people_lose_nothing_and_nothing_is_pushed_twice(base, wanted, actions, delivery):
    model = Base(base, delivery)
    for kind, edit, goal in (*actions, ("run", {}, {})):
        if kind == "people":
            model.becomes(edit)
        elif kind == "source":
            wanted = goal
        else:
            plan = model.plan(wanted)
            brought = model.brought()
            if plan.step != "push":
                assert plan.step == "nothing" or delivery == "push_or_pull_request"
                continue
            assert plan.outcome == "pushed"
            assert plan.changes
            for one in plan.changes:
                if model.last(one.path) == "by hand":
                    assert one.before is not None
                    assert one.present in brought
            model.push(plan)
            again = model.plan(wanted)
            assert again.step == "nothing"
            assert again.outcome in ("in_sync", "declined")


@pytest.mark.parametrize("delivery", ["push", "push_or_pull_request"])
def test_a_revert_withholds_a_content_unless_it_is_to_come_again(delivery):
    model = Base({"a": OLD}, delivery)
    model.push(model.plan({"a": NEW}))
    model.becomes({"a": OLD})
    assert model.plan({"a": NEW}).outcome == "declined"
    assert model.plan({"a": NEW}, replace(RULES, repropose=True)).step == "push"
    assert [one.path for one in model.plan({"a": NEW, "b": NEW}).changes] == ["b"]


@pytest.mark.parametrize(("delivery", "step"), [("push", "nothing"), ("push_or_pull_request", "create")])
def test_a_new_content_is_not_pushed_over_what_people_restored(delivery, step):
    model = Base({"a": OLD}, delivery)
    model.push(model.plan({"a": NEW}))
    model.becomes({"a": OLD})
    plan = model.plan({"a": NEWER})
    assert plan.step == step
    assert model.plan({"a": NEWER}, replace(RULES, overwrite=True)).step == "push"


def test_commits_of_ignored_authors_are_not_people_s():
    nodes = [
        {"oid": "2", "message": "fmt", "committedDate": "2026-01-02T00:00:00Z", "file": None,
         "author": {"name": "Fmt", "email": "x", "user": None}},
        {"oid": "1", "message": f"x\n\n{OUR_TRAILER}", "committedDate": "2026-01-01T00:00:00Z", "file": None},
    ]  # fmt: skip
    assert "a" in _take_paths(Sent(), {"a": nodes}, OURS).changed
    assert not _take_paths(Sent(), {"a": nodes}, Ours(OUR_TRAILER, frozenset({"fmt"}))).changed


def test_what_the_source_goes_back_to_is_no_revert():
    model = Base({}, "push")
    for entry in (NEW, NEWER, NEW, NEWER):
        plan = model.plan({"a": entry})
        assert plan.step == "push"
        model.push(plan)
