"""Keys of JSON documents change; everything else stays byte for byte."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcast.compose import json_keys
from broadcast.compose.documents import merged
from broadcast.compose.json_scanner import JsonScanner
from broadcast.compose.keys import Drop, Put, applied, edits, is_same
from broadcast.compose.parts import Keys, Lists, Unmergeable
from broadcast.compose.spelled import plain
from broadcast.compose.tree import Container, valued, written
from tests.unit.compose.corpus.json_files import FILES
from tests.unit.compose.merging import expected, is_equal, missing_lines, options, sources

COMMENTS = re.compile(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
COMMAS = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[\]}])')


def read(text):
    """The value, by the standard library; what only JSON5 has is left to ours."""
    bare = COMMENTS.sub(lambda found: found[1] or "", text.removeprefix("\ufeff"))
    bare = COMMAS.sub(lambda found: found[1] or "", bare)
    try:
        return json.loads(bare, parse_float=Decimal, parse_int=Decimal)
    except ValueError:
        return plain(json_keys.load(text))


def touched(text, changes):
    """The lines that changes may touch: those of changed entries, and the last ones beside new entries."""
    scanner = JsonScanner(text)
    scanner.spaces()
    start, node, lines = scanner.at, scanner.value(), set()
    dropped = Counter(change.place[:-1] for change in changes if isinstance(change, Drop))
    emptied = [place for place, count in dropped.items() if len(_at(valued(node), place)) == count]
    for place in [*emptied, *(change.place for change in changes)]:
        lines |= _spans(text, start, node, place) if place else set(range(text.count("\n") + 1))
    return lines


def _spans(text, start, node, place):
    if not isinstance(node, Container):
        return _lines(text, start, start + len(written(node)))
    at, last = start + 1, start
    for index, entry in enumerate(node.entries):
        head = at + len(entry.lead) + len(entry.key) + len(entry.colon)
        end = head + len(written(entry.value)) + len(entry.tail + entry.comma + entry.after)
        if place[:1] in ((index,), entry.names):
            own = _lines(text, at + len(entry.lead), end)
            return own if len(place) == 1 else _spans(text, head, entry.value, place[1:])
        at, last = end, end
    return _lines(text, last, start + len(written(node)))


def _lines(text, start, end):
    return set(range(text.count("\n", 0, start), text.count("\n", 0, end) + 1))


def test_the_corpus_has_two_hundred_different_files():
    assert len(set(FILES.values())) >= 200


@pytest.mark.parametrize("name", FILES)
def test_reading_gives_what_the_file_says_and_no_edits_leave_it_as_it_is(name):
    text = FILES[name]
    assert is_equal(plain(json_keys.load(text)), read(text))
    assert json_keys.apply(text, []) == text
    scanner = JsonScanner(text)
    assert scanner.spaces() + written(scanner.value()) + scanner.spaces() == text


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_a_merge_gives_the_merged_value_and_touches_only_the_lines_of_changed_keys(data):
    text = FILES[data.draw(st.sampled_from(sorted(FILES)), label="file")]
    target = read(text)
    source = data.draw(sources(target), label="source")
    keys = data.draw(options(target), label="keys")
    written_source = json_keys.apply("", [Put((key,), value) for key, value in source.items()])
    after = merged(text, written_source, keys, json_keys)
    assert is_equal(read(after), expected(target, source, keys))
    assert merged(after, written_source, keys, json_keys) == after
    changes = edits(json_keys.load(text), json_keys.load(written_source), keys)
    assert missing_lines(text, after, touched(text, changes)) == []
    if "\n" in text.strip() and "\r" in text:
        assert after.count("\n") == after.count("\r\n")
    assert after.endswith("\n") == text.endswith("\n")
    assert after.startswith("\ufeff") == text.startswith("\ufeff")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_key_can_go(data):
    text = FILES[data.draw(st.sampled_from(sorted(FILES)), label="file")]
    value, place = json_keys.load(text), ()
    while isinstance(inner := _at(value, place), dict | list) and inner and (not place or data.draw(st.booleans())):
        place += (data.draw(st.sampled_from(sorted(inner) if isinstance(inner, dict) else range(len(inner)))),)
    if place:
        after = json_keys.apply(text, [Drop(place)])
        assert is_equal(read(after), plain(applied(value, [Drop(place)])))
        assert missing_lines(text, after, touched(text, [Drop(place)])) == []


def _at(value, place):
    for key in place:
        value = value[key]
    return value


CHANGES = {
    "a new key after one without a comma": ('{\n  "a": 1\n}\n', [Put(("b",), 2)], '{\n  "a": 1,\n  "b": 2\n}\n'),
    "a comment stays on its line": ('{\n  "a": 1 // one\n}', [Put(("b",), 2)], '{\n  "a": 1, // one\n  "b": 2\n}'),
    "a value's comment stays": ('{\n  "a": 1, // one\n  "b": 2\n}', [Put(("a",), [])], '{\n  "a": [], // one\n  "b": 2\n}'),
    "a trailing comma stays": ('{\n  "a": 1,\n}', [Put(("b",), 2)], '{\n  "a": 1,\n  "b": 2,\n}'),
    "a dropped key takes its comment": ('{\n  "a": 1, // one\n  "b": 2 // two\n}', [Drop(("a",))], '{\n  "b": 2 // two\n}'),
    "the last key's comma goes": ('{\n  "a": 1, // one\n  "b": 2 // two\n}', [Drop(("b",))], '{\n  "a": 1 // one\n}'),
    "the only key": ('{\n  "a": 1\n}\n', [Drop(("a",))], "{}\n"),
    "a comment above stays": ('{\n  // why\n  "a": 1\n}', [Drop(("a",))], "{\n  // why\n}"),
    "one line": ('{ "a": 1, "b": [1,2] }', [Put(("c",), {"d": 1}), Put(("b", 2), 3)], '{ "a": 1, "b": [1,2,3], "c": { "d": 1 } }'),
    "minified": ('{"a":1}', [Put(("b",), {"c": [1, {}]})], '{"a":1,"b":{"c":[1,{}]}}'),
    "tabs": ('{\n\t"a": {\n\t\t"b": 1\n\t}\n}', [Put(("a", "c"), {"d": 1})], '{\n\t"a": {\n\t\t"b": 1,\n\t\t"c": {\n\t\t\t"d": 1\n\t\t}\n\t}\n}'),
    "a first key of an empty mapping": ('{\n    "a": {}\n}', [Put(("a", "b"), 1)], '{\n    "a": {\n        "b": 1\n    }\n}'),
    "crlf": ('{\r\n  "a": 1\r\n}\r\n', [Put(("b",), {"c": 1})], '{\r\n  "a": 1,\r\n  "b": {\r\n    "c": 1\r\n  }\r\n}\r\n'),
    "siblings on one line": ('{\n  "x": [\n    { "a": 1 }\n  ]\n}', [Put(("x", 1), {"a": 2})], '{\n  "x": [\n    { "a": 1 },\n    { "a": 2 }\n  ]\n}'),
    "keys and strings without double quotes": ("{\n  a: 'x',\n}", [Put(("b",), "it's"), Put(("c d",), 1)], "{\n  a: 'x',\n  b: 'it\\'s',\n  'c d': 1,\n}"),
    "an empty file": ("", [Put(("a",), {"b": [1]})], '{\n  "a": {\n    "b": [\n      1\n    ]\n  }\n}\n'),
    "a file of space": ("\n", [Put(("a",), 1)], '\n{\n  "a": 1\n}\n'),
    "a file of a comment": ("// why", [Put(("a",), 1)], '// why\n{\n  "a": 1\n}\n'),
    "no more escapes than needed": ("{}", [Put(("a",), 'é😀"\\\n\ud83d')], '{\n  "a": "é😀\\"\\\\\\n\\ud83d"\n}'),
    "a line comment before the brace": ('{ "a": 1 // one\n}', [Put(("b",), 2)], '{ "a": 1, // one\n  "b": 2\n}'),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_what_changes_looks_like_what_is_there(name):
    before, changes, after = CHANGES[name]
    assert json_keys.apply(before, changes) == after


@pytest.mark.parametrize("number", ["1.10", "1e400", "12345678901234567890", "-0.0E-5", "100000000000000000000.10"])
def test_a_number_keeps_the_spelling_of_the_source(number):
    after = merged('{"a": 1}', f'{{"a": {number}, "b": [{number}]}}', Keys(), json_keys)
    assert after == f'{{"a": {number}, "b": [{number}]}}'


def test_a_number_of_the_same_value_keeps_its_own_spelling():
    assert merged('{"a": 1.10, "b": 100}', '{"a": 1.1, "b": 1e2}', Keys(), json_keys) == '{"a": 1.10, "b": 100}'


def test_true_is_not_1():
    assert merged('{"a": [1]}', '{"a": [true]}', Keys(lists=Lists("unite")), json_keys) == '{"a": [1, true]}'


BROKEN = {
    '{"a": 1, "a": 2}': (1, 10), '{\n  "a" 1}': (2, 7), '{"a": 1': (1, 8), '{"a": "x': (1, 7), "[1 2]": (1, 4),
    '{"a": 01}': (1, 7), "/* x": (1, 1), "{}}": (1, 3), "{a: tru}": (1, 5), "{,}": (1, 2), "[1,,2]": (1, 4),
    "{'a': 1, a: 2}": (1, 10), '{"a": 1e99999999999999999999}': (1, 7), "{": (1, 2), '{"a":}': (1, 6),
}  # fmt: skip


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_document_is_shown_at_its_place(text):
    with pytest.raises(Unmergeable) as caught:
        json_keys.load(text)
    assert (caught.value.line, caught.value.column) == BROKEN[text]
    assert caught.value.remedy


@pytest.mark.parametrize("text", ["[" * 10_000, '{"a":' * 10_000, "[" * 10_000 + "]" * 10_000])
def test_a_document_that_nests_too_deeply_is_refused(text):
    with pytest.raises(Unmergeable, match="nests deeper"):
        json_keys.load(text)


def test_a_lock_file_of_a_megabyte_is_merged_in_time():
    packages = {
        f"node_modules/p{n}": {"version": f"1.{n}.0", "integrity": "sha512-" + "a" * 80, "dev": True}
        for n in range(6000)
    }
    text = json.dumps({"name": "x", "packages": packages}, indent=2) + "\n"
    assert len(text) > 900_000
    source = json.dumps({"packages": {f"node_modules/q{n}": {"version": "1"} for n in range(500)}})
    start = time.process_time()
    after = merged(text, source, Keys(remove=(("packages", "*", "dev"),)), json_keys)
    assert time.process_time() - start < 10
    assert len(json.loads(after)["packages"]) == 6500


HOSTILE = {
    "comments": ("/**/" * 250_000 + "{}", '{"a": 1}', Keys()),
    "comments over lines": ("{" + "/*\n*/" * 200_000 + '"b": 1}', '{"a": 1}', Keys()),
    "keys that go": ("{" + ",".join(f'"k{n}":1' for n in range(50_000)) + "}", '{"a": 1}', Keys(remove=(("*",),))),
    "items that go": ('{"a":[' + "1," * 100_000 + "]}", "{}", Keys(remove=(("a", "*"),))),
    "items that come": ('{"a":[' + "1," * 100_000 + "]}", json.dumps({"a": [*range(10_000)]}), Keys(Lists("unite"))),
    "keys that come": (
        "{" + ",".join(f'"k{n}":1' for n in range(50_000)) + "}",
        json.dumps({f"n{n}": {} for n in range(5_000)}),
        Keys(),
    ),
    "levels": ('{"a":' * 99 + "1" + "}" * 99, '{"a":' * 99 + "2" + "}" * 99, Keys()),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_merged_in_time(name):
    start = time.process_time()
    merged(*HOSTILE[name], json_keys)
    assert time.process_time() - start < 15


def test_a_long_word_is_shown_in_part():
    with pytest.raises(Unmergeable) as caught:
        json_keys.load("9" * 100_000)
    assert len(caught.value.reason) < 100


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="{}[]:,\"'\\/*\n\r ab01.-e", max_size=30))
def test_any_text_is_read_or_refused(text):
    try:
        value = json_keys.load(text)
    except Unmergeable:
        return
    if isinstance(value, dict):
        assert is_same(json_keys.load(json_keys.apply(text, [Put(("new",), [1])])), {**value, "new": [1]})
