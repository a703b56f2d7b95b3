"""Consoles that show a run: a terminal, and the interface that GitHub's log shares."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, Protocol, TextIO

from broadcast.errors import Problem
from broadcast.runner.commands import EVERY, harmless, one_line
from broadcast.runner.masks import forms_of, masked

OFTEN = 0.1  # seconds between two texts of progress in a terminal


class Console(Protocol):
    """A log."""

    def say(self, text: str) -> None:
        """Print any text."""

    def group(self, title: str) -> AbstractContextManager[None]:
        """Group the output of the block."""

    def mask(self, secret: str) -> None:
        """Keep `secret` out of the log."""

    def error(self, problem: Problem) -> None:
        """Annotate a problem, which is printed as well."""

    def warning(self, text: str) -> None:
        """Print or annotate a warning."""

    def progress(self, text: str) -> None:
        """Show progress until the next text."""

    @property
    def interval(self) -> float:
        """Minimum seconds between two texts of progress."""

    @property
    def confined(self) -> bool:
        """Whether files are written only below the workspace, as on a runner, where its content isn't trusted."""


class Terminal:
    """A terminal, or a file."""

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
        """Indent the output of the block below `title`."""
        self.say(one_line(title))
        self._indent += "  "
        try:
            yield
        finally:
            self._indent = self._indent[2:]

    def mask(self, secret: str) -> None:
        """Print `***` instead of `secret`."""
        self._secrets.update(forms_of(secret))

    def error(self, problem: Problem) -> None:
        """Do nothing: the problem is printed as well."""

    def warning(self, text: str) -> None:
        """Print a warning."""
        self.say(f"warning: {text}")

    def progress(self, text: str) -> None:
        """Overwrite the line of progress; in a file, print a line."""
        if not self._stream.isatty():
            self.say(text)
            return
        self._print(f"\r\x1b[K{text}", end="")
        self._has_bar = True

    @property
    def interval(self) -> float:
        """Short in a terminal, long in a file."""
        return OFTEN if self._stream.isatty() else EVERY

    def _clear(self) -> None:
        if self._has_bar:
            self._print("\r\x1b[K", end="")
            self._has_bar = False

    def _print(self, text: str, end: str = "\n") -> None:
        with suppress(BrokenPipeError):  # the reader has exited (| head); the run continues
            print(text, end=end, file=self._stream, flush=True)


class Handler(logging.Handler):
    """Prints log records: messages, or one JSON object each at level debug."""

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
    line = {"level": record.levelname.lower(), "module": record.name, "message": record.getMessage()}
    return {**line, **getattr(record, "data", {})}
