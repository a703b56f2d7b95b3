"""Steps of one rendering: what a value counts, to the last step that is allowed."""

from __future__ import annotations

import pytest

from broadcast.snapshot.sandbox import CHARACTERS_PER_STEP, MAX_STEPS, Sandbox


def steps(value: object) -> int:
    made = Sandbox()
    made.weigh(value)
    return MAX_STEPS - made.left


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, 1),
        ("x" * (CHARACTERS_PER_STEP - 1), 1),
        ("x" * CHARACTERS_PER_STEP, 2),
        ([], 1),
        ([1, 2], 3),
        ((1, (2,)), 4),
    ],
)
def test_a_value_counts_itself_its_characters_and_what_is_in_it(value, expected):
    assert steps(value) == expected


def test_keys_and_values_of_a_mapping_count():
    long = "x" * CHARACTERS_PER_STEP * 10
    assert steps({long: 1}) == steps({1: long}) == steps({1: 1}) + 10


def test_all_steps_may_be_spent_and_not_one_more():
    made = Sandbox()
    made.spend(MAX_STEPS)
    with pytest.raises(OverflowError, match=str(MAX_STEPS)):
        made.spend(1)
