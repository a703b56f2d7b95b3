"""The open questions: each has its answers, of which a test takes one."""

from __future__ import annotations

import pytest

from tests.hub.unknowns import ALTERNATIVES, WAYS, Unknowns


def test_every_question_has_several_answers_and_the_first_is_the_default():
    for name, answers in ALTERNATIVES.items():
        assert len(set(answers)) > 1
        assert getattr(Unknowns(), name) == answers[0]
    assert len(WAYS) == sum(map(len, ALTERNATIVES.values()))


@pytest.mark.parametrize(("question", "answer"), WAYS)
def test_every_answer_can_be_taken(hub, question, answer):
    setattr(hub.unknowns, question, answer)
    assert getattr(hub.unknowns, question) == answer


def test_what_is_no_question_or_no_answer_is_refused(hub):
    with pytest.raises(ValueError, match="is no answer to file_below_blob"):
        hub.unknowns.file_below_blob = "perhaps"
    with pytest.raises(ValueError, match="is no answer to nothing"):
        hub.unknowns.nothing = "null"
