"""No sequence of requests leaves GitHub's documented limits, and no wait is longer than they ask for."""

from __future__ import annotations

import threading
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast.github.rate_limiter import RateLimiter, Throttled
from broadcast.github.usage import KINDS, MUTATION, QUERY, REST_READ, REST_WRITE, Rate
from tests.hub.faults.clock import Clock
from tests.unit.github.test_windows import NOW, SHORT, most, patiently

KINDS_OF_WRITES = st.sampled_from([MUTATION, REST_WRITE])


# The pace of writes


def pace(**more) -> tuple[RateLimiter, Clock]:
    clock = Clock(NOW)
    return RateLimiter(clock, clock.sleep, **more), clock


def sent(one: RateLimiter, clock: Clock, kinds, heard=None) -> list[float]:
    """When requests of these kinds went out, one after the other."""
    moments = []
    for kind in kinds:
        with one.turn(kind):
            moments.append(clock())
        one.heard(kind, heard or {})
    return moments


def after(seconds: object) -> dict[str, str]:
    """The header that says how long to wait."""
    return {"retry-after": str(seconds)}


def gaps(moments: list[float]) -> list[float]:
    return [after - before for before, after in pairwise(moments)]


def test_the_first_ten_writes_go_at_once_and_the_others_a_second_apart():
    moments = sent(*pace(), [MUTATION] * 100)
    assert moments[9] == NOW
    assert gaps(moments[9:]) == [1.0] * 90
    assert most([(moment, 1) for moment in moments], 60) <= 80


@patiently
@given(st.lists(st.tuples(KINDS_OF_WRITES, SHORT), max_size=100))
def test_writes_of_either_kind_and_at_any_time_stay_below_eighty_a_minute(writes):
    one, clock = pace()
    moments = []
    for kind, idle in writes:
        clock.advance(idle / 8)
        moments += sent(one, clock, [kind])
    assert most([(moment, 1) for moment in moments], 60) <= 80
    assert most([(moment, 1) for moment in moments], 9.9) <= 20  # two bursts at most


def test_after_a_pause_there_is_another_burst():
    one, clock = pace()
    sent(one, clock, [MUTATION] * 30)
    clock.advance(60)
    assert gaps(sent(one, clock, [MUTATION] * 12)) == [0.0] * 9 + [1.0] * 2


@pytest.mark.parametrize("count", [5, 100, 500, 600, 1_000, 1_700])
def test_many_writes_take_the_time_that_was_estimated(count):
    one, clock = pace()
    estimate = one.estimate([False] * count)
    moments = sent(one, clock, [MUTATION] * count)
    assert moments[-1] - NOW == estimate
    assert most([(moment, 1) for moment in moments], 3_600) <= 500


def test_a_run_that_has_a_share_of_the_budget_keeps_to_it():
    one, clock = pace(share=0.1)
    moments = [(moment, 1) for moment in sent(one, clock, [MUTATION] * 60)]
    assert most(moments, 60) == 8
    assert most(moments, 3_600) == 50


@pytest.mark.parametrize(("kind", "points"), [(REST_READ, 900), (QUERY, 2_000)])
def test_reads_need_no_spacing_but_stay_below_their_points_a_minute(kind, points):
    one, clock = pace()
    moments = sent(one, clock, [kind] * (points + 1))
    assert moments[points - 1] == NOW
    assert moments[points] >= NOW + 60


@patiently
@given(st.lists(st.sampled_from(KINDS), max_size=60), st.integers(1, 20))
def test_reads_and_writes_share_the_points_of_their_api(kinds, share):
    one, clock = pace(share=share / 100)
    spent = {name: [] for name in ("REST", "GraphQL")}
    for kind in kinds:
        (moment,) = sent(one, clock, [kind])
        spent[kind.split()[0]].append((moment, 1 if kind in (REST_READ, QUERY) else 5))
    assert most(spent["REST"], 60) <= max(5, 9 * share)
    assert most(spent["GraphQL"], 60) <= max(5, 20 * share)


# What GitHub tells


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_goes_out_before_the_time_that_github_asked_for(kind):
    one, clock = pace()
    one.refused(QUERY, after(300), "slow down")
    assert sent(one, clock, [kind]) == [NOW + 300]


def test_the_longer_of_two_waits_counts():
    one, clock = pace()
    one.refused(QUERY, after(300), "slow down")
    one.refused(QUERY, after(10), "slow down")
    assert sent(one, clock, [QUERY]) == [NOW + 300]


def test_a_budget_that_is_used_up_makes_its_own_kind_of_request_wait_for_the_reset():
    one, clock = pace()
    one.heard(QUERY, {"graphql": Rate(5_000, 0, int(NOW) + 900)})
    assert sent(one, clock, [REST_READ, REST_WRITE]) == [NOW, NOW]
    assert sent(one, clock, [MUTATION, QUERY])[0] > NOW + 900


def test_the_last_of_a_budget_is_spent_without_waiting_for_an_answer():
    one, clock = pace()
    one.heard(QUERY, {"graphql": Rate(5_000, 2, int(NOW) + 900)})
    first, second, third = sent(one, clock, [QUERY] * 3)
    assert (first, second) == (NOW, NOW)
    assert third > NOW + 900


def test_a_budget_whose_reset_is_over_holds_no_one():
    one, clock = pace()
    one.heard(QUERY, {"graphql": Rate(5_000, 0, int(NOW) - 1)})
    assert sent(one, clock, [QUERY]) == [NOW]


# Deadlines


def test_a_wait_beyond_the_deadline_is_refused_and_not_begun():
    one, clock = pace(deadline=NOW + 100)
    one.refused(QUERY, after(99), "slow down")
    with pytest.raises(Throttled, match="beyond this run's time"):
        one.refused(QUERY, after(101), "slow down")
    for kind in KINDS:
        with pytest.raises(Throttled), one.turn(kind):
            raise AssertionError("it went out")
    with pytest.raises(Throttled):
        one.pause(101)
    assert clock.slept == 0
    one.pause(100)
    assert clock.slept == 100


def test_who_was_refused_leaves_the_way_free_for_others():
    one, clock = pace(deadline=NOW + 100, width=1)
    one.heard(QUERY, {"graphql": Rate(5_000, 0, int(NOW) + 900)})
    for kind in (QUERY, MUTATION):
        with pytest.raises(Throttled), one.turn(kind):
            pass
    assert sent(one, clock, [REST_READ, REST_WRITE]) == [NOW, NOW]


# How many at once


def test_a_refusal_halves_the_width_too():
    one, _ = pace(width=8)
    one.refused(QUERY, after(1), "slow down")
    assert one.width.now == 4


@pytest.mark.parametrize("kind", [QUERY, MUTATION])
def test_never_more_are_under_way_than_the_width_allows_and_of_writes_one(kind):
    one, _ = pace(width=3)
    running, seen, lock, full = 0, [], threading.Lock(), threading.Event()

    def ask() -> None:
        nonlocal running
        with one.turn(kind):
            with lock:
                running += 1
                seen.append(running)
                if running == 3:
                    full.set()
            full.wait(0.05 if kind == MUTATION else 5)
            with lock:
                running -= 1

    threads = [threading.Thread(target=ask) for _ in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 9
    assert max(seen) == (3 if kind == QUERY else 1)
