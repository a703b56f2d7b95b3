"""Colours for a terminal: five codes, and when to use them.

Our own, not rich: that would be installed in the image too, where nothing is coloured; it reads markup in the text that
it prints, which here has strangers' names; and it costs 0.1 s at each start. What is needed of it fits below.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal, NamedTuple, TextIO

Style = Literal["", "good", "bad", "warn", "open", "dim", "bold"]

CLEAR_LINE = "\r\x1b[K"
_CODES: Mapping[Style, str] = {"good": "32", "bad": "31", "warn": "33", "open": "36", "dim": "2", "bold": "1"}
_CELLS = 20  # of a bar


class Part(NamedTuple):
    """A text in one style."""

    text: str
    style: Style = ""


def is_screen(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether a line that was printed can be overwritten; older windows of Windows print the codes as they are."""
    return stream.isatty() and environment.get("TERM", "dumb" if os.name == "nt" else "") != "dumb"


def is_coloured(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether to colour what goes to `stream` (https://no-color.org, https://bixense.com/clicolors)."""
    if environment.get("NO_COLOR"):
        return False
    if any(environment.get(name, "0") not in ("", "0", "false") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return is_screen(stream, environment)


def painted(text: str, style: Style) -> str:
    """The text in a style; without one, as it is."""
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if text and style else text


def bar(share: float) -> str:
    """A bar of which this share is full."""
    full = round(_CELLS * min(max(share, 0.0), 1.0))
    return "█" * full + "░" * (_CELLS - full)
