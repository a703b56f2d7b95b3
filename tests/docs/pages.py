"""The pages that people read, taken apart: headings, links, blocks and commands, for tests that hold them to their word."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.world import ROOT

PAGES = {
    path.name: path
    for folder in (ROOT, ROOT / "docs", ROOT / "docs" / "migrating")
    for path in sorted(folder.glob("*.md"))
}
_PARSER = MarkdownIt("commonmark").enable("table")
_COMMAND = re.compile(r"(?:python -P -m broadcast|broadcast|make) .+")


class Block(NamedTuple):
    """A block of code; `language` is empty where none is given."""

    page: str
    line: int
    section: str  # the nearest heading above
    language: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(*languages: str) -> list[Block]:
    """Every block in one of these languages, on all pages."""
    return [block for page in PAGES for block in _blocks(page) if block.language in languages]


def commands() -> list[str]:
    """Every command of ours that a page tells to type, in a block or in a sentence, once."""
    lines = [line for block in blocks("sh", "") for line in _lines(block.text)]
    lines += [code for page in PAGES for code in _inline(page, "code_inline")]
    return list(dict.fromkeys(line for line in lines if _COMMAND.fullmatch(line)))


def links(page: str) -> list[str]:
    """Where the links and pictures of a page lead."""
    return links_in(PAGES[page].read_text())


def links_in(text: str) -> list[str]:
    """Where the links and pictures of a text lead."""
    tokens = [token for one in _PARSER.parse(text) for token in one.children or []]
    return [str(token.attrGet(name)) for token in tokens for name in ("href", "src") if token.attrGet(name)]


def headings(page: str, level: int = 0) -> list[str]:
    """The headings of a page as they are written; of one level, if one is given."""
    tokens = _tokens(page)
    tags = {f"h{level}"} if level else {f"h{n}" for n in range(1, 7)}
    return [after.content for token, after in pairwise(tokens) if _opens(token, tags)]


def anchors(page: str) -> set[str]:
    """What may follow the # of a link, as GitHub makes it of the headings."""
    found: dict[str, int] = {}
    for heading in headings(page):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found[slug] = found.get(slug, -1) + 1
    return {slug if n == 0 else f"{slug}-{n}" for slug, most in found.items() for n in range(most + 1)}


def section(page: str, title: str) -> str:
    """What stands under a heading of the second level."""
    return PAGES[page].read_text().split(f"\n## {title}\n")[1].split("\n## ")[0]


def tables(text: str) -> list[list[list[str]]]:
    """The cells of every table in the text, without their heads."""
    found = re.findall(r"^\|.*\n\|[-|]+\n((?:\|.*\n?)+)", text, re.MULTILINE)
    return [[[cell.strip() for cell in row.split("|")[1:-1]] for row in rows.splitlines()] for rows in found]


def keys(page: str) -> list[str]:
    """The code that each item of the page's lists begins with."""
    tokens = _tokens(page)
    begun = [tokens[at + 2].children or [] for at, token in enumerate(tokens) if token.type == "list_item_open"]
    return [children[0].content for children in begun if children and children[0].type == "code_inline"]


def _blocks(page: str) -> Iterable[Block]:
    under = ""
    tokens = _tokens(page)
    for token, after in zip(tokens, [*tokens[1:], Token("", "", 0)], strict=True):
        if _opens(token, {"h1", "h2", "h3", "h4"}):
            under = after.content
        elif token.type in ("fence", "code_block") and token.map:
            yield Block(page, token.map[0] + 1, under, token.info.strip(), token.content)


def _lines(text: str) -> list[str]:
    """The lines of a shell, without what explains them."""
    return [line.partition("  #")[0].strip() for line in text.replace("\\\n", " ").splitlines()]


def _inline(page: str, kind: str) -> list[str]:
    return [token.content for one in _tokens(page) for token in one.children or [] if token.type == kind]


def _tokens(page: str) -> list[Token]:
    return _PARSER.parse(PAGES[page].read_text())


def _opens(token: Token, tags: set[str]) -> bool:
    return token.type == "heading_open" and token.tag in tags
