"""Which boxes of the dashboard count."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast.observe import boxes
from broadcast.observe.boxes import KINDS, Box, Edit

US, ID = "broadcast", "acme/templates"
MAY = {"sam": True, "mallory": False}
FREEZE, REBUILD, RETRY = Box("freeze"), Box("rebuild", "acme/api"), Box("retry", "acme/web@v2")
ALL = (FREEZE, REBUILD, RETRY)
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)


def text(*ticked: Box) -> str:
    """A text of ours with all boxes, of which these are ticked."""
    return boxes.marked("\n".join(boxes.spelled(box, "words", dict.fromkeys(ticked, "")) for box in ALL), ID)


def by_hand(*ticked: Box) -> str:
    """What people make of our text when they tick boxes."""
    lines = text().split("\n")
    for box in ticked:
        at = ALL.index(box) + 1
        lines[at] = lines[at].replace("[ ]", "[x]")
    return "\n".join(lines)


def of(who: str, body: str | None) -> Edit:
    return Edit(who, who != US, body)


def counted(*edits: Edit, body: str | None = None):
    return boxes.counted(edits, (body or edits[-1].text) or "", author=US, identity=ID, may=MAY)


@pytest.mark.parametrize("box", ALL)
def test_a_tick_of_somebody_who_may_counts_with_their_name(box):
    assert counted(of(US, text()), of("sam", by_hand(box))).ticks == {box: "sam"}


@pytest.mark.parametrize("who", ["mallory", "unheard-of", ""])
def test_a_tick_of_anybody_else_doesn_t(who):
    found = counted(of(US, text()), of(who, by_hand(FREEZE)))
    assert (found.ticks, found.ignored) == ({}, {FREEZE})


def test_each_box_counts_by_the_edit_that_ticked_it():
    found = counted(of(US, text()), of("mallory", by_hand(FREEZE)), of("sam", by_hand(FREEZE, REBUILD)))
    assert (found.ticks, found.ignored) == ({REBUILD: "sam"}, {FREEZE})


def test_a_tick_that_a_stranger_takes_away_still_counts():
    assert counted(of(US, text(FREEZE)), of("mallory", by_hand())).ticks == {FREEZE: ""}


def test_a_tick_that_somebody_takes_away_who_may_is_gone():
    assert counted(of(US, text(FREEZE)), of("sam", by_hand())).ticks == {}


def test_what_came_before_our_last_text_doesn_t_count():
    assert counted(of("sam", by_hand(FREEZE)), of(US, text()), of("sam", by_hand(REBUILD))).ticks == {REBUILD: "sam"}


def test_a_text_under_our_name_that_isn_t_whole_isn_t_ours():
    """A person whose token writes the dashboard also ticks its boxes."""
    found = boxes.counted(
        [of(US, text()), Edit(US, True, by_hand(FREEZE))], by_hand(FREEZE), author=US, identity=ID, may={US: True}
    )
    assert found.ticks == {FREEZE: US}


@pytest.mark.parametrize("who", ["sam", "mallory"])
def test_where_texts_aren_t_known_all_who_edited_must_be_allowed_to(who):
    found = counted(of(US, None), of(who, None), of("sam", None), body=by_hand(REBUILD))
    assert (found.doubted, found.ticks) == (True, {REBUILD: "sam"} if who == "sam" else {})


def test_a_freeze_counts_where_nothing_is_known():
    assert counted(of("mallory", None), body=by_hand(FREEZE, REBUILD)).ticks == {FREEZE: ""}


def test_edits_that_don_t_come_to_the_body_are_not_believed():
    assert counted(of(US, text()), of("sam", by_hand()), body=by_hand(REBUILD)).doubted


@given(st.lists(st.tuples(st.sampled_from(["sam", "mallory", US]), st.sets(st.sampled_from(ALL))), max_size=8))
def test_only_what_the_last_of_those_who_may_wanted_counts(history):
    """A model: each box is what the last trusted change made it."""
    edits, wanted, before = [of(US, text())], set[Box](), set[Box]()
    for who, ticked in history:
        edits.append(of(who, by_hand(*ticked)) if who != US else of(US, text(*ticked)))
        wanted = set(ticked) if who == US else (wanted | (ticked - before)) - (before - ticked) if MAY[who] else wanted
        before = set(ticked)
    assert counted(*edits).ticks.keys() == wanted


@given(st.sampled_from(KINDS), names, st.sampled_from(["", "sam", "a b", "-->"]))
def test_a_box_of_any_name_is_read_as_it_was_written(kind, name, by):
    box = Box(kind, name)
    line = boxes.spelled(box, "words", {box: by})
    assert boxes.ticked(line) == {box: by if by in ("", "sam") else ""}
    assert line.count("-->") == 1
    assert boxes.ticked(boxes.spelled(box, "words", {})) == {}


@given(st.text())
def test_a_text_is_whole_until_it_changes(body):
    made = boxes.marked(body, ID)
    assert boxes.is_marked(made, ID)
    assert boxes.is_whole(made, ID)
    assert boxes.is_whole(made.replace("\r\n", "\n").replace("\n", "\r\n"), ID) or "\r" in body
    assert not boxes.is_whole(f"{made}x", ID)
    assert not boxes.is_marked(made, "another/config")


def test_a_marker_further_down_is_none():
    assert not boxes.is_marked("x\n" + boxes.marked("", ID), ID)


@pytest.mark.parametrize(
    "body", ["- [x] <!-- broadcast:freeze" * 5_000, "- [x] " * 20_000, " " * 65_000, "-\n" * 30_000]
)
def test_a_hostile_text_is_read_in_a_moment(body):
    began = time.perf_counter()
    boxes.ticked(body)
    assert time.perf_counter() - began < 1
