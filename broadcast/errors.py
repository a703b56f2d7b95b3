"""Expected failures: message, remedy and exit code."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import NamedTuple

OK, FAILED, USAGE, DRIFT = 0, 1, 2, 3
PASSING = {"passing": True}  # marks a log record as news of the moment: the report has what comes of it


class Problem(NamedTuple):
    """A mistake in a file, with its place."""

    file: str
    line: int  # from 1; 0 when the problem is the file itself
    column: int  # from 1
    message: str
    remedy: str = ""
    excerpt: str = ""  # the offending line and a caret under the column

    @property
    def place(self) -> str:
        """`file:line:column`, which editors and terminals make clickable."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


MAX_EXCERPT = 200  # characters


def excerpt(line: str, column: int) -> str:
    """A line with a caret under a column; nothing if the line is long."""
    if not line or len(line) > MAX_EXCERPT:
        return ""
    return f"{line}\n" + re.sub(r"[^\t]", " ", line[: column - 1].ljust(column - 1)) + "^"


class FileError(NamedTuple):
    """A file that can't be sent; the target's other files are sent without it."""

    path: str
    reason: str
    remedy: str


class Failure(Exception):
    """An expected failure that a user can act on."""

    exit_code = FAILED

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class NotAsked(Failure):
    """What a run without requests doesn't know."""

    def __init__(self) -> None:
        super().__init__("not asked")


class UsageError(Failure):
    """Unusable inputs; nothing was read or written."""

    exit_code = USAGE


class ConfigError(UsageError):
    """A config with problems, all of them listed."""

    def __init__(self, problems: list[Problem]) -> None:
        count, files = len(problems), list(dict.fromkeys(problem.file for problem in problems))
        where = files[0] if len(files) == 1 else f"{len(files)} files"
        super().__init__(f"{count} problem{'s' if count != 1 else ''} in {where}")
        self.problems = tuple(problems)


class Unreachable(Failure):
    """The API gave no usable response. `reached`: a server responded, and a smaller request may succeed."""

    def __init__(self, message: str, remedy: str = "", *, reached: bool = True) -> None:
        super().__init__(message, remedy)
        self.reached = reached


MAX_WORD, MAX_CANDIDATES = 60, 200  # characters, and words that one is compared with
MAX_LISTED = 10  # words that are listed, those that look most alike first
FEW = 8  # words that are listed even where one of them is close


def did_you_mean(word: str, allowed: list[str], most: int = MAX_LISTED, page: str = "") -> str:
    """A remedy that suggests the nearest allowed word, or lists those that fit; `page` has all of them."""
    close = nearest(word, allowed)
    words = [one for one in allowed if one]
    if close:
        return f"did you mean {close!r}?" + (f" Allowed: {', '.join(words)}" if len(words) <= FEW else "")
    if len(words) <= most:
        return f"allowed: {', '.join(words)}"
    listed = sorted(words[:MAX_CANDIDATES], key=lambda one: -_likeness(word, one))[:most]
    return f"allowed: {', '.join(listed)} and {len(words) - most} more" + (f"; see {page}" if page else "")


def _likeness(word: str, other: str) -> float:
    """How much alike two words are; 0 for those too long to be compared."""
    if max(len(word), len(other)) > MAX_WORD:
        return 0.0
    return difflib.SequenceMatcher(None, _plain(word), _plain(other)).ratio()


def nearest(word: str, allowed: list[str]) -> str:
    """The allowed word that this probably misspells; empty if none is similar."""
    if len(word) > MAX_WORD:
        return ""
    known = {_plain(one): one for one in allowed[:MAX_CANDIDATES] if one and len(one) <= MAX_WORD}
    near = [one for one in known if word and _is_one_edit(_plain(word), one)] or _begun(_plain(word), known)
    close = difflib.get_close_matches(_plain(word), near or known, n=1, cutoff=0.0 if near else 0.6)
    return known[close[0]] if close else ""


def _begun(word: str, known: Iterable[str]) -> list[str]:
    """The longest of the words that this one goes on from, such as dest for destination."""
    return sorted((one for one in known if len(one) > 2 and word.startswith(one)), key=len)[-1:]


def _plain(word: str) -> str:
    return word.lower().replace("-", "_")


def _is_one_edit(one: str, other: str) -> bool:
    """Whether the words differ by one insertion, deletion, substitution or transposition."""
    start = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    if start is None:
        return abs(len(one) - len(other)) <= 1
    left, right = one[start:], other[start:]
    return left[1:] == right[1:] or left[1:] == right or left == right[1:] or left == right[1::-1] + right[2:]


class FileUnavailable(Failure):
    """The content of a listed file can't be read."""
