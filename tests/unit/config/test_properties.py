"""Custom properties in a config: how they are written, and which repositories have them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import field

from broadcast.config.format_entries import Properties
from broadcast.config.properties import has_properties, wanted_properties
from broadcast.config.yaml_reader import Placed, Reader

NAMES = st.text("abAB-", min_size=1, max_size=3)
VALUES = st.dictionaries(NAMES, st.lists(st.sampled_from(["0", "1", "gold", "Gold"]), max_size=3).map(tuple))


class Written(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mapping with properties, as a selector and a wave have one."""

    property: Properties = field(default_factory=dict)


def read(text: str) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    reader = Reader(f"property: {text}\n", "c.yml")
    written = reader.read(Written)
    wanted = wanted_properties(reader, written.property)
    return wanted, [f"{one.line}:{one.column} {one.message}; {one.remedy}" for one in reader.problems]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('{ring: "0"}', {"ring": ("0",)}),
        ("{ring: 0}", {"ring": ("0",)}),
        ("{version: 1.10}", {"version": ("1.10",)}),
        ("{zip: 007}", {"zip": ("007",)}),
        ("{critical: true}", {"critical": ("true",)}),
        ("{critical: False}", {"critical": ("false",)}),
        ('{critical: "True"}', {"critical": ("True",)}),
        ('{answer: "yes"}', {"answer": ("yes",)}),
        ("{tier: [gold, 1, true]}", {"tier": ("gold", "1", "true")}),
        ("{tier: gold, ring: [0, 1]}", {"tier": ("gold",), "ring": ("0", "1")}),
        ("{since: 2026-01-01}", {"since": ("2026-01-01",)}),
        ("{}", {}),
    ],
)
def test_a_value_is_the_text_that_github_has(text, wanted):
    assert read(text) == (wanted, [])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{tier: }", "1:18 'tier' must be text, not empty; "),
        ("{tier: {a: b}}", "1:18 'tier' must be text, not a mapping; "),
        ("{tier: [[a]]}", "1:19 'tier' must be text, not a list; "),
        ("{tier: []}", "1:12 the property 'tier' has no value here; write `name: value`, or several values as a list"),
        ("{critical: yes}", "1:22 YAML reads yes as true; write true, or put yes in quotes"),
        ("{critical: [off]}", "1:23 YAML reads off as false; write false, or put off in quotes"),
        ("{'': a}", "1:12 a property needs a name; write `name: value`, or several values as a list"),
        ("gold", "1:11 'property' must be a mapping, not 'gold'; "),
    ],
)
def test_what_is_no_value_is_reported_at_its_place(text, problem):
    assert read(text)[1] == [problem]


@pytest.mark.parametrize(
    ("wanted", "values", "fits"),
    [
        ({}, {}, True),
        ({"tier": ("gold",)}, {}, False),
        ({"tier": ("gold",)}, {"tier": ()}, False),
        ({"tier": ("gold",)}, {"tier": ("gold",)}, True),
        ({"tier": ("gold",)}, {"Tier": ("gold",)}, True),
        ({"tier": ("gold", "g")}, {"tier": "gold"}, True),
        ({"tier": ("g", "o", "l", "d")}, {"tier": "gold"}, False),
        ({"tier": ("gold",)}, {"tier": ("Gold",)}, False),
        ({"tier": ("gold", "silver")}, {"tier": ("silver",)}, True),
        ({"tier": ("gold",)}, {"tier": ("silver", "gold")}, True),
        ({"tier": ("gold",), "ring": ("0",)}, {"tier": ("gold",)}, False),
        ({"tier": ("gold",), "ring": ("0",)}, {"tier": ("gold",), "ring": ("0", "1"), "more": ()}, True),
    ],
)
def test_every_property_must_have_one_of_its_values(wanted, values, fits):
    assert has_properties(wanted, values) is fits


@given(VALUES, VALUES)
def test_more_values_at_the_repository_never_make_it_fit_less(wanted, values):
    more = {name.lower(): values.get(name, ()) + given for name, given in wanted.items()}
    assert not has_properties(wanted, values) or has_properties(wanted, {**values, **more})
    assert has_properties(wanted, wanted) == all(wanted.values()) or len({*map(str.lower, wanted)}) < len(wanted)


@given(st.dictionaries(st.sampled_from(["a", "b"]), st.lists(st.text("0t", min_size=1), min_size=1)))
def test_what_json_says_is_read_as_it_is(properties):
    assert read(json.dumps(properties)) == ({name: tuple(values) for name, values in properties.items()}, [])
