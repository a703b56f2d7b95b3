"""People's edits, carried back to the source's file."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast.compose import blocks, carried
from broadcast.compose.carried import Versions
from broadcast.compose.header import with_header, without_header
from broadcast.compose.merge import merged
from broadcast.compose.parts import Block, Keys, Lists, Unmergeable

LINES = st.lists(st.sampled_from([f"line {number}\n" for number in range(8)]), max_size=12).map("".join)


PLAIN = Keys()


def itself(content: bytes) -> bytes:
    return content


def filled(content: bytes) -> bytes:
    return content.replace(b"[[ name ]]", b"api")


@given(LINES, LINES, LINES)
def test_a_whole_file_becomes_the_three_way_merge_or_is_refused(base, source, theirs):
    versions = Versions(source.encode(), source.encode(), base.encode(), theirs.encode())
    expected = merged(versions.base, versions.source, versions.theirs)
    if source == base:
        assert carried.text(versions, itself) == versions.theirs
    elif expected.conflicts:
        with pytest.raises(Unmergeable):
            carried.text(versions, itself)
    else:
        assert carried.text(versions, itself) == expected.content


@given(LINES, LINES)
def test_what_lands_in_a_template_renders_to_what_the_target_has(base, theirs):
    source = f"name: [[ name ]]\nnext\n{base}".encode()
    now = filled(source)
    versions = Versions(source, now, now, f"name: api\nnext\n{theirs}".encode())
    made = carried.text(versions, filled)
    assert filled(made) == versions.theirs
    assert made.startswith(b"name: [[ name ]]\n")


@pytest.mark.parametrize("theirs", [b"name: web\nnext\n", b"next\n", b"name: api\nnext\n[[ name ]]\n"])
def test_what_a_template_fills_in_is_never_carried_back(theirs):
    source = b"name: [[ name ]]\nnext\n"
    with pytest.raises(Unmergeable, match="fills in"):
        carried.text(Versions(source, filled(source), filled(source), theirs), filled)


def test_a_text_that_cant_be_rendered_is_never_carried_back():
    source = b"name: [[ name ]]\nnext\nlast\n"
    with pytest.raises(Unmergeable, match="fills in"):
        carried.text(Versions(source, filled(source), filled(source), b"name: api\nnext\nmore\n"), lambda _: None)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"a\nb\n", b"a\nc\n"),
        (b"a\nb", b"a\nc"),
        (b"a\r\nb\r\n", b"a\r\nc\r\n"),
        ("\ufeffa\nb\n".encode(), "\ufeffa\nc\n".encode()),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_block_keeps_the_form_of_the_sources_file(source, expected, end):
    part = Block("x")
    there = blocks.put(f"mine{end}".encode(), source, part, "Makefile", "label")
    theirs = there.replace(f"b{end}".encode(), f"c{end}".encode())
    assert carried.block(Versions(source, source, source, theirs), part, "Makefile", itself) == expected


def test_a_block_that_is_gone_is_no_edit():
    assert carried.block(Versions(b"a\n", b"a\n", b"a\n", b"mine\n"), Block("x"), "Makefile", itself) is None


def keys(source: str, theirs: object, *, part: Keys = PLAIN, older=(), base: str | None = None, path="a.json"):
    text = theirs if isinstance(theirs, str) else json.dumps(theirs)
    versions = Versions(*(one.encode() for one in (source, source, base or source, text)))
    made = carried.keys(versions, [one.encode() for one in older], part, path, itself, is_known=base is not None)
    return None if made is None else made.decode()


def test_keys_take_the_targets_values_and_keep_the_sources_form():
    made = keys('{"a": 1, // one\n  "b": [1]}\n', {"b": [2], "z": 0, "a": 1})
    assert made == '{"a": 1, // one\n  "b": [2]}\n'


def test_a_key_that_the_target_lacks_stays():
    assert keys('{"a": 1, "b": 2}', {"b": 2}) is None


def test_a_value_of_an_older_version_is_no_edit_though_others_are():
    made = keys('{"a": 2, "b": 2}', {"a": 1, "b": 3}, older=['{"a": 1, "b": 0}', "{broken"])
    assert made == '{"a": 2, "b": 3}'


def test_a_value_that_both_changed_is_refused():
    with pytest.raises(Unmergeable, match=r"the source has changed a\.b since"):
        keys('{"a": {"b": 2}}', {"a": {"b": 3}}, base='{"a": {"b": 1}}', older=['{"a": {"b": 1}}'])


def test_items_of_lists_are_found_by_their_names():
    part = Keys(lists=Lists("by", ("id",)))
    source = "list:\n  - id: a\n    x: 1\n  - id: b\n    x: 2\n"
    made = keys(source, "list:\n  - {id: own, x: 0}\n  - {id: b, x: 5}\n", part=part, path="a.yml")
    assert made == source.replace("x: 2", "x: 5")
    older = ["list:\n  - {id: b, x: 5}\n"]
    assert keys(source, "list: [{id: b, x: 5}]\n", part=part, path="a.yml", older=older) is None


def test_a_value_that_is_filled_in_is_refused():
    source = '{"name": "[[ name ]]", "a": 1}'
    versions = Versions(source.encode(), filled(source.encode()), filled(source.encode()), b'{"name": "web", "a": 1}')
    with pytest.raises(Unmergeable, match="the source fills in name"):
        carried.keys(versions, [], Keys(), "a.json", filled, is_known=True)


@pytest.mark.parametrize("theirs", ["[1]", "{", "\0", "[" * 100_000])
def test_a_broken_document_is_refused(theirs):
    with pytest.raises(Unmergeable):
        keys('{"a": 1}', theirs)


@given(LINES, st.sampled_from(["a.py", "a.md", "a.css", "a.go", "a.json", "a.yml"]))
def test_a_header_is_taken_off_as_it_was_put_there(text, path):
    content = text.encode()
    assert without_header(with_header(content, "from here", path), "from here", path) == content
    assert without_header(content, "from here", path) == content
