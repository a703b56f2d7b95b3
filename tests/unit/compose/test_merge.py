"""Three versions of a text, held against git's own merge."""

from __future__ import annotations

import random
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadcast.compose import diff
from broadcast.compose.diff import hunks
from broadcast.compose.merge import Conflict, merged
from broadcast.compose.parts import Unmergeable


def done(base, ours, theirs):
    return merged(base.encode(), ours.encode(), theirs.encode())


def git(folder, base, ours, theirs, *options):
    paths = [Path(folder, name) for name in ("theirs", "base", "ours")]
    for path, content in zip(paths, (theirs, base, ours), strict=True):
        path.write_bytes(content.encode())
    result = subprocess.run(["git", "merge-file", "-p", "-q", *options, *paths], capture_output=True, check=False)
    assert 0 <= result.returncode < 128, result.stderr
    return result.returncode, result.stdout


@st.composite
def versions(draw):
    """A text and two small edits of it; some lines repeat."""
    line = st.sampled_from(
        draw(st.sampled_from([["a", "b", ""], [*"abcdefghijkl"], [f"line {at}" for at in range(60)]]))
    )
    base = draw(st.lists(line, max_size=14))
    edit = st.tuples(st.integers(0, 14), st.integers(0, 3), st.lists(line, max_size=3))
    return tuple(
        _written(draw, base, draw(edits))
        for edits in (st.just([]), st.lists(edit, max_size=4), st.lists(edit, max_size=4))
    )


def _written(draw, lines, edits):
    lines = list(lines)
    for at, gone, new in edits:
        lines[at : at + gone] = new
    return "\n".join(lines) + ("\n" if lines and draw(st.integers(0, 5)) else "")


@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(texts=versions())
def test_the_result_is_that_of_git(texts):
    with tempfile.TemporaryDirectory() as folder:
        conflicts, clean = git(folder, *texts)
        _, resolved = git(folder, *texts, "--theirs")  # the third file's side: the source's
        _, kept = git(folder, *texts, "--ours")
    result = done(*texts)
    assert bool(result.conflicts) == bool(conflicts)
    assert conflicts or result.content == clean
    assert result.resolved_ours == resolved
    assert result.content == kept


ANY = st.lists(st.sampled_from(["a", "b", "c", "", "d\r", "é"]), max_size=12).map("\n".join)


@given(
    base=ANY,
    ours=ANY,
    theirs=ANY,
    ours_only=st.lists(st.sampled_from("OPQ"), max_size=3),
    theirs_only=st.lists(st.sampled_from("TUV"), max_size=3),
    data=st.data(),
)
def test_no_line_that_one_side_added_is_lost(base, ours, theirs, ours_only, theirs_only, data):
    ours = _mixed(data, ours, ours_only)
    theirs = _mixed(data, theirs, theirs_only)
    result = done(base, ours, theirs)
    assert _count(result.content, "TUV") == _count(theirs.encode(), "TUV")
    assert _count(result.resolved_ours, "OPQ") == _count(ours.encode(), "OPQ")
    if not result.conflicts:
        assert result.content == result.resolved_ours


def _mixed(data, text, lines):
    mixed = text.split("\n")
    for line in lines:
        mixed.insert(data.draw(st.integers(0, len(mixed))), line)
    return "\n".join(mixed)


def _count(content, letters):
    found = Counter(line.strip() for line in content.decode().split("\n"))
    return {letter: found[letter] for letter in letters}


@given(base=ANY, one=ANY)
def test_a_change_of_one_side_is_taken_as_it_is(base, one):
    for result in (done(base, one, base), done(base, base, one), done(base, one, one)):
        assert result.content == result.resolved_ours == one.encode()
        assert not result.conflicts


@pytest.mark.parametrize(("steps", "far", "near"), [(1_500_000, 256, 16), (0, 1, 1), (20, 2, 1), (200, 3, 2)])
def test_hunks_make_the_new_text_of_the_old_one_however_short_the_search(monkeypatch, steps, far, near):
    monkeypatch.setattr(diff, "_STEPS", steps)
    monkeypatch.setattr(diff, "_FAR", far)
    monkeypatch.setattr(diff, "_NEAR", near)
    chance = random.Random(7)
    for size in [*range(12)] * 12 + [80] * 4:
        old, new = ([chance.choice("abcd") for _ in range(chance.randint(0, size))] for _ in range(2))
        made, at = [], 0
        for hunk in hunks(old, new):
            assert hunk.start > at or not at  # an unchanged line stands between two
            made += [*old[at : hunk.start], *new[hunk.new_start : hunk.new_end]]
            at = hunk.end
        assert made + old[at:] == new


def test_a_conflict_shows_both_versions_and_where_it_is():
    result = done("a\nb\nc\nd\ne\n", "a\nB\nc\nd\nE\n", "0\na\nx\ny\nc\nd\ne\n")
    assert result.conflicts == (Conflict(3, ("x", "y"), ("B",), ("b",)),)
    assert result.content == b"0\na\nx\ny\nc\nd\nE\n"
    assert result.resolved_ours == b"0\na\nB\nc\nd\nE\n"


def test_a_conflict_shows_bytes_that_are_no_utf_8_without_failing():
    result = merged(b"a\n", b"\xe9\n", b"b\r\n")
    assert result.conflicts == (Conflict(1, ("b",), ("?",), ("a",)),)
    assert merged(b"a\nb\nc\n", b"\xe9\nb\nc\n", b"a\nb\n\xff\n").content == b"\xe9\nb\n\xff\n"


def crlf(text):
    return text.replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "content"),
    [
        ("a\nb\nc\n", "A\nb\nc\n", crlf("a\nb\nC\n"), crlf("A\nb\nC\n")),
        (crlf("a\nb\nc\n"), crlf("A\nb\nc\n"), "a\nb\nC\n", "A\nb\nC\n"),
        ("a\nb\nc\n", crlf("A\nb\nc\n"), "a\nb\nC\n", crlf("A\nb\nC\n")),
        ("a\nb\nc\n", crlf("A\nb\nc\n"), crlf("a\nb\nC\n"), crlf("A\nb\nC\n")),
        ("a\nb\r\nc\n", "A\nb\r\nc\n", crlf("a\nb\nC\n"), crlf("A\nb\nC\n")),
        ("a\nb\nc\n", "A\nb\nc\n", "a\nb\nc\r\n", "A\nb\nc\r\n"),
        ("a\nb\nc", "A\nb\nc", crlf("a\nb\nc\nd"), crlf("A\nb\nc\nd")),
        ("a\nb\nc\n", "A\nb\nc\n", "a\nb\nc", "A\nb\nc"),
        ("a\nb\nc", "a\nb\nc\n", "A\nb\nc", "A\nb\nc\n"),
    ],
)
def test_line_ends_and_the_final_newline_stay_the_target_s(base, ours, theirs, content):
    result = done(base, ours, theirs)
    assert not result.conflicts
    assert result.content == content.encode()


@pytest.mark.parametrize("at", range(3))
def test_a_binary_version_is_refused(at):
    texts = [b"a\n", b"a\n", b"a\n"]
    texts[at] = b"a\0"
    with pytest.raises(Unmergeable, match="binary"):
        merged(*texts)


N = 20_000
CHANCE = random.Random(3)
LONG = [f"line {at} {'x' * 40}" for at in range(N)]
LARGE = {
    "equal": (["a"] * N, ["b", *["a"] * (N - 500), "c"], ["d", *["a"] * (N - 3000), "e"]),
    "shuffled": (LONG, CHANCE.sample(LONG, N), CHANCE.sample(LONG, N)),
    "few lines": tuple([CHANCE.choice("ab") for _ in range(N)] for _ in range(3)),
    "some lines": tuple([str(CHANCE.randrange(100)) for _ in range(N)] for _ in range(3)),
    "short lines": tuple([CHANCE.choice("ab") for _ in range(400_000)] for _ in range(3)),
    "periods": (["a", "b"] * (N // 2), ["b", "a", "a"] * (N // 3), ["a", "b", "b"] * (N // 3)),
}


@pytest.mark.parametrize("kind", LARGE)
def test_a_large_text_takes_no_long_time(kind):
    texts = ["".join(f"{line}\n" for line in lines) for lines in LARGE[kind]]
    started = time.perf_counter()
    result = done(*texts)
    assert time.perf_counter() - started < 10  # a quadratic search takes minutes
    assert result.content


def test_a_large_text_with_few_changes_merges_cleanly():
    ours = [f"{line}!" if at % 100 == 1 else line for at, line in enumerate(LONG)]
    theirs = [f"{line}?" if at % 100 == 51 else line for at, line in enumerate(LONG)]
    result = done(*("".join(f"{line}\n" for line in lines) for lines in (LONG, ours, theirs)))
    assert not result.conflicts
    assert (result.content.count(b"!"), result.content.count(b"?")) == (200, 200)
