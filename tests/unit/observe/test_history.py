"""Which version of a file was once the source's own, and what follows for a target that holds it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from broadcast.config.settings import Settings
from broadcast.errors import Failure, FileError
from broadcast.git.objects import REGULAR, Entry
from broadcast.github.client import Scope
from broadcast.github.questions import Reply
from broadcast.observe import history
from broadcast.observe.change import Change
from broadcast.observe.drift import Candidate, Drift, Swap
from broadcast.observe.history import History, read_had, read_versions, select_versions
from broadcast.observe.state import Observation, State
from broadcast.ownership import Marker
from broadcast.snapshot.content import Recipe
from broadcast.snapshot.snapshot import Wanted
from tests.unit.plan.test_guards import EMPTY, pull, target

ONCE, NEVER, NEW = (Entry(REGULAR, digit * 40) for digit in "123")
TARGET, KEEPS = target("api"), replace(target("keeps"), settings=Settings(on_local_change="keep"))
PLAIN = Recipe()
SCOPE = Scope("observe")
ERROR = FileError("a", "the target has a directory at a", "move it away")


def change(held: Entry, recipe: Recipe = PLAIN) -> Change:
    return Change("a", held, Wanted(NEW.mode, NEW.oid, "src/a", recipe=recipe))


def seen(drift: Drift, *, merged: tuple[Change, ...] = (), has_merged: bool = False) -> Observation:
    state = State("R_1", "acme/api", archived=False, disabled=False, permission=None, base=None, ours=None, labels={})
    pairs = frozenset({"another", *(one.present for one in merged)})
    if merged or has_merged:
        marker = Marker("kit", "acme/kit", "c.yml", "c" * 40, "t", pairs, "x")
        state = replace(state, pulls=(pull()._replace(state="MERGED", marker=marker),))
    return Observation(state, drift, None, EMPTY)


class Source:
    """The source's history: at `src/a` it once had ONCE. Notes what it is asked."""

    def __init__(self, monkeypatch, *, has_commit: bool = True, failure: Failure | None = None) -> None:
        self.asked: list[str] = []
        self.has_commit, self.failure = has_commit, failure
        monkeypatch.setattr(history.batch, "ask", self.ask)
        self.past = History(SimpleNamespace, "acme/kit", "c" * 40, lambda path: path)

    def ask(self, github, questions, scope) -> list[Reply]:
        self.asked += [question.fields for question in questions]
        if self.failure:
            return [Reply(None, self.failure) for _ in questions]
        if not self.has_commit and "HEAD" not in questions[0].fields:
            return [Reply({"commit": None}) for _ in questions]
        nodes = [{"file": {"oid": ONCE.oid}}, {"file": None}, None]
        return [Reply({"commit": {"past0": {"nodes": nodes}}}) for _ in questions]

    def resolve(self, observation: Observation, one=TARGET) -> Drift:
        return self.past.resolve({one: observation}, SCOPE)[one].drift


@pytest.fixture
def source(monkeypatch) -> Source:
    return Source(monkeypatch)


@pytest.mark.parametrize(("held", "gone"), [(ONCE, ["x"]), (NEVER, [])])
def test_a_file_goes_where_the_source_once_had_this_content(source, held, gone):
    drift = source.resolve(seen(Drift(candidates=[Candidate("x", held, "src/a")])))
    assert [one.path for one in drift.changes] == gone
    assert drift.candidates == []


@pytest.mark.parametrize(("held", "swapped"), [(ONCE, True), (NEVER, False)])
def test_a_directory_gives_way_to_a_file_where_all_of_it_was_ours(source, held, swapped):
    gone = (Candidate("a/x", ONCE, "src/a"), Candidate("a/y", held, "src/a"))
    then = (Change("a", None, Wanted(NEW.mode, NEW.oid, "src/a")),)
    drift = source.resolve(seen(Drift(swaps=[Swap(gone, then, (ERROR,))])))
    assert [one.path for one in drift.changes] == (["a", "a/x", "a/y"] if swapped else [])
    assert drift.errors == ([] if swapped else [ERROR])


def test_what_came_with_our_own_pull_request_gives_way_too(source):
    gone = (Candidate("a/x", NEVER, "src/a"),)
    brought = (Change("a/x", NEVER, None),)
    drift = source.resolve(seen(Drift(swaps=[Swap(gone, (), (ERROR,))]), merged=brought))
    assert [one.path for one in drift.changes] == ["a/x"]


@pytest.mark.parametrize(("held", "local"), [(ONCE, frozenset()), (NEVER, frozenset({"a"}))])
def test_a_change_is_the_targets_own_where_the_source_never_had_it(source, held, local):
    drift = source.resolve(seen(Drift(changes=[change(held)])), KEEPS)
    assert (drift.local, drift.keeps) == (local, True)


def test_what_a_merged_pull_request_of_ours_brought_is_not_local(source):
    drift = source.resolve(seen(Drift(changes=[change(NEVER)]), merged=(change(NEVER),)), KEEPS)
    assert drift.local == frozenset()


def test_a_rendered_file_is_local_unless_a_pull_request_of_ours_brought_it(source):
    rendered = change(ONCE, Recipe(replacements=(("x", "y"),)))
    assert source.resolve(seen(Drift(changes=[rendered])), KEEPS).local == {"a"}
    assert source.resolve(seen(Drift(changes=[rendered]), merged=(rendered,)), KEEPS).local == frozenset()


def test_before_the_first_merge_nothing_is_asked_and_nothing_is_local(source):
    assert source.resolve(seen(Drift(changes=[change(NEVER)]))).local == frozenset()
    assert source.asked == []


def test_after_a_merge_peoples_changes_are_found(source):
    assert source.resolve(seen(Drift(changes=[change(NEVER)]), has_merged=True)).local == {"a"}
    assert len(source.asked) == 1


def test_a_path_is_asked_once_for_the_whole_fleet(source):
    observation = seen(Drift(candidates=[Candidate("x", ONCE, "src/a")]))
    source.past.resolve({TARGET: observation, KEEPS: observation}, SCOPE)
    source.past.resolve({TARGET: observation}, SCOPE)
    assert len(source.asked) == 1


def test_a_failure_passes_through(source):
    gone = Failure("gone")
    assert source.past.resolve({TARGET: gone, KEEPS: seen(Drift(changes=[change(ONCE)]))}, SCOPE)[TARGET] is gone


def test_a_commit_that_is_not_pushed_is_replaced_by_the_default_branch(monkeypatch):
    source = Source(monkeypatch, has_commit=False)
    assert source.resolve(seen(Drift(candidates=[Candidate("x", ONCE, "src/a")]))).changes
    assert len(source.asked) == 2


def test_without_the_history_nothing_is_pruned_and_that_is_said(monkeypatch):
    source = Source(monkeypatch, failure=Failure("no right"))
    assert source.resolve(seen(Drift(candidates=[Candidate("x", ONCE, "src/a")]))).changes == []
    assert ["no right" in text for text in source.past.warnings] == [True]


@pytest.mark.parametrize(("commit", "versions"), [
    (None, ()), ({}, ()), ({"past0": None}, ()), ({"past0": {"nodes": None}}, ()),
    ({"past0": {"nodes": [{"file": {"oid": "2"}}, {"file": {"oid": "1"}}, {"file": {"oid": "2"}}]}}, ("2", "1")),
])  # fmt: skip
def test_what_is_not_answered_was_never_ours(commit, versions):
    assert read_versions({"commit": commit}, ["a"]) == {"a": versions}


@pytest.mark.parametrize(("nodes", "had"), [([], False), ([{"oid": "1"}], True), (None, True)])
def test_a_seed_whose_past_is_not_known_counts_as_had(nodes, had):
    assert read_had({"base": {"target": {"had0": {"nodes": nodes}}}}, ["a"]) == {"a": had}
    assert read_had({"base": None}, ["a"]) == {"a": True}


def test_without_a_commit_the_default_branch_is_asked():
    assert 'expression: "HEAD"' in select_versions("acme", "kit", "", ["a"]).fields
    assert f'oid: "{"c" * 40}"' in select_versions("acme", "kit", "c" * 40, ["a"]).fields
