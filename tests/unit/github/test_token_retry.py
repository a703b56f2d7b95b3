"""How long a token is tried that GitHub refuses."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from broadcast.github.token_retry import WAITS, TokenRetry


def test_the_waits_grow_and_come_to_45_seconds():
    trial, now, waits = TokenRetry(), 0.0, []
    while (wait := trial.refused(trial.round, now)) is not None:
        waits.append(wait)
        now += wait
    assert (tuple(waits), now) == (WAITS, 45.0)
    assert trial.refused(trial.round, now) is None


def test_requests_that_were_under_way_together_count_once_and_wait_for_the_same_moment():
    trial = TokenRetry()
    assert [trial.refused(0, now) for now in (10.0, 10.2, 10.9)] == [1.0, 10.0 + 1.0 - 10.2, 10.0 + 1.0 - 10.9]
    assert trial.refused(1, 11.0) == 2.0


def test_an_answer_ends_the_trial():
    trial = TokenRetry()
    trial.refused(0, 0.0)
    trial.accepted()
    assert trial.refused(0, 100.0) == 1.0


@given(st.lists(st.booleans(), max_size=60))
def test_only_refusals_in_a_row_are_final(answers):
    trial, now, row = TokenRetry(), 0.0, 0
    for refused in answers:
        if not refused:
            trial.accepted()
            row = 0
            continue
        row += 1
        wait = trial.refused(trial.round, now)
        assert (wait is None) == (row > len(WAITS))
        now += wait or 0.0
