"""What people see of Broadcast, as it was last looked at: the texts behind the pictures in docs/.

`REWRITE_GOLDEN=1 .venv/bin/python -m pytest tests/integration/test_scenes.py` writes golden/ again; look at the
difference, run `make pictures`, and look at those.
"""

from __future__ import annotations

import os
import re
import struct
from pathlib import Path

import pytest

from tests import scenes
from tests.docs import pages
from tests.markdown import page_of
from tests.world import ROOT

GOLDEN = Path(__file__).parent / "golden"
MOST = 200_000  # bytes of a picture


@pytest.mark.parametrize("name", scenes.SCENES)
def test_a_scene_is_as_it_was_last_looked_at(swift, name):
    text, file = scenes.steady(scenes.shown(swift, name)), GOLDEN / f"{name}.txt"
    if os.environ.get("REWRITE_GOLDEN") == "1":
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")
    if name != "terminal":
        page_of(re.sub(r"<!--.*?-->", "", text))  # well-formed


def test_every_golden_file_is_compared():
    assert {file.stem for file in GOLDEN.iterdir()} == set(scenes.SCENES)


@pytest.mark.parametrize("name", scenes.SCENES)
def test_a_scene_has_a_small_picture_that_a_page_shows(name):
    content = (ROOT / "docs" / f"{name}.png").read_bytes()
    width, height = struct.unpack(">II", content[16:24])
    assert content.startswith(b"\x89PNG")
    assert len(content) <= MOST
    assert (width, height > 300) == (1000, True)
    assert f"{name}.png" in {Path(link).name for page in pages.PAGES for link in pages.links(page)}


def test_what_differs_from_run_to_run_is_not_compared():
    text = "at [`7ef2d56b33`](x/7ef2d56b33aa) in 12.5 ms; 3 seconds, 200 repositories\n<!-- broadcast:marker {1} -->"
    assert scenes.steady(text) == "at [`0123456`](x/0123456) in 0 ms; 0 seconds, 200 repositories\n<!-- … -->"
    assert scenes.steady("<!-- broadcast:pause -->") == "<!-- broadcast:pause -->"
