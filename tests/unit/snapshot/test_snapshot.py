"""Values of a snapshot: hashes of what it proposes, what is required, what its territories cover."""

from __future__ import annotations

import hashlib

import pytest

from broadcast.git.ignore import Excludes
from broadcast.git.objects import build_tree
from broadcast.snapshot.snapshot import Snapshot, Territory, Wanted, digest, pair, relative

FILE = Wanted(0o100644, "1" * 40, "src/a")
KIT = Territory("kit", Excludes(["*.keep"]), frozenset({"kit/own"}))


def snapshot(files=None, territories=(), removals=(), errors=()) -> Snapshot:
    found = files or {}
    tree = build_tree({path: one.entry for path, one in found.items()})
    return Snapshot(found, tree, (), tuple(territories), frozenset(removals), tuple(errors), 0)


@pytest.mark.parametrize(
    ("path", "directory", "expected"),
    [("a/b", ".", "a/b"), ("a/b", "a", "b"), ("a/b/c", "a/b", "c"), ("ab/c", "ab", "c")],
)
def test_a_path_is_relative_to_a_directory_above_it(path, directory, expected):
    assert relative(path, directory) == expected


def test_a_pair_depends_on_path_mode_and_content():
    made = pair("a", 0o100644, "1" * 40)
    assert made == hashlib.sha256(f"a\0{0o100644:o}\0{'1' * 40}".encode()).hexdigest()[:32]
    assert len({made, pair("b", 0o100644, "1" * 40), pair("a", 0o100755, "1" * 40), pair("a", 0, "")}) == 4


def test_a_digest_does_not_depend_on_the_order():
    assert digest(["a", "b"]) == digest(iter(["b", "a"])) == hashlib.sha256(b"ab").hexdigest()[:32]
    assert digest([]) != digest(["a"])


def test_its_pairs_are_its_files_and_its_removals():
    found = snapshot({"a": FILE}, removals=["old"])
    assert found.pairs == {pair("a", 0o100644, "1" * 40), pair("old", 0, "")}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({}, True),
        ({"files": {"a": FILE}}, False),
        ({"removals": ["x"]}, False),
        ({"territories": [KIT]}, False),
        ({"errors": ["e"]}, False),
    ],
)
def test_a_snapshot_is_nothing_without_any_of_its_parts(parts, expected):
    assert snapshot(**parts).is_nothing is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("kit/a", True),
        ("kit/deep/a", True),
        ("kit/a.keep", False),
        ("kit/own", False),
        ("kitchen", False),
        ("a", False),
    ],
)
def test_a_territory_covers_what_lies_in_it_but_for_excludes_and_our_own(path, expected):
    assert KIT.covers(path) is expected


def test_excludes_are_relative_to_the_territory():
    assert not Territory("kit", Excludes(["/a"]), frozenset()).covers("kit/a")
    assert Territory("kit", Excludes(["/kit/a"]), frozenset()).covers("kit/a")
    assert Territory(".", Excludes(["/b"]), frozenset()).covers("a/b")


def test_a_path_is_required_by_its_file_or_else_by_its_territory():
    required = Territory("kit", Excludes([]), frozenset(), required=True)
    files = {"kit/free": FILE, "must": Wanted(0o100644, "1" * 40, "x", required=True)}
    found = snapshot(files, [KIT, required])
    assert [found.is_required(path) for path in ("must", "kit/free", "kit/other", "other")] == [
        True,
        False,
        True,
        False,
    ]
    assert not snapshot(files, [KIT]).is_required("kit/other")
