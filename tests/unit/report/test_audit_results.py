"""What an audit reads of the results: changes with their blobs, merges, calls by kind."""

from __future__ import annotations

import pytest

from broadcast.github.usage import MUTATION, QUERY, Call, Usage
from broadcast.plan.outcome import Outcome
from broadcast.plan.standing import LastMerge
from broadcast.report import audit_results
from broadcast.report.results import SCHEMA_ID, results
from tests.unit.report.sample_runs import NEW_BLOB, NOW, OLD_BLOB, added, changed, deleted, made, outcome


def result(one: Outcome, usage: Usage) -> dict:
    (found,) = results(made([one]), usage, NOW)["targets"]
    return found


@pytest.mark.parametrize(
    ("changes", "kind", "old", "new", "mode"),
    [
        (added("a"), "added", None, NEW_BLOB, "100644"),
        (changed("a"), "changed", OLD_BLOB, NEW_BLOB, "100644"),
        (deleted("a"), "deleted", OLD_BLOB, None, None),
    ],
)
def test_a_change_has_the_blobs_of_before_and_after(changes, kind, old, new, mode):
    found = result(outcome("acme/a", "created", changes), Usage())
    assert found["changes"] == [{"path": "a", "kind": kind, "old": old, "new": new, "mode": mode}]
    assert found["changes_cut"] == 0


def test_of_too_many_changes_the_first_are_listed_and_the_others_counted(monkeypatch):
    monkeypatch.setattr(audit_results, "MOST", 3)
    run = made([outcome(f"acme/{n}", "created", added("a", "b")) for n in range(3)])
    found = results(run, Usage(), NOW)["targets"]
    assert [(len(one["changes"]), one["changes_cut"]) for one in found] == [(2, 0), (1, 1), (0, 2)]


def test_merges_times_and_calls_are_those_of_the_target():
    usage = Usage()
    for kind, target in ((QUERY, ""), (QUERY, "acme/a"), (MUTATION, "acme/a"), (MUTATION, "acme/a")):
        usage.add(Call(kind, "apply", target, 200, 0.1, 1, 1, 1), {})
    merge = LastMerge(4, "https://x/4", "2026-09-16T08:00:00Z", "octocat", "c" * 40)
    found = result(outcome("acme/a", "open", merged=(merge,), began=NOW, commit="d" * 40), usage)
    assert found["calls_by_kind"] == {QUERY: 1, MUTATION: 2}
    assert found["merged"] == [
        {"number": 4, "url": "https://x/4", "by": "octocat", "at": "2026-09-16T08:00:00Z", "commit": "c" * 40}
    ]
    assert (found["started"], found["finished"], found["source_commit"]) == (
        "2026-09-21T14:13:20Z", "2026-09-21T14:13:20Z", "d" * 40,
    )  # fmt: skip


def test_a_target_that_no_work_began_on_has_no_times():
    found = result(outcome("acme/a", "deferred"), Usage())
    assert (found["started"], found["finished"], found["source_commit"], found["merged"]) == ("", "", "", [])


def test_the_id_of_the_schema_ends_with_the_version():
    assert SCHEMA_ID.rpartition(":")[2] == str(results(made([]), Usage())["version"])
