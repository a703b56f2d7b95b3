"""What is planned, applied to the target's tree, gives exactly the wanted tree; planned again, nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from broadcast.git import paths
from broadcast.git.ignore import Excludes
from broadcast.git.objects import EXECUTABLE, REGULAR, SYMLINK, TREE, Entry, Tree, blob_id, build_tree
from broadcast.observe.drift import compare, roots
from broadcast.snapshot.snapshot import Snapshot, Territory, Wanted

NAMES = st.sampled_from(["a", "b", "a.b", "a-b", "ü", "lib"])
MODES = st.sampled_from([REGULAR, EXECUTABLE, SYMLINK])
FILES = st.dictionaries(
    st.lists(NAMES, min_size=1, max_size=4).map("/".join),
    st.builds(Entry, MODES, st.binary(max_size=1).map(blob_id)),
    max_size=12,
)


def without_conflicts(files):
    """Drop what lies below another file."""
    return {path: entry for path, entry in files.items() if not any(path.startswith(f"{other}/") for other in files)}


TREES = FILES.map(without_conflicts)


def snapshot(files, mirror: str | None) -> Snapshot:
    wanted = {path: Wanted(entry.mode, entry.oid, path) for path, entry in files.items()}
    mirrors = (Territory(mirror, Excludes(["*.keep"]), frozenset()),) if mirror else ()
    return Snapshot(wanted, build_tree(files), (mirror,) if mirror else (), mirrors, frozenset(), (), 0)


def drift(wanted: Snapshot, held):
    """As observation does it: roots first, then whatever is missing, until nothing is."""
    tree, listings, rounds = build_tree(held), {}, 0
    observed = {path: entry_at(tree, path) for path in roots(wanted)}
    while (found := compare(wanted, observed, listings)).gaps:
        listings |= {one.oid: one.entries for one in every(tree) if one.oid in {gap.oid for gap in found.gaps}}
        rounds += 1
        assert rounds < 10
    return found, listings


def entry_at(tree: Tree, path: str) -> Entry | None:
    entry: Entry | None = Entry(TREE, tree.oid)
    inside: Tree | None = tree
    for name in () if path == "." else path.split("/"):
        entry = inside.entries.get(name) if inside else None
        inside = inside.subtrees.get(name) if inside else None
    return entry


def every(tree: Tree):
    yield tree
    for below in tree.subtrees.values():
        yield from every(below)


def apply(changes, held):
    after = dict(held)
    for change in changes:
        assert after.get(change.path) == change.before
        if change.after:
            after[change.path] = change.after.entry
        else:
            del after[change.path]
    return after


@given(TREES, TREES)
def test_a_mirror_applied_gives_exactly_the_source_but_for_obstacles_and_excludes(wanted, held):
    found, _ = drift(snapshot(wanted, "."), held)
    blocked = {error.path for error in found.errors} | {one.path for swap in found.swaps for one in swap.then}
    after = apply(found.changes, held)
    kept = {path: entry for path, entry in wanted.items() if path not in blocked}
    assert {path: entry for path, entry in after.items() if path in wanted and path not in blocked} == kept
    if not blocked:
        assert after == wanted
        assert drift(snapshot(wanted, "."), after)[0].changes == []


@given(TREES, TREES)
def test_a_copy_applied_holds_every_wanted_file_and_touches_nothing_else(wanted, held):
    found, _ = drift(snapshot(wanted, None), held)
    blocked = {change.path for swap in found.swaps for change in swap.then}
    assert found.errors == []
    assert {change.path for change in found.changes} <= set(wanted) - blocked
    assert all(change.after for change in found.changes)
    after = apply(found.changes, held)
    assert all(after[path] == entry for path, entry in wanted.items() if path not in blocked)
    if not blocked:
        assert drift(snapshot(wanted, None), after)[0].changes == []


@given(TREES)
def test_nothing_separates_a_target_from_itself_and_nothing_is_listed(held):
    found, listings = drift(snapshot(held, "."), held)
    assert (found.changes, found.errors, listings) == ([], [], {})


@given(TREES, TREES)
def test_nothing_outside_of_a_mirrored_directory_is_touched(wanted, held):
    inside = {f"lib/{path}": entry for path, entry in wanted.items()}
    found, _ = drift(snapshot(inside, "lib"), held)
    assert all(paths.is_below(change.path, "lib") for change in found.changes)


def test_what_the_excludes_of_a_mirror_cover_stays():
    held = {"lib/x.keep": Entry(REGULAR, blob_id(b"x")), "lib/y": Entry(REGULAR, blob_id(b"y"))}
    found, _ = drift(snapshot({"lib/z": Entry(REGULAR, blob_id(b"z"))}, "lib"), held)
    assert {change.path: change.kind for change in found.changes} == {"lib/y": "deleted", "lib/z": "added"}
