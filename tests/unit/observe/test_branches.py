"""Whatever a target looks like: no step moves or deletes a branch with somebody's work on it, unless people ask for it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from broadcast.observe.state import Branch, Located, LogEntry, Pull, Scratch, State
from broadcast.ownership import spare_name, trailer
from broadcast.plan.decide import decide, half_made
from broadcast.plan.plan import Plan
from tests.unit.observe.test_drift import drift, snapshot
from tests.unit.plan.test_plan import FILES, OUR_TRAILER, OURS, RULES, SCRATCH, WANTED, marker

BASE = "b" * 40
MESSAGES = {
    "ours": f"sync\n\n{OUR_TRAILER}\nBroadcast-Plan: 0",
    "update": f"Merge branch 'main' into {OURS}",
    "person": "fix",
    "other source": f"sync\n\n{trailer('kit', 'acme/others')}",
    "quoted": f"Revert: {OUR_TRAILER}",
}
COMMITS = st.lists(st.tuples(st.sampled_from(sorted(MESSAGES)), st.booleans()), max_size=4)
patiently = settings(max_examples=400, deadline=None)


def lineage(commits) -> tuple[LogEntry, ...]:
    """The latest first; below the last of them is the base."""
    found = []
    for at, (kind, amended) in enumerate(commits):
        below = f"{at + 1:040x}" if at + 1 < len(commits) else BASE
        parents = (below, BASE) if kind == "update" else (below,)
        found.append(LogEntry(f"{at:040x}", MESSAGES[kind], parents, frozenset(), amended))
    return tuple(found)


def has_stranger(state: State) -> bool:
    """Whether the first commit that is no update, or no proven one, is somebody else's."""
    first = next((one for one in state.lineage if not (one.is_merge and one.oid in state.proven)), None)
    if first is None:
        return False
    rewritten = first.amended and first.oid not in state.proven
    return rewritten or OUR_TRAILER not in first.message.splitlines()


SPARE = spare_name(OURS)


@st.composite
def states(draw) -> tuple[State, dict, dict]:
    base, ours, log = draw(FILES), draw(FILES), lineage(draw(COMMITS))
    head = log[0].oid if log else BASE
    closed = draw(st.sampled_from([None, "CLOSED", "OPEN"]))
    pull = Pull("PR", 1, "", closed or "", "t", "", head, "main", False, False, "", "", marker(Plan("nothing", "open")))
    left = st.none() | st.tuples(st.sampled_from(sorted(MESSAGES)), st.booleans())
    scratch, spare = (
        found and Scratch(name, "5" * 40, MESSAGES[found[0]], contained=found[1])
        for name, found in ((SCRATCH, draw(left)), (SPARE, draw(left)))
    )
    state = State(
        "R", "acme/api", archived=False, disabled=False, permission=None, labels={}, has_pulls=draw(st.booleans()),
        base=Branch("main", Located(BASE, "", {})), ours=Branch(OURS, Located(head, "", {})),
        lineage=log, proven=frozenset(draw(st.sets(st.sampled_from([one.oid for one in log] or [""])))), pulls=(pull,) if closed else (),
        scratch=scratch, spare=spare,
    )  # fmt: skip
    return state, base, ours


@patiently
@given(states(), WANTED, st.booleans())
def test_no_step_moves_or_deletes_what_somebody_else_has_committed(drawn, wanted, cancel):
    state, base, ours = drawn
    goal = snapshot(wanted, None)
    plan = decide(state, goal, drift(goal, base)[0], drift(goal, ours)[0], replace(RULES, cancel=cancel))
    gone = dict(plan.leftovers) | dict(half_made(state, RULES))
    if has_stranger(state):
        assert plan.step not in ("rebuild", "close")
        assert OURS not in gone
    for one in filter(None, (state.scratch, state.spare)):
        if not one.contained and OUR_TRAILER not in one.message.splitlines():
            assert one.name not in gone


@patiently
@given(states(), WANTED)
def test_where_people_ask_for_it_our_branch_is_made_again_over_anything(drawn, wanted):
    state, base, ours = drawn
    goal = snapshot(wanted, None)
    plan = decide(state, goal, drift(goal, base)[0], drift(goal, ours)[0], replace(RULES, overwrite=True))
    assert plan.outcome != "edited"
