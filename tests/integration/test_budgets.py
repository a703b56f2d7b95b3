"""What the fleet costs, exactly: the budgets of tests/scenarios.py."""

from __future__ import annotations

import pytest

from tests.scenarios import PLAYS, play


@pytest.mark.parametrize("scenario", PLAYS, ids=lambda scenario: scenario.__name__)
def test_the_budget_of(scenario, tmp_path):
    for row in play(scenario, tmp_path):
        assert row.holds, f"{row.scenario}: {row.cost} where {row.budget} are promised"
