"""docs/benchmarks.md says what docs/benchmarks.json measured, and both say it of everything that is claimed."""

from __future__ import annotations

import json

from tests.bench.page import JSON, PAGE, THEMES, page


def test_the_page_is_made_of_the_figures_and_of_nothing_else():
    assert PAGE.read_text(encoding="utf-8") == page(json.loads(JSON.read_text(encoding="utf-8"))), "run `make bench`"


def test_every_theme_is_measured_on_a_machine_that_is_named():
    found = json.loads(JSON.read_text(encoding="utf-8"))
    assert found["themes"].keys() == THEMES.keys()
    assert all(found["machine"].values())
