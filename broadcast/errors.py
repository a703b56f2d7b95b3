"""Expected failures: what happened, what to do about it, and the exit code that goes with it."""

from __future__ import annotations

from typing import NamedTuple

OK, FAILED, USAGE, DRIFT = 0, 1, 2, 3


class Problem(NamedTuple):
    """One mistake in a file that a person wrote, with its place."""

    file: str
    line: int  # from 1; 0 when the problem is the file itself
    column: int  # from 1
    message: str
    remedy: str = ""
    excerpt: str = ""  # the offending line and a caret under the column

    @property
    def place(self) -> str:
        """Where to look, in the form editors and terminals make clickable."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


class FileError(NamedTuple):
    """One file that can't be sent; its target, and its other files, go on without it."""

    path: str
    reason: str
    remedy: str


class Failure(Exception):
    """Something expected went wrong; the person at the other end can act on it."""

    exit_code = FAILED

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class UsageError(Failure):
    """The inputs of the run are unusable, so nothing was asked or written."""

    exit_code = USAGE


class ConfigError(UsageError):
    """The config has problems; all of them are listed at once."""

    def __init__(self, problems: list[Problem]) -> None:
        count = len(problems)
        super().__init__(f"{count} problem{'s' if count != 1 else ''} in {problems[0].file}")
        self.problems = tuple(problems)


class Unreachable(Failure):
    """The API gave no usable answer; `reached` says whether a server was there, so that a smaller request may pass."""

    def __init__(self, message: str, remedy: str = "", *, reached: bool = True) -> None:
        super().__init__(message, remedy)
        self.reached = reached
