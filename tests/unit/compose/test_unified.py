"""Unified diffs of bounded size."""

from __future__ import annotations

import re
import time

from hypothesis import given
from hypothesis import strategies as st

from broadcast.compose.unified import MAX_LINE, MAX_LINES, edit_digest, unified

LINES = st.lists(st.sampled_from("abcdefgh"), max_size=25)


def patched(old: list[str], lines: tuple[str, ...]) -> list[str]:
    """What the diff makes of the old lines; each of its own lines is checked."""
    made, at = [], 0
    for line in lines:
        if head := re.fullmatch(r"@@ -(\d+),(\d+) \+(\d+),(\d+) @@", line):
            start = int(head[1]) - bool(int(head[2]))
            made += old[at:start]
            at = start
            assert len(made) == int(head[3]) - bool(int(head[4]))
            continue
        if line[0] in " -":
            assert old[at] == line[1:]
            at += 1
        if line[0] in " +":
            made.append(line[1:])
    return made + old[at:]


def text(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


@given(LINES, LINES)
def test_a_diff_makes_the_new_text_of_the_old_one(old, new):
    found = unified(text(old), text(new))
    assert patched(old, found.lines) == new
    assert len(new) - len(old) == found.added - found.removed
    assert not found.is_cut
    assert bool(found.lines) is (old != new)


def test_a_diff_is_cut_and_counts_all_the_same():
    found = unified(b"", b"x\n" * 1_000)
    assert (found.added, len(found.lines), found.is_cut) == (1_000, MAX_LINES, True)
    (line,) = unified(b"", b"x" * 100_000).lines[1:]
    assert len(line) == MAX_LINE + 2


@given(LINES, LINES)
def test_only_equal_texts_have_no_edit(old, new):
    assert (edit_digest(text(old), text(new)) == edit_digest(b"", b"")) is (old == new)


def test_an_edit_is_the_same_whatever_else_stands_in_the_file():
    one = edit_digest(b"a\nb\nc\n", b"a\nB\nc\n")
    assert one == edit_digest(b"new\na\nb\nc\nmore\n", b"new\na\nB\nc\nmore\n")
    assert one != edit_digest(b"a\nb\nc\n", b"a\nBB\nc\n")
    assert one != edit_digest(b"a\nB\nc\n", b"a\nb\nc\n")


def test_a_binary_file_has_no_lines():
    assert unified(b"a\n", b"\0").lines == ("one of both is binary",)


def test_hostile_texts_are_compared_in_time():
    began = time.perf_counter()
    unified(b"a\nb\n" * 100_000, b"b\na\nc\n" * 80_000)
    assert time.perf_counter() - began < 20
