"""Where a target stands, from its state and its plan: the version that it holds, its last merge, its open pull request."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from broadcast.git.distances import Distance
from broadcast.observe.state import CheckResult
from broadcast.plan.plan import Plan
from broadcast.plan.reason import Reason
from broadcast.plan.standing import OpenPull, Version, standing
from tests.unit.plan.test_decide import opened
from tests.unit.plan.test_merging import CLEAN, DECISIONS, STATUSES

HEAD, HELD, BACK = "a" * 40, "b" * 40, "c" * 40
FAR = Distance("known", 3, 2 * 86_400)


def seen(plan: Plan | None, pulls=(), **more):
    """The standing, and the commits whose distance was asked."""
    asked: list[str] = []

    def distance(commit: str) -> Distance:
        asked.append(commit)
        return FAR

    state = opened().state(**({"pulls": tuple(pulls)} | more))
    return standing(state, plan, HEAD, distance), asked


def merged(number: int = 1, **marker):
    """A pull request that alice merged."""
    (pull,) = opened().pulls
    known = replace(pull.marker, **({"commit": HELD} | marker))
    return pull._replace(
        number=number, state="MERGED", merged_by="alice", closed_at="2026-09-16T08:00:00Z", marker=known
    )


IN_STEP = Plan("nothing", "in_sync")
BEHIND = Plan("create", "created")


@pytest.mark.parametrize(
    ("plan", "pulls", "version"),
    [
        (IN_STEP, [], Version(HEAD, FAR)),
        (IN_STEP, [merged()], Version(HEAD, FAR)),
        (Plan("close", "closed", Reason("nothing_left")), [merged()], Version(HEAD, FAR)),
        (Plan("close", "closed", Reason("dropped")), [merged()], Version(HELD, FAR)),
        (BEHIND, [merged()], Version(HELD, FAR)),
        (BEHIND, [merged(2, back=BACK), merged(1)], Version(BACK, FAR)),
        (BEHIND, [merged(2, commit=""), merged(1)], None),
        (BEHIND, [merged()._replace(base="elsewhere")], None),
        (BEHIND, [merged()._replace(state="CLOSED")], None),
        (BEHIND, [], None),
        (None, [merged()], Version(HELD, FAR)),
    ],
)
def test_the_version_is_what_is_compared_or_else_what_the_last_merge_brought(plan, pulls, version):
    found, asked = seen(plan, pulls)
    assert found.version == version
    assert asked == ([version.commit] if version else [])


def test_without_a_commit_to_compare_with_no_version_is_made_up():
    assert standing(opened().state(), IN_STEP, "", lambda _: FAR).version is None


def test_the_last_merge_says_when_and_by_whom():
    last = seen(BEHIND, [merged(2), merged(1)])[0].merged
    assert (last.number, last.at, last.by) == (2, "2026-09-16T08:00:00Z", "alice")
    assert seen(BEHIND)[0].merged is None


def pull_of(status, **edits) -> OpenPull:
    (pull,) = opened().pulls
    return seen(BEHIND, [pull._replace(**edits)], merging=status)[0].open_pull


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ({"rollup": "SUCCESS", "decision": "APPROVED"}, {"checks": "passed", "review": "approved"}),
        ({"rollup": "FAILURE", "decision": "REVIEW_REQUIRED"}, {"checks": "failed", "review": "missing"}),
        ({"rollup": "ERROR", "decision": "CHANGES_REQUESTED"}, {"checks": "failed", "review": "changes_requested"}),
        ({"rollup": "PENDING"}, {"checks": "running", "review": "not_required"}),
        ({"rollup": "EXPECTED"}, {"checks": "running"}),
        ({"rollup": ""}, {"checks": "none"}),
        ({"rollup": "NEW", "decision": "NEW"}, {"checks": "unknown", "review": "unknown"}),
        ({"status": "DIRTY"}, {"conflicting": True}),
        ({"draft": True}, {"draft": True}),
        ({"queued": True}, {"queued": True}),
        ({"state": "MERGED", "rollup": "SUCCESS"}, {"checks": "unknown", "review": "unknown"}),
        ({"unpassed": (CheckResult("a\nb", False, False), CheckResult("e2e", True, True))},
         {"failed": ("a b",), "running": ("e2e",)}),
    ],
)  # fmt: skip
def test_an_open_pull_request_says_how_it_is_doing(edits, expected):
    assert expected.items() <= pull_of(CLEAN._replace(**edits))._asdict().items()


def test_what_the_pull_request_itself_says_holds_where_nothing_else_is_known():
    found = pull_of(None, conflicting=True, queued=True)
    assert (found.conflicting, found.queued, found.checks, found.review) == (True, True, "unknown", "unknown")


@given(rollup=st.text(max_size=8), status=st.sampled_from(STATUSES), decision=st.sampled_from(DECISIONS) | st.text())
def test_no_word_of_github_is_too_new(rollup, status, decision):
    assert pull_of(CLEAN._replace(rollup=rollup, status=status, decision=decision)).number == 1
