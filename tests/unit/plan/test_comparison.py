"""The effect of one change of the source on each target; reasons of errors; the permissions that an App asks for."""

from __future__ import annotations

import pytest

from broadcast.errors import Failure, FileError
from broadcast.plan.comparison import Comparison, Effect, compare
from broadcast.plan.outcome import Outcome
from broadcast.plan.permissions import WORKFLOWS, permissions
from broadcast.plan.reason import Reason, Refused, reason_of, said
from tests.unit.plan.test_guards import change, deletion

A, B, C = change("a"), change("b"), change("c")


def outcome(name: str = "created", *changes, **more) -> Outcome:
    return Outcome("acme/t", "", name, changes=changes, **more)


def effect(before: Outcome | None, after: Outcome | None, *, named: bool = True) -> Effect | None:
    """The effect on one target; None of both sides: it isn't there."""
    sides = ({"t": one} if one else {} for one in (before, after))
    found = compare("main", "1" * 40, *sides, {"t"} if named else set())
    assert (found.ref, found.commit, len(found.effects) <= 1) == ("main", "1" * 40, True)
    return next(iter(found.effects), None)


def test_a_target_that_was_not_named_before_joins():
    after = outcome("created", A)
    assert effect(None, after) == Effect("joined", None, after)
    assert effect(None, after, named=False) is None


def test_a_target_that_stays_as_it_was_is_no_effect():
    assert effect(outcome("created", A, B), outcome("created", A, B)) is None
    assert effect(outcome("in_sync"), outcome("in_sync")) is None


def test_only_what_the_change_brings_is_listed():
    assert effect(outcome("created", A), outcome("created", A, B)) == Effect(
        "changed", "created", outcome("created", B)
    )
    other = change("a", "2")
    assert effect(outcome("created", A), outcome("created", other)) == Effect(
        "changed", "created", outcome("created", other)
    )


def test_paths_that_are_no_longer_proposed_are_withdrawn_unless_they_fail():
    found = effect(outcome("created", A, deletion("b"), C), outcome("created", A))
    assert found == Effect("changed", "created", outcome("created"), ("b", "c"))
    failed = outcome("created", A, file_errors=(FileError("b", "reason", "remedy"),))
    assert effect(outcome("created", A, B), failed) is None


@pytest.mark.parametrize(
    "after",
    [
        outcome("updated", A),
        outcome("created", A, reason=Reason("paused")),
        outcome("failed", A, reason=Reason("rival")),
    ],
)
def test_another_outcome_or_reason_is_an_effect_without_changes(after):
    found = effect(outcome("created", A), after)
    assert found == Effect("changed", "created", outcome(after.name, reason=after.reason))


def test_a_target_that_is_no_longer_named_leaves():
    assert effect(outcome("created", A), outcome("closed"), named=False) == Effect(
        "left", "created", outcome("closed"), ("a",)
    )
    assert effect(outcome("open", A), outcome("open", A), named=False) == Effect("left", "open", outcome("open"))
    gone = effect(outcome("created", A), None, named=False)
    assert gone == Effect("left", "created", outcome("skipped", reason=Reason("unnamed")))
    assert effect(outcome("created", A), None) is None


def test_targets_stay_in_the_order_of_the_config_and_those_that_left_come_last():
    before = {"gone": outcome("created", A), "x": outcome("in_sync"), "y": outcome("in_sync")}
    after = {"y": outcome("created", A), "new": outcome("created", A), "x": outcome("created", B)}
    found = compare("v1", "2" * 40, before, after, {"x", "y", "new"})
    assert isinstance(found, Comparison)
    assert [(one.kind, one.before) for one in found.effects] == [
        ("changed", "in_sync"), ("joined", None), ("changed", "in_sync"), ("left", "created"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "pulls"),
    [
        ("in_sync", "created", 1),
        (None, "created", 1),
        ("open", "closed", -1),
        ("created", "created", 0),
        (None, "in_sync", 0),
        ("open", "in_sync", -1),
    ],
)
def test_a_change_adds_or_takes_away_a_pull_request(before, after, pulls):
    assert Effect("changed", before, outcome(after)).pulls == pulls


def test_the_reason_of_an_error_is_its_own_words_or_the_value_that_it_has():
    assert said("text", "remedy") == Reason("said", text="text", remedy="remedy")
    assert reason_of(Failure("text", "remedy")) == Reason("said", text="text", remedy="remedy")
    assert reason_of(Refused(Reason("archived"))) == Reason("archived")
    assert str(Refused(Reason("archived")))


@pytest.mark.parametrize(
    ("paths", "checks", "writes", "required", "optional"),
    [
        (["a"], False, False, {"metadata": "read", "contents": "read", "pull_requests": "read"}, {}),
        (["a"], True, False, {"metadata": "read", "contents": "write", "pull_requests": "write"}, {}),
        (
            [f"{WORKFLOWS}a.yml"], False, True, {"metadata": "read", "contents": "read", "pull_requests": "read"},
            {"issues": "write", "workflows": "write", "members": "read"},
        ),
        (
            ["a", f"{WORKFLOWS}a.yml"], True, True,
            {"metadata": "read", "contents": "write", "pull_requests": "write", "workflows": "write"},
            {"issues": "write", "workflows": "write", "members": "read"},
        ),
    ],
)  # fmt: skip
def test_an_app_asks_for_what_the_run_needs(paths, checks, writes, required, optional):
    found = permissions(paths, checks=checks, writes=writes)
    assert (found.required, found.optional) == (required, optional)
