"""What ties a test to its row of docs/github.md."""

from __future__ import annotations

from typing import Any

import pytest


def statement(name: str, *, question: str = "", expects: str = "", reads: bool = False, last: bool = False) -> Any:
    """The test tries the row with this anchor.

    Where the answer is unknown, `question` is the setting of the hub that has the likely ones (tests/hub/unknowns.py);
    an answer without a setting is `expects` on the hub. `reads`: the default branch and
    the settings stay as they are, so one repository serves all of these. `last`: what could disturb the others comes after them.
    """
    return pytest.mark.statement(name, question=question, expects=expects, reads=reads, last=last)


def named(item: pytest.Item) -> pytest.Mark | None:
    """The mark of a test, if it has one."""
    return item.get_closest_marker("statement")
