"""Numbers and booleans of `vars` in templates: they print as written, and count as what they are."""

from __future__ import annotations

import json
import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast.config.parse import parse
from broadcast.config.values import Number, Table, merged, scalar, texts_in
from broadcast.snapshot.content import Recipe, render
from broadcast.snapshot.scalars import Numeral, plain, thawed
from tests.frozen_values import frozen

WRITTEN = ["1.10", "0", "-3", "8080", "true", "false", "True", "FALSE", "on", "yes", "no", "0123", "2026-01-01", "12:30", "1e3", "0x10", "1_000", ".5", "+1", "'5'", "a b"]  # fmt: skip
OPERATORS = [
    operator.lt,
    operator.le,
    operator.gt,
    operator.ge,
    operator.eq,
    operator.ne,
    operator.add,
    operator.sub,
    operator.mul,
]


def shown(text: str, written: str) -> str:
    """A template with the vars that the config has."""
    config = parse(f"version: 1\ntargets: [acme/a]\nfiles: [x]\nvars: {written}\n", "f", "acme/x")
    return render(text.encode(), Recipe(config.vars)).decode()


@pytest.mark.parametrize("text", WRITTEN)
def test_a_value_prints_as_it_is_written_at_every_depth(text):
    made = shown(
        "[[ a ]] [[ b.c ]] [[ l[0] ]] [[ a ~ '' ]] [[ l | join ]]", f"{{a: {text}, b: {{c: {text}}}, l: [{text}]}}"
    )
    assert made == " ".join([text.strip("'")] * 5)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("flag", False), ("not flag", True), ("flag == false", True), ("capital", False), ("capital == false", True),
        ("no", True), ("n > 3", True), ("3 < n", True), ("n == 8080", True), ("n == '8080'", True), ("n in [8080]", True),
        ("n > 9000", False), ("v == '1.10'", True), ("v == '1.1'", False), ("v > 1", True), ("n is number", True),
        ("n is integer", True), ("v is float", True), ("flag is boolean", True), ("capital is boolean", True), ("flag is false", True), ("capital is false", True), ("flag is true", False),
        ("no is boolean", False), ("n is even", True), ("n is string", True), ("quoted is number", False), ("v < n", True),
        ("v.startswith('1.')", True), ("'80' in n", True), ("zero", False), ("not zero", True), ("zero == 0", True), ("d.update == 'x'", True),
        ("d.items == 'y'", True), ("n in range(8081)", True),
    ],
)  # fmt: skip
def test_a_condition_reads_the_value_that_the_config_means(condition, holds):
    written = (
        "{flag: false, capital: False, no: no, n: 8080, v: 1.10, quoted: '8080', zero: 0, d: {update: x, items: y}}"
    )
    assert shown(f"[% if {condition} %]yes[% else %]no[% endif %]", written) == ("yes" if holds else "no")


def test_lists_and_mappings_can_be_walked():
    text = "[% for one in l %][[ one.name ]]:[[ one.port + 1 ]] [% endfor %][% for k, v in d.items() %][[ k ]]=[[ v ]] [% endfor %]"
    assert shown(text, "{l: [{name: a, port: 1}, {name: b, port: 2}], d: {x: 1.0, y: on}}") == "a:2 b:3 x=1.0 y=on "


def test_json_has_numbers_and_booleans_and_texts_where_a_number_would_change():
    assert json.loads(shown("[[ d | tojson ]]", "{d: {a: 1, b: 1.10, c: 2.5, d: true, e: False, f: [x, 3], g: '4'}}")) == {
        "a": 1, "b": "1.10", "c": 2.5, "d": True, "e": False, "f": ["x", 3], "g": "4",
    }  # fmt: skip


@given(st.integers(-(10**17), 10**17), st.integers(-1_000, 1_000), st.sampled_from(OPERATORS))
def test_a_numeral_computes_as_its_number_from_both_sides(one, other, operation):
    assert operation(Numeral(one), other) == operation(one, other)
    assert operation(other, Numeral(one)) == operation(other, one)
    assert operation(Numeral(other), Numeral(one)) == operation(other, one)


@given(
    st.recursive(
        st.booleans() | st.integers(-9, 9) | st.text(), lambda one: st.lists(one) | st.dictionaries(st.text(), one)
    )
)
def test_what_is_frozen_is_hashable_and_thaws_to_itself(value):
    made = frozen(value)
    hash(made)
    assert plain(thawed(made)) == value
    assert isinstance(texts_in(made), str)


def test_levels_are_merged_key_by_key_and_lists_replaced():
    below = {"a": frozen({"x": 1, "y": {"p": 1, "q": 2}}), "b": frozen([1]), "c": "c"}
    above = {"a": frozen({"y": {"q": 3}, "z": 4}), "b": frozen([2, 3]), "d": "d"}
    assert merged(below, above) == {
        "a": frozen({"x": 1, "y": {"p": 1, "q": 3}, "z": 4}), "b": frozen([2, 3]), "c": "c", "d": "d",
    }  # fmt: skip
    assert merged({"a": "text"}, {"a": Table(())}) == {"a": Table(())}


@pytest.mark.parametrize("text", ["1" * 20, "9" * 5_000, "01", "1.", "-", "--1", "1.5.6", "\u0661"])
def test_what_is_no_plain_decimal_is_a_text(text):
    assert scalar(text) == text
    assert scalar("1") == Number("1")


def test_a_numeral_can_not_hide_how_much_a_call_makes():
    for expression in (
        "x.center(n)",
        "'x' * n",
        "x | center(n)",
        "range(n) | list | length",
        "x.zfill(n)",
        "[x] * n",
        "x | indent(n)",
    ):
        with pytest.raises(Exception, match=r"too large|too long"):
            shown(f"[[ {expression} ]]", "{x: a, n: 999999999}")
