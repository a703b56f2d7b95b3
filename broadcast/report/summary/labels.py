"""Signs, numbers and units of the summary (pure)."""

from __future__ import annotations

from collections.abc import Mapping

OLD_SIGN, LOSS_SIGN = "⏰", "⚠️"
KINDS = {"added": "+", "changed": "~", "deleted": "\N{MINUS SIGN}"}


def signed(numbers: Mapping[str, int]) -> str:
    """Files by kind of change, as +1 ~2 and so on."""
    return " ".join(f"{KINDS[kind]}{number:,}" for kind, number in numbers.items() if number)


def size(count: int) -> str:
    """Bytes as people read them; nothing for none."""
    if count < 1024:
        return f"{count} B" if count else ""
    return f"{count / 1024:.1f} KiB" if count < 1024**2 else f"{count / 1024**2:.1f} MiB"


def duration(seconds: float) -> str:
    """Seconds as people read them."""
    if seconds >= 100:
        return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
