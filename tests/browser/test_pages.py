"""The job summary in a real browser with GitHub's own style: everything can be read without scrolling sideways."""

from __future__ import annotations

import html
import os
import struct

import pytest

from broadcast.report.summary import summary
from tests.pictures import BROWSERS, WIDTH, find_browser, picture, scene
from tests.unit.report.sample_runs import NOW, RUNS

pytestmark = pytest.mark.network


@pytest.fixture(scope="session")
def browser() -> str:
    """Without one the tests are skipped, but never in CI."""
    found = find_browser()
    if found is None and os.environ.get("CI") == "true":
        pytest.fail(f"none of {', '.join(BROWSERS)} is installed", pytrace=False)
    if found is None:
        pytest.skip(f"none of {', '.join(BROWSERS)} is installed")
    return found


def of(name: str) -> str:
    return scene("summary") if name == "the one in the README" else summary(*RUNS[name](), NOW)


@pytest.mark.parametrize("name", ["the one in the README", *RUNS])
def test_a_summary_can_be_read_at_a_glance(browser, tmp_path, name):
    text, file = of(name), tmp_path / "page.png"
    seen = picture(browser, text, file)
    width, height = struct.unpack(">II", file.read_bytes()[16:24])
    assert (width, height) == (WIDTH, seen.height)
    assert seen.width == WIDTH  # nothing hangs over the edge of the page
    assert all(seen.tables), f"table {seen.tables.index(False) + 1} has to be scrolled"
    assert seen.headline == html.unescape(text.partition("\n")[0].removeprefix("## "))
    assert len(seen.folds) == text.count("<summary>")
    assert seen.unfolded > seen.height or not seen.folds


def test_a_fleet_of_five_hundred_fits_on_two_screens(browser, tmp_path):
    assert picture(browser, of("many-targets"), tmp_path / "page.png").height < 2 * 1080
