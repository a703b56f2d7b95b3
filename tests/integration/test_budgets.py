"""What the fleet costs, exactly: the budgets of tests/scenarios.py."""

from __future__ import annotations

import re

import pytest

from tests.hub import Hub
from tests.hub.faults.clock import Clock
from tests.scenarios import FILES, FLEET, PLAYS, Stage, check_and_status, in_step, play
from tests.world import ROOT


@pytest.mark.parametrize("scenario", PLAYS, ids=lambda scenario: scenario.__name__)
def test_the_budget_of(scenario, tmp_path):
    for row in play(scenario, tmp_path):
        assert row.holds, f"{row.scenario}: {row.cost} where {row.budget} are promised"


@pytest.mark.parametrize(
    ("sent", "merged", "changed_back", "more"),
    [(0, 0, 0, 1), (100, 0, 0, 1), (100, 100, 0, 1), (50, 25, 0, 2), (100, 99, 50, 2)],
)
def test_status_asks_little_more_than_check(tmp_path, sent, merged, changed_back, more):
    with Hub(tmp_path / "hub", clock=Clock()) as hub:
        check, status = check_and_status(Stage.build(tmp_path, hub), sent, merged, changed_back)
    assert (sum(status) - sum(check), status.writes) == (more, 0)


def test_the_readme_quotes_the_first_of_them(tmp_path):
    (row, *_) = play(in_step, tmp_path)
    words = re.search(r"(\d+) repositories with (\d+) files each, all in step, take (\d+) API calls", _readme())
    assert words
    assert [int(number) for number in words.groups()] == [FLEET, FILES, sum(row.cost)]


def _readme() -> str:
    return " ".join((ROOT / "README.md").read_text().split())
