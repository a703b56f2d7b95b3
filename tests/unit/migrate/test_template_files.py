"""Templates of Nunjucks with our renderer: the same text as that tool's, for every kind of value.

The expected texts are those of nunjucks 3.2.4 with the options of that tool (autoescape, trimBlocks, lstripBlocks).
"""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcast.config.delimiters import NUNJUCKS
from broadcast.config.parse import parse
from broadcast.migrate import Migration, SourceList, migrate, template_files
from broadcast.migrate.document import Number
from broadcast.migrate.values import printed
from broadcast.snapshot.content import Recipe, render

SOURCE = "acme/templates"


def migrated(values: str, **files: str) -> Migration:
    names = {name.replace("_", "."): text for name, text in files.items()}
    listing = SourceList(names, read=names.get)
    entries = "\n".join(f"  - {{source: {name}, template: {values}}}" for name in names)
    return migrate(f"acme/api:\n{entries}\n", "s.yml", SOURCE, listing)


def rendered(migration: Migration, text: str) -> str:
    config = parse(migration.text, "new", SOURCE)
    (target,) = config.targets
    (mapping,) = target.mappings
    if not mapping.template:
        return text
    values = tuple(dict(config.vars).items()) or tuple(dict(target.vars).items())
    return render(text.encode(), Recipe(values, delimiters=mapping.delimiters)).decode()


@pytest.mark.parametrize(
    ("values", "text", "expected"),
    [
        ("{x: 0}", "{% if x %}a{% else %}b{% endif %}{{ x }}", "b0"),
        ("{x: 0.0}", "{% if x %}a{% else %}b{% endif %}", "b"),
        ("{x: -1}", "{% if x %}a{% else %}b{% endif %}", "a"),
        ("{x: false}", "{% if x %}a{% else %}b{% endif %}{{ x }}", "bfalse"),
        ("{x: true}", "{% if x %}a{% else %}b{% endif %}{{ x }}", "atrue"),
        ("{x: 'false'}", "{% if x %}a{% else %}b{% endif %}{{ x }}", "afalse"),
        ("{x: '0'}", "{% if x %}a{% else %}b{% endif %}{{ x }}", "a0"),
        ("{x: ''}", "{% if x %}a{% else %}b{% endif %}{{ x }}", "b"),
        ("{x: }", "{% if x %}a{% else %}b{% endif %}{{ x }}", "b"),
        ("{x: no}", "{% if x %}a{% else %}b{% endif %}{{ x }}", "ano"),
        ("{x: 1.10}", "{{ x }}", "1.1"),
        ("{x: '1.10'}", "{{ x }}", "1.10"),
        ("{x: 0x10}", "{{ x }}", "16"),
        ("{x: 1e3}", "{{ x }}", "1000"),
        ("{x: 2}", "{% if x > 1 %}{{ x + 1 }}{% endif %}", "3"),
        ("{x: [a, b]}", "{% for one in x %}{{ one }},{% endfor %}", "a,b,"),
        ("{x: {y: {z: 1}}}", "{{ x.y.z }}{% if x.q %}q{% endif %}{{ x.q }}", "1"),
        ("{x: 1}", "a{{ lacking }}b{% if other %}c{% endif %}", "ab"),
        ("{x: 1}", "a{{ lacking.name }}b{{ lacking.deep.er }}", "ab"),
        ("{x: 1}", "{% if user %}{{ user.name }}{% else %}none{% endif %}", "none"),
        ("{x: 1}", "{% for one in many %}{{ one }}{% endfor %}x", "x"),
        ("{x: 1}", "{{ y | default('d') }}{% if y is defined %}a{% else %}b{% endif %}", "db"),
        ("true", "{{ lacking }}x", "x"),
        ("{x: 1}", "a\n{% if x %}\nb\n{% endif %}\nc\n", "a\nb\nc\n"),
        ("{x: 1}", "no tags, [[ x ]] and ${x}", "no tags, [[ x ]] and ${x}"),
        ("{x: 1}", "{# gone #}a", "a"),
    ],
)
def test_a_template_comes_out_as_it_did(values: str, text: str, expected: str) -> None:
    assert rendered(migrated(values, a_txt=text), text) == expected


@pytest.mark.parametrize(
    ("values", "text", "told"),
    [
        ("{x: 1}", "{{ y }} {{ z.a }}", "reads y, z without a value, which was nothing there"),
        ("{x: 'a & b'}", "{{ x }}", "wrote & < > \" ' in values as HTML does"),
        ("{x: 1}", "{{ x }} ${{ github.sha }}", "lost GitHub's expressions in a.txt"),
        ("{x: 1}", "{{ x | safe }}", "our templates can't read a.txt: 1:8: No filter named 'safe'"),
        ("{x: 1}", "{% extends 'b' %}", "our templates can't read a.txt: "),
        ("{x: 1}", "{{ x ", "our templates can't read a.txt: "),
        ("{x: [1]}", "{{ x }}", "our templates can't read a.txt: 1:4: this is a list"),
        ("{x: {ab: 1}}", "{% for k, v in x %}{{ k }}{% endfor %}", "a.txt:1: went through the keys and values of x"),
        ("{x: 0}", "{{ x }}\n{% if x == false %}a{% endif %}", "a.txt:2: compared 0, '0', '' and false as equal"),
        ("{x: []}", "{% if x %}{% endif %}", "an empty list counted as true"),
        ("{x: {}}", "{% if x %}{% endif %}", "an empty mapping counted as true"),
        ("{x: 2026-01-01}", "{{ x }}", "without quotes it was a date"),
        ("{x: 1}", "plain", "found no {{ … }} in any of its files"),
    ],
)
def test_what_comes_out_otherwise_is_reported(values: str, text: str, told: str) -> None:
    assert any(told in note.did for note in migrated(values, a_txt=text).notes)


def test_what_comes_out_the_same_is_not() -> None:
    notes = migrated("{x: a, y: [1]}", a_txt="{{ x }}{% for one in y %}{{ one }}{% endfor %}").notes
    assert [note.key for note in notes if note.key not in ("PR_LABELS", "COMMIT_PREFIX", "COMMIT_EACH_FILE")] == []


def test_a_name_that_only_one_of_two_files_has_a_value_for_is_reported() -> None:
    files = {"a.txt": "{{ x }}", "b.txt": "{{ x }}", "c.txt": "{{ x | default('d') }}"}
    old = "acme/api: [{source: a.txt, template: {x: 1}}, {source: b.txt, template: true}, {source: c.txt, template: {y: 1}}]\n"
    found = migrate(old, "s.yml", SOURCE, SourceList(files, read=files.get))
    said = [note.did for note in found.notes]
    assert "x is nothing for this file and 1 for another" in said
    assert "x has no value for this file, and 1 for another" in said


def test_a_value_that_no_file_reads_does_not_count_as_different() -> None:
    files = {"a.txt": "{{ x }}", "b.txt": "{{ y }}"}
    old = "acme/api: [{source: a.txt, template: {x: 1, y: 1}}, {source: b.txt, template: {x: 2, y: 2}}]\n"
    found = migrate(old, "s.yml", SOURCE, SourceList(files, read=files.get))
    assert yaml.safe_load(found.text)["vars"] == {"x": 1, "y": 2}
    assert not [note for note in found.notes if "for another" in note.did]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1.10", "1.1"), ("0x10", "16"), ("0o17", "15"), ("017", "17"), ("1e3", "1000"), (".5", "0.5"), ("+1", "1"), ("1.0", "1"),
        ("12345678901234567890", "12345678901234567000"), (".inf", "Infinity"), ("-.INF", "-Infinity"), (".nan", "NaN"), ("1e21", "1e+21"),
        ("1.5e-7", "1.5e-7"), ("1e400", "Infinity"), ("-0", "0"), ("123456789012345680000", "123456789012345680000"),
    ],
)  # fmt: skip
def test_a_number_prints_as_in_javascript(written: str, expected: str) -> None:
    assert printed(Number(written)) == expected


@settings(deadline=None)
@given(text=st.text(alphabet="{}%#$ abx.|()'[]\n-", max_size=60))
def test_reading_a_template_never_fails_otherwise(text: str) -> None:
    found = template_files.reads(text)
    if found is not None:
        values = template_files.completed({}, found.needed)
        assert isinstance(template_files.trouble(text, values, NUNJUCKS), str)
