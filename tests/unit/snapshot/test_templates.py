"""A template never corrupts what is no template: code of the file's own is an error with a way out, or unchanged."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast.config.delimiters import DEFAULT, NUNJUCKS, Delimiters
from broadcast.snapshot.content import Recipe, RenderError, Trouble, render, survey
from broadcast.snapshot.templates import TemplateError, fill
from tests.frozen_values import frozen

PERCENT = Delimiters(("<%", "%>"))
EJS = Delimiters(("<%=", "%>"), ("<%", "%>"), ("<%#", "%>"))
FACTS = {"source.full_name": "acme/templates", "source.owner": "acme", "source.name": "templates", "target.name": "api"}


def made(text: str, delimiters: Delimiters = DEFAULT, **values: object) -> str:
    known = survey(text.encode(), (), template=True, delimiters=delimiters)
    if known.trouble:
        raise RenderError(known.trouble)
    every = FACTS | {name: frozen(value) for name, value in values.items()}
    used = tuple((name, value) for name, value in every.items() if name in known.names)
    return render(text.encode(), Recipe(used, (), delimiters)).decode()


def trouble(text: str, delimiters: Delimiters = DEFAULT, **values: object) -> Trouble:
    with pytest.raises(RenderError) as caught:
        made(text, delimiters, **values)
    return caught.value.trouble


CODE = {
    "R: an index": "y <- 1\nx[[1]]\n",
    "R: a column": 'df[["name"]] <- 2\n',
    "R: a column without the first": "x[[-1]]\n",
    "R: an index of an index": 'x[["a"]][["b"]]',
    "R: a column of a name": "x[[n]]",
    "shell: a file": "if [[ -f x ]]; then\n",
    "shell: a variable": 'if [[ -n "$x" ]]; then\n',
    "shell: texts": '[[ "a" == "b" ]] && exit',
    "shell: a pattern": "[[ $x =~ ^a+$ ]]",
    "shell: a class": "tr -d '[[:space:]]'",
    "shell: not": "while [[ ! -e x ]]; do",
    "TOML: a source": "[[source]]\nurl = 1\n",
    "TOML: a source of a tool": "[[tool.poetry.source]]\n",
    "TOML: a package": "[[package]]\nname = 'a'\n",
    "TOML: products": "a = 1\n[[products]]\n",
    "lists of numbers": "m = [[1,2],[3,4]]\n",
    "a list of numbers": "m = [[1, 2]]\n",
    "a list of texts": 'm = [["a", "b"]]\n',
    "a list of nothing": "m = [[none]]\n",
    "a list of lists": "m = [[[1]]]\n",
    "a list of mappings": 'm = [[{"a": 1}]]\n',
    "JSON: a list of a boolean": "m = [[true]]\n",
    "a list of a decimal": "m = [[1.5]]\n",
    "an empty list": "m = [[]]\n",
    "wiki: a page": "see [[Page]]\n",
    "wiki: a page of two words": "see [[Main Page]]\n",
    "wiki: a page with a text": "see [[Page|a text]]\n",
    "Lua: a text": "s = [[text]]\n",
    "Lua: a longer text": "s = [[\na long text, isn't it\n]]\n",
    "attributes of C++": "[[nodiscard]] int f();\n",
    "attributes of C++ with a text": '[[deprecated("x")]] int f();\n',
    "a sum": "[[ 1 + 1 ]]",
    "texts put together": "[[ 'a' ~ 'b' ]]",
    "a choice": "[[ 1 if true else 2 ]]",
    "a filter": "[[ 'a' | upper ]]",
    "a range": "[[ range(3) | length ]]",
    "an object": "[[ source ]] [[ target ]]",
    "an object in brackets": "[[ (target) ]]",
}  # fmt: skip


@pytest.mark.parametrize("kind", CODE)
def test_code_is_refused_with_its_place_and_unchanged_with_other_delimiters(kind):
    found = trouble(CODE[kind])
    assert CODE[kind].split("\n")[found.line - 1][: found.column - 1].count("[") >= 1 or "Lua" in kind
    for other in (PERCENT, EJS):
        assert made(CODE[kind], other) == CODE[kind]
    assert made(f"[% raw %]{CODE[kind]}[% endraw %]") == CODE[kind]


def test_code_in_the_pair_of_nunjucks_is_refused_and_unchanged_without_it():
    for text in ("a {{1}}", "{{ 'x' }}", "{{ {'a': 1} }}"):
        assert "constant" in trouble(text, NUNJUCKS).reason
        assert made(text) == text


@pytest.mark.parametrize("value", [["a"], [], {"a": 1}, [["a"]]])
def test_what_has_no_text_is_refused(value):
    found = trouble("a\n b [[ x ]]", x=value)
    assert (found.line, found.column, "no text, number or boolean" in found.reason) == (2, 7, True)
    assert "`delimiters`" in found.remedy


@pytest.mark.parametrize("delimiters", [DEFAULT, NUNJUCKS, PERCENT, EJS])
def test_a_delimiter_itself_is_the_one_constant_that_may_stand_there(delimiters):
    opening, closing = delimiters.variable
    for mark in delimiters.marks:
        quote = '"' if "'" in mark else "'"
        assert made(f"{opening} {quote}{mark}{quote} {closing}", delimiters) == mark
    assert "constant" in trouble(f"{opening} '{opening} ' {closing}", delimiters).reason
    assert made(delimiters.literal, delimiters) == opening


@pytest.mark.parametrize(
    "text",
    [
        "${{ secrets.TOKEN }}", "${{ github.ref == 'a' && '{{' || '{%' }}", "${{x}}${{ y }}", "if: ${{ !cancelled() }}",
        "${{ format('{0}', '}}') }}", "${{\n a\n}}",
    ],
)  # fmt: skip
@pytest.mark.parametrize("delimiters", [DEFAULT, NUNJUCKS, PERCENT, EJS, Delimiters(("{", "}"), ("${%", "%}"))])
def test_expressions_of_github_stay_next_to_those_of_the_template(text, delimiters):
    opening, closing = delimiters.variable
    shown = f"{opening} x {closing}"
    assert made(f"{text} {shown}\r\n{shown}{text}", delimiters, x="1") == f"{text} 1\r\n1{text}"


def test_the_pair_of_nunjucks_brings_its_blocks_and_comments():
    text = "{# no #}\n{% for one in x %}\n- {{ one }} [[ y ]] [% z %]\n{% endfor %}\n"
    assert made(text, NUNJUCKS, x=["a", "b"]) == "\n- a [[ y ]] [% z %]\n- b [[ y ]] [% z %]\n".lstrip("\n")


def test_any_delimiters_work_with_blocks_and_comments():
    assert made("<%# no %>a<% if x %>b<%= x %><% endif %>[[ c ]]{{ d }}", EJS, x="1") == "ab1[[ c ]]{{ d }}"


def test_what_is_replaced_can_not_open_a_tag_at_either_end():
    for delimiters, text in ((DEFAULT, "[{{A}}[ x ]] {{A}}% x {{A}}[ y"), (PERCENT, "<{{A}}% x {{A}}% y")):
        for value in ("[", "[[ x", "[% if", "<", "<% x", "%", "\r\n["):
            recipe = Recipe((("x", "!"),), (("{{A}}", value),), delimiters)
            assert render(text.encode(), recipe).decode() == text.replace("{{A}}", value)


def test_the_place_of_an_error_is_that_in_the_source_whatever_is_replaced_before():
    text = b"{{A}} ${{ {{A}} }} {{A}}\n {{A}} [[ x ]]"
    with pytest.raises(RenderError) as caught:
        render(text, Recipe((), (("{{A}}", "much\nlonger\nthan that"),)))
    assert caught.value.trouble[1:3] == (2, 11)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=20), st.text("\n x", max_size=20))
def test_every_place_is_that_of_the_name_that_has_no_value(before, between):
    text = f"{before}\n{between}"
    if any(mark in text for mark in DEFAULT.marks) or text.endswith("["):
        return
    found = trouble(f"{text}[[ nope ]]")
    lines = text.split("\n")
    assert (found.line, found.column, found.unknown) == (len(lines), len(lines[-1]) + 4, "nope")


def test_a_template_that_is_one_large_text_is_read_in_a_moment():
    text = "[[ x ]] a {{ b }}\n" * 20_000
    assert made(text, x="1") == text.replace("[[ x ]]", "1")
    assert trouble(text + "[[ nope ]]", x="1").line == 20_001


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"[[ n{number} ]]\n" for number in range(10_000)),
        "[[ " + " + ".join(["x"] * 250) + " ]]",
        "[%- if x -%]  \n  [%- endif -%]\n" * 5_000,
        "[[" * 100_000,
        "[% raw %]" * 50_000,
        "[[ x" + ".a" * 3_000 + " ]]",
        "[[ " + "1 + " * 3_000 + "x ]]",
    ],
    ids=["names", "sum", "space", "open", "raw", "attributes", "constants"],
)
def test_what_takes_long_to_read_is_read_in_linear_time_or_refused(text):
    began = time.perf_counter()
    survey(text.encode(), (), template=True)
    assert time.perf_counter() - began < 5


def test_a_condition_without_an_else_is_an_empty_text():
    assert made("a[[ x if y ]]b", x="x", y="") == "ab"


EJS = Delimiters(("<%=", "%>"), ("<%", "%>"), ("<%#", "%>"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a <%- x %> <%= x %>", "a 1 1"),
        ("a\n  <%-x %>\nb", "a\n  1\nb"),
        ("a\n  <%- if x %>b<%- endif %>", "ab"),
        ("<%- ifs %>", "2"),
        ("<%# <%- x %> b", " b"),
        ("<% raw %><%- x %><% endraw %>", "<%- x %>"),
    ],
)
def test_the_mark_of_ejs_for_a_value_without_escapes_prints_it(text, expected):
    assert fill(text, {"x": 1, "ifs": 2}, EJS) == expected


def test_other_marks_have_no_such_value():
    with pytest.raises(TemplateError):
        fill("[%- x %]", {"x": 1}, DEFAULT)
