from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcast.git.objects import (
    EXECUTABLE,
    GITLINK,
    REGULAR,
    SYMLINK,
    TREE,
    Entry,
    PathConflict,
    blob_id,
    build_tree,
    tree_id,
    with_files,
)

if TYPE_CHECKING:
    from pathlib import Path

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

# Names whose order depends on the "/" that git puts after a directory's name.
TRAPS = st.sampled_from(["a", "a.b", "a-b", "a0", "a b", "ab", "A", "é", "中", "a\n", "-", "\x7f", "\U0001f600"])
NAMES = TRAPS | st.text(
    st.characters(exclude_characters="/\0", exclude_categories=("Cs",)), min_size=1, max_size=6
).filter(lambda name: name.strip(". ") and ".git" not in name.lower())
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)


def git(where: Path, *command: str, stdin: bytes = b"") -> str:
    done = subprocess.run(["git", *command], cwd=where, input=stdin, check=True, capture_output=True)
    return done.stdout.decode().strip()


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("objects")
    git(path, "init", "-q")
    return path


@given(content=st.binary(max_size=200))
@settings(max_examples=20, deadline=None)
def test_a_blob_has_the_id_that_git_gives_it(repo: Path, content: bytes) -> None:
    assert blob_id(content) == git(repo, "hash-object", "--stdin", stdin=content)


@given(names=st.dictionaries(NAMES, st.sampled_from([REGULAR, EXECUTABLE, SYMLINK, TREE, GITLINK]), max_size=12))
@settings(max_examples=60, deadline=None)
def test_a_directory_has_the_id_that_git_gives_it(repo: Path, names: dict[str, int]) -> None:
    entries = {name: Entry(mode, blob_id(name.encode())) for name, mode in names.items()}
    kinds = {TREE: "tree", GITLINK: "commit"}
    lines = "".join(f"{e.mode:06o} {kinds.get(e.mode, 'blob')} {e.oid}\t{n}\0" for n, e in entries.items())
    assert tree_id(entries) == git(repo, "mktree", "-z", "--missing", stdin=lines.encode())


@given(paths=st.sets(PATHS, min_size=1, max_size=15))
@settings(max_examples=60, deadline=None)
def test_a_tree_of_files_has_the_id_that_git_writes(repo: Path, paths: set[str]) -> None:
    files = {path: Entry(REGULAR, blob_id(path.encode())) for path in paths - parents(paths)}
    lines = "".join(f"{entry.mode:o} {entry.oid}\t{path}\0" for path, entry in files.items())
    git(repo, "read-tree", "--empty")
    git(repo, "update-index", "-z", "--index-info", stdin=lines.encode())
    assert build_tree(files).oid == git(repo, "write-tree", "--missing-ok")


@given(one=st.sets(PATHS, max_size=12), other=st.sets(PATHS, max_size=6))
def test_a_tree_with_more_files_is_the_tree_of_all_files(one: set[str], other: set[str]) -> None:
    held = {path: Entry(REGULAR, blob_id(path.encode())) for path in one - parents(one)}
    more = {path: Entry(EXECUTABLE, blob_id(b"more")) for path in other - parents(other)}
    if {*held, *more} & parents({*held, *more}):
        with pytest.raises(PathConflict, match="both a file and a directory"):
            with_files(build_tree(held), more)
    else:
        assert with_files(build_tree(held), more) == build_tree(held | more)


def parents(paths: set[str]) -> set[str]:
    return {path[:at] for path in paths for at, char in enumerate(path) if char == "/"}


def test_every_level_of_a_tree_can_be_asked() -> None:
    tree = build_tree({"a/b/c": Entry(REGULAR, blob_id(b"c")), "d": Entry(SYMLINK, blob_id(b"a"))})
    inner = tree.subtrees["a"].subtrees["b"]
    assert list(inner.entries) == ["c"]
    assert tree.subtrees["a"].entries == {"b": Entry(TREE, inner.oid)}
    assert tree.entries.keys() == {"a", "d"}


def test_no_files_are_the_empty_tree() -> None:
    assert build_tree({}).oid == EMPTY_TREE


@pytest.mark.parametrize("paths", [("a", "a/b"), ("a/b", "a"), ("x/a/b/c", "x/a")])
def test_a_path_cannot_be_a_file_and_a_directory(paths: tuple[str, ...]) -> None:
    with pytest.raises(PathConflict, match="both a file and a directory"):
        build_tree(dict.fromkeys(paths, Entry(REGULAR, blob_id(b""))))


@pytest.mark.parametrize("path", ["", "/a", "a/", "a//b", "//a", "a/b//c"])
def test_empty_names_are_refused(path: str) -> None:
    with pytest.raises(ValueError, match="empty name"):
        build_tree({path: Entry(REGULAR, blob_id(b""))})
