"""What a run found: which statements held, which didn't, and what was unknown and is now known."""

from __future__ import annotations

from typing import NamedTuple

HEADINGS = {
    "broken": "Didn't hold",
    "known": "Now known",
    "held": "Held",
    "open": "Not tried",
}


class Finding(NamedTuple):
    """What became of one statement."""

    kind: str
    name: str
    text: str  # of the row
    word: str = ""  # what came to be known, or why not

    @property
    def line(self) -> str:
        return f"{self.name}: {self.text}" + (f" → {' '.join(self.word.split())}" if self.word else "")


def kind_of(*, passed: bool, skipped: bool, is_known: bool) -> str:
    """Where a statement is listed."""
    if skipped:
        return "open"
    return ("known" if is_known else "held") if passed else "broken"


def listed(findings: list[Finding]) -> str:
    """One line for each statement, those that didn't hold first, as Markdown."""
    parts = []
    for kind, heading in HEADINGS.items():
        lines = [f"- {each.line}" for each in findings if each.kind == kind]
        if lines:
            parts.append("\n".join([f"## {heading} ({len(lines)})", "", *lines]))
    return "\n\n".join(parts) + "\n"
