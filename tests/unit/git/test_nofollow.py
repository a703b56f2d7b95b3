"""Folders reads what lies there, in whatever order it is asked, and closes all that it has opened."""

from __future__ import annotations

import errno
import os
import random
from pathlib import Path

import pytest

from broadcast.git.nofollow import MAX_DEPTH, Folders
from broadcast.git.objects import REGULAR, blob_id

FILES = ["a", "b/a", "b/c/a", "b/c/b", "b/d/a", "bc/a", "c/d/e/f/g", "c/d/h"]
DESCRIPTORS = Path("/dev/fd")  # of this process
MISSING = ["x", "b/x/a", "c/d/e/x/y", "a/b"]


@pytest.fixture
def root(tmp_path):
    for path in FILES:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    return os.fsencode(tmp_path)


@pytest.mark.parametrize("seed", range(20))
def test_each_path_is_its_own_file_in_any_order_beside_those_that_are_missing(root, seed):
    asked = random.Random(seed).choices([*FILES, *MISSING], k=60)
    with Folders(root) as opened:
        for path in asked:
            name = path.encode()
            if path in FILES:
                assert opened.read(name, REGULAR) == name
                assert opened.read_id(name, REGULAR) == blob_id(name)
                assert opened.status(name).st_size == len(name)
            else:
                with pytest.raises((FileNotFoundError, NotADirectoryError)):
                    opened.status(name)


def test_every_directory_is_closed_in_the_end(root):
    before = sorted(DESCRIPTORS.iterdir())
    with Folders(root) as opened:
        for path in [*FILES, *MISSING]:
            try:
                opened.read(path.encode(), REGULAR)
            except OSError:
                continue
    assert sorted(DESCRIPTORS.iterdir()) == before


def test_a_directory_is_opened_once_for_all_of_its_files(root, monkeypatch):
    true, seen = os.open, []
    monkeypatch.setattr(os, "open", lambda path, *more, **how: seen.append(path) or true(path, *more, **how))
    with Folders(root) as opened:
        for path in sorted(FILES):
            opened.status(path.encode())
    assert seen == [root, b"b", b"c", b"d", b"bc", b"c", b"d", b"e", b"f"]


def test_a_path_that_is_too_deep_is_refused_with_its_error_number(root):
    path = b"/".join([b"d"] * (MAX_DEPTH + 2))
    with Folders(root) as opened, pytest.raises(OSError, match=f"Deeper than {MAX_DEPTH}") as caught:
        opened.status(path)
    assert caught.value.errno == errno.ENAMETOOLONG
