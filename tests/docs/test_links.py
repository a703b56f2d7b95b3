"""The pages hold together: links lead somewhere, and the page of the architecture names what is there, all of it."""

from __future__ import annotations

import re

import pytest

from tests.docs import pages
from tests.world import ROOT

LINKS = [
    (page, link) for page in pages.PAGES for link in pages.links(page) if not link.startswith(("https://", "http://"))
]
ARCHITECTURE = pages.PAGES["architecture.md"].read_text()
PACKAGE = ROOT / "broadcast"
LONGEST = {
    "recipes.md": 380,
    "architecture.md": 600,
    "tokens.md": 220,
    "README.md": 415,
    "config.md": 740,
    "benchmarks.md": 230,
    "github.md": 300,
    "troubleshooting.md": 320,
    "workflows.md": 360,
}  # lines; two are mostly made, one is tables, one lists messages


@pytest.mark.parametrize(("page", "link"), LINKS)
def test_a_link_leads_somewhere(page, link):
    path, _, anchor = link.partition("#")
    file = (pages.PAGES[page].parent / path).resolve() if path else pages.PAGES[page]
    assert file.exists()
    assert not anchor or anchor in pages.anchors(file.name)


def test_every_page_is_listed_in_the_readme():
    paths = {str(path.relative_to(ROOT)) for path in pages.PAGES.values()}
    assert paths - {"README.md"} <= set(pages.links("README.md"))


def test_every_module_is_named_in_the_architecture_and_every_named_one_is_there():
    named = {name for name in re.findall(r"`((?:\w+/)*\w+\.py)`", ARCHITECTURE) if not name.startswith("tests/")} | {
        "__main__.py"
    }
    there = {str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py")}
    assert named - there == set()
    assert {path for path in there if not path.endswith("__init__.py")} - named == set()


def test_every_path_and_name_in_the_architecture_is_there():
    paths = set(re.findall(r"`((?:tests|docs)/[\w./]+|action\.yml)`", ARCHITECTURE))
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", pages.PAGES)
def test_a_page_is_short(page):
    assert len(pages.PAGES[page].read_text().splitlines()) <= LONGEST.get(page, 210)
