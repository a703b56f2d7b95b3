"""Spans in which nothing is written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast.config.freezes import active
from broadcast.config.parse import parse

DAYS = st.dates(min_value=datetime(2020, 1, 1, tzinfo=UTC).date(), max_value=datetime(2040, 1, 1, tzinfo=UTC).date())


def spans(*written: str):
    text = f"version: 1\ntargets: [acme/api]\nfiles: [a]\nfreeze: [{', '.join(written)}]\n"
    return parse(text, "c.yml", "acme/templates").freezes


def moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@given(DAYS, st.integers(0, 40), st.integers(-50, 50), st.integers(0, 86_399))
def test_a_moment_is_frozen_if_its_day_is_from_the_first_to_the_last(first, length, at, second):
    last = first + timedelta(days=length)
    now = datetime(first.year, first.month, first.day, tzinfo=UTC) + timedelta(days=at, seconds=second)
    found = active(spans(f"{{from: {first}, to: {last}}}"), now.timestamp())
    assert (found is not None) is (first <= now.date() <= last)


def test_of_several_the_one_that_ends_last_is_named():
    found = active(
        spans("{from: 2026-12-20, to: 2026-12-24, reason: a}", "{from: 2026-12-20, to: 2026-12-28, reason: b}"),
        moment("2026-12-21T00:00+00:00"),
    )
    assert found
    assert (found.reason, found.until) == ("b", "the end of 2026-12-28 (UTC)")


@pytest.mark.parametrize(
    ("now", "is_frozen"),
    [
        ("2026-12-20T16:59:59+00:00", False),
        ("2026-12-20T17:00:00+00:00", True),
        ("2027-01-04T07:59:59+00:00", True),
        ("2027-01-04T08:00:00+00:00", False),
    ],
)
def test_ends_can_be_moments_in_the_zone(now, is_frozen):
    found = spans("{from: 2026-12-20T18:00, to: '2027-01-04T09:00', zone: Europe/Berlin}")
    assert bool(active(found, moment(now))) is is_frozen
