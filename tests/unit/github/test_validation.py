"""What an answer may hold under each name, and what may be null there."""

from __future__ import annotations

import pytest

from broadcast.github.validation import Malformed, present, reading, validate

PULL = {"id": "PR_1", "number": 1, "url": "https://github.com/a/b/pull/1", "state": "OPEN", "closedAt": None}


def test_what_the_schema_says_is_taken():
    validate({"pull": {"pullRequest": {**PULL, "body": None, "labels": {"nodes": None}}}})


@pytest.mark.parametrize("name", ["id", "number", "url", "state"])
@pytest.mark.parametrize("value", [None, ["x"], {}, True])
def test_a_value_that_the_schema_does_not_allow_is_refused_with_its_name(name, value):
    with pytest.raises(Malformed, match=f"{name} is"):
        validate({"pull": [{**PULL, name: value}]})


def test_rest_leaves_null_to_who_reads_it():
    validate({"html_url": None}, "REST")
    with pytest.raises(Malformed, match="html_url is null"), reading():
        present({"html_url": None}, "html_url")
    with pytest.raises(Malformed, match="html_url"), reading():
        present({}, "html_url")
    assert present({"number": 0}, "number") == 0
