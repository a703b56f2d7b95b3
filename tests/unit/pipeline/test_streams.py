"""Several streams as one: everything arrives, in each stream's own order, and errors are raised."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast.pipeline.streams import merged


@given(st.lists(st.lists(st.integers(), max_size=5), max_size=5))
def test_every_item_arrives_once_and_in_the_order_of_its_stream(lists):
    streams = [lambda at=at, items=items: ((at, item) for item in items) for at, items in enumerate(lists)]
    found = list(merged(streams))
    assert [[item for of, item in found if of == at] for at in range(len(lists))] == lists


def test_an_item_is_there_before_its_stream_ends():
    seen = threading.Event()

    def waits() -> Iterable[str]:
        yield "first"
        assert seen.wait(10)
        yield "last"

    for item in merged([waits, lambda: iter(())]):
        seen.set()
        assert item in ("first", "last")


@pytest.mark.parametrize("others", [0, 2])
def test_an_error_of_one_stream_is_raised_after_its_items(others):
    def breaks() -> Iterable[int]:
        yield 1
        raise ValueError("broken")

    stream = merged([breaks, *[lambda: iter(())] * others])
    assert next(stream) == 1
    with pytest.raises(ValueError, match="broken"):
        next(stream)


def test_one_stream_runs_on_the_thread_that_reads_it():
    def here() -> Iterable[int]:
        yield threading.get_ident()

    assert list(merged([here])) == [threading.get_ident()]
