"""What the parts of a shared file make of a target's file: one after the other, each with what the source wants of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast.compose import composition
from broadcast.compose.composition import Piece, compose, merge_identity, removal_identity
from broadcast.compose.parts import Block, BlockRemoval, Keys, Merge
from broadcast.git.objects import blob_id

PATH = ".gitignore"
PYTHON = Piece(Block("python"), b"*.pyc\n", label="ours")
TOOLS = Piece(Block("tools"), b".idea/\n", label="ours")
LINES = [b"%d\n" % number for number in range(10)]
OLD = b"".join(LINES)
TEXTS = st.lists(st.sampled_from([b"a\n", b"b\n", b"\n", b"# c\n", b"d"]), max_size=6).map(b"".join)


def changed(line: int, words: bytes) -> bytes:
    """The old version with other words in a line."""
    return b"".join([*LINES[:line], words + b"\n", *LINES[line + 1 :]])


@given(TEXTS, st.lists(st.sampled_from([PYTHON, TOOLS]), unique=True))
def test_what_is_composed_once_is_in_step(before, pieces):
    made = compose(PATH, before, tuple(pieces))
    assert compose(PATH, made.content, made.pieces).content == made.content
    assert not any(one.is_changed for one in compose(PATH, made.content, made.pieces).states)


@given(TEXTS)
def test_a_part_that_is_left_out_leaves_what_the_others_make_alone(before):
    both = compose(PATH, before, (PYTHON, TOOLS))
    assert both.without({both.states[0].identity}) == compose(PATH, before, (TOOLS,))
    assert both.without({one.identity for one in both.states}).content == before


@given(TEXTS, TEXTS)
def test_the_identity_of_a_part_says_nothing_of_the_rest_of_the_file(one, other):
    first, second = (compose(PATH, text, (PYTHON,)).states[0].identity for text in (one, other))
    assert first == second


def test_what_the_target_has_of_a_part_is_named_as_the_source_names_its_own():
    old = compose(PATH, b"a\n", (PYTHON._replace(body=b"old\n"),))
    (state,) = compose(PATH, old.content, (PYTHON,)).states
    assert state.present == old.states[0].identity != state.identity
    assert compose(PATH, b"a\n", (PYTHON,)).states[0].present == ""


def test_a_block_that_goes_is_in_step_once_it_is_gone():
    held = compose(PATH, b"a\n", (PYTHON,)).content
    gone = compose(PATH, held, (Piece(BlockRemoval("python")),))
    assert gone.content == b"a\n"
    assert gone.states[0].identity == removal_identity("python")
    (again,) = compose(PATH, gone.content, gone.pieces).states
    assert (again.is_changed, again.present) == (False, again.identity)


@pytest.mark.parametrize("part", [Block("x", create=False), Keys(create=False), Merge(create=False), BlockRemoval("x")])
def test_a_part_that_may_not_create_the_file_leaves_it_absent(part):
    made = compose("a.yml", None, (Piece(part, b"a: 1\n"),))
    assert made.content is None
    assert not made.states[0].is_changed


def test_a_part_that_can_not_be_put_in_leaves_the_file_to_the_others():
    made = compose(PATH, b"# broadcast:begin python\n", (PYTHON, Piece(Merge(), b"x")))
    assert made.states[0].problem is not None
    assert made.states[0].problem.line == 1
    assert made.states[1].held == "no_base"


def test_a_bug_of_ours_is_an_error_of_the_one_file(monkeypatch):
    monkeypatch.setattr(composition.blocks, "put", lambda *_: 1 / 0)
    made = compose(PATH, b"a\n", (PYTHON,))
    assert made.content == b"a\n"
    assert "ZeroDivisionError" in str(made.states[0].problem)


@pytest.mark.parametrize(
    ("before", "body", "base", "content", "held"),
    [
        (None, b"new", None, b"new", ""),
        (OLD, changed(1, b"x"), OLD, changed(1, b"x"), ""),
        (changed(8, b"y"), OLD, OLD, changed(8, b"y"), ""),
        (changed(1, b"x"), changed(1, b"x"), None, changed(1, b"x"), ""),
        (changed(1, b"y"), changed(1, b"x"), OLD, changed(1, b"y"), "conflict"),
        (b"other\n", OLD, None, b"other\n", "no_base"),
        (b"\0theirs", b"\0new", b"\0old", b"\0theirs", "kept"),
        (b"\0theirs", b"\0old", b"\0old", b"\0theirs", ""),
        (b"\0old", b"\0new", b"\0old", b"\0new", ""),
    ],
)
def test_a_merge_carries_the_sources_changes_over(before, body, base, content, held):
    made = compose("a.txt", before, (Piece(Merge(), body, base),))
    assert (made.content, made.states[0].held) == (content, held)
    assert made.states[0].is_changed is (content != before)
    assert made.states[0].identity == merge_identity(blob_id(body))


@pytest.mark.parametrize(("how", "content"), [("ours", changed(1, b"x")), ("leave", changed(1, b"y"))])
def test_a_conflict_is_resolved_as_the_config_says(how, content):
    made = compose("a.txt", changed(1, b"y"), (Piece(Merge(how), changed(1, b"x"), OLD),))
    assert made.content == content


def test_a_conflict_that_may_not_be_is_an_error_with_its_line():
    (state,) = compose("a.txt", changed(1, b"y"), (Piece(Merge("fail"), changed(1, b"x"), OLD),)).states
    assert state.problem is not None
    assert state.problem.line == 2


def test_the_identity_of_keys_is_that_of_their_values():
    first, second, third = (
        compose("a.json", b"{}", (Piece(Keys(), text),)).states[0].identity
        for text in (b'{"a": 1, "b": 2}', b'{ "b": 2,\n"a": 1.0 }', b'{"a": 1, "b": 3}')
    )
    assert first == second != third
