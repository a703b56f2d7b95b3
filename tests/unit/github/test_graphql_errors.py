"""An error in an answer counts by its type and its place; its words count only where GitHub gives no type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast.github.graphql_errors import DISPENSABLE, OPTIONAL, OVERLOADED, is_overload, judge, null_place

WENT_WRONG = "Something went wrong while executing your query. This may be the result of a timeout"
TYPES = ("NOT_FOUND", "FORBIDDEN", "UNPROCESSABLE", "STALE_DATA", "INSUFFICIENT_SCOPES", "SOMETHING_NEW")


def error(path, kind="", message="no"):
    return {"path": path, "type": kind, "message": message, "extensions": {}}


def at(path, top=None):
    """Data in which nothing but the place at `path` is null."""
    if not path:
        return top
    step, *rest = path
    return [*[{} for _ in range(step)], at(rest)] if isinstance(step, int) else {step: at(rest)}


ANSWERS = [  # the null beside them is what was asked for, or can be done without
    (["q0", "base", "target", "optOut0"], "NOT_FOUND"),
    (["q0", "base", "target", "at12"], "NOT_FOUND"),
    (["q0", "ours", "target", "probe1"], "NOT_FOUND"),
    (["q0", "commit", "past0", "nodes", 1, "file"], "NOT_FOUND"),
    (["q0", "ours", "compare"], "NOT_FOUND"),
    (["q0", "ours", "compare"], "SOMETHING_NEW"),
    (["q0", "label3"], "FORBIDDEN"),
    (["q0", "milestones"], "FORBIDDEN"),
    (["q0", "open", "nodes", 0, "labels"], "FORBIDDEN"),
    (["q0", "open", "nodes", 0, "timelineItems", "nodes", 2, "requestedReviewer"], "FORBIDDEN"),
    (["q0", "open", "nodes", 0, "timelineItems", "nodes", 2], "FORBIDDEN"),
    (["q0", "past", "nodes", 1, "closing", "nodes", 0, "actor"], "FORBIDDEN"),
    (["q0", "ours", "target", "history", "nodes", 0, "author", "user"], "FORBIDDEN"),
    (["q0", "viewerPermission"], "FORBIDDEN"),
    (["q0", "nodes", 3], "FORBIDDEN"),
    (["rateLimit"], ""),
]
REFUSALS = [  # nothing can be said of this repository without them
    (["q0"], "NOT_FOUND"),
    (["q0"], "FORBIDDEN"),
    (["q0", "base"], "FORBIDDEN"),
    (["q0", "ours"], "FORBIDDEN"),
    (["q0", "open"], "FORBIDDEN"),
    (["q0", "open", "nodes", 0], "FORBIDDEN"),
    (["q0", "base", "target", "at0"], "FORBIDDEN"),
    (["q0", "base", "target", "optOut1"], "FORBIDDEN"),
    (["q0", "commit", "past0"], "FORBIDDEN"),
    (["q0", "repositoryTopics"], "FORBIDDEN"),
    (["q0", "base", "target", "at0"], ""),
    (["q0", "base", "target", "at0"], "SOMETHING_NEW"),
]


@pytest.mark.parametrize(("path", "kind"), ANSWERS)
def test_a_null_that_is_an_answer_or_dispensable_fails_nothing(path, kind):
    judged = judge(at(path), [error(path, kind)])
    assert (judged.refused, judged.overloaded, judged.shared) == ({}, {}, None)


@pytest.mark.parametrize(("path", "kind"), REFUSALS)
def test_a_null_that_cannot_be_done_without_fails_its_repository(path, kind):
    assert judge(at(path), [error(path, kind)]).refused == {0: error(path, kind)}


def test_a_dispensable_field_that_takes_an_indispensable_place_with_it_fails_the_repository():
    path = ["q0", "open", "nodes", 0, "timelineItems", "nodes", 0, "requestedReviewer"]
    data = {"q0": {"open": {"nodes": [None]}}}
    assert null_place(data, path) == path[:4]
    assert 0 in judge(data, [error(path, "FORBIDDEN")]).refused


def test_errors_are_sorted_to_their_questions():
    errors = [error(["q1"], "NOT_FOUND"), error(["q2", "base"], "TIMEOUT"), error(["q0", "label0"], "FORBIDDEN")]
    judged = judge({"q0": {"label0": None}, "q1": None, "q2": {"base": None}}, errors)
    assert (set(judged.refused), set(judged.overloaded), judged.shared) == ({1}, {2}, None)


@pytest.mark.parametrize("path", [[], ["viewer"], ["q"], [3], [{"a": []}], [None]])
def test_an_error_that_names_no_question_is_shared(path):
    judged = judge({}, [error(path, "SOMETHING_NEW")])
    assert (judged.shared, judged.is_overload) == (error(path, "SOMETHING_NEW"), False)
    assert judge({}, [error(path, "", WENT_WRONG)]).is_overload


@given(st.sampled_from(TYPES), st.sampled_from(["src/timeout.ts", "docs/rate limits.md", "in time", WENT_WRONG]))
def test_no_word_makes_an_overload_of_an_error_that_has_a_type(kind, words):
    assert not is_overload(error(["q0"], kind, f"Could not resolve file for path '{words}'. {words}"))


@pytest.mark.parametrize("kind", sorted(OVERLOADED))
def test_a_type_is_enough_for_an_overload(kind):
    assert is_overload(error(["q0"], kind))


@pytest.mark.parametrize("quote", ["'src/{}.ts'", "`{}`", '"{}"'])
@pytest.mark.parametrize("words", ["timeout", "in time", "resource limits"])
def test_quoted_words_make_no_overload_even_without_a_type(quote, words):
    assert not is_overload(error(["q0"], "", f"Could not resolve file for path {quote.format(words)}."))
    assert is_overload(error(["q0"], "", f"Ended for {words}."))


_STEPS = st.one_of(st.integers(0, 9), st.sampled_from([*DISPENSABLE, *OPTIONAL, "q0", "q7", "nodes", "base", "x9"]))


def test_a_step_that_is_neither_a_name_nor_a_number_leads_nowhere():
    assert null_place({"q0": {"base": "x"}}, ["q0", {}, "x"]) == ["q0", {}]


@given(st.lists(_STEPS, max_size=6), st.sampled_from([*TYPES, *sorted(OVERLOADED), ""]), st.booleans())
def test_every_error_has_exactly_one_meaning(path, kind, is_null):
    judged = judge(at(path) if is_null and path else {}, [error(path, kind)])
    found = [bool(judged.refused), bool(judged.overloaded), judged.shared is not None]
    assert sum(found) <= 1
    if kind in OVERLOADED:
        assert sum(found) == 1
