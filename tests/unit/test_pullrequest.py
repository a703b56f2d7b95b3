from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast.pullrequest import (
    MAX_BODY,
    Facts,
    Marker,
    body,
    branch_name,
    digest,
    is_legal_branch,
    mark_closed,
    read_marker,
    replace_block,
)  # fmt: skip


def marker(**more) -> Marker:
    values = {
        "id": "acme/templates", "source": "acme/templates", "config": "c.yml", "commit": "c" * 40, "title": "t",
        "pairs": frozenset({"0123456789ab"}), "digest": "d",
    }  # fmt: skip
    return Marker(**values | more)


def facts(**more) -> Facts:
    values = {
        "source": "acme/templates", "commit": "c" * 40, "server_url": "https://github.com", "run_url": "", "config": "c.yml",
        "config_line": 3, "added": ["a"], "changed": ["b"], "deleted": ["d"], "left_out": {"e": "declined in #4"},
        "undoes": {"b": 3},
    }  # fmt: skip
    return Facts(**{"words": "", "modes": {}, "since": ""} | values | more)


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_marker_is_read_as_it_was_written_whatever_it_holds(sync_id, title):
    written = marker(id=sync_id, title=title)
    text = body(facts(), written)
    assert read_marker(text) == written
    assert text.count("-->") == text.count("<!-- broadcast:") == 5


def test_a_marker_says_who_closed():
    assert read_marker(mark_closed(body(facts(), marker()))).closed_by_us


@pytest.mark.parametrize("text", ["", "<!-- broadcast:marker {} -->", "<!-- broadcast:marker {bad -->", "hello"])
def test_what_we_did_not_write_is_no_marker(text):
    assert read_marker(text) is None


def test_the_body_never_exceeds_the_limit_and_says_how_much_it_leaves_out():
    text = body(facts(added=[f"directory/{n}/file" for n in range(9_000)]), marker())
    assert len(text) <= MAX_BODY
    assert "more" in text
    assert read_marker(text)


def test_deletions_come_first():
    text = body(facts(), marker())
    assert text.index("`d`") < text.index("`b`") < text.index("`a`")


def test_a_replaced_block_keeps_what_people_wrote():
    old = f"before\n{body(facts(), marker())}\nafter"
    new = replace_block(old, body(facts(), marker(title="new")))
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


def test_the_config_speaks_first_and_the_source_can_be_read_since_the_sync_before():
    text = body(facts(words="Ask #platform.\n", since="b" * 40), marker())
    assert text.startswith("<!-- broadcast:begin -->\nAsk #platform.\n\n[acme/templates]")
    compare = f"https://github.com/acme/templates/compare/{'b' * 40}...{'c' * 40}"
    assert f"[What has changed there]({compare}) since the sync before." in text
    assert "What has changed" not in body(facts(since="c" * 40), marker())


def test_files_that_are_not_ordinary_are_told_with_what_they_become():
    text = body(facts(modes={"a": "executable", "b": "now a symlink"}), marker())
    assert "| `a` | added, executable |" in text
    assert "| `b` | changed, now a symlink; undoes what was changed here since #3 |" in text
