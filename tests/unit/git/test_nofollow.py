"""Folders reads what lies there, in whatever order it is asked, and closes all that it has opened."""

from __future__ import annotations

import errno
import os
import random
from pathlib import Path

import pytest

from broadcast.git import by_path, nofollow
from broadcast.git.by_path import MAX_DEPTH
from broadcast.git.nofollow import Folders
from broadcast.git.objects import REGULAR, SYMLINK, blob_id

FILES = ["a", "b/a", "b/c/a", "b/c/b", "b/d/a", "bc/a", "c/d/e/f/g", "c/d/h"]
DESCRIPTORS = Path("/dev/fd")  # of this process
MISSING = ["x", "b/x/a", "c/d/e/x/y", "a/b"]


@pytest.fixture(params=[True, False], ids=["by handles", "by paths"])
def root(tmp_path, request, monkeypatch):
    monkeypatch.setattr(nofollow, "HAS_HANDLES", request.param)
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


@pytest.mark.parametrize("root", [True], indirect=True)
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


def test_no_link_is_followed_whether_to_a_file_or_on_the_way(root, tmp_path):
    (tmp_path / "to a file").symlink_to("a")
    (tmp_path / "to a directory").symlink_to("b")
    with Folders(root) as opened:
        for path in (b"to a file", b"to a directory/a"):
            with pytest.raises(OSError, match=r"[Ss]ymbolic|Not a directory"):
                opened.read(path, REGULAR)
        assert opened.read(b"to a directory", SYMLINK) == b"b"
        with pytest.raises(NotADirectoryError):
            opened.status(b"to a directory/a")


@pytest.mark.parametrize("path", [b"..", b"../x", b"b/../a", b"", b"b/", b"."])
def test_no_path_leads_out(root, path):
    with Folders(root) as opened, pytest.raises(OSError, match="Not a path below"):
        opened.read(path, REGULAR)


def test_a_pipe_is_not_waited_for(root, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with Folders(root) as opened, pytest.raises(OSError, match="Not a plain file"):
        opened.read(b"pipe", REGULAR)


# By paths


@pytest.fixture
def swapping(tmp_path, monkeypatch):
    """`swapping(path, goal)` puts a link in the place of `path` in the moment before the next file is opened."""

    def swap(path, goal):
        true = os.open

        def swapped(*given, **named):
            (tmp_path / path).rename(tmp_path / "gone")
            (tmp_path / path).symlink_to(goal)
            monkeypatch.setattr(os, "open", true)
            return true(*given, **named)

        monkeypatch.setattr(os, "open", swapped)

    return swap


@pytest.mark.parametrize("root", [False], indirect=True)
@pytest.mark.parametrize(("path", "goal"), [("b/c/a", "../../a"), ("b/c", "d"), ("b", "c")])
def test_what_is_swapped_for_a_link_while_a_file_is_opened_gives_nothing_away(root, tmp_path, swapping, path, goal):
    for name in ("b/d/a", "c/c/a"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("secret")
    before = sorted(DESCRIPTORS.iterdir())
    swapping(path, goal)
    with Folders(root) as opened, pytest.raises(OSError, match=r"replaced|Not a directory"):
        opened.read(b"b/c/a", REGULAR)
    assert sorted(DESCRIPTORS.iterdir()) == before


@pytest.mark.parametrize(
    "name", ["aux", "NUL.txt", "com1", "a:b", "C:", "a\\b", "dot.", "space ", "a\x01b", "a?", "\udcff"]
)
def test_a_name_that_windows_takes_for_something_else_is_no_file(tmp_path, name, monkeypatch):
    monkeypatch.setattr(nofollow, "HAS_HANDLES", False)
    raw = os.fsencode(name)
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + raw)).write_text("x")
    with Folders(os.fsencode(tmp_path)) as opened, pytest.raises(FileNotFoundError):
        opened.read(raw, REGULAR)


class Junction:
    """The status of a directory of Windows that leads elsewhere."""

    st_mode, st_file_attributes = 0o040755, 0x400


def test_a_junction_is_a_link(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "lstat", lambda _: Junction)
    with pytest.raises(NotADirectoryError):
        by_path.check_folder(os.fsencode(tmp_path))
