"""A merge of documents is proven before it is written; a file's name says its format."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from broadcast.compose import documents, json_keys, toml_keys
from broadcast.compose.keys import is_same
from broadcast.compose.parts import Keys, Unmergeable

NAMES = {
    json_keys: ["package.json", "a/tsconfig.build.json", "x.JSON", "renovate.json5", "a.code-workspace", ".babelrc", "flake.lock", "Pipfile.lock"],
    toml_keys: ["pyproject.toml", "a/Cargo.toml", "Cargo.lock", "Pipfile", "uv.lock"],
    None: ["Makefile", "a.xml", "yarn.lock", ".gitignore", "json", "a.json/b"],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "path"), [(kind, path) for kind, paths in NAMES.items() for path in paths])
def test_a_name_says_the_format(kind, path):
    assert documents.format_of(path) is kind


@pytest.mark.parametrize("text", ['{"a": 1}', '\ufeff\n{"a": 1}', '// c\n{"a": 1}', '/* c */ {"a": 1}'])
def test_the_text_says_the_format_where_the_name_leaves_it_open(text):
    assert documents.format_of("a/.prettierrc", text) is json_keys
    assert documents.parsed(text, ".eslintrc") == {"a": 1}


def test_a_file_of_no_format_is_refused():
    with pytest.raises(Unmergeable, match="Makefile is no JSON, YAML or TOML file") as caught:
        documents.parsed("", "Makefile")
    assert caught.value.remedy


@pytest.mark.parametrize(("before", "source"), [("{", "{}"), ("{}", "{"), ("{}", "[]"), ("[]", "{}")])
def test_a_document_that_cant_be_read_is_refused(before, source):
    with pytest.raises(Unmergeable) as caught:
        documents.merged(before, source, Keys(), json_keys)
    assert ("source" in caught.value.reason) == (before == "{}")


class Careless:
    """A format that writes something else."""

    def __init__(self, wrong):
        self.wrong = wrong

    def load(self, text):
        return json_keys.load(text)

    def apply(self, text, edits):
        return self.wrong


@pytest.mark.parametrize("wrong", ["{}", '{"a": true}', '{"a": 1, "b": 2}', "{"])
def test_a_result_that_says_something_else_is_never_written(wrong):
    with pytest.raises(Unmergeable, match="without reformatting"):
        documents.merged("{}", '{"a": 1}', Keys(), Careless(wrong))


@pytest.mark.parametrize("before", ["", "\n"])
@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("a.jsonc", '// why\n{"a": ["b"],   "c": {}}\n'),
        ("a.toml", "# why\n[a]\nb = [\n  'c' ]\n"),
        ("a.yml", "# why\na: [b]   # c\n\nd: 'e'"),
    ],
)
def test_a_document_without_content_becomes_the_sources_with_its_comments_and_layout(before, path, source):
    kind = documents.format_of(path)
    assert kind
    assert documents.merged(before, source, Keys(), kind) == source
    assert documents.merged(before, source, Keys(only_if_present=(("a",),)), kind) != source


def test_a_document_in_step_is_not_written():
    assert documents.merged('{"a":1 }', '{"a": 1.0}', Keys(), Careless("")) == '{"a":1 }'


SAME = [
    ('{"a": 1, "b": [1.10]}', '{"b": [11e-1], "a": 1.0}'),
    ('{"a": 1e400}', '{"a": 10E399}'),
    ('{"a": -0}', '{"a": 0.00}'),
    ('{"a": 12345678901234567890}', '{"a": 1.2345678901234567890e19}'),
    ('{"a": NaN, "b": -Infinity}', "{b: -Infinity, a: NaN}"),
]
OTHER = [
    ('{"a": 1}', '{"a": true}'),
    ('{"a": 1}', '{"a": "1"}'),
    ('{"a": null}', "{}"),
    ('{"a": 12345678901234567890}', '{"a": 12345678901234567891}'),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_documents_that_say_the_same_have_one_text(one, other):
    assert is_same(json_keys.load(one), json_keys.load(other))
    assert documents.canonical(json_keys.load(one)) == documents.canonical(json_keys.load(other))
    json.loads(documents.canonical(json_keys.load(one)))


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_documents_that_say_something_else_have_other_texts(one, other):
    assert not is_same(json_keys.load(one), json_keys.load(other))
    assert documents.canonical(json_keys.load(one)) != documents.canonical(json_keys.load(other))


def test_each_kind_of_value_has_its_own_text():
    values = [1, 1.0, True, "1", None, [], {}, [1], {"a": 1}, date(2020, 1, 1), datetime(2020, 1, 1, tzinfo=UTC), "2020-01-01", 10**16, Decimal("0.1"), 0.1, -1, float("inf")]  # fmt: skip
    texts = [documents.canonical(value) for value in values]
    assert len(set(texts)) == len(values)
    for text in texts:
        json.loads(text)


def test_the_same_moment_has_one_text():
    here = datetime(2020, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    assert documents.canonical(here) == documents.canonical(datetime(2020, 1, 1, tzinfo=UTC))
