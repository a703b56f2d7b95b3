"""Keys of TOML documents change; everything else stays byte for byte."""

from __future__ import annotations

import time
import tomllib
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcast.compose import toml_keys
from broadcast.compose.documents import merged
from broadcast.compose.keys import Drop, Put, applied, edits, is_same
from broadcast.compose.parts import Keys, Lists, Unmergeable
from broadcast.compose.spelled import plain
from broadcast.compose.style import Inline
from broadcast.compose.toml_scanner import statements
from broadcast.compose.toml_tables import Items, Table, defining, tables
from tests.unit.compose.corpus.toml_files import FILES
from tests.unit.compose.merging import expected, is_equal, missing_lines, options, sources


def read(text):
    return tomllib.loads(text.removeprefix("\ufeff"))


def written(value):
    """A source document that holds a value."""
    return toml_keys.apply("", [Put((key,), item) for key, item in value.items()])


def touched(text, changes):
    """The lines that changes may touch: those of statements with changed keys."""
    found = statements(text.removeprefix("\ufeff"))
    lines, first = [], 0
    for statement in found:
        count = statement.text().count("\n")
        lines.append(set(range(first, first + max(count, 1))))
        first += count
    root = tables(found)
    chosen = {at for change in changes for at in _with_comments(_node(root, change.place))}
    return {line for at in chosen for line in lines[at]}


def _node(root, place):
    node = root
    for key in place:
        if isinstance(node, Table):
            node = node.children.get(key)
        elif isinstance(node, Items):
            node = node.tables[key] if key < len(node.tables) else None
    return node


def _with_comments(node):
    inner = node.tables if isinstance(node, Items) else node.children.values() if isinstance(node, Table) else ()
    if node is None:
        return set()
    own = set(defining(node)).union(*map(_with_comments, inner))
    if isinstance(node, Table) and node.header is not None:
        own |= set(range(node.header, node.end + 1))
    return own


def _mixes(text, changes):
    """Whether other values join a list whose items have headers."""
    root = tables(statements(text.removeprefix("\ufeff")))
    gone = Counter(change.place[:-1] for change in changes if isinstance(change, Drop))
    return any(
        isinstance(node := _node(root, change.place[:-1]), Items)
        and not isinstance(change.value, dict)
        and gone[change.place[:-1]] < len(node.tables)
        for change in changes
        if isinstance(change, Put)
    )


def test_the_corpus_has_two_hundred_different_files():
    assert len(set(FILES.values())) >= 200


@pytest.mark.parametrize("name", FILES)
def test_reading_gives_what_the_file_says_and_no_edits_leave_it_as_it_is(name):
    text = FILES[name]
    assert is_equal(plain(toml_keys.load(text)), read(text))
    assert toml_keys.apply(text, []) == text
    bare = text.removeprefix("\ufeff")
    assert "".join(statement.text() for statement in statements(bare)) == bare


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_a_merge_gives_the_merged_value_and_touches_only_the_lines_of_changed_keys(data):
    text = FILES[data.draw(st.sampled_from(sorted(FILES)), label="file")]
    target = read(text)
    source = data.draw(sources(target), label="source")
    keys = data.draw(options(target), label="keys")
    changes = edits(toml_keys.load(text), toml_keys.load(written(source)), keys)
    if _mixes(text, changes):
        with pytest.raises(Unmergeable, match="laid out"):
            merged(text, written(source), keys, toml_keys)
        return
    after = merged(text, written(source), keys, toml_keys)
    assert is_equal(read(after), expected(target, source, keys))
    assert merged(after, written(source), keys, toml_keys) == after
    assert missing_lines(text, after, touched(text, changes)) == []
    if "\r" in text:
        assert after.count("\n") == after.count("\r\n")
    assert after.endswith("\n") == text.endswith("\n") or not after.strip("\ufeff")
    assert after.startswith("\ufeff") == text.startswith("\ufeff")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_key_can_go(data):
    text = FILES[data.draw(st.sampled_from(sorted(FILES)), label="file")]
    value, place = toml_keys.load(text), ()
    while isinstance(inner := _at(value, place), dict | list) and inner and (not place or data.draw(st.booleans())):
        place += (data.draw(st.sampled_from(sorted(inner) if isinstance(inner, dict) else range(len(inner)))),)
    if place:
        after = toml_keys.apply(text, [Drop(place)])
        assert is_equal(read(after), plain(applied(value, [Drop(place)])))
        assert missing_lines(text, after, touched(text, [Drop(place)])) == []


def _at(value, place):
    for key in place:
        value = value[key]
    return value


BOTH = "[a]\nx = 1\n\n[b]\ny = 2\n"
ITEMS = "[[x]]\nn = 1\n\n[[x]]\nn = 2\n\n[z]\n"
CHANGES = {
    "a new key of a table": (BOTH, [Put(("a", "z"), "s")], '[a]\nx = 1\nz = "s"\n\n[b]\ny = 2\n'),
    "a new table of a table": (BOTH, [Put(("a", "t"), {"k": 1})], "[a]\nx = 1\n\n[a.t]\nk = 1\n\n[b]\ny = 2\n"),
    "a new top key": (BOTH, [Put(("k",), 1)], "k = 1\n\n[a]\nx = 1\n\n[b]\ny = 2\n"),
    "a new top key after the license": ("# (c)\n\n[a]\n", [Put(("k",), 1)], "# (c)\n\nk = 1\n\n[a]\n"),
    "a new table at the end": ("[a]\nx = 1", [Put(("b",), {"y": 2})], "[a]\nx = 1\n\n[b]\ny = 2"),
    "a dropped table": (BOTH, [Drop(("a",))], "[b]\ny = 2\n"),
    "a dropped last table": (BOTH, [Drop(("b",))], "[a]\nx = 1\n"),
    "a key of a table that others imply": ("[t.a]\nx = 1\n", [Put(("t", "k"), 1)], "[t.a]\nx = 1\n\n[t]\nk = 1\n"),
    "a new item": (ITEMS, [Put(("x", 2), {"n": 3})], "[[x]]\nn = 1\n\n[[x]]\nn = 2\n\n[[x]]\nn = 3\n\n[z]\n"),
    "a dropped item": (ITEMS, [Drop(("x", 0))], "[[x]]\nn = 2\n\n[z]\n"),
    "all items dropped": (ITEMS, [Drop(("x", 1)), Drop(("x", 0)), Put(("z", "k"), 1)], "x = []\n\n[z]\nk = 1\n"),
    "other items": (ITEMS, [Put(("x",), [{"n": 5}])], "[[x]]\nn = 5\n\n[z]\n"),
    "dotted keys stay dotted": ("a.b = 1\nz = 2\n", [Put(("a", "c"), {"x": 1})], "a.b = 1\na.c = { x = 1 }\nz = 2\n"),
    "the last dotted key": ("a.b = 1\nz = 2\n", [Drop(("a", "b"))], "z = 2\na = {}\n"),
    "the last table of a table": ("[t.a]\nx = 1\n", [Drop(("t", "a"))], "[t]\n"),
    "a list with comments": ('l = [\n  "a", # one\n  "b" # two\n]\n', [Put(("l", 2), "c")], 'l = [\n  "a", # one\n  "b", # two\n  "c"\n]\n'),
    "an item of a list with comments": ('l = [\n  "a", # one\n  "b", # two\n]\n', [Drop(("l", 0))], 'l = [\n  "b", # two\n]\n'),
    "a list of several lines stays so": ("l = [\n\t1,\n]\n", [Put(("l",), [2, 3])], "l = [\n\t2,\n\t3,\n]\n"),
    "braces": ("d = {a = 1}\n", [Put(("d", "b"), {"c": 1})], "d = {a = 1, b = {c = 1}}\n"),
    "tables in braces beside": ("[d]\na = { v = 1 }\n", [Put(("d", "b"), {"v": 2})], "[d]\na = { v = 1 }\nb = { v = 2 }\n"),
    "tables in braces in the source": ("[d]\n", [Put(("d", "b"), Inline(v=2))], "[d]\nb = { v = 2 }\n"),
    "dotted keys in braces": ("d = { a.b = 1 }\n", [Put(("d", "a", "c"), 2)], "d = { a = { b = 1, c = 2 } }\n"),
    "a value's comment stays": ("a = 1 # one\n", [Put(("a",), [1])], "a = [1] # one\n"),
    "a table instead of a value": ("a = 1 # one\nb = 2\n", [Put(("a",), {"x": 1})], "a = { x = 1 } # one\nb = 2\n"),
    "a value instead of a table": (BOTH, [Put(("a",), 1)], "a = 1\n\n[b]\ny = 2\n"),
    "crlf": ("[a]\r\nx = 1\r\n", [Put(("b",), {"y": "1\n2"})], '[a]\r\nx = 1\r\n\r\n[b]\r\ny = """\r\n1\r\n2"""\r\n'),
    "indented": ("[a]\n  x = 1\n", [Put(("a", "y"), 2)], "[a]\n  x = 1\n  y = 2\n"),
    "no space around =": ("x=1\n", [Put(("y",), 2)], "x=1\ny=2\n"),
    "names that need quotes": ("", [Put(("a b",), {"c.d": 1, "": 2})], '["a b"]\n"c.d" = 1\n"" = 2\n'),
    "an item's own table": ("[[x]]\n[[x]]\n", [Put(("x", 0, "s"), {"k": 1})], "[[x]]\n\n[x.s]\nk = 1\n\n[[x]]\n"),
    "a comment above stays": ("# why\n[a]\nx = 1\n# other\n[b]\n", [Drop(("a",))], "# why\n# other\n[b]\n"),
    "an empty file": ("", [Put(("a",), 1), Put(("t",), {"l": [{"n": 1}, {"n": 2}]})], "a = 1\n\n[[t.l]]\nn = 1\n\n[[t.l]]\nn = 2\n"),
    "no more escapes than needed": ("", [Put(("a",), 'é😀"\\\t\x7f')], 'a = "é😀\\"\\\\\\t\\u007f"\n'),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_what_changes_looks_like_what_is_there(name):
    before, changes, after = CHANGES[name]
    assert toml_keys.apply(before, changes) == after
    assert is_same(toml_keys.load(after), applied(toml_keys.load(before), changes))


SPELLINGS = ["1.10", "1e400", "0xDEAD_beef", "1_000", "inf", "-nan", "1979-05-27T07:32:00Z", "1979-05-27", "07:32:00.5", "1979-05-27 07:32:00"]  # fmt: skip


@pytest.mark.parametrize("text", SPELLINGS)
def test_a_scalar_keeps_the_spelling_of_the_source(text):
    after = merged("a = 1\n", f"a = {text}\nb = [{text}]\n", Keys(), toml_keys)
    assert after == f"a = {text}\nb = [{text}]\n"
    assert merged(after, after, Keys(), toml_keys) == after


def test_a_scalar_of_the_same_value_keeps_its_own_spelling_and_a_float_is_no_integer():
    assert merged("a = 0xff\nb = 1\n", "a = 255\nb = 1.0\n", Keys(), toml_keys) == "a = 0xff\nb = 1.0\n"


def test_items_of_tables_merge_by_name():
    text = FILES["mypy, , "]
    source = '[[tool.mypy.overrides]]\nmodule = "c"\nstrict = false\n\n[[tool.mypy.overrides]]\nmodule = "d"\n'
    after = merged(text, source, Keys(lists=Lists("by", ("module",))), toml_keys)
    assert 'module = "c"\nstrict = false\n\n[[tool.mypy.overrides]]\nmodule = "d"\n\n[tool.coverage.run]' in after


BROKEN = [
    "a = 1\na = 2\n",
    "a",
    "a = ",
    '"',
    "[a\n",
    "[a]\n[a]\n",
    "a = {x = 1, x = 2}\n",
    "a = 1" + "0" * 5000,
    "a.b = 1\n[a]\n",
]


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_document_is_refused(text):
    with pytest.raises(Unmergeable) as caught:
        toml_keys.load(text)
    assert caught.value.remedy


def test_a_broken_document_is_shown_at_its_place():
    with pytest.raises(Unmergeable) as caught:
        toml_keys.load("a = 1\nb = \n")
    assert (caught.value.line, caught.value.column) == (2, 5)


@pytest.mark.parametrize(
    "text", ["a=" + "[" * 10_000, "a=" + "{a=" * 10_000, "a." * 5000 + "a=1", "[" + "a." * 5000 + "a]"]
)
def test_a_document_that_nests_too_deeply_is_refused(text):
    with pytest.raises(Unmergeable, match="nest"):
        toml_keys.load(text)


def test_a_lock_file_of_a_megabyte_is_merged_in_time():
    text = "".join(
        f'[[package]]\nname = "p{n}"\nversion = "1.0.{n}"\nchecksum = "{"a" * 64}"\ndependencies = [\n "a",\n "b",\n]\n\n'
        for n in range(6500)
    )
    assert len(text) > 900_000
    source = "".join(f'[[package]]\nname = "q{n}"\n\n' for n in range(300))
    start = time.process_time()
    after = merged(text, source, Keys(lists=Lists("by", ("name",)), remove=(("package", "*", "checksum"),)), toml_keys)
    assert time.process_time() - start < 20
    assert len(read(after)["package"]) == 6800


@pytest.mark.parametrize("name", ["a", '"a"', "'a'", " a "])
@pytest.mark.parametrize("line", ["%sb = 1\n", "[%sb]\n", "[[%sb]]\n", "x = {%sb = 1}\n"])
def test_a_key_of_very_many_names_is_refused_at_once(line, name):
    began = time.perf_counter()
    with pytest.raises(Unmergeable, match="nests deeper"):
        toml_keys.load(line % (f"{name}." * (MEGABYTE // len(name) // 2)))
    assert time.perf_counter() - began < 10


@pytest.mark.parametrize("text", ['"' + "a." * 200 + '"', "'" + "a." * 200 + "'", str([1.5] * 200)])
def test_dots_in_values_are_no_names(text):
    assert toml_keys.load(f"x = {text}\n")["x"]


MEGABYTE = 1 << 20
