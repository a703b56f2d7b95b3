"""The REST way: what is sent in which order, and what an answer in the midst of it means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast.apply import rest
from broadcast.apply.rest import CHUNK_BYTES, CHUNK_ENTRIES, UNSIGNED, chunks
from broadcast.apply.task import Passing
from broadcast.git.objects import REGULAR, Entry
from broadcast.github.client import ApiError
from broadcast.observe.change import Change
from broadcast.snapshot.snapshot import Wanted
from tests.unit.apply.fakes import BASE, NEW, OURS, REST_PULL, GitHub, opened, task
from tests.unit.plan.test_guards import change, deletion

TREE, COMMIT = {"sha": "1" * 40}, {"sha": NEW}
AT_OURS = {"object": {"sha": OURS}}
GONE = ApiError(404, "GitHub answered HTTP 404: Not Found")


@given(st.lists(st.integers(0, CHUNK_BYTES)))
def test_every_entry_is_in_one_tree_request_and_none_is_too_large(weights):
    parts = list(chunks(weights, lambda one: one))
    assert [one for part in parts for one in part] == weights
    assert all(0 < len(part) <= CHUNK_ENTRIES and (sum(part) <= CHUNK_BYTES) for part in parts)


def test_a_new_branch_is_made_at_its_commit():
    github = GitHub(TREE, COMMIT, None, REST_PULL)
    assert rest.create(github, task()).number == 1
    assert github.names == ["POST git/trees", "POST git/commits", "POST git/refs", "POST pulls"]
    assert github.sent[1][2]["parents"] == [BASE]
    assert github.sent[2][2] == {"ref": "refs/heads/ours", "sha": NEW}


def test_text_goes_with_the_tree_and_a_deletion_has_no_content():
    github = GitHub(TREE, COMMIT)
    rest.commit(github, task("create", change("a"), deletion("b")))
    first, second = github.sent[0][2]["tree"]
    assert first["content"] == "text"
    assert second["sha"] is None


def test_binary_content_is_sent_once_however_often_it_is_used():
    github = GitHub({"sha": change("a").after.oid}, TREE, COMMIT)
    rest.commit(github, task("create", change("a"), change("b"), read=lambda _: b"\0"))
    assert github.names == ["POST git/blobs", "POST git/trees", "POST git/commits"]


def test_a_change_of_the_mode_alone_sends_no_content():
    oid = "3" * 40
    github = GitHub(TREE, COMMIT)
    rest.commit(github, task("create", Change("a", Entry(REGULAR, oid), Wanted(0o100755, oid, "a"))))
    assert github.sent[0][2]["tree"] == [{"path": "a", "type": "blob", "mode": "100755", "sha": oid}]


def test_what_gives_way_goes_in_a_tree_request_before_what_takes_its_place():
    github = GitHub(TREE, {"sha": "4" * 40}, COMMIT)
    rest.commit(github, task("create", change("a/b"), deletion("a")))
    assert [[one["path"] for one in call[2]["tree"]] for call in github.sent[:2]] == [["a"], ["a/b"]]
    assert github.sent[1][2]["base_tree"] == "1" * 40


@pytest.mark.parametrize(("verified", "notes"), [(True, []), (None, []), (False, [UNSIGNED])])
def test_a_commit_that_github_did_not_sign_is_noted(verified, notes):
    work = task()
    rest.commit(GitHub(TREE, {**COMMIT, "verification": {"verified": verified}}), work)
    assert work.notes == notes


def test_where_a_branch_may_not_move_back_the_commit_merges_the_base():
    github = GitHub(TREE, COMMIT, None, REST_PULL)
    rest.append(github, task("rebuild", pull=opened()))
    assert github.sent[1][2]["parents"] == [OURS, BASE]
    assert github.sent[2] == ("PATCH", "git/refs/heads%2Fours", {"sha": NEW, "force": False})


def test_a_branch_that_moved_meanwhile_is_not_overwritten():
    github = GitHub(TREE, COMMIT, {"object": {"sha": "9" * 40}})
    with pytest.raises(Passing, match="moved in the meantime"):
        rest.rebuild(github, task("rebuild", pull=opened(), refs_by_rest=True))
    assert not any(name.startswith(("PATCH", "DELETE")) for name in github.names)


def test_a_branch_that_is_gone_meanwhile_is_not_made_again():
    with pytest.raises(Passing, match="moved in the meantime"):
        rest.move(GitHub(GONE), task("rebuild", refs_by_rest=True), NEW)


@pytest.mark.parametrize("step", [rest.describe, rest.close])
def test_a_pull_request_in_another_state_than_asked_for_interrupts(step):
    other = "closed" if step is rest.describe else "open"
    with pytest.raises(Passing, match="was closed in the meantime"):
        step(GitHub({**REST_PULL, "state": other}), task("describe", pull=opened()))


def test_a_closing_is_explained_before_the_branch_goes():
    github = GitHub({**REST_PULL, "state": "closed"}, None, AT_OURS, None)
    rest.close(github, task("close", pull=opened(), refs_by_rest=True))
    assert [name.split()[0] for name in github.names] == ["PATCH", "POST", "GET", "DELETE"]


@pytest.mark.parametrize(("message", "noted"), [("Label does not exist", False), ("Resource not accessible", True)])
def test_a_label_that_stays_is_noted_and_one_that_is_gone_is_not(message, noted):
    work = task("describe", pull=opened(rebuild_label="LA_1"))
    rest.describe(GitHub(REST_PULL, ApiError(404, message)), work)
    assert bool(work.notes) == noted
