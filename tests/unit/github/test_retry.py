"""The one loop for calls that are repeated: a wait between tries, none before the first or after the last."""

from __future__ import annotations

import pytest

from broadcast.github.retry import tries


@pytest.mark.parametrize("waits", [(), (1.0,), (1.0, 2.0, 4.0)])
def test_there_is_one_try_more_than_waits_and_the_last_one_knows(waits):
    waited: list[float] = []
    assert list(tries(waited.append, waits)) == [False] * len(waits) + [True]
    assert waited == list(waits)


def test_after_a_success_nothing_waits():
    waited: list[float] = []
    for number, _ in enumerate(tries(waited.append, (1.0, 2.0, 4.0))):
        if number == 1:
            break
    assert waited == [1.0]


def test_what_a_pause_raises_ends_the_loop():
    def pause(_: float) -> None:
        raise TimeoutError

    done = []
    with pytest.raises(TimeoutError):
        done.extend(tries(pause, (1.0,)))
    assert done in ([], [False])
