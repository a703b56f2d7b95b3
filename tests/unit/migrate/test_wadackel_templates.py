"""wadackel's templates, in EJS: what comes out by ours, and what has to be edited."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from broadcast.config.delimiters import Delimiters
from broadcast.migrate import Migration, SourceList, ejs, migrate
from broadcast.migrate.template_files import outcome

BOTH = {"variable": ["<%=", "%>"], "block": ["<%", "%>"], "comment": ["<%#", "%>"]}
VALUES = {"name": "acme", "user": {"login": "a"}, "flag": True, "html": "<b>", "none": None, "list": ["x", "y"]}


def migrated(files: dict[str, str], sends: str, values: str = "{name: acme}") -> Migration:
    text = f"patterns: [{{files: {sends}, repositories: [user/a], template: {values}}}]\n"
    return migrate(text, "f.yml", "acme/templates", SourceList(files, read=files.get))


def said(found: Migration) -> list[str]:
    return [f"{note.did} → {note.instead}" for note in found.notes if note.key == "template"]


def test_only_files_with_tags_become_templates_and_keep_their_marks() -> None:
    files = {
        "a.md": "<%# x %><%= name %>\n",
        "b.md": "<%- name %>\n",
        "c.sh": 'if [[ -n "$X" ]]; then\n',
        "d/e.md": "[% x",
    }
    found = migrated(files, "[a.md, b.md, c.sh, d]")
    new = yaml.safe_load(found.text)
    assert new["files"] == [
        {"src": "a.md", "template": True, "delimiters": BOTH}, {"src": "b.md", "template": True, "delimiters": ["<%-", "%>"]}, "c.sh",
    ]  # fmt: skip
    assert (new["directories"], new["vars"], said(found)) == (["d"], {"name": "acme"}, [])


def test_a_pattern_without_tags_is_no_template() -> None:
    found = migrated({"a.sh": "[[ x ]] {{ y }}"}, "[a.sh]")
    assert yaml.safe_load(found.text)["files"] == ["a.sh"]
    assert "vars" not in found.text
    assert said(found) == ["found no <% … %> in any of its files → they are sent as they are"]


@pytest.mark.parametrize(
    ("text", "values", "told"),
    [
        ("<% if (name) { %>x<% } %>", "{name: x}", "ran JavaScript in a.txt: <% if (name) { %> → rewrite it before"),
        ("<%= name.toUpperCase() %>", "{name: x}", "ran JavaScript in a.txt: <%= name.toUpperCase() %>"),
        ("<%- raw %> <%= raw %>", "{raw: x}", "our templates can't read a.txt: "),
        ("<%= other %>", "{name: x}", "failed with a.txt, which reads other without a value"),
        ("<%= name.a.b %>", "{name: {}}", "failed with a.txt, which reads name.a without a value"),
        ("<%= name %>", "{name: a&b}", "wrote & < > \" ' in the values of a.txt"),
        ("a\n<%# why %>\n<%= name %>\n", "{name: x}", "line 2 of a.txt was '', and is 'x' now"),
        ("<%= name -%>\n\nb", "{name: x}", "line 1 of a.txt was 'x', and is 'xb' now"),
        ("<%= target.name %>", "{target: {name: x}}", "line 1 of a.txt was 'x', and is 'name' now"),
        ("<%% name %>", "{name: x}", "our templates can't read a.txt: "),
        ("${x%>}", "{name: x}", "line 1 of a.txt was '${x}', and is '${x%>}' now"),
        ("<%= name %>", "{name: [a, b]}", "our templates can't read a.txt: "),
    ],
)
def test_what_comes_out_otherwise_is_reported(text: str, values: str, told: str) -> None:
    assert any(told in one for one in said(migrated({"a.txt": text}, "[a.txt]", values)))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("<%= name %><%- name %>", "{name: x}"), ("<%= name %> ${{ x }} {{ y }} [[ z ]] [% %]\n", "{name: x}"), ("<%- name%>", "{name: a&b}"),
        ("<%= name.there %>", "{name: {}}"), ("<%= name %> <%= name %>", "{name: 1.0}"), ("a <%# why %> <%= name %>", "{name: true}"),
    ],
)  # fmt: skip
def test_what_comes_out_the_same_is_not(text: str, values: str) -> None:
    assert said(migrated({"a.txt": text}, "[a.txt]", values)) == []


def test_many_files_are_reported_in_few_lines() -> None:
    found = migrated({f"d/{at}": "<% x() %>" for at in range(30)}, "[d]")
    assert len(said(found)) == 21
    assert "rendered 10 more files" in said(found)[-1]


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("a<%= name %>b", "aacmeb"), ("<%- html %>", "<b>"), ("<%= none %>", ""), ("<%= list %>", "x,y"), ("<%= flag; %>", "true"),
        ("<%= user %>", "[object Object]"), ("<%= locals.gone %>", ""), ("<%%= name %>", "<%= name %>"), ("a %%> b", "a %> b"),
        ("<%# a %>\nb", "\nb"), ("<%# a -%>\nb", "b"), ("<%# a -%>\r\n\nb", "\nb"), ("x -%>\ny", "x y"), ("50%>", "50"),
        ("<%= name _%> \tb", "acmeb"), ("<%= name -%><%%\nb", "acme<%b"),
    ],
)  # fmt: skip
def test_ejs_is_rendered_as_ejs_does(text: str, made: str) -> None:
    assert ejs.rendered(text, VALUES).text == made


@given(text=st.text(alphabet="<%=-_#> abn.\n;[]", max_size=60))
def test_reading_ejs_never_fails(text: str) -> None:
    found, made = ejs.survey(text), ejs.rendered(text, VALUES)
    assert ejs.is_template(text) or (made.text, found.code) == (text, "")
    new, problem = outcome(text, {}, Delimiters(("<%=", "%>"), ("<%", "%>"), ("<%#", "%>")))
    assert ejs.is_template(text) or (new, problem) == (text, "")
