"""The time that the work on one target may take: counted over all of its pieces, apart from other targets' time."""

from __future__ import annotations

import pytest

from broadcast.snapshot.time_limit import TimeLimit, TimeLimitExceeded


def test_pieces_of_work_add_up_for_each_target_alone():
    now = [0.0]
    limit = TimeLimit(lambda: now[0], 10.0)
    for seconds in (4.0, 6.0):
        with limit.on("a") as check:
            now[0] += seconds
            check()
    with limit.on("b") as check:
        now[0] += 10.0
        check()
    with limit.on("a") as check:
        now[0] += 0.5
        with pytest.raises(TimeLimitExceeded, match="takes more than 10 seconds of work here") as refusal:
            check()
    assert refusal.value.remedy


def test_an_attempt_returns_its_result_or_why_it_ended():
    now = [0.0]
    limit = TimeLimit(lambda: now[0], 10.0)

    def work(check) -> str:
        now[0] += 6.0
        check()
        return "done"

    assert limit.attempt("a", work) == "done"
    assert isinstance(limit.attempt("a", work), TimeLimitExceeded)
