"""Which keys of a document change, on plain values."""

from __future__ import annotations

import copy
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast.compose.keys import Drop, Put, applied, edits, is_same, name_of, present
from broadcast.compose.parts import Keys, Lists, Unmergeable
from broadcast.compose.spelled import Spelled
from tests.unit.compose.merging import expected, is_equal, options, sources

BY, UNITE = Lists("by", ("name",)), Lists("unite")
CASES = {
    "a new key": ({"a": 1}, {"b": 2}, Keys(), [Put(("b",), 2)]),
    "an equal value": ({"a": {"b": [1]}}, {"a": {"b": [1]}}, Keys(), []),
    "a key below": ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}, Keys(), [Put(("a", "b"), 3)]),
    "true for 1": ({"a": 1}, {"a": True}, Keys(), [Put(("a",), True)]),
    "a float for an integer": ({"a": 1}, {"a": 1.0}, Keys(), [Put(("a",), 1.0)]),
    "nan": ({"a": math.nan}, {"a": math.nan}, Keys(), []),
    "keys in another order": ({"a": [{"b": 1, "c": 2}]}, {"a": [{"c": 2, "b": 1}]}, Keys(), []),
    "another list": ({"a": [1, 2]}, {"a": [2]}, Keys(), [Put(("a",), [2])]),
    "a united list": ({"a": [1, 2]}, {"a": [2, 3, 3]}, Keys(UNITE), [Put(("a", 2), 3)]),
    "an item by name": ({"a": [{"name": "x", "v": 1}]}, {"a": [{"name": "x", "v": 2}]}, Keys(BY), [Put(("a", 0, "v"), 2)]),
    "a removed key": ({"a": 1, "b": 2}, {}, Keys(remove=(("a",),)), [Drop(("a",))]),
    "a removed key that the source sets": ({"a": 1}, {"a": 1}, Keys(remove=(("a",),)), []),
    "a removed key that holds one of the source": ({"a": {"b": 1}}, {"a": {"b": 1}}, Keys(remove=(("a",),)), []),
    "a removed key of a named item": ({"a": [{"name": "x", "v": 1, "w": 2}]}, {"a": [{"name": "x", "v": 1}]}, Keys(BY, (("a", "*", "v"), ("a", "*", "w"))), [Drop(("a", 0, "w"))]),
    "removed items, last first": ({"a": [1, 2]}, {"a": [2, 3]}, Keys(UNITE, (("a", "*"),)), [Drop(("a", 0)), Put(("a", 1), 3)]),
    "a key and one below it": ({"a": {"b": 1}}, {}, Keys(remove=(("a", "b"), ("a",))), [Drop(("a",))]),
    "nothing that isn't there": ({"a": 1}, {"a": 2, "b": 3}, Keys(only_if_present=True), [Put(("a",), 2)]),
    "a guarded key": ({}, {"a": 2, "b": 3}, Keys(only_if_present=(("a",),)), [Put(("b",), 3)]),
    "a guarded key of a new mapping": ({}, {"a": {"b": 1, "c": 2}}, Keys(only_if_present=(("a", "b"),)), [Put(("a",), {"c": 2})]),
    "nothing but guarded keys": ({}, {"a": {"b": 1}}, Keys(only_if_present=(("a", "b"),)), []),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_changes_is(name):
    target, source, keys, changes = CASES[name]
    assert edits(target, source, keys) == changes
    after = applied(target, changes)
    assert edits(after, source, keys) == []


DOCUMENTS = [
    {"name": "x", "list": [1, "a", {"name": 1, "path": 2}, {"path": 3}], "a": {"b": {"new": 1}, "c": []}},
    {"new": [{"name": "a", "new": {"name": 1}}, {"name": "b"}, {}], "0": {"name": {"x.y": True}}},
    {},
]


@given(st.data())
def test_a_merge_gives_what_each_rule_says_and_a_second_one_changes_nothing(data):
    target = data.draw(st.sampled_from(DOCUMENTS))
    source = data.draw(sources(target))
    keys = data.draw(options(target))
    before = copy.deepcopy(target)
    after = applied(target, edits(target, source, keys))
    assert target == before
    assert is_equal(after, expected(target, source, keys))
    assert edits(after, source, keys) == []
    assert present(after, source, keys)["removed"] == []


@pytest.mark.parametrize(("target", "source"), [([], {}), ({}, [1]), ({}, "a")])
def test_a_document_without_keys_is_refused(target, source):
    with pytest.raises(Unmergeable, match="holds no keys"):
        edits(target, source, Keys())


def test_two_items_of_one_name_in_the_source_are_refused_before_anything_is_merged():
    for target in ({}, {"a": {"b": [{"name": "x"}]}}):
        with pytest.raises(Unmergeable, match=r"two items of `a\.b` in the source have the same name"):
            edits(target, {"a": {"b": [{"name": "x"}, {"name": "x", "v": 1}]}}, Keys(BY))


def test_lists_of_thousands_of_items_are_united_in_linear_time():
    changes = edits({"a": [{"n": n} for n in range(20_000)]}, {"a": [{"n": -n} for n in range(20_000)]}, Keys(UNITE))
    assert len(changes) == 19_999


def test_spellings_are_equal_by_value():
    assert is_same(Spelled(255, "0xff"), Spelled(255, "255"))
    assert not is_same(Spelled(1, "1"), True)
    assert not is_same(Spelled(1.0, "1.0"), Spelled(1, "1"))
    assert is_same([Spelled(math.nan, "nan")], [Spelled(math.nan, "-nan")])
    assert Spelled(1, "1") == 1 == Spelled(1, "01")
    assert len({Spelled(1, "1"), Spelled(1, "01")}) == 1


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (("a", "b"), "a.b"),
        (("a.b", "c"), '"a.b".c'),
        (("", "*"), '""."*"'),
        (("a", 0, "b"), "a[0].b"),
        (("x" * 100,), "x" * 60 + "…"),
    ],
)
def test_a_place_has_a_name_to_show(place, name):
    assert name_of(place) == name
