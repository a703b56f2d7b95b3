"""Consoles that show a run: a terminal, and the interface that GitHub's log shares."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, Protocol, TextIO

from broadcast.errors import Problem
from broadcast.runner.colours import CLEAR_LINE, Part, Style, bar, is_coloured, is_screen, painted
from broadcast.runner.commands import EVERY, escaped, harmless, one_line
from broadcast.runner.masks import forms_of, masked
from broadcast.runner.wording import in_terminal

OFTEN = 0.1  # seconds between two texts of progress in a terminal
_PATCH: Mapping[str, Style] = {"+": "good", "-": "bad", "@": "open", "#": "bold", "d": "bold"}


class Console(Protocol):
    """A log."""

    def announce(self, text: str) -> None:
        """Say what goes on at the moment."""

    def say(self, text: str) -> None:
        """Print any text beside what was asked for."""

    def show(self, text: str) -> None:
        """Print text that was asked for."""

    def group(self, title: str) -> AbstractContextManager[None]:
        """Group the output of the block."""

    def mask(self, secret: str) -> None:
        """Keep `secret` out of the log."""

    def error(self, problem: Problem) -> None:
        """Annotate a problem, which is printed as well."""

    def warning(self, text: str) -> None:
        """Print or annotate a warning."""

    def progress(self, text: str, share: float | None = None) -> None:
        """Show progress until the next text; `share` of the whole is done."""

    @property
    def interval(self) -> float:
        """Minimum seconds between two texts of progress."""

    @property
    def confined(self) -> bool:
        """Whether files are written only below the workspace, as on a runner, where its content isn't trusted."""


class Terminal:
    """A terminal, or files: what was asked for goes to `out`, all else to `err`."""

    confined = False

    def __init__(
        self, out: TextIO, err: TextIO | None = None, environment: Mapping[str, str] | None = None, columns: int = 80
    ) -> None:
        self._out, self._err, self.columns = out, err or out, columns
        self._indent, self._secrets, self._has_bar = "", set[str](), False
        given = environment or {}
        self._coloured = {stream: is_coloured(stream, given) for stream in (self._out, self._err)}
        self.is_screen, self._has_bars = is_screen(self._out, given), is_screen(self._err, given)

    def announce(self, text: str) -> None:
        """Say it on a screen, until there is more to say."""
        if self._has_bars:
            self.progress(text)

    def say(self, text: str) -> None:
        """Print text, indented as deep as its group."""
        self.aside(Part(in_terminal(text)))

    def show(self, text: str) -> None:
        """Print text that was asked for."""
        self.shown(Part(text))

    def shown(self, *parts: Part) -> None:
        """Print a line of what was asked for, in styles; several lines in the style of each."""
        self._print_parts(self._out, parts)

    def aside(self, *parts: Part) -> None:
        """Print a line beside it."""
        self._print_parts(self._err, parts)

    def patch(self, text: str) -> None:
        """Print a patch: in a file as it is, on a screen coloured and without control characters."""
        if not self.is_screen:
            self._clear()
            self._print(self._out, masked(text, self._secrets), end="")
            return
        for line in text.removesuffix("\n").split("\n"):
            self._print_line(self._out, [Part(escaped(line), _PATCH.get(line[:1], ""))])

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
        self.aside(Part("warning: ", "warn"), Part(in_terminal(text)))

    def progress(self, text: str, share: float | None = None) -> None:
        """Overwrite the line of progress; in a file, print a line."""
        if not self._has_bars:
            self.say(text)
            return
        drawn = painted(bar(share), "open") + " " if share is not None and self._coloured[self._err] else ""
        room = max(self.columns - 1 - (len(bar(0)) + 1 if drawn else 0), 1)
        self._print(self._err, f"{CLEAR_LINE}{drawn}{masked(one_line(text), self._secrets)[:room]}", end="")
        self._has_bar = True

    @property
    def interval(self) -> float:
        """Short in a terminal, long in a file."""
        return OFTEN if self._has_bars else EVERY

    def _print_parts(self, stream: TextIO, parts: Sequence[Part]) -> None:
        """Print the parts, which may hold line ends."""
        line = [Part(self._indent)]
        for part in parts:
            first, *more = harmless(part.text)
            line.append(Part(first, part.style))
            for text in more:
                self._print_line(stream, line)
                line = [Part(self._indent), Part(text, part.style)]
        self._print_line(stream, line)

    def _print_line(self, stream: TextIO, parts: Sequence[Part]) -> None:
        self._clear()
        safe = [Part(masked(part.text, self._secrets), part.style) for part in parts]
        coloured = self._coloured[stream]
        self._print(stream, "".join(painted(*part) if coloured else part.text for part in safe))

    def _clear(self) -> None:
        if self._has_bar:
            self._print(self._err, CLEAR_LINE, end="")
            self._has_bar = False

    def _print(self, stream: TextIO, text: str, end: str = "\n") -> None:
        with suppress(BrokenPipeError):  # the reader has exited (| head); the run continues
            print(text, end=end, file=stream, flush=True)


class Handler(logging.Handler):
    """Prints log records: messages, or one JSON object each at level debug."""

    def __init__(self, console: Console, *, structured: bool) -> None:
        super().__init__()
        self._console, self._structured = console, structured

    def emit(self, record: logging.LogRecord) -> None:
        """Print one record."""
        if self._structured:
            self._console.say(json.dumps(_line(record), ensure_ascii=False, default=str))
        elif getattr(record, "passing", False):
            self._console.announce(record.getMessage())
        else:
            self._console.say(record.getMessage())


def log_to(console: Console, level: str) -> None:
    """Send our log to the console, from this level on."""
    logger = logging.getLogger("broadcast")
    logger.setLevel(level.upper())
    logger.propagate = False
    logger.handlers = [Handler(console, structured=level == "debug")]


def _line(record: logging.LogRecord) -> Mapping[str, Any]:
    line = {"level": record.levelname.lower(), "module": record.name, "message": record.getMessage()}
    return {**line, **getattr(record, "data", {})}
