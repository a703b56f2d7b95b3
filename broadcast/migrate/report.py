"""Report a migration: what is printed, and the same for machines (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from broadcast.migrate.document import Note
from broadcast.migrate.model import Migration
from broadcast.migrate.proof import ProofComparison
from broadcast.migrate.yamltext import commented

MAX_LINES = 10  # of notes that say the same


def printed(migration: Migration, comparison: ProofComparison | None) -> str:
    """The new config below its report, which is a comment."""
    said = [line for text in report(migration, comparison) for line in commented(text)]
    return "\n".join([*said, migration.text])


def report(migration: Migration, comparison: ProofComparison | None) -> list[str]:
    """The report of a migration, in lines; notes that say the same are one."""
    notes = [f"  {note}" for note in _grouped(migration.notes)]
    listed = [f"No equivalent in Broadcast, or a different meaning ({len(notes)}):", *notes] if notes else []
    return [f"{migration.file}: a config of {migration.tool}", *listed, *(comparison.lines() if comparison else [])]


def _grouped(notes: Iterable[Note]) -> list[str]:
    alike: dict[Note, list[int]] = {}
    for note in notes:
        alike.setdefault(note._replace(line=0), []).append(note.line)
    return [_said(note, list(dict.fromkeys(lines))) for note, lines in alike.items()]


def _said(note: Note, lines: list[int]) -> str:
    first, *others = lines
    text = str(note._replace(line=first))
    if not others:
        return text
    shown = ", ".join(map(str, others[:MAX_LINES])) + (", …" if len(others) > MAX_LINES else "")
    place = f"{note.file}:{first}"
    what = "line" if len(others) == 1 else "lines"
    return f"{place} (and {len(others)} more: {what} {shown}){text.removeprefix(place)}"


def results(migration: Migration, comparison: ProofComparison | None) -> dict[str, Any]:
    """The report as JSON values; `comparison` is None if our format reads the old config as it is."""
    proof = comparison and {
        "same": comparison.is_same,
        "files": {target: {"old": old, "new": new} for target, (old, new) in comparison.counts.items()},
        "differences": [one._asdict() for one in comparison.differences],
        "problems": list(comparison.problems),
    }
    return {
        "version": 1,
        "tool": migration.tool,
        "file": migration.file,
        "config": migration.text,
        "notes": [one._asdict() for one in migration.notes],
        "comparison": proof,
    }
