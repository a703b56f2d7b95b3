"""Where a run is told of as it goes: GitHub's log, or a terminal."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, Protocol, TextIO

from broadcast.errors import Problem
from broadcast.runner.commands import EVERY, harmless, one_line
from broadcast.runner.masks import forms_of, masked

OFTEN = 0.1  # seconds between two texts of progress where one takes the place of the other


class Console(Protocol):
    """What can be done with a log."""

    def say(self, text: str) -> None:
        """Print text, whoever wrote it."""

    def group(self, title: str) -> AbstractContextManager[None]:
        """What is said inside belongs together."""

    def mask(self, secret: str) -> None:
        """Keep `secret` out of the log."""

    def error(self, problem: Problem) -> None:
        """Point at a problem that is told anyway."""

    def warning(self, text: str) -> None:
        """Warn."""

    def progress(self, text: str) -> None:
        """How far the work is, until something else is said."""

    @property
    def interval(self) -> float:
        """Seconds between two such texts at least."""

    @property
    def confined(self) -> bool:
        """Whether files are written below the workspace only: who runs it is not who wrote what is there."""


class Terminal:
    """A stream that a person reads, or a file."""

    confined = False

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._indent, self._secrets = stream, "", set[str]()
        self._has_bar = False

    def say(self, text: str) -> None:
        """Print text, indented as deep as its group."""
        self._clear()
        for line in harmless(text):
            self._print(self._indent + masked(line, self._secrets))

    @contextmanager
    def group(self, title: str) -> Iterator[None]:
        """What is said inside stands under `title`."""
        self.say(one_line(title))
        self._indent += "  "
        try:
            yield
        finally:
            self._indent = self._indent[2:]

    def mask(self, secret: str) -> None:
        """Print `***` in its place."""
        self._secrets.update(forms_of(secret))

    def error(self, problem: Problem) -> None:
        """Nothing: an annotation repeats what is said anyway."""

    def warning(self, text: str) -> None:
        """Print it as one."""
        self.say(f"warning: {text}")

    def progress(self, text: str) -> None:
        """A line that the next one takes the place of; in a file, a line."""
        if not self._stream.isatty():
            self.say(text)
            return
        self._print(f"\r\x1b[K{text}", end="")
        self._has_bar = True

    @property
    def interval(self) -> float:
        """A bar may move often; a file isn't watched."""
        return OFTEN if self._stream.isatty() else EVERY

    def _clear(self) -> None:
        if self._has_bar:
            self._print("\r\x1b[K", end="")
            self._has_bar = False

    def _print(self, text: str, end: str = "\n") -> None:
        with suppress(BrokenPipeError):  # whoever read along has gone (| head); the work goes on
            print(text, end=end, file=self._stream, flush=True)


class Handler(logging.Handler):
    """Log records, for people; at the level debug, one JSON object each, for machines."""

    def __init__(self, console: Console, *, structured: bool) -> None:
        super().__init__()
        self._console, self._structured = console, structured

    def emit(self, record: logging.LogRecord) -> None:
        """Print one record."""
        if self._structured:
            self._console.say(json.dumps(_line(record), ensure_ascii=False, default=str))
        else:
            self._console.say(record.getMessage())


def _line(record: logging.LogRecord) -> Mapping[str, Any]:
    told = {"level": record.levelname.lower(), "module": record.name, "message": record.getMessage()}
    return {**told, **getattr(record, "data", {})}
