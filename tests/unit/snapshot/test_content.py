"""One file's bytes at one target: what opts in changes where it says so, and nothing else does."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from broadcast.snapshot.content import Recipe, RenderError, Survey, render, survey, tokens_of
from broadcast.snapshot.templates import FACTS
from tests.frozen_values import frozen

SOURCE, TARGET = "acme/templates", "other/api"
BINARIES = [b"\x89PNG\r\n\0[[ x ]]{{A}}", b"caf\xe9 [[ x ]] {{A}}", b"\xff\xfe[\0[\0"]
PIECES = st.sampled_from(
    [
        "{{A}}",
        "${A}",
        "{{B}}",
        "${B}",
        "${{ A }}",
        "${{ '}}' }}",
        "${{",
        "}}",
        "{{",
        "${",
        "'",
        SOURCE,
        "A",
        " ",
        "\r\n",
    ]
)
TEXTS = st.lists(PIECES | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=3), max_size=12).map(
    "".join
)


def replaced(text: str, new: dict[str, str]) -> str:
    return render(text.encode(), Recipe(None, tuple(new.items()))).decode()


def filled(text: str, **values: object) -> str:
    """As a template, with what the survey says that it uses."""
    known = survey(text.encode(), (), template=True)
    if known.trouble:
        raise RenderError(known.trouble)
    given_names = {name.replace("__", "."): frozen(value) for name, value in values.items()}
    used = tuple((name, value) for name, value in given_names.items() if name in known.names)
    return render(text.encode(), Recipe(used)).decode()


def variables(**values: str) -> dict[str, str]:
    return {token: value for name, value in values.items() for token in tokens_of(name)}


# Nothing but what is asked for


@given(st.binary(max_size=200) | TEXTS.map(str.encode))
def test_without_a_recipe_every_byte_stays(content):
    assert render(content, Recipe()) is content


@pytest.mark.parametrize("content", BINARIES)
def test_a_binary_file_stays_as_it_is_whatever_is_asked(content):
    assert survey(content, ["{{A}}"], template=True) == Survey(is_text=False)
    assert render(content, Recipe((("x", "1"),), (("{{A}}", "1"),))) == content


def test_a_nul_far_behind_is_still_text():
    content = b"{{A}}" + b" " * 9_000 + b"\0"
    assert render(content, Recipe(None, (("{{A}}", "1"),))).startswith(b"1 ")


@given(TEXTS, st.text(max_size=5), st.text(max_size=5))
def test_replacing_is_done_once_and_everywhere_at_once(text, first, second):
    marks = {"{{A}}": "\ue001", "{{B}}": "\ue002"}
    expected = replaced(text, marks).replace("\ue001", f"{{{{B}}}}{first}").replace("\ue002", f"{{{{A}}}}{second}")
    assert replaced(text, {"{{A}}": f"{{{{B}}}}{first}", "{{B}}": f"{{{{A}}}}{second}"}) == expected


@given(TEXTS)
def test_only_declared_names_are_replaced(text):
    after = replaced(text, variables(A=""))
    assert (after.count("{{B}}"), after.count("${B}")) >= (text.count("{{B}}"), text.count("${B}"))
    assert replaced(text, variables(NOT_IN_IT="x")) == text


@given(st.lists(st.sampled_from(["'{{A}}'", "${A}", "' }}{{A}} '", SOURCE, "x", " ", "\n"]), max_size=6), TEXTS)
def test_nothing_inside_of_a_github_expression_is_changed(inside, before):
    expression = "${{ " + "".join(inside) + " }}"
    after = replaced(
        f"{before.replace('${{', '').replace(chr(39), '')}\n{expression} {{{{A}}}}",
        {**variables(A="!"), SOURCE: TARGET},
    )
    assert after.endswith(f"{expression} !")


@pytest.mark.parametrize(
    "expression", ["${{ github.token }}", "${{A}}", "${{\n A }}", "${{ format('}}{{A}}', x) }}", "${{ it's {{A}}"]
)
def test_github_expressions_stay(expression):
    assert replaced(f"{expression} {{{{A}}}}", variables(A="1")) == f"{expression} 1"


@given(TEXTS)
def test_the_survey_finds_exactly_the_tokens_that_would_be_replaced(text):
    tokens = [*variables(A=""), *variables(B=""), SOURCE]
    found = survey(text.encode(), tokens, template=False).tokens
    assert found == {
        token
        for token in tokens
        if replaced(text, dict.fromkeys(tokens, "")) != replaced(text, dict.fromkeys(set(tokens) - {token}, ""))
    }


def test_a_token_within_a_longer_name_or_a_github_expression_is_not_found():
    assert not survey(b"acme/templates-old ${{ A }} ${{A}}", [SOURCE, "{{A}}", "${A}"], template=False).tokens


# References to the source, addresses


@pytest.mark.parametrize(
    "text",
    [
        "https://github.com/acme/templates", "git clone git@github.com:acme/templates.git", "acme/templates.git.",
        "module github.com/acme/templates/v2", "uses: acme/templates/.github/workflows/ci.yml@v1", "uses: acme/templates@v1",
        "ghcr.io/acme/templates:1.0", "See acme/templates.", "(acme/templates)", "acme/templates#5", '"acme/templates"',
        "github.com/acme/templates.git/x", "acme/templates, acme/templates\n",
    ],
)  # fmt: skip
def test_references_to_the_source_become_those_to_the_target(text):
    assert replaced(text, {SOURCE: TARGET}) == text.replace(SOURCE, TARGET)


@pytest.mark.parametrize(
    "text",
    [
        "acme/templates-old", "xacme/templates", "@acme/templates", "acme/templates.js", "acme/templates_2", "my-acme/templates",
        "acme/templates.github.io", "acme/templates.git-old", "acme/templatesé", "my.acme/templates", "acme", "templates", "acme/Templates",
    ],
)  # fmt: skip
def test_parts_of_longer_names_and_bare_words_are_no_references(text):
    assert replaced(f"{text} {text}", {SOURCE: TARGET}) == f"{text} {text}"


@pytest.mark.parametrize(
    ("text", "is_it"),
    [
        ("mailto:security@acme.com", True), ("<security@acme.com>.", True), ("security@acme.com.", True),
        ("it-security@acme.com", False), ("security@acme.com.au", False), ("security@acme.community", False),
        ("x.security@acme.com", False), ("a+security@acme.com", False),
    ],
)  # fmt: skip
def test_an_address_is_replaced_as_a_whole_only(text, is_it):
    new = {"security@acme.com": "help@other.org"}
    assert (replaced(text, new) == text.replace("security@acme.com", "help@other.org")) is is_it


# Templates


@pytest.mark.parametrize(
    "text",
    [
        "a\r\nb\r\n", "a\nb", "\ufeffa\n", "a\r\nb\nc\rd", "a\r\n\rb\r\n", "", "\r", "${{ github.token }} {{ x }} {% y %} {# z #}",
        "a [x] [ [x] ] \ue00d\r", "x\u2028y\x85z\x0c\n\n",
    ],
)  # fmt: skip
def test_a_template_without_a_tag_renders_to_itself(text):
    assert filled(text) == text


@given(TEXTS, st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=5))
def test_around_its_tags_a_template_keeps_every_character(text, value):
    assume(not any(part in text for part in ("[[", "[%")))
    assert filled(f"{text}|[[ x ]]|{text}", x=value) == f"{text}|{value}|{text}"


def test_lines_of_a_crlf_file_end_in_crlf_whatever_the_values_hold():
    assert filled("[% if a %]\r\nx [[ a ]]\r\n[% endif %]\r\n", a="1\r\n2\n3") == "x 1\r\n2\r\n3\r\n"


def test_blocks_and_comments_leave_no_empty_lines():
    text = "a\n[% for one in target.topics %]\n- [[ one ]]\n[% endfor %]\n[%# not told #%]b"
    assert filled(text, target__topics=("x", "y")) == "a\n- x\n- y\nb"


def test_what_a_template_fills_in_is_not_replaced_and_what_is_replaced_is_no_template():
    recipe = Recipe((("source.full_name", SOURCE),), ((SOURCE, TARGET), ("{{A}}", "[[ 1 + 1 ]] [% x")))
    assert (
        render(b"[[ source.full_name ]] acme/templates {{A}}", recipe) == b"acme/templates other/api [[ 1 + 1 ]] [% x"
    )


def test_the_survey_names_what_a_template_uses_and_nothing_else():
    text = b"[[ SERVICE ]] [[ target.name | upper ]] [[ target['base'] ]] [% set y = 1 %][[ y ]] {{ z }} [[ 'a' if 1 in range(y) ]]"
    assert survey(text, (), template=True).names == {"SERVICE", "target.name", "target.base"}
    assert survey(text, (), template=False).names == frozenset()


def test_who_passes_all_facts_on_uses_them_all():
    names = survey(b"[% set t = target %][[ t.name ]]", (), template=True).names
    assert names == {f"target.{name}" for name in FACTS["target"]}
    assert filled("[% set t = target %][[ t.name ]]", target__name="api") == "api"


def test_a_missing_value_may_have_a_default():
    assert filled("[[ x | default('y') ]][% if z is defined %]z[% endif %]") == "y"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\r\n\r\n[[ nope ]]", "3:4: 'nope' is undefined"),
        ("a\rb\r\n\n [[ nope ]]", "3:5: 'nope' is undefined"),
        ("\n[[ x.nope ]]", "2:5: 'str object' has no attribute 'nope'"),
        ("\n[[ x ]] [[ x.nope ]]", "2:13: 'str object' has no attribute 'nope'"),
        ("\n é[[ (x | length) / 0 ]]", "2:6: division by zero"),
        ("\n[% if x and 1 / 0 %][% endif %]", "2:4: division by zero"),
        ("[% for i in [1] %]" * 30 + "[% endfor %]" * 30, "too many"),
    ],
)
def test_what_fails_says_where(text, said):
    assert not survey(text.encode(), (), template=True).trouble
    with pytest.raises(RenderError, match=re.escape(said)):
        filled(text, x="text")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n[[ x ", "2:4: unexpected end of template"),
        ("a\n[% if x %]", "2:9: Unexpected end of template"),
        ("if [[ -f x ]]; then", "1:10: expected token"),
        ("[% include 'x' %]", "1:4: include can't be used in templates"),
        ("[[ x | nope ]]", "1:8: No filter named 'nope'."),
        ("a\r\n  [[ x ]] [[ $x ]]", "2:14: unexpected char '$'"),
        (
            "[[ target.nope ]]",
            "1:4: target has owner, name, full_name, default_branch, base, topics, properties, but no nope",
        ),
        ("[[ source['base'] ]]", "1:4: source has owner, name, full_name, but no base"),
        ("[[ " + "(" * 5_000 + " ]]", "nested too deeply"),
        ("[[ " + "9" * 5_000 + " ]]", "digits"),
    ],
)
def test_what_is_no_template_says_so_before_it_is_rendered(text, said):
    trouble = survey(text.encode(), (), template=True).trouble
    assert trouble
    assert said in str(RenderError(trouble))


@pytest.mark.parametrize(
    "expression",
    [
        "''.__class__", "''['__class__']", "'' | attr('__class__')", "target.__class__", "x.__init__.__globals__",
        "'{0.__class__}'.format(x)", "x.format.__func__", "cycler", "range.__class__",
        "'x' * 10**9", "10**9 * 'x'", "[1] * 10**9", "9**9**9", "'%999999999d' % 1", "'%*d' % (10**9, 1)",
        "'{:>999999999}'.format(1)", "'%999999999d' | format(1)", "'x' | center(10**9)", "'x'.ljust(10**9)",
        "'x' | indent(10**9)", "lipsum(n=10**6)", "range(10**9) | list",
    ],
)  # fmt: skip
def test_no_expression_reaches_out_or_fills_the_memory(expression):
    text = f"[[ {expression} ]]"
    with pytest.raises(RenderError):
        filled(text, x="text")


@pytest.mark.parametrize("inner", ["", "x", "[% for k in range(1000) %][% endfor %]"])
def test_loops_inside_of_loops_come_to_an_end(inner):
    text = f"[% for i in range(10000) %][% for j in range(10000) %]{inner}[% endfor %][% endfor %]"
    with pytest.raises(RenderError, match="too long"):
        filled(text)


def test_ordinary_expressions_are_no_bombs():
    text = "[[ x * 20 ]] [[ y.zfill(5) ]] [[ z.rjust(3) ]] [[ a | center(3) ]] [[ b | replace('9', '8') ]]"
    assert filled(text, x="-", y="7", z="x", a="a", b=":99999") == f"{'-' * 20} 00007   x  a  :88888"
    assert filled("[% for i in range(300) %][% for j in range(300) %].[% endfor %][% endfor %]") == "." * 90_000
