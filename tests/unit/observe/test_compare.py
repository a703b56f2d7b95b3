"""Drift by examples: seeds, depths, roots below files and symlinks, and directories that aren't known yet."""

from __future__ import annotations

import pytest

from broadcast.config import parse as configs
from broadcast.config import targets
from broadcast.errors import FileError
from broadcast.git import paths
from broadcast.git.ignore import Excludes
from broadcast.git.objects import REGULAR, SYMLINK, TREE, Entry, blob_id, build_tree
from broadcast.observe.drift import Gap, compare
from broadcast.snapshot.snapshot import Snapshot, Territory, Wanted
from tests.unit.observe.test_swaps import ENTRY, drift, snapshot, wanted

SAME = Entry(REGULAR, blob_id(b"new"))


def seed(source: str) -> Wanted:
    config = configs.parse(
        f"version: 1\ntargets: [acme/a]\nfiles: [{{src: {source}, mode: seed}}]\n", "c.yml", "acme/x"
    )
    return Wanted(REGULAR, blob_id(b"new"), source, mapping=targets.resolve(config, "acme/x", {})[0][0].mappings[0])


@pytest.mark.parametrize(
    ("held", "changed"), [({}, ["a"]), ({"a": ENTRY}, []), ({"a": SAME}, []), ({"a/b": ENTRY}, [])]
)
def test_a_seed_is_planted_only_where_nothing_stands(held, changed):
    made = drift(snapshot({"a": seed("a")}), held)
    assert [one.path for one in made.changes] == changed
    assert (made.swaps, made.errors) == ([], [])


@pytest.mark.parametrize(("held", "kinds"), [({}, ["added"]), ({"a": ENTRY}, ["changed"]), ({"a": SAME}, [])])
def test_a_file_that_differs_is_a_change(held, kinds):
    assert [one.kind for one in drift(snapshot({"a": wanted("a")}), held).changes] == kinds


def test_what_lies_beside_our_files_is_left_alone():
    made = drift(snapshot({"kit/a": wanted("a")}, directories=["kit"]), {"kit/a": SAME, "kit/b": ENTRY, "c": ENTRY})
    assert (made.changes, made.candidates, made.errors) == ([], [], [])


def test_a_mirror_deletes_what_the_source_lacks_in_it():
    mirror = Territory("kit", Excludes(["*.keep"]), frozenset({"kit/own"}))
    held = {"kit/a": SAME, "kit/b": ENTRY, "kit/d/e": ENTRY, "kit/f.keep": ENTRY, "kit/own": ENTRY, "c": ENTRY}
    made = drift(snapshot({"kit/a": wanted("a")}, mirror, directories=["kit"]), held)
    assert [(one.path, one.kind) for one in made.changes] == [("kit/b", "deleted"), ("kit/d/e", "deleted")]


def test_a_file_that_can_not_be_sent_is_never_deleted():
    mirror = Territory("kit", Excludes([]), frozenset())
    found = snapshot({"kit/a": wanted("a")}, mirror, directories=["kit"])
    failed = Snapshot(
        found.files,
        found.tree,
        found.directories,
        found.territories,
        found.removals,
        (FileError("kit/b", "r", "m"),),
        0,
    )
    made = drift(failed, {"kit/a": SAME, "kit/b": ENTRY, "kit/bc": ENTRY})
    assert [one.path for one in made.changes] == ["kit/bc"]


def test_a_removal_deletes_a_file_or_all_of_a_directory():
    made = drift(snapshot({}, removals=["x", "d", "gone"]), {"x": ENTRY, "d/e/f": ENTRY, "d/g": ENTRY, "dx": ENTRY})
    assert sorted(one.path for one in made.changes) == ["d/e/f", "d/g", "x"]


@pytest.mark.parametrize(("mode", "what"), [(SYMLINK, "a symlink"), (REGULAR, "a file")])
def test_what_stands_above_several_files_is_an_obstacle_to_each_and_swapped_once(mode, what):
    made = drift(snapshot({"d/a": wanted("a"), "d/e/b": wanted("b")}), {"d": Entry(mode, "1" * 40)})
    (swap,) = made.swaps
    assert [one.path for one in swap.then] == ["d/a", "d/e/b"]
    assert {(one.path, one.reason) for one in swap.obstacles} == {
        ("d/a", f"the target has {what} at d"),
        ("d/e/b", f"the target has {what} at d"),
    }


def test_a_directory_that_differs_and_is_not_known_is_a_gap():
    found = snapshot({"kit/a": wanted("a")}, directories=["kit"])
    made = compare(found, {"kit": Entry(TREE, "5" * 40)}, {})
    assert made.gaps == [Gap("kit", "5" * 40, found.tree.subtrees["kit"], whole=False)]
    assert compare(found, {"kit": Entry(TREE, found.tree.subtrees["kit"].oid)}, {}).gaps == []


def test_every_name_in_a_directory_counts_where_files_may_have_to_go():
    mirror = Territory("kit", Excludes([]), frozenset())
    found = snapshot({"kit/a": wanted("a"), "d": wanted("d")}, mirror, directories=["kit"])
    made = compare(found, {"kit": Entry(TREE, "5" * 40), "d": Entry(TREE, "6" * 40)}, {})
    assert sorted(made.gaps) == [
        Gap("d", "6" * 40, None, whole=True),
        Gap("kit", "5" * 40, found.tree.subtrees["kit"], whole=True),
    ]


def test_directories_in_a_directory_that_a_file_replaces_are_gaps_until_all_are_known():
    found, inner = snapshot({"d": wanted("d")}), Entry(TREE, "7" * 40)
    listings = {"6" * 40: {"x": ENTRY, "deep": inner, "z": ENTRY}}
    made = compare(found, {"d": Entry(TREE, "6" * 40)}, listings)
    assert (made.gaps, made.swaps) == ([Gap("d/deep", "7" * 40, None, whole=True)], [])
    made = compare(found, {"d": Entry(TREE, "6" * 40)}, listings | {"7" * 40: {"y": ENTRY}})
    assert [one.path for one in made.swaps[0].gone] == ["d/x", "d/deep/y", "d/z"]


@pytest.mark.parametrize(("depth", "refused"), [(paths.MAX_DEPTH - 1, False), (paths.MAX_DEPTH, True)])
def test_directories_one_in_another_are_looked_into_up_to_a_limit(depth, refused):
    names = "/".join(["n"] * depth)
    mirror = Territory(".", Excludes([]), frozenset())
    tree = build_tree({f"{names}/n/x": ENTRY})
    listings, one = {}, tree
    while one:
        listings[one.oid] = one.entries
        one = next(iter(one.subtrees.values()), None)
    made = compare(snapshot({"a": wanted("a")}, mirror, directories=["."]), {".": Entry(TREE, tree.oid)}, listings)
    assert [one.path for one in made.errors] == ([f"{names}/n"] if refused else [])
    assert [one.path for one in made.changes] == (["a"] if refused else ["a", f"{names}/n/x"])
    assert all("left as it is" in one.reason and one.remedy for one in made.errors)


def test_every_path_checks_the_time():
    looked = []
    held = build_tree({"kit/a": ENTRY, "kit/b": ENTRY})
    found = snapshot({"kit/a": wanted("a"), "kit/b": wanted("b")}, directories=["kit"])
    kit = held.subtrees["kit"]
    compare(found, {"kit": Entry(TREE, kit.oid)}, {kit.oid: kit.entries}, lambda: looked.append(1))
    assert len(looked) == 3


def test_a_removal_deep_in_a_directory_of_ours_is_found_and_what_is_beside_it_stays():
    found = snapshot({"d/a": wanted("a")}, removals=["d/x/y", "e/f/g"], directories=["d"])
    made = drift(found, {"d/a": SAME, "d/x/y": ENTRY, "d/x/z": ENTRY, "e/f/g": ENTRY, "e/f/h": ENTRY})
    assert sorted((one.path, one.kind) for one in made.changes) == [("d/x/y", "deleted"), ("e/f/g", "deleted")]
    assert drift(found, {"d/a": SAME}).changes == []
