"""What templates may use, what they may not, and how their work is counted."""

from __future__ import annotations

import re

import jinja2.filters
import jinja2.tests
import pytest

from broadcast.snapshot import sandbox
from broadcast.snapshot.content import Recipe, RenderError, render, survey
from tests.frozen_values import frozen
from tests.world import ROOT

CONFIG = (ROOT / "docs" / "config.md").read_text().split("Of Jinja they can use:")[1].split("Anything else")[0]
LINES = {
    "`if`, `for`, `set` and `with`": "[% if x %]a[% elif y %]b[% else %]c[% endif %][% for k, v in d.items() if v %][[ k ]][[ loop.index ]]"
    "[[ loop.cycle('-', '+') ]][% else %]none[% endfor %][% set z = 1 %][% with w = z %][[ w ]][% endwith %]",
    "operators": "[[ n - 6 + 2 * 3 - 4 / 2 ]] [[ n // 2 ]] [[ n % 4 ]] [[ -n ]] [[ 'a' ~ n ]] [[ not x or y and x ]] [[ 1 if x else 2 ]]",
    "comparisons": "[[ 1 < n <= 7 ]] [[ 'a' in x ]] [[ 'b' not in x ]] [[ [n] == [7] ]] [[ x != y ]]",
    "values": "[[ [x, (2, 3), {'a': 4}] | tojson ]] [[ x[0] ]] [[ x[1:] ]] [[ d.k ]] [[ d['k'] ]] [[ range(n) | list | length ]] [[ none or x ]]",
    "tests": "[[ x is defined ]] [[ nope is undefined ]] [[ n is divisibleby 7 ]] [[ x is string and d is mapping ]]",
}
VALUES = {"x": "ab", "y": "", "d": {"k": "v"}, "n": 7}
TEXTS = (
    "ak1-1", "5.0 3 3 -7 a7  1", "true true false true true", '["ab", [2, 3], {"a": 4}] a b v v 7 ab', "true true true true",
)  # fmt: skip
BEFORE = {
    "d": "nope", "default": "nope", "dictsort": "d", "items": "d", "abs": "-n", "round": "n / 2", "sum": "[1, n]",
    "selectattr": "[d]", "rejectattr": "[d]", "batch": "[1, n]",
}  # fmt: skip
ARGUMENTS = {
    "batch": "(2) | first | join", "center": "(4)", "d": "('x')", "default": "('x')", "join": "('-')",
    "map": "('upper') | join", "reject": "('lower') | list | length", "rejectattr": "('k') | list | length",
    "replace": "('a', 'b')", "round": "(2)", "select": "('lower') | join", "selectattr": "('k') | list | length",
    "truncate": "(9)", "dictsort": " | join", "items": " | list | length", "list": " | join", "sort": " | join",
    "unique": " | join", "reverse": " | join",
}  # fmt: skip


def rendered(text: str, **values: object) -> str:
    known = survey(text.encode(), (), template=True)
    if known.trouble:
        raise RenderError(known.trouble)
    given = tuple((name, frozen(value)) for name, value in values.items())
    return render(text.encode(), Recipe(given)).decode()


def filters() -> set[str]:
    return {*sandbox.LINEAR, *sandbox.MULTIPLYING & jinja2.filters.FILTERS.keys(), "e", "escape", "sum"}


@pytest.mark.parametrize(("name", "text"), [*zip(LINES, TEXTS, strict=True)])
def test_a_template_can_use_what_the_docs_list(name, text):
    assert rendered(LINES[name], **VALUES) == text


@pytest.mark.parametrize("name", sorted(filters()))
def test_every_filter_that_the_docs_list_works(name):
    assert rendered(f"[[ {BEFORE.get(name, 'x')} | {name}{ARGUMENTS.get(name, '')} ]]", **VALUES)


def test_the_docs_list_every_filter_test_and_method():
    listed = [set(re.findall(r"`([\w]+)`", item)) for item in re.split(r"^- ", CONFIG, flags=re.MULTILINE)]
    assert listed[3] == {name for name in jinja2.tests.TESTS if name.isidentifier()} - sandbox.TESTED
    assert listed[4] == filters()
    own = {name for kind in (str, list, tuple, dict) for name in sandbox.METHODS[kind]}
    assert listed[5] == own


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("[% macro f() %][% endmacro %]", "macro"),
        ("[% call f() %][% endcall %]", "call"),
        ("[% filter upper %]x[% endfilter %]", "filter as a block"),
        ("[% set a %]x[% endset %]", "set without ="),
        ("[% set a.b = 1 %]", "set of an attribute"),
        ("[% include 'a' %]", "include"),
        ("[% import 'a' as b %]", "import"),
        ("[% from 'a' import b %]", "import"),
        ("[% extends 'a' %]", "extends"),
        ("[% block a %][% endblock %]", "block"),
        ("[% autoescape true %][% endautoescape %]", "autoescape"),
        ("[% for a in x recursive %][% endfor %]", "a recursive loop"),
        ("[[ 2 ** 2 ]]", "**"),
        ("[[ namespace(a=1) ]]", "namespace"),
        ("[[ cycler(1) ]]", "cycler"),
        ("[[ x.format(1) ]]", "the method 'format'"),
        ("[[ x['upper']() ]]", "a value as a function"),
    ],
)
def test_what_is_not_on_the_list_is_refused_at_its_line(text, name):
    said = survey(f"a\n\n{text}".encode(), (), template=True).trouble
    assert said
    assert said.reason == f"{name} can't be used in templates; docs/config.md lists what can"
    assert said.line == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n[[ '%s' % x ]]", "2:4: % can't be used for texts"),
        ("\n[[ x.upper ]]", "2:5: this is a method, no text, number or boolean"),
        ("\n[[ [[x]] | sum ]]", "2:12: unsupported operand"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_at_its_line(text, said):
    with pytest.raises(RenderError, match=re.escape(said)):
        rendered(text, **VALUES)


@pytest.mark.parametrize(
    ("template", "steps"),
    [
        ("[[ x ]]", lambda n: n // 64),
        ("[% for i in x %][% endfor %]", lambda n: n),
        ("[[ x | upper ]]", lambda n: n // 32),
        ("[[ x ~ x ]]", lambda n: n // 16),
        ("[[ x | list | length ]]", lambda n: n),
    ],
)
def test_a_template_takes_as_many_steps_as_its_values_are_large(template, steps):
    for size in (1_000, 100_000):
        environment = sandbox.Sandbox()
        environment.from_string(template).render(x="a" * size)
        assert steps(size) <= sandbox.MAX_STEPS - environment.left <= 2 * steps(size) + 20


def test_a_rendering_has_steps_of_its_own():
    text = "[% for i in range(200000) %][% endfor %]"
    assert [rendered(text) for _ in range(5)] == [""] * 5


def test_every_filter_on_the_lists_is_there_and_no_other_of_jinjas():
    sandbox._filters.cache_clear()
    ours = sandbox.LINEAR | (sandbox.MULTIPLYING & jinja2.filters.FILTERS.keys()) | {"e", "escape", "sum"}
    assert {name for name in sandbox.Sandbox().filters if not name.startswith(" ")} == ours
