"""Match the patterns of gitignore(5) in git's order.

pathspec says what a line means: a pattern, its negation, a comment, nothing. Its expressions are matched by
backtracking, which a hostile pattern makes endless; so `globs` has others, for the same patterns.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from broadcast.git.globs import MAX_LENGTH, Glob, compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

DEFAULT_EXCLUDES = (
    "*.out", "*.test", "*.exe", "**/.DS_Store", "**/tmp/*", "**/.git", ".env", "node_modules/", "Thumbs.db",
)  # fmt: skip


class Excludes:
    """Compiled patterns. Raises ValueError with the first invalid pattern."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = tuple(patterns)
        globs = [_glob(pattern) for pattern in self._patterns]
        by_name = {i: glob.regex for i, glob in enumerate(globs) if glob.is_name}
        by_path = {i: glob.regex for i, glob in enumerate(globs) if not glob.is_name}
        self._by_name, self._by_path = _one_of(by_name), _one_of(by_path)
        self._names, self._paths = sorted(by_name, reverse=True), sorted(by_path, reverse=True)
        self._folders = {"": False}
        self._decisive: set[int] = set()

    def match(self, path: str) -> bool:
        """Whether the file at `path` ("a/b/c", relative to the patterns) is excluded."""
        parent, _, name = path.rpartition("/")
        excluded = self._folders.get(parent)
        if excluded is None:
            excluded = self.match_folder(parent)
        if excluded:
            return True
        last = self._last(path, name)
        return last >= 0 and self._say(last)

    def decide(self, path: str, *, folder: bool) -> bool | None:
        """Whether the last matching pattern excludes this entry, ignoring its parents; None without a match."""
        name = path.rpartition("/")[2]
        return self._decide(path + "/", name + "/") if folder else self._decide(path, name)

    def names(self, path: str) -> bool:
        """Whether the last pattern that matches a file or a directory above it isn't negated.

        For patterns that choose files: a file can be re-included although its directory is excluded.
        """
        parts = path.split("/")
        last = self._last(path, parts[-1])
        for count in range(1, len(parts)):
            last = max(last, self._last("/".join(parts[:count]) + "/", parts[count - 1] + "/"))
        return last >= 0 and self._say(last)

    def decisive(self, path: str) -> str | None:
        """The pattern that excludes the file at `path` or a directory above it; None if none does."""
        parts = path.split("/")
        for count in range(1, len(parts)):
            above = "/".join(parts[:count])
            if self.decide(above, folder=True):
                return self._patterns[self._last(above + "/", parts[count - 1] + "/")]
        return self._patterns[self._last(path, parts[-1])] if self.decide(path, folder=False) else None

    def unused(self) -> tuple[str, ...]:
        """The patterns that have matched nothing so far."""
        return tuple(pattern for i, pattern in enumerate(self._patterns) if i not in self._decisive)

    def match_folder(self, path: str) -> bool:
        """Whether the directory at `path` is excluded; nothing below it can be re-included (gitignore(5))."""
        unknown = []
        while (excluded := self._folders.get(path)) is None:
            unknown.append(path)
            path = path.rpartition("/")[0]
        for folder in reversed(unknown):
            excluded = excluded or self.decide(folder, folder=True) is True
            self._folders[folder] = excluded
        return excluded

    def _last(self, path: str, name: str) -> int:
        """The number of the last matching pattern; -1 if none matches."""
        by_name, by_path = self._by_name(name), self._by_path(path)
        if by_name is None and by_path is None:
            return -1
        return max(_number(by_name, self._names), _number(by_path, self._paths))

    def _decide(self, path: str, name: str) -> bool | None:
        last = self._last(path, name)
        return self._say(last) if last >= 0 else None

    def _say(self, last: int) -> bool:
        self._decisive.add(last)
        return not self._patterns[last].startswith("!")


def parse_ignore_file(text: str) -> tuple[Excludes, tuple[str, ...]]:
    """The patterns of a `.gitignore`, and its invalid lines."""
    lines = [line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n")]
    patterns = [line for line in lines if line.strip(" ") and not line.startswith("#")]
    unread = tuple(pattern for pattern in patterns if not _is_valid(pattern))
    return Excludes([pattern for pattern in patterns if pattern not in unread]), unread


def _is_valid(pattern: str) -> bool:
    try:
        _glob(pattern)
    except ValueError:
        return False
    return True


def _one_of(regexes: Mapping[int, str]) -> Callable[[str], re.Match[str] | None]:
    """One expression for all patterns; the first alternative wins, so the last pattern comes first."""
    order = sorted(regexes, reverse=True)
    return re.compile("|".join(f"({regexes[i]})" for i in order) or "(?!)", re.DOTALL).fullmatch


def _number(found: re.Match[str] | None, order: Sequence[int]) -> int:
    return order[found.lastindex - 1] if found and found.lastindex else -1


def _glob(pattern: str) -> Glob:
    try:
        if len(pattern) <= MAX_LENGTH and GitIgnoreSpecPattern.pattern_to_regex(pattern)[1] is not None:
            return compiled(pattern.removeprefix("!"))
    except ValueError:
        pass
    shown = pattern if len(pattern) <= MAX_LENGTH else f"{pattern[:MAX_LENGTH]}…"
    raise ValueError(f"{shown!r} is not a valid pattern of gitignore(5)")
