"""Spans of time as people write them: 90d, 2w, 36h, 1d12h (pure)."""

from __future__ import annotations

import re

_SPAN = re.compile(r"(?:(\d{1,4})w)?\s*(?:(\d{1,5})d)?\s*(?:(\d{1,6})h)?")
_SECONDS = (604_800.0, 86_400.0, 3_600.0)


def seconds_of(text: str) -> float | None:
    """How long it is; None for what is no span."""
    match = _SPAN.fullmatch(text.strip())
    if match is None or not any(match.groups()):
        return None
    return sum(int(number or 0) * unit for number, unit in zip(match.groups(), _SECONDS, strict=True))
