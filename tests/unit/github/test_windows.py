"""What is within a window and a width is admitted at once; nothing more is, and nothing waits longer than it must."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from broadcast.github.windows import Width, Window

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
def test_a_client_that_waits_before_spending_never_exceeds_a_window(spendings, points, seconds):
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
def test_a_window_makes_no_one_wait_longer_than_it_must(spendings, points, seconds):
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


def test_trouble_starts_the_count_of_calm_answers_again():
    width = Width(4)
    width.trouble()
    for _ in range(9):
        width.calm()
    width.trouble()
    width.calm()
    assert width.now == 1
