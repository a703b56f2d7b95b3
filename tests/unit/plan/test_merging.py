"""What `command: merge` makes of a plan: merged only where GitHub calls it ready, and what is lacking in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from broadcast.observe.state import CheckResult, MergeStatus
from broadcast.plan.merging import READY, UNSURE, lacks
from broadcast.plan.plan import MERGING
from broadcast.plan.requirements import LONGEST
from tests.unit.plan.test_decide import opened
from tests.unit.plan.test_plan import NEW, NEWER, RULES, Model

MERGE = replace(RULES, merge=True)
STATUSES = ("BEHIND", "BLOCKED", "CLEAN", "DIRTY", "DRAFT", "HAS_HOOKS", "UNKNOWN", "UNSTABLE", "", "NEW")
DECISIONS = ("", "APPROVED", "CHANGES_REQUESTED", "REVIEW_REQUIRED")
CLEAN = MergeStatus(
    state="OPEN", head="", status="CLEAN", decision="", draft=False, queued=False, has_queue=False, changed_files=1,
    method="MERGE", is_method_allowed=True, unpassed=(), seen=0.0,
)  # fmt: skip


def decided(model: Model, status: MergeStatus | None = CLEAN, files: str = NEW, **edits):
    head = model.open[0].head_oid if model.open else ""
    known = status._replace(head=head, **edits) if status else None
    return model.decide({"a": files}, MERGE, merging=known)


def test_what_is_ready_is_merged_or_enqueued():
    assert (decided(opened()).step, decided(opened()).outcome) == ("merge", "merged")
    queue = decided(opened(), has_queue=True)
    assert (queue.step, queue.outcome) == ("enqueue", "enqueued")


@given(
    status=st.sampled_from(STATUSES), decision=st.sampled_from(DECISIONS), draft=st.booleans(), queue=st.booleans(),
    allowed=st.booleans(), running=st.booleans(), required=st.booleans(),
)  # fmt: skip
def test_nothing_that_the_rules_hold_back_is_ever_merged(status, decision, draft, queue, allowed, running, required):
    checks = (CheckResult("ci", running, required),)
    seen = CLEAN._replace(
        status=status, decision=decision, draft=draft, has_queue=queue, is_method_allowed=allowed, unpassed=checks
    )
    missing = lacks(seen)
    reviewed = decision in ("", "APPROVED")
    is_ready = status in READY or (queue and status == "BLOCKED" and not required)
    assert (not missing) == (is_ready and reviewed and not draft and (allowed or queue))
    assert all(missing)


@pytest.mark.parametrize(
    ("edits", "words"),
    [
        ({"status": "UNSTABLE"}, "a check failed or still runs"),
        ({"status": "UNKNOWN"}, UNSURE),
        ({"status": "BLOCKED", "unpassed": (CheckResult("ci", False, False),)}, "the rules of its base ask for more"),
        ({"status": "UNSTABLE", "unpassed": (CheckResult("a\nb", False, False),)}, "1 check failed (a b)"),
        ({"status": "BEHIND", "decision": "REVIEW_REQUIRED"},
         "its branch is behind its base, an approving review is missing"),
    ],
)  # fmt: skip
def test_what_it_lacks_is_named(edits, words):
    assert ", ".join(lacks(CLEAN._replace(**edits))) == words


def test_a_name_of_a_check_is_cut():
    (text,) = lacks(CLEAN._replace(status="UNSTABLE", unpassed=(CheckResult("x" * 10_000, True, False),)))
    assert len(text) < LONGEST + 40


@pytest.mark.parametrize("status", [None, CLEAN._replace(state="CLOSED"), CLEAN._replace(state="MERGED")])
def test_a_status_that_is_not_of_today_merges_nothing(status):
    plan = decided(opened(), status)
    assert (plan.step, plan.outcome, plan.reason.text) == ("nothing", "open", UNSURE)


def test_the_status_of_another_head_merges_nothing():
    plan = opened().decide({"a": NEW}, MERGE, merging=CLEAN._replace(head="f" * 40))
    assert (plan.step, plan.reason.kind) == ("nothing", "lacks")


@pytest.mark.parametrize(
    ("model", "files", "edits", "outcome", "kind"),
    [
        (opened(), NEWER, {}, "open", "outdated"),
        (opened(paused=True), NEW, {}, "paused", "paused"),
        (opened(queued=True), NEW, {}, "open", "queued"),
        (opened(rebuild=True), NEW, {}, "open", "outdated"),
        (opened(), NEW, {"queued": True}, "open", "queued"),
        (opened(), NEW, {"changed_files": 2}, "edited", "brings_more"),
        (Model({}), NEW, {}, "skipped", "none_open"),
    ],
)
def test_each_that_stays_says_why(model, files, edits, outcome, kind):
    plan = decided(model, files=files, **edits)
    assert plan.step not in MERGING
    assert (plan.step, plan.outcome, plan.reason.kind) == ("nothing", outcome, kind)
    assert plan.leftovers == ()


def test_a_target_in_step_stays_so():
    assert decided(Model({"a": NEW})).outcome == "in_sync"
