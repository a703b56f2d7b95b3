"""No sequence of requests leaves GitHub's documented limits, and no wait is longer than they ask for."""

from __future__ import annotations

import threading
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcast.api.ledger import KINDS, MUTATION, QUERY, REST_READ, REST_WRITE, Rate
from broadcast.api.pace import Pace, Throttled, Width, Window
from tests.hub.clock import Clock

KINDS_OF_WRITES = st.sampled_from([MUTATION, REST_WRITE])
SHORT = st.integers(0, 120).map(lambda eighths: eighths / 8)  # seconds; a clock holds them exactly
NOW = 1_750_000_000.0
patiently = settings(deadline=None)  # a busy machine is no reason to fail


def most(moments: list[tuple[float, int]], seconds: float) -> int:
    """The most points within so many seconds, whichever one looks at."""
    sums = [0]
    for at, (end, _) in enumerate(moments):
        sums.append(sum(points for moment, points in moments[: at + 1] if moment > end - seconds))
    return max(sums)


# Windows


@patiently
@given(st.lists(st.tuples(SHORT, st.integers(1, 12)), max_size=40), st.integers(12, 40), st.integers(1, 60))
def test_whoever_waits_before_spending_never_exceeds_a_window(spendings, points, seconds):
    window, now, spent = Window(points, seconds, ""), NOW, []
    for idle, cost in spendings:
        now += idle
        now += window.wait(now, cost)
        assert window.wait(now, cost) == 0
        window.spend(now, cost)
        spent.append((now, cost))
    assert most(spent, seconds) <= points


@patiently
@given(st.lists(st.tuples(SHORT, st.integers(1, 12)), max_size=30), st.integers(12, 40), st.integers(1, 60))
def test_a_window_makes_nobody_wait_longer_than_it_must(spendings, points, seconds):
    window, now, spent = Window(points, seconds, ""), NOW, []
    for idle, cost in spendings:
        now += idle
        wait = window.wait(now, cost)
        now += wait
        used = sum(points for moment, points in spent if moment > now - seconds - 1 / 16)
        assert not wait or used + cost > points  # a moment ago it didn't fit
        window.spend(now, cost)
        spent.append((now, cost))


def test_what_is_larger_than_the_window_goes_alone():
    window = Window(3, 60, "")
    window.spend(NOW, 1)
    window.spend(NOW + 7, 2)
    assert window.wait(NOW + 10, 5) == 57
    assert window.wait(NOW + 67, 5) == 0


# The pace of writes


def pace(**more) -> tuple[Pace, Clock]:
    clock = Clock(NOW)
    return Pace(clock, clock.sleep, **more), clock


def sent(one: Pace, clock: Clock, kinds, heard=None) -> list[float]:
    """When requests of these kinds went out, one after the other."""
    moments = []
    for kind in kinds:
        with one.turn(kind):
            moments.append(clock())
        one.heard(kind, heard or {})
    return moments


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
    estimate = one.estimate(count)
    moments = sent(one, clock, [MUTATION] * count)
    assert moments[-1] - NOW == pytest.approx(estimate, rel=0.1)
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
    one.hold(300, "slow down")
    assert sent(one, clock, [kind]) == [NOW + 300]


def test_the_longer_of_two_waits_counts():
    one, clock = pace()
    one.hold(300, "slow down")
    one.hold(10, "slow down")
    assert sent(one, clock, [QUERY]) == [NOW + 300]


def test_writes_are_spaced_twice_as_wide_after_a_refusal_until_twenty_went_well():
    one, clock = pace()
    sent(one, clock, [MUTATION])
    one.hold(60, "slow down")
    found = gaps(sent(one, clock, [MUTATION] * 40))
    assert found[:19] == [2.0] * 19
    assert max(found[19:]) == 1.0


def test_with_every_refusal_the_spacing_doubles_up_to_a_minute():
    one, clock = pace()
    for spacing in (2, 4, 8, 16, 32, 60, 60):
        one.hold(0, "slow down")
        assert gaps(sent(one, clock, [MUTATION] * 3)) == [spacing] * 2
    assert one.estimate(11) == 60


def test_answers_to_reads_do_not_narrow_the_spacing():
    one, clock = pace()
    one.hold(0, "slow down")
    sent(one, clock, [QUERY] * 30)
    assert gaps(sent(one, clock, [MUTATION] * 3)) == [2.0, 2.0]


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


def test_a_budget_whose_reset_is_over_holds_nobody():
    one, clock = pace()
    one.heard(QUERY, {"graphql": Rate(5_000, 0, int(NOW) - 1)})
    assert sent(one, clock, [QUERY]) == [NOW]


# Deadlines


def test_a_wait_beyond_the_deadline_is_refused_and_not_begun():
    one, clock = pace(deadline=NOW + 100)
    one.hold(99, "slow down")
    with pytest.raises(Throttled, match="beyond this run's time"):
        one.hold(101, "slow down")
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


# How many reads at once


def test_trouble_halves_the_width_and_ten_calm_answers_widen_it_by_one():
    width = Width(8)
    seen = []
    for _ in range(4):
        width.trouble()
        seen.append(width.now)
    assert seen == [4, 2, 1, 1]
    for _ in range(25):
        width.calm()
    assert width.now == 3
    for _ in range(100):
        width.calm()
    assert width.now == 8


def test_trouble_starts_the_count_of_calm_answers_anew():
    width = Width(4)
    width.trouble()
    for _ in range(9):
        width.calm()
    width.trouble()
    width.calm()
    assert width.now == 1


def test_a_refusal_halves_the_width_too():
    one, _ = pace(width=8)
    one.hold(1, "slow down")
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
