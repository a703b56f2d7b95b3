"""Who changed a file of a target since ours stood there."""

from __future__ import annotations

import pytest

from broadcast.observe.touches import Author, Touch, people_since, read_touches, select_touches

ANN, BOB, CAROL = (Author(name, f"{name}@example.com", name) for name in ("ann", "bob", "carol"))
BOT = Author("renovate[bot]", "29139614+renovate[bot]@users.noreply.github.com")
OURS = frozenset({"Broadcast-Id: x (o/s)"})


def since(*touches: Touch, base: str = "") -> tuple[Author, ...]:
    return people_since(touches, base, OURS)


def test_everybody_above_the_base_counts_once_and_bots_not():
    found = since(Touch("3", "", (ANN, BOB)), Touch("2", "", (BOT, ANN)), Touch("1", "", (CAROL,)), base="1")
    assert found == (ANN, BOB)


def test_a_commit_of_ours_ends_it():
    ours = Touch("2", "sync\n\nBroadcast-Id: x (o/s)", (BOT,))
    assert since(Touch("3", "mentions Broadcast-Id: x (o/s)", (ANN,)), ours, Touch("1", "", (BOB,))) == (ANN,)


@pytest.mark.parametrize("one", [BOT, Author("x", "1+y[bot]@users.noreply.github.com"), Author("x", "", "z[bot]")])
def test_a_bot_is_known_by_each_of_its_names(one):
    assert one.is_bot
    assert not ANN.is_bot


def test_an_answer_with_gaps_is_read():
    node = {"message": "m", "authors": {"nodes": [None, {"name": None, "email": "e", "user": None}]}, "file": None}
    data = {"commit": {"touch0": {"nodes": [None, node]}, "touch1": None}}
    assert read_touches(data, ["a", "b"]) == {"a": (Touch("", "m", (Author("", "e"),)),), "b": ()}
    assert read_touches({"commit": None}, ["a"]) == {"a": ()}


def test_each_path_is_asked_for_once():
    question = select_touches("o", "r", "c" * 40, ['a"b', "c"])
    assert r'path: "a\"b"' in question.fields
    assert question.fields.count("history(") == 2
