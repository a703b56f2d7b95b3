"""After a refusal a minute at half speed is enough; pull requests begin slowly, and none does while one is refused."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast.github.rate_limiter import RateLimiter, Throttled
from broadcast.github.request import Request, Scope
from broadcast.github.usage import KINDS, MUTATION, QUERY, REST_WRITE
from broadcast.github.write_speed import CALMING, CAREFUL, FIRST, HALF, TAKEN_WELL
from tests.hub.faults.clock import Clock
from tests.unit.github.test_windows import NOW, most, patiently

REASON = "slow down"
WRITES = st.lists(st.booleans(), min_size=1, max_size=120)  # of each, whether it opens a pull request
REFUSALS = st.dictionaries(st.integers(0, 119), st.integers(0, 90), max_size=5)  # which write, the seconds to wait


def after(seconds: object) -> dict[str, str]:
    return {"retry-after": str(seconds)}


class Sent(NamedTuple):
    """One request."""

    at: float
    opens: bool
    is_refused: bool


class Play:
    """Writes one after the other; those that are refused are sent again."""

    def __init__(self, **more: float) -> None:
        self.clock = Clock(NOW)
        self.pace = RateLimiter(self.clock, self.clock.sleep, **more)
        self.sent: list[Sent] = []

    def write(self, opens: bool = False, refusals: tuple[dict[str, str], ...] = (), kind: str = MUTATION) -> Play:
        for headers in (*refusals, None):
            with self.pace.turn(kind, opens=opens):
                self.sent.append(Sent(self.clock(), opens, headers is not None))
            self.pace.heard(kind, {}, opens=opens, ok=headers is None)
            if headers is not None:
                self.pace.refused(kind, headers, REASON, opens=opens)
        return self

    def gaps(self) -> list[float]:
        return [after.at - before.at for before, after in pairwise(self.sent)]


def writes(count: int, opens: bool = False, refused: int = -1) -> list[float]:
    """The gaps between so many, of which one is refused, to be sent again after a minute."""
    play = Play()
    for n in range(count):
        play.write(opens, (after(60),) if n == refused else ())
    return play.gaps()


# Pull requests


def test_five_pull_requests_go_at_once_then_one_in_two_and_a_half_seconds_until_ten_were_taken():
    assert writes(20, opens=True) == [0.0] * 4 + [2.5] * 5 + [1.0] * 10


def test_what_opens_no_pull_request_is_not_held_up_by_their_slow_start():
    play = Play()
    for _ in range(FIRST):
        play.write(opens=True)
    for _ in range(3):
        play.write()
    assert play.gaps() == [0.0] * 7
    assert play.write(opens=True).gaps()[-1] == CAREFUL


def test_pull_requests_that_failed_are_not_taken():
    play = Play()
    for _ in range(FIRST + TAKEN_WELL):
        with play.pace.turn(MUTATION, opens=True):
            play.sent.append(Sent(play.clock(), True, False))
        play.pace.heard(MUTATION, {}, opens=True, ok=False)
    assert play.gaps()[FIRST:] == [CAREFUL] * (TAKEN_WELL - 1)


def test_after_one_was_refused_they_begin_slowly_again():
    assert writes(20, opens=True, refused=12)[12:] == [60.0, *[2.5] * 7]
    assert writes(60, opens=True, refused=12)[12:40] == [60.0, *[2.5] * 9, *[2.0] * 18]


def test_a_refused_one_that_was_the_first_leaves_no_burst():
    assert writes(5, opens=True, refused=0) == [60.0, *[2.5] * 4]


@pytest.mark.parametrize(
    ("verb", "path", "body", "opens"),
    [
        ("POST", "/graphql", {"query": "mutation A($pull: X) { pull: createPullRequest(input: $pull) { id } }"}, True),
        ("POST", "/graphql", {"query": "mutation A { createPullRequestReview(input: $a) { id } }"}, False),
        ("POST", "/graphql", {"query": "mutation A { updatePullRequest(input: $a) { id } }"}, False),
        ("POST", "/repos/acme/api/pulls", {"title": "createPullRequest"}, True),
        ("GET", "/repos/acme/api/pulls", None, False),
        ("PATCH", "/repos/acme/api/pulls/1", {"title": "x"}, False),
        ("POST", "/repos/acme/pulls/git/refs", {"ref": "x"}, False),
    ],
)
def test_what_opens_a_pull_request_is_known_by_its_document_or_its_path(verb, path, body, opens):
    assert Request(REST_WRITE, verb, path, body, Scope("apply")).opens is opens


# After a refusal


def test_writes_are_at_half_speed_for_one_minute_after_the_wait():
    found = writes(60, refused=20)
    assert found[20] == 60.0
    assert found[21:51] == [HALF] * 30
    assert max(found[51:]) == 1.0


def test_a_refusal_within_that_minute_starts_it_again_and_slows_no_further():
    play = Play().write(refusals=(after(60),))
    while play.clock() < NOW + 60 + CALMING / 2:
        play.write()
    play.write(refusals=(after(60),))
    again = play.clock()
    for _ in range(40):
        play.write()
    found = [after.at - before.at for before, after in pairwise(one for one in play.sent if one.at >= again)]
    assert found[:30] == [HALF] * 30
    assert max(found[30:]) == 1.0


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_was_refused_the_writes_slow_down(kind):
    play = Play()
    play.pace.refused(kind, after(10), REASON)
    for _ in range(5):
        play.write()
    assert play.gaps() == [HALF] * 4


def test_answers_to_what_was_sent_before_a_refusal_count_as_the_same_refusal():
    play = Play()
    for _ in range(8):
        play.pace.refused(QUERY, {}, REASON)
    play.write()
    assert play.sent[0].at == NOW + 60


@pytest.mark.parametrize("opens", [True, False])
def test_without_a_success_between_each_wait_that_github_leaves_open_is_twice_the_one_before(opens):
    assert Play().write(opens, ({},) * 4).gaps() == [60, 120, 240, 480]
    assert Play().write(opens, ({},)).write(opens, ({},)).gaps()[::2] == [60, 60]


def test_the_success_of_another_kind_of_request_is_none_of_this_kind():
    play = Play().write(True, ({},) * 2).write(False)
    play.pace.refused(MUTATION, {}, REASON, opens=True)
    with play.pace.turn(MUTATION):
        assert play.clock() - play.sent[-1].at == 60
    play.pace.heard(MUTATION, {})
    play.pace.refused(MUTATION, {}, REASON, opens=True)
    began = play.clock()
    assert play.write().sent[-1].at - began == 120


def test_an_hour_is_the_longest_wait_that_github_did_not_ask_for():
    assert Play().write(refusals=({},) * 9).gaps()[-3:] == [3_600] * 3


def test_a_wait_of_no_time_is_believed_once():
    assert Play().write(refusals=(after(0),) * 3).gaps() == [HALF, 120, 240]


@patiently
@given(WRITES, REFUSALS)
def test_refusals_add_no_more_than_their_waits_and_a_minute_each(kinds, refusals):
    ideal, play = Play(), Play()
    for n, opens in enumerate(kinds):
        ideal.write(opens)
        play.write(opens, (after(refusals[n]),) if n in refusals else ())
    met = [max(1, wait) for n, wait in refusals.items() if n < len(kinds)]
    assert play.clock() - NOW <= ideal.clock() - NOW + sum(met) + CALMING * len(met)


@patiently
@given(WRITES, REFUSALS, st.sampled_from([MUTATION, REST_WRITE]), st.sampled_from([0.1, 0.5, 1.0]))
def test_whatever_is_refused_no_window_is_exceeded_and_nothing_goes_before_it_may(kinds, refusals, kind, share):
    play = Play(share=share)
    for n, opens in enumerate(kinds):
        play.write(opens, (after(refusals[n]),) if n in refusals else (), kind)
    moments = [(one.at, 1) for one in play.sent]
    assert most(moments, 60) <= 80 * share
    assert most(moments, 3_600) <= 500 * share
    held = NOW
    waits = iter([max(1, refusals[n]) for n in sorted(refusals) if n < len(kinds)])
    for one in play.sent:
        assert one.at >= held  # the refused one among them: no other begins before it may go on
        held = one.at + next(waits) if one.is_refused else held


@patiently
@given(WRITES, st.sampled_from([0.1, 1.0]))
def test_the_estimate_is_what_the_writes_take(kinds, share):
    play = Play(share=share)
    estimate = play.pace.estimate(kinds)
    for opens in kinds:
        play.write(opens)
    assert play.sent[-1].at - NOW == pytest.approx(estimate, abs=1e-3)


def test_where_the_next_write_would_come_after_the_deadline_the_deadline_is_the_reason():
    play = Play(deadline=NOW + 5)
    for _ in range(FIRST + 2):
        play.write(opens=True)
    with pytest.raises(Throttled, match="the deadline of this run is reached"):
        play.write(opens=True)
    with pytest.raises(Throttled, match="beyond this run's time"):
        play.write(refusals=(after(60),))
