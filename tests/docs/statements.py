"""The rows of docs/github.md: what we rely on GitHub for."""

from __future__ import annotations

import re
from typing import NamedTuple

from tests.world import ROOT

PAGE = (ROOT / "docs/github.md").read_text()
_NAME = re.compile(r'<a id="([\w-]+)"></a>')
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


class Statement(NamedTuple):
    """One row; `name` is its anchor, which those have that a live test is about."""

    name: str
    text: str
    certainty: str
    source: str
    tests: tuple[tuple[str, str], ...]  # file, function


def rows() -> list[Statement]:
    """Every row of every table, in order."""
    lines = (line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| statement"))
    return [_row(line) for line in lines]


def named() -> dict[str, Statement]:
    """The rows that have a name."""
    return {row.name: row for row in rows() if row.name}


def _row(line: str) -> Statement:
    text, certainty, source, tests = (cell.strip() for cell in line.split("|")[1:-1])
    name = _NAME.match(text)
    return Statement(name[1] if name else "", _NAME.sub("", text), certainty, source, tuple(_TEST.findall(tests)))
