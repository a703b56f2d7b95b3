from __future__ import annotations

import subprocess

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from broadcast.config import parse
from broadcast.git.refs import is_legal_branch  # fmt: skip
from broadcast.ownership import (
    MAX_BODY,
    MAX_PAIRS,
    MAX_UNDONE,
    Marker,
    branch_name,
    cut_title,
    enclosed,
    mark_closed,
    read_marker,
    replace_block,
    scratch_name,
    spare_name,
)
from broadcast.snapshot.snapshot import digest

SHORT_PAIRS = st.text("0123456789abcdef", min_size=10, max_size=10)


def marker(**more) -> Marker:
    values = {
        "id": "acme/templates", "source": "acme/templates", "config": "c.yml", "commit": "c" * 40, "title": "t",
        "pairs": frozenset({"0123456789ab"}), "digest": "d",
    }  # fmt: skip
    return Marker(**values | more)


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_marker_is_read_as_it_was_written_whatever_it_holds(sync_id, title):
    written = marker(id=sync_id, title=title)
    text = enclosed("words", written)
    assert read_marker(text) == written
    assert text.count("-->") == text.count("<!-- broadcast:") == 3


@given(st.sets(st.text(min_size=1, max_size=8), max_size=5), st.sets(SHORT_PAIRS, max_size=5), st.booleans())
def test_the_marker_of_a_rollback_is_read_as_it_was_written(pairs, undone, withdrawn):
    lists = {"pairs": frozenset(pairs), "undone": frozenset(undone)}
    written = marker(back="b" * 40, undone_digest="u", withdrawn=withdrawn, **lists)
    assert read_marker(enclosed("words", written)) == written


def test_versions_that_know_no_rollbacks_find_no_pairs_in_the_marker_of_one():
    assert '"pairs"' in marker().encode()
    assert '"pairs"' not in marker(back="b" * 40).encode()


def test_a_rollback_lists_fewer_pairs_and_what_it_takes_back_in_short():
    pairs = [f"{number:032x}" for number in range(MAX_PAIRS // 2 + 1)]
    undone = [f"{number:010x}" for number in range(MAX_UNDONE + 1)]
    many = marker(back="b" * 40, pairs=frozenset(pairs), undone=frozenset(undone), undone_digest="u")
    found = read_marker(many.encode())
    assert (found.pairs, found.undone, found.undone_digest) == (frozenset(), frozenset(), "u")
    few = marker(back="b" * 40, pairs=frozenset(pairs[1:]), undone=frozenset(undone[1:]), undone_digest="u")
    written = enclosed("words", few)
    assert read_marker(written) == few
    assert len(written) < MAX_BODY - 10_000


def test_a_pull_request_that_a_rollback_closes_says_what_it_had_proposed():
    found = read_marker(mark_closed(enclosed("words", marker()), "b" * 40))
    assert (found.closed_by_us, found.withdrawn, found.back) == (True, True, "b" * 40)
    assert found.undone == {"0123456789"}
    assert found.undone_digest == marker().digest


def test_a_marker_that_names_no_commit_to_go_back_to_is_none_of_ours():
    assert read_marker(marker(back="main").encode()) is None


def test_a_title_is_cut_before_its_end():
    assert cut_title("x" * 300, " (end)") == "x" * 249 + "… (end)"


def test_a_marker_says_who_closed():
    assert read_marker(mark_closed(enclosed("words", marker()))).closed_by_us


@pytest.mark.parametrize("text", ["", "<!-- broadcast:marker {} -->", "<!-- broadcast:marker {bad -->", "hello"])
def test_what_we_did_not_write_is_no_marker(text):
    assert read_marker(text) is None


def test_a_replaced_block_keeps_what_people_wrote():
    old = f"before\n{enclosed('old', marker())}\nafter"
    new = replace_block(old, enclosed("new", marker(title="new")))
    assert new.startswith("before\n")
    assert new.endswith("\nafter")
    assert read_marker(new).title == "new"


def test_a_digest_does_not_depend_on_the_order():
    assert digest(["a", "b"]) == digest(["b", "a"]) != digest(["a", "c"])


REFS = [
    "a",
    "a/b",
    "a..b",
    "a.lock",
    ".a",
    "a/.b",
    "a@{b",
    "-a",
    "a~1",
    "a^",
    "a:b",
    "a?",
    "a*",
    "a[",
    "a\\b",
    "a/",
    "/a",
    "a//b",
    "a.",
    "ü",
    "HEAD",
    "a b",
]


@pytest.mark.parametrize("name", REFS)
def test_a_legal_branch_is_what_git_takes_for_one(name):
    said = (
        subprocess.run(["git", "check-ref-format", "--branch", name], capture_output=True, check=False).returncode == 0
    )
    assert is_legal_branch(name) == said


@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=60))
def test_a_branch_name_is_always_legal(sync_id, base):
    assert is_legal_branch(branch_name("broadcast", sync_id, base))


def test_branch_names_that_lost_something_stay_apart():
    assert branch_name("broadcast", "a b", None) != branch_name("broadcast", "a~b", None)
    assert branch_name("broadcast", "acme/x", "dev") == "broadcast/acme/x@dev"


IDS = st.from_regex(parse._ID, fullmatch=True)
BASES = st.none() | st.sampled_from(["main", "release/2", "a@b", "x+scratch"])


@given(IDS, BASES, IDS, BASES)
@example("kit", None, "kit-scratch", None)
@example("acme/templates", None, "acme/templates-scratch", None)
def test_no_id_has_the_name_of_a_scratch_branch(one, base, other, at):
    ours, branch = branch_name("broadcast", one, base), branch_name("broadcast", other, at)
    for scratch in (scratch_name(ours), spare_name(ours)):
        assert is_legal_branch(scratch) or len(scratch) > 240
        assert scratch != branch or (at and "+" in at and one == other)
        assert scratch not in (scratch_name(branch), spare_name(branch)) or (one, base) == (other, at)
