"""How far a commit lies behind another: what git itself counts, in histories of any shape, and where nothing is known."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcast.git import distances
from broadcast.git.distances import Distance, Distances
from broadcast.git.object_store import Objects
from tests.unit.git.test_commits import Store
from tests.world import git

EMPTY = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


@st.composite
def histories(draw) -> list[tuple[tuple[int, ...], int]]:
    """Commits: their parents by number, and seconds; several may be of the same second, and none before its parents."""
    made: list[tuple[tuple[int, ...], int]] = []
    for number in range(draw(st.integers(1, 12))):
        parents = draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set()
        since = max((made[one][1] for one in parents), default=1_600_000_000)
        made.append((tuple(sorted(parents)), since + draw(st.sampled_from((0, 0, 1, 90_000)))))
    return made


def stored(directory: Path, history) -> list[str]:
    """The history as git keeps it; returns the ids."""
    git(directory, "init", "-q", "--bare")
    git(directory, "hash-object", "-w", "-t", "tree", "--stdin", data=b"")
    oids: list[str] = []
    for number, (parents, seconds) in enumerate(history):
        lines = [f"tree {EMPTY}", *(f"parent {oids[one]}" for one in parents), "author A <a@b> 1 +0000"]
        text = "\n".join([*lines, f"committer C <c@d> {seconds} +0000", "", f"{number}", ""])
        oids.append(git(directory, "hash-object", "-w", "-t", "commit", "--stdin", data=text.encode()).strip())
    return oids


@given(history=histories(), data=st.data())
@settings(max_examples=40, deadline=None)
def test_it_is_what_git_counts(history, data):
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place)
        oids = stored(directory, history)
        new = data.draw(st.integers(0, len(oids) - 1))
        measured = Distances(Objects(bytes(directory)), oids[new], shallow=False)
        above = git(directory, "rev-list", oids[new]).split()
        for old, oid in enumerate(oids):
            found = measured.of(oid)
            assert found.way == ("known" if oid in above else "elsewhere")
            if found.way == "known":
                assert found.commits == int(git(directory, "rev-list", "--count", f"{oid}..{oids[new]}"))
                assert found.seconds == history[new][1] - history[old][1]


@pytest.fixture
def store() -> Store:
    return Store()


def line(store: Store, count: int, *parents: str) -> list[str]:
    """Commits one after the other, the oldest first."""
    oids: list[str] = []
    for number in range(count):
        oids.append(store.commit(100 + number, *(oids[-1:] or parents)))
    return oids


@pytest.mark.parametrize(("shallow", "way"), [(True, "cut off"), (False, "elsewhere")])
def test_a_commit_that_is_missing_may_be_below_a_shallow_checkout(store, shallow, way):
    assert Distances(store, line(store, 2, "9" * 40)[-1], shallow=shallow).of("8" * 40) == Distance(way)


def test_a_shallow_checkout_counts_as_far_as_it_goes(store):
    oids = line(store, 4, "9" * 40)
    measured = Distances(store, oids[-1], shallow=True)
    assert [measured.of(oid).commits for oid in oids] == [3, 2, 1, 0]
    assert {measured.of(oid).way for oid in oids} == {"known"}


@pytest.mark.parametrize(("shallow", "way"), [(True, "cut off"), (False, "unknown")])
def test_what_lies_beyond_a_cut_is_not_counted(store, shallow, way):
    old = store.commit(10)
    new = store.commit(40, old, store.commit(30, "9" * 40))
    assert Distances(store, new, shallow=shallow).of(old) == Distance(way)


def test_a_clock_that_was_wrong_makes_no_ancestor_a_stranger(store):
    old = store.commit(900)
    new = store.commit(5, store.commit(7, old))
    assert Distances(store, new, shallow=False).of(old) == Distance("known", 2, -895)


def test_what_the_old_one_has_by_another_way_is_not_counted_though_it_is_of_the_same_second(store):
    root = store.commit(10)
    shared = store.commit(10, root)
    old = store.commit(10, store.commit(10, shared))
    new = store.commit(10, shared, old)
    assert Distances(store, new, shallow=False).of(old).commits == 1


def test_every_commit_is_read_once_and_only_as_far_as_is_needed(store):
    oids = line(store, 50)
    measured = Distances(store, oids[-1], shallow=False)
    store.asked.clear()
    assert [measured.of(oid).commits for oid in (oids[-3], oids[-2], oids[-3])] == [2, 1, 2]
    assert len(store.asked) == len(set(store.asked)) <= 6


@pytest.mark.parametrize("bound", ["MOST", "STEPS"])
def test_a_walk_that_grows_too_long_ends(store, monkeypatch, bound):
    oids = line(store, 20)
    monkeypatch.setattr(distances, bound, 10)
    measured = Distances(store, oids[-1], shallow=False)
    assert (measured.of(oids[-3]).way, measured.of(oids[0]).way) == ("known", "unknown")


def test_a_head_that_cannot_be_read_leaves_everything_unknown(store):
    assert Distances(store, "9" * 40, shallow=True).of(line(store, 1)[0]) == Distance("unknown")
