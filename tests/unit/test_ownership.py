from __future__ import annotations

import subprocess

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from broadcast.config import parse
from broadcast.git.refs import is_legal_branch  # fmt: skip
from broadcast.ownership import (
    Marker,
    branch_name,
    enclosed,
    mark_closed,
    read_marker,
    replace_block,
    scratch_name,
    spare_name,
)
from broadcast.snapshot.snapshot import digest


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
