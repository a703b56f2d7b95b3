"""Names of the target that macOS and Windows take for ours: asked for where something is added, and not elsewhere."""

from __future__ import annotations

import pytest

from broadcast.git.objects import REGULAR, TREE, Entry, blob_id, build_tree
from broadcast.observe.change import Change
from broadcast.observe.drift import compare
from broadcast.observe.state import Located
from broadcast.observe.twins import MAX_DIRECTORIES, directories, read_names, select_names
from broadcast.snapshot.snapshot import Snapshot, Wanted

OID = blob_id(b"x")
FILE, FOLDER = Entry(REGULAR, OID), Entry(TREE, OID)
HEAD = Located("c" * 40, "d" * 40, {"kit": FOLDER, "kit/a": FOLDER, "kit/file": FILE, "kit/gone": None})


def added(*paths: str) -> list[Change]:
    return [Change(path, None, Wanted(REGULAR, OID, path)) for path in paths]


@pytest.mark.parametrize(("path", "directory"), [
    ("x", "."), ("kit/x", "kit"), ("kit/a/x", "kit/a"), ("kit/gone/x", "kit"), ("kit/file/x", "kit"), ("new/b/x", "."),
])  # fmt: skip
def test_an_addition_asks_for_the_lowest_directory_that_is_there(path, directory):
    assert directories(HEAD, added(path), (), {}) == (directory,)


def test_a_change_of_what_is_there_asks_for_nothing():
    assert directories(HEAD, [Change("kit/x", FILE, Wanted(REGULAR, OID, "x"))], (), {}) == ()


def test_a_directory_that_is_listed_is_not_asked_for():
    assert directories(HEAD, added("kit/x"), (), {OID: {}}) == ()


def test_what_is_asked_for_by_path_may_be_added():
    assert directories(HEAD, (), ["kit/x", "kit/b", "kit/b/y"], {}) == ("kit", "kit/b")


def test_a_target_is_asked_for_a_few_directories_only():
    assert len(directories(HEAD, (), [f"{n}/x" for n in range(99)], {})) == MAX_DIRECTORIES


def test_nothing_is_selected_for_no_directory():
    assert select_names("c" * 40, ()) == ""


@pytest.mark.parametrize("data", [
    {}, {"names": None}, {"names": {}}, {"names": {"names": None, "names1": None}},
    {"names": {"names": {"names": None}, "names1": {"names": None}}}, {"names": {"names1": {"names": {"names": None}}}},
])  # fmt: skip
def test_what_is_not_answered_holds_no_names(data):
    assert read_names(data, [".", "kit"]) == {".": (), "kit": ()}


def test_an_answer_is_read_by_the_place_of_its_directory():
    data = {"names": {"names": {"names": [{"name": "A"}]}, "names1": {"names": {"names": [{"name": "B"}]}}}}
    assert read_names(data, [".", "kit"]) == {".": ("A",), "kit": ("B",)}


@pytest.mark.parametrize("listed", [True, False])
def test_a_twin_is_warned_about_once_however_its_directory_became_known(listed):
    ours = build_tree({"kit/a": FILE})
    wanted = Snapshot({"kit/a": Wanted(REGULAR, OID, "a")}, ours, ("kit",), (), frozenset(), (), 0)
    theirs = Entry(TREE, "e" * 40)
    listings = {theirs.oid: {"A": FILE}} if listed else {}
    observed = {"kit": theirs, "kit/a": None}
    found = compare(wanted, observed, listings, names={"kit": ["A", "other"], "elsewhere": ["B"]})
    assert len(found.warnings) == 1
    assert found.warnings[0].startswith("kit/A, which the target has, and kit/a are one file")
