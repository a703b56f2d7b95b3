"""Patches, held against the real `git apply` and `git diff`."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from broadcast.compose import patch
from broadcast.git.objects import EXECUTABLE, REGULAR, SYMLINK, Entry, blob_id
from tests.world import git

LINES = st.sampled_from(
    ["a", "b", "c", "", " ", "\\ No newline at end of file", "-x", "--- a/f", "@@ -1 +1 @@", "ä\u2028b", "\r", "\f"]
)
TEXTS = st.builds(
    lambda lines, between, end: between.join(lines) + (between if end and lines else ""),
    st.lists(LINES, max_size=25), st.sampled_from(["\n", "\r\n"]), st.booleans(),
).map(str.encode)  # fmt: skip
CONTENTS = TEXTS | st.binary(max_size=200)
NAMES = st.sampled_from([
    "f", "dir/f", "two words", "dir with/f x", 'quo"te', "back\\slash", "ümläut", "日本", "tab\there", "new\nline", "-dash", "a b/c\"d", "b",
])  # fmt: skip


FILES = st.tuples(st.sampled_from([REGULAR, EXECUTABLE]), CONTENTS) | st.tuples(
    st.just(SYMLINK), st.sampled_from([b"f", b"../there", b"two words"])
)
TREES = st.dictionaries(NAMES, st.tuples(st.none() | FILES, st.none() | FILES), max_size=5)


def body(before, after, *, whole: bool) -> str:
    """The body of a patch, as the pipeline chooses it; `whole`: as if the old content weren't known."""
    old, new = (one[1] if one else b"" for one in (before, after))
    if old == new and before and after:
        return ""
    are_plain = all(one is None or one[0] != SYMLINK for one in (before, after))
    try:
        texts = old.decode(), new.decode()
    except UnicodeDecodeError:
        return patch.of_content(new)
    if whole or not are_plain or "\0" in "".join(texts):
        return patch.of_content(new)
    return patch.of_texts(*texts).text


def patched(path: str, before, after, *, whole: bool = False) -> str:
    entries = [one and Entry(one[0], blob_id(one[1])) for one in (before, after)]
    return patch.file_patch(path, *entries, body(before, after, whole=whole))


def write(root: Path, path: str, held) -> None:
    place = root / path
    place.parent.mkdir(parents=True, exist_ok=True)
    if held[0] == SYMLINK:
        place.symlink_to(os.fsdecode(held[1]))
    else:
        place.write_bytes(held[1])
        place.chmod(0o755 if held[0] == EXECUTABLE else 0o644)


def held(root: Path) -> dict:
    found = {}
    for place in root.rglob("*"):
        name = str(place.relative_to(root))
        if name.startswith(".git/") or (place.is_dir() and not place.is_symlink()):
            continue
        if place.is_symlink():
            found[name] = (SYMLINK, os.fsencode(place.readlink()))
        else:
            found[name] = (EXECUTABLE if place.stat().st_mode & stat.S_IXUSR else REGULAR, place.read_bytes())
    return found


def applied(root: Path, text: str, *more: str) -> None:
    done = subprocess.run(
        ["git", "apply", "--whitespace=nowarn", *more], cwd=root, input=text.encode(), capture_output=True, check=False
    )
    assert done.returncode == 0, (done.stderr.decode(), text)


@pytest.mark.parametrize("whole", [False, True])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=TREES)
def test_git_apply_makes_of_the_old_files_the_new_ones(tmp_path_factory, whole, tree):
    changes = {name: pair for name, pair in tree.items() if pair[0] != pair[1]}
    assume(changes)
    root = tmp_path_factory.mktemp("target")
    git(root, "init", "-q")
    for name, (before, _) in tree.items():
        if before:
            write(root, name, before)
    text = "".join(f"# a comment\n{patched(name, *changes[name], whole=whole)}" for name in sorted(changes))
    applied(root, text)
    assert held(root) == {name: after for name, (_, after) in tree.items() if after}


@settings(max_examples=60, deadline=None)
@given(old=TEXTS, new=TEXTS, path=NAMES)
def test_the_header_is_that_of_git_diff(tmp_path_factory, old, new, path):
    assume(old != new)
    root = tmp_path_factory.mktemp("target")
    git(root, "init", "-q")
    write(root, path, (REGULAR, old))
    git(root, "add", "-A")
    write(root, path, (EXECUTABLE, new))
    theirs = git(root, "diff", "--full-index", "--text").split("\n@@")[0]
    ours = patched(path, (REGULAR, old), (EXECUTABLE, new)).split("\n@@")[0]
    assert ours == theirs


@settings(max_examples=200, deadline=None)
@given(old=TEXTS.map(bytes.decode), new=TEXTS.map(bytes.decode))
def test_the_counts_are_those_of_the_lines(old, new):
    made = patch.of_texts(old, new)
    lines = [line for line in made.text.split("\n") if not line.startswith("@@")]
    assert (made.added, made.removed) == tuple(sum(line.startswith(sign) for line in lines) for sign in "+-")


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("", "one\ntwo\n", "@@ -0,0 +1,2 @@\n+one\n+two\n"),
        ("", "one", "@@ -0,0 +1,1 @@\n+one\n\\ No newline at end of file\n"),
        ("one", "one\n", "@@ -1,1 +1,1 @@\n-one\n\\ No newline at end of file\n+one\n"),
        ("one\n", "", "@@ -1,1 +0,0 @@\n-one\n"),
        ("one\r\n", "one\n", "@@ -1,1 +1,1 @@\n-one\r\n+one\n"),
    ],
)
def test_no_line_is_made_up(old, new, text):
    assert patch.of_texts(old, new).text == text
