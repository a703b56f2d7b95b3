"""Files that take the place of directories, and the reverse: what may go, where its source was, and what differs."""

from __future__ import annotations

import pytest

from broadcast.git.ignore import Excludes
from broadcast.git.objects import EXECUTABLE, GITLINK, REGULAR, SYMLINK, TREE, Entry, blob_id, build_tree
from broadcast.observe.change import Change
from broadcast.observe.drift import MAX_SWAPPED, Candidate, compare, roots
from broadcast.observe.swaps import goes, has_swaps, source_of
from broadcast.snapshot.snapshot import Snapshot, Territory, Wanted, pair

ENTRY = Entry(REGULAR, "1" * 40)


def wanted(source: str, content: bytes = b"new", mode: int = REGULAR) -> Wanted:
    return Wanted(mode, blob_id(content), source)


def snapshot(files: dict[str, Wanted], *territories: Territory, removals=(), directories=()) -> Snapshot:
    tree = build_tree({path: one.entry for path, one in files.items()})
    return Snapshot(files, tree, tuple(directories), territories, frozenset(removals), (), 0)


MIRROR = Territory("kit", Excludes(["*.keep"]), frozenset({"kit/own"}))
PRUNE = Territory("past", Excludes([]), frozenset(), past="src")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("kit", True),
        ("kit/a", True),
        ("kit/a.keep", False),
        ("kit/own", False),
        ("past", False),
        ("past/a", False),
        ("gone", True),
        ("gone/deep", True),
        ("gone2", False),
        ("other", False),
    ],
)
def test_a_mirror_or_a_removal_clears_a_path(path, expected):
    assert goes(snapshot({}, MIRROR, PRUNE, removals=["gone"]), path) is expected


def test_what_a_file_replaces_was_below_the_source_of_that_file():
    then = (Change("d", None, wanted("src/d")),)
    assert source_of("d/a/b", then) == "src/d/a/b"


def test_what_a_directory_replaces_was_above_the_sources_of_its_files():
    then = (
        Change("d/x", ENTRY, None),
        Change("d/a/b", None, wanted("src/d/a/b")),
        Change("d/z", None, wanted("else/z")),
    )
    assert source_of("d", then) == "src/d"


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["a", "b"], False),
        (["a", "a/b"], True),
        (["a/b", "a"], True),
        (["a/b/c", "a"], True),
        (["a", "ab"], False),
        ([], False),
    ],
)
def test_changes_swap_where_one_lies_below_another(paths, expected):
    assert has_swaps([Change(path, None, wanted("x")) for path in paths]) is expected


def drift(found: Snapshot, held: dict[str, Entry]):
    """The drift against a target that holds these files, with every directory known."""
    tree = build_tree(held)
    listings, observed = {}, {}

    def learn(one, path: str) -> None:
        listings[one.oid] = one.entries
        for name, below in one.subtrees.items():
            learn(below, f"{path}{name}/")

    learn(tree, "")
    for path in roots(found):
        entry, inside = Entry(TREE, tree.oid), tree
        for name in () if path == "." else path.split("/"):
            entry = inside.entries.get(name) if inside else None
            inside = inside.subtrees.get(name) if inside else None
        observed[path] = entry
    made = compare(found, observed, listings)
    assert not made.gaps
    return made


def test_in_a_mirror_a_file_takes_the_place_of_a_directory_and_the_reverse():
    found = snapshot({"kit/a": wanted("kit/a"), "kit/b/c": wanted("kit/b/c")}, MIRROR, directories=["kit"])
    made = drift(found, {"kit/a/x": ENTRY, "kit/a/y": ENTRY, "kit/b": ENTRY})
    assert [(one.path, one.kind) for one in made.changes] == [
        ("kit/a/x", "deleted"),
        ("kit/a/y", "deleted"),
        ("kit/a", "added"),
        ("kit/b", "deleted"),
        ("kit/b/c", "added"),
    ]


def test_elsewhere_they_are_swapped_if_the_past_says_that_what_goes_is_ours():
    found = snapshot({"d": wanted("src/d"), "e/f": wanted("src/e/f")})
    made = drift(found, {"d/x": ENTRY, "d/deep/y": ENTRY, "e": ENTRY})
    assert made.changes == []
    first, second = made.swaps
    assert {*first.gone} == {Candidate("d/deep/y", ENTRY, "src/d/deep/y"), Candidate("d/x", ENTRY, "src/d/x")}
    assert [one.path for one in first.then] == ["d"]
    assert [(one.path, one.reason) for one in first.obstacles] == [("d", "the target has a directory at d")]
    assert second.gone == (Candidate("e", ENTRY, "src/e"),)
    assert [(one.path, one.reason) for one in second.obstacles] == [("e/f", "the target has a file at e")]


@pytest.mark.parametrize(("count", "swapped"), [(MAX_SWAPPED, True), (MAX_SWAPPED + 1, False)])
def test_a_directory_of_very_many_files_stays(count, swapped):
    made = drift(snapshot({"d": wanted("d")}), {f"d/{number}": ENTRY for number in range(count)})
    assert (bool(made.swaps), [one.path for one in made.errors]) == (swapped, [] if swapped else ["d"])


def test_a_submodule_is_never_swapped():
    made = drift(snapshot({"d": wanted("d"), "e/f": wanted("e/f"), "g": wanted("g")}), {
        "d/x": ENTRY, "d/sub": Entry(GITLINK, "2" * 40), "e": Entry(GITLINK, "2" * 40), "g": Entry(GITLINK, "2" * 40),
    })  # fmt: skip
    assert (made.changes, made.swaps) == ([], [])
    assert [(one.path, one.reason) for one in made.errors] == [
        ("d", "the target has a directory at d"),
        ("e/f", "the target has a submodule at e"),
        ("g", "the target has a submodule at g"),
    ]


@pytest.mark.parametrize("mirrored", [True, False])
def test_a_submodule_that_the_source_lacks_is_left_alone(mirrored):
    found = snapshot({"kit/a": wanted("kit/a")}, *([MIRROR] if mirrored else []), directories=["kit"])
    made = drift(found, {"kit/a": Entry(REGULAR, blob_id(b"new")), "kit/sub": Entry(GITLINK, "2" * 40)})
    assert (made.changes, made.errors, made.candidates) == ([], [], [])


def test_a_pruned_directory_loses_only_what_the_past_knows():
    made = drift(
        snapshot({"past/a": wanted("src/a")}, PRUNE, directories=["past"]), {"past/a": ENTRY, "past/old/b": ENTRY}
    )
    assert [(one.path, one.kind) for one in made.changes] == [("past/a", "changed")]
    assert made.candidates == [Candidate("past/old/b", ENTRY, "src/old/b")]


MODES = {REGULAR: "ordinary", EXECUTABLE: "executable", SYMLINK: "symlink"}


@pytest.mark.parametrize(
    ("before", "after", "kind", "words", "plain", "special"),
    [
        (None, REGULAR, "added", "", True, False),
        (None, EXECUTABLE, "added", "executable", False, False),
        (None, SYMLINK, "added", "a symlink", False, False),
        (REGULAR, REGULAR, "changed", "", True, False),
        (REGULAR, EXECUTABLE, "changed", "now executable", False, False),
        (EXECUTABLE, REGULAR, "changed", "now an ordinary file", False, False),
        (EXECUTABLE, EXECUTABLE, "changed", "executable", False, False),
        (SYMLINK, REGULAR, "changed", "now an ordinary file", False, False),
        (REGULAR, None, "deleted", "", True, False),
        (EXECUTABLE, None, "deleted", "", True, True),
        (SYMLINK, None, "deleted", "", True, True),
    ],
)
def test_a_change_says_what_it_does_to_the_mode(before, after, kind, words, plain, special):
    change = Change("a", Entry(before, "1" * 40) if before else None, wanted("a", mode=after) if after else None)
    assert (change.kind, change.mode_words, change.is_plain, change.is_special_deletion) == (
        kind,
        words,
        plain,
        special,
    )
    assert change.pair == (pair("a", after, blob_id(b"new")) if after else pair("a", 0, ""))
    assert change.present == (pair("a", before, "1" * 40) if before else pair("a", 0, ""))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (snapshot({"a": wanted("a"), "d/e/f": wanted("f")}), ("a", "d", "d/e", "d/e/f")),
        (snapshot({"kit/a": wanted("a")}, directories=["kit"]), ("kit",)),
        (snapshot({"kit/a": wanted("a"), "kit/b/c": wanted("c")}, directories=["kit", "kit/b"]), ("kit",)),
        (snapshot({"a": wanted("a"), "d/b": wanted("b")}, directories=["."]), ("a", "d")),
        (snapshot({"a": wanted("a")}, Territory(".", Excludes([]), frozenset()), directories=["."]), (".",)),
        (snapshot({}, removals=["x/y"]), ("x", "x/y")),
    ],
)
def test_the_roots_are_destinations_and_what_is_above_them(found, expected):
    assert roots(found) == expected
