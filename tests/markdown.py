"""Render GitHub's Markdown as HTML and parse the result, for tests and pictures of the job summary."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser

from markdown_it import MarkdownIt

_EMPTY = {"br", "hr", "img", "input"}
_RENDERER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def html_of(markdown: str) -> str:
    """Render as GitHub does, except for bare addresses, mentions and emoji, which stay text."""
    return _RENDERER.render(markdown)


class Page(HTMLParser):
    """The tags of a page in order, and its text; `wrong` lists unbalanced tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.wrong: list[str] = []
        self.cells: list[list[int]] = []  # of each table, how many cells each row has
        self._open: list[str] = []
        self._text: list[str] = []
        self.feed(html)
        self.close()
        self.wrong += [f"<{tag}> stays open" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]
        if tag not in _EMPTY:
            self._open.append(tag)
        if tag == "table":
            self.cells.append([])
        elif tag == "tr":
            self.cells[-1].append(0)
        elif tag in ("td", "th"):
            self.cells[-1][-1] += 1

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"/{tag}")
        if not self._open or self._open.pop() != tag:
            self.wrong.append(f"</{tag}> closes another")

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"a comment: {data}")

    @property
    def text(self) -> str:
        return "".join(self._text)

    @property
    def counts(self) -> Counter[str]:
        return Counter(self.tags)


def tables(markdown: str) -> list[list[str]]:
    """The lines of each table; every line has as many `|` as the table's first one."""
    blocks = re.split(r"\n(?!\|)|(?<!\|)\n", markdown)
    return [found for block in blocks if len(found := [one for one in block.split("\n") if one.startswith("|")]) > 1]


def page_of(markdown: str) -> Page:
    """Parse the page and check that it is well-formed: closed tags, complete tables, rows of equal width."""
    page = Page(html_of(markdown))
    assert not page.wrong, page.wrong
    written = tables(markdown)
    assert page.counts["table"] == len(written)
    for lines, cells in zip(written, page.cells, strict=True):
        assert {line.count("|") for line in lines} == {lines[0].count("|")}, lines
        assert cells == [lines[0].count("|") - 1] * (len(lines) - 1)
    return page
