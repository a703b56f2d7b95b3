"""Where a run is told of as it goes: GitHub's log, or a terminal."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from threading import Lock
from typing import Any, Protocol, TextIO

from broadcast.errors import ConfigError, Failure, Problem
from broadcast.masks import forms_of, masked
from broadcast.outcome import Outcome
from broadcast.progress import Unit
from broadcast.runner import EVERY, harmless, one_line

MAX_ANNOTATIONS = 10  # of each level; the runner shows no more of one step
MANY = {"files": 50, "repositories": 5}  # of fewer no progress is told
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


class Progress:
    """How far long work is: a line at most every few seconds, and one at its end; threads may share it."""

    def __init__(self, console: Console, clock: Callable[[], float]) -> None:
        self._console, self._clock = console, clock
        self._told_at = clock()
        self._began: float | None = None
        self._lock = Lock()

    def at(self, what: str, done: int, total: int, unit: Unit) -> None:
        """So much of some work is done, such as «looked at» 400 of 1000 repositories; none of it: it begins."""
        with self._lock:
            now = self._clock()
            if not done and total > MANY[unit]:
                self._began = self._told_at = now
                self._console.progress(f"{what} {total:,} {unit}")
            elif done and self._is_due(done, total, unit, now):
                self._told_at = now
                self._console.progress(
                    f"{what} {done:,}/{total:,} {unit} ({done * 100 // total}%){self._took(done == total, now)}"
                )

    def _is_due(self, done: int, total: int, unit: Unit, now: float) -> bool:
        long = total > MANY[unit] or self._began is not None
        return long and (done == total or now - self._told_at >= self._console.interval)

    def _took(self, is_done: bool, now: float) -> str:
        """How long it took, of what is done and was told to begin."""
        if not is_done or self._began is None:
            return ""
        seconds, self._began = now - self._began, None
        return f" in {seconds:.1f} s" if seconds >= 1 else f" in {seconds * 1000:.0f} ms"


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


def point_at_failure(console: Console, failure: Failure) -> None:
    """Annotations for what ended the run."""
    problems = failure.problems if isinstance(failure, ConfigError) else ()
    for problem in problems[:MAX_ANNOTATIONS] or [Problem("", 0, 0, failure.message, failure.remedy)]:
        console.error(problem)


def point_at_targets(console: Console, outcomes: list[Outcome]) -> None:
    """An error for each failed target, as many as the runner shows."""
    for one in [one for one in outcomes if one.name == "failed"][:MAX_ANNOTATIONS]:
        console.error(Problem("", 0, 0, f"{one.target}: {one.reason}", one.remedy))
