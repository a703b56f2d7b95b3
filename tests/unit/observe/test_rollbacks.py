"""What a rollback is about at one target: on values made by hand."""

from __future__ import annotations

import pytest

from broadcast.config.parse import parse
from broadcast.git.objects import REGULAR, Entry
from broadcast.observe import rollbacks
from broadcast.observe.change import Change
from broadcast.observe.state import Branch, Edited, Located, Pull, State
from broadcast.ownership import Marker, shortened
from broadcast.snapshot.back import Back, leading_back
from broadcast.snapshot.snapshot import Wanted, digest, pair
from tests.unit.plan.test_people import pull, snapshot, state

GOOD, BAD, THEIRS = "a" * 40, "b" * 40, "c" * 40
TARGET = parse("version: 1\ntargets: [acme/api]\nfiles: [a]\n", "c.yml", "acme/t").targets[0]


def at(path: str, oid: str) -> str:
    return pair(path, REGULAR if oid else 0, oid)


def back(**sent: str) -> Back:
    """A way back from commits that begin with "l", which sent these contents."""
    hashes = {path: frozenset({at(path, oid)}) for path, oid in sent.items()}
    commits = {"l1": frozenset().union(*hashes.values())}
    return Back("0" * 40, TARGET, lambda commit: commit.startswith("l"), {}, hashes, commits)


def merged(number: int, commit: str, *pairs: str, **more) -> Pull:
    marker = Marker("x", "acme/templates", "c.yml", commit, "t", frozenset(pairs), digest(pairs), **more)
    return pull(number, state="MERGED", marker=marker)


def change(path: str, before: str, after: str) -> Change:
    return Change(path, Entry(REGULAR, before) if before else None, Wanted(REGULAR, after, path) if after else None)


def sorted_out(seen: State, way: Back, one: Change) -> tuple[bool, list[Edited]]:
    """Whether a change belongs to the rollback, and what would undo people's work."""
    edited: dict[str, Edited] = {}
    kept = rollbacks._concerned(one, rollbacks.brought(seen, way), way.sent, edited)
    return kept is not None, list(edited.values())


def test_only_merged_pull_requests_of_later_commits_have_brought_anything():
    seen = state(merged(3, "l2", "new"), merged(2, "l1", "old"), merged(1, "e1", "older"), pull(4, state="OPEN"))
    assert rollbacks.brought(seen, back()) == {"new": 3, "old": 2}


def test_what_a_pull_request_too_large_for_its_marker_brought_is_what_its_commit_sends():
    assert rollbacks.brought(state(merged(1, "l1")), back(a=BAD)) == {at("a", BAD): 1}
    assert rollbacks.brought(state(merged(1, "l1", back="b" * 40)), back(a=BAD)) == {}


@pytest.mark.parametrize(
    ("held", "wanted", "is_kept", "is_edited"),
    [
        (BAD, GOOD, True, False),
        (BAD, "", True, False),
        (THEIRS, GOOD, True, True),
        (THEIRS, "", True, True),
        ("", GOOD, True, True),
    ],
)
def test_our_bytes_go_and_what_people_made_of_them_is_edited(held, wanted, is_kept, is_edited):
    seen = state(merged(7, "l1", at("a", BAD)))
    kept, edited = sorted_out(seen, back(a=BAD), change("a", held, wanted))
    assert (kept, edited) == (is_kept, [Edited(7)] if is_edited else [])


def test_what_no_later_pull_request_brought_is_none_of_its_business():
    seen = state(merged(7, "l1", at("a", BAD)))
    assert sorted_out(seen, back(a=BAD, b=BAD), change("b", THEIRS, GOOD)) == (False, [])


def test_a_deletion_that_came_from_us_is_taken_back():
    seen = state(merged(7, "l1", at("a", "")))
    assert sorted_out(seen, back(), change("a", "", GOOD)) == (True, [])


def test_it_takes_back_what_it_finds_what_would_be_sent_again_and_what_was_open():
    later = Marker("x", "acme/templates", "c.yml", "l9", "t", frozenset({"open"}), "d")
    seen = state(pull(8, state="OPEN", marker=later), merged(7, "l1", at("a", BAD)))
    one = change("a", BAD, GOOD)
    found = rollbacks.undone(back(a=THEIRS), seen, [one], frozenset({at("a", GOOD)}))
    assert found == shortened([at("a", BAD), at("a", THEIRS), "open"])


def test_what_is_too_much_for_a_marker_is_only_what_the_source_would_send_again(monkeypatch):
    monkeypatch.setattr(rollbacks, "MAX_UNDONE", 1)
    seen = state(merged(7, "l0", at("a", BAD)))
    found = rollbacks.undone(back(a=THEIRS), seen, [change("a", BAD, GOOD)], frozenset())
    assert found == shortened([at("a", THEIRS)])


def test_a_snapshot_that_leads_back_removes_what_came_later():
    assert leading_back(snapshot("a"), [snapshot("a", "b"), snapshot("c")]).removals == {"b", "c"}


def test_an_observed_branch_is_judged_by_what_the_base_needs():
    drift = rollbacks._on_branch(rollbacks.Drift([change("a", BAD, GOOD), change("b", "", GOOD)]), {at("a", GOOD)})
    assert [one.path for one in drift.changes] == ["a"]
    assert Branch("x", Located("", "", {})).name == "x"
