"""What people who closed a pull request are answered."""

from __future__ import annotations

import pytest

from broadcast.apply.answers import MARKER, MAX_FILES, Voice, words
from broadcast.plan.plan import Closed
from tests.unit.plan.test_people import pull

VOICE = Voice("acme/templates")
ONE = pull(41)


def test_declined_files_come_before_required_ones():
    text = words(Closed(ONE, ("a",), ("b",)), VOICE, "proposed again in #42")
    parts = ["won't be proposed again", "- `a`", "acme/templates requires these files", "again in #42", "- `b`", MARKER]
    assert sorted(parts, key=text.index) == parts


@pytest.mark.parametrize(
    ("later", "done", "expected"),
    [
        ("", "", "they are proposed again by a later run"),
        ("2026-01-02 03:04 UTC", "", "they are proposed again from 2026-01-02 03:04 UTC on"),
        ("2026-01-02 03:04 UTC", "proposed again in #42", "they are proposed again in #42"),
    ],
)
def test_it_says_when_required_files_come_back(later, done, expected):
    assert f"doesn't decline them: {expected}." in words(Closed(ONE, (), ("b",), later), VOICE, done)


def test_the_dashboard_is_named_where_there_is_one():
    closed = Closed(ONE, ("a",), ())
    assert "retry" not in words(closed, VOICE)
    assert ", its maintainers tick **retry** on the dashboard, or this" in words(
        closed, VOICE._replace(has_dashboard=True)
    )


def test_long_lists_are_cut_and_hostile_names_are_inert():
    names = tuple(f"@team/<!-- {number} -->\n#1" for number in range(MAX_FILES + 2))
    text = words(Closed(ONE, names, ()), VOICE)
    assert "- … and 2 files more" in text
    assert text.count("<!--") == 1
    assert "\n#1" not in text
