"""Many files by their directories: every file once, and few folders however many and however deep they are."""

from __future__ import annotations

from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast.report.by_directory import MOST, by_directory, in_words

PATHS = st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=9).map("/".join), unique=True, max_size=60)


@given(PATHS)
def test_every_file_is_in_one_folder_and_below_its_name(paths):
    found = by_directory(paths)
    assert len(found) <= MOST
    assert sorted(path for one in found for path in one.paths) == sorted(paths)
    assert all(path.startswith(f"{one.name}/") for one in found if one.name for path in one.paths)


@pytest.mark.parametrize(
    ("paths", "words"),
    [
        (["a/x", "b", "c/y"], "a/x, b, c/y"),
        ([f"a/{n}" for n in range(4)], "a/ (4 files)"),
        ([f"{n}" for n in range(4)], "4 files"),
        ([f"a/b/{n // 4}/{n}" for n in range(40)] + ["c/d/e", "c/d/f"], "a/b/ (40 files), c/d/ (2 files)"),
        (["a/1", "a/2", "b/3", "4", "5"], "a/ (2 files), b/3, elsewhere (2 files)"),
        ([f"a/{n}/x" for n in range(9)], "a/ (9 files)"),
        ([f"{n}/x" for n in range(9)], "0/x, 1/x, 2/x, 3/x, elsewhere (5 files)"),
    ],
)
def test_many_files_are_their_directories_in_words(paths, words):
    assert in_words(paths) == words


def test_deep_paths_take_no_longer_and_long_names_are_cut():
    started = monotonic()
    words = in_words(["/".join("a" * 2_000) + f"/{n}" for n in range(2_000)] + [f"{'b' * 250}/{n}" for n in range(9)])
    assert monotonic() - started < 2
    assert words.startswith(f"{'a/' * 15}…{'/a' * 15}/ (2,000 files), bbb")
    assert len(words) < 170
