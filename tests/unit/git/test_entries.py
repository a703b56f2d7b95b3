"""What stands at a path of an index: the file, or everything in the directory, and nothing beside it."""

from __future__ import annotations

import pytest

from broadcast.git.entries import key, span, text, tracks
from broadcast.git.index import IndexEntry
from broadcast.git.objects import GITLINK, REGULAR, TREE

# "-" and "." sort before "/", "0" right after it.
PATHS = [b"a", b"a-b", b"a.b", b"d-x", b"d/a", b"d/b/c", b"d/b/d", b"d0", b"e/x", b"sparse", b"sub"]


def entry(path: bytes) -> IndexEntry:
    mode = {b"sub": GITLINK, b"sparse": TREE}.get(path, REGULAR)
    return IndexEntry(path, mode, "0" * 40, 1, 0, 0, False, False)


ENTRIES = sorted((entry(path) for path in PATHS), key=lambda one: one.path)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (b"", PATHS),
        (b"a", [b"a"]),
        (b"d", [b"d/a", b"d/b/c", b"d/b/d"]),
        (b"d/b", [b"d/b/c", b"d/b/d"]),
        (b"d/b/d", [b"d/b/d"]),
        (b"e", [b"e/x"]),
        (b"d0", [b"d0"]),
        (b"x", []),
        (b"d/", []),
        (b"sub", [b"sub"]),
        (b"sub/x", []),
    ],
)
def test_a_span_is_the_file_or_all_that_lies_in_the_directory(at, expected):
    assert [one.path for one in span(ENTRIES, at)] == expected


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        (b"d", True),
        (b"d/b", True),
        (b"d/c", False),
        (b"a", True),
        (b"a/x", False),
        (b"x", False),
        (b"sub", True),
        (b"sub/deep/er", True),
        (b"sparse/x", True),
        (b"d/sub/x", False),
        (b"e/x/y", False),
    ],
)
def test_a_directory_is_tracked_if_it_holds_files_or_lies_in_a_submodule(folder, expected):
    assert tracks(ENTRIES, folder) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [(".", b""), ("./", b""), ("./a/b/", b"a/b"), ("a", b"a"), ("ü", b"\xc3\xbc"), (".a", b".a"), ("a/.", b"a/.")],
)
def test_a_path_of_the_config_is_written_as_the_index_does(path, expected):
    assert key(path) == expected


def test_a_byte_that_is_not_utf_8_is_spelled_out():
    assert text(entry(b"a\xff\xc3\xbc")) == "a\\xffü"
