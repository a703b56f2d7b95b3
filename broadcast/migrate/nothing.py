"""Refuse a config of which nothing is left, by the causes (pure)."""

from __future__ import annotations

from collections.abc import Iterable

from broadcast.errors import ConfigError, Problem
from broadcast.migrate.document import Note

CONSEQUENCES = ("the target was left out", "the group was left out")  # of what other notes say
_LEFT_OUT = ("left out; ", "left out: ")


def nothing_left(file: str, notes: Iterable[Note]) -> ConfigError:
    """The error where no target is left: a problem for each note on what was left out, or for each with a place."""
    placed = [note for note in notes if note.line]
    causes = [note for note in placed if note.instead.startswith(_LEFT_OUT)]
    lost = [note for note in placed if note.instead == CONSEQUENCES[0]]
    told = causes or lost or placed
    problems = [Problem(one.file, one.line, 1, f"{one.key}: {one.did}", _remedy_of(one)) for one in told]
    failure = ConfigError(problems or [Problem(file, 0, 0, "it names no target that is sent anything")])
    failure.message = f"nothing of {file} can be migrated"
    return failure


def _remedy_of(note: Note) -> str:
    cut = next((note.instead.removeprefix(one) for one in _LEFT_OUT if note.instead.startswith(one)), note.instead)
    return "" if cut in CONSEQUENCES else cut
