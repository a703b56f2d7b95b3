"""Which files a mapping takes: its includes and excludes (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
from broadcast.git.ignore import Excludes


class Filter:
    """What a mapping of a directory leaves out; paths are relative to that."""

    def __init__(self, exclude: Sequence[str], include_only: Sequence[str] = (), *, hidden: bool = True) -> None:
        self.excludes = Excludes(exclude)
        self.included = Excludes(include_only) if include_only else None
        self._hidden = hidden
        self._has_reasons = not hidden or bool(include_only)

    def match(self, path: str) -> bool:
        """Whether the file at `path` is left out."""
        return (self._has_reasons and bool(self.reason(path))) or self.excludes.match(path)

    def prunes(self, folder: str) -> bool:
        """Whether an exclude leaves out the directory at `folder`, and so all that is in it."""
        return self.excludes.match_folder(folder)

    def reason(self, path: str) -> str:
        """Which rule but an exclude leaves it out; empty when none does."""
        if not self._hidden and any(part.startswith(".") for part in path.split("/")):
            return "include_hidden: false leaves it out"
        if self.included and not self.included.names(path):
            return "no pattern of include_only names it"
        return ""

    def unused(self) -> tuple[str, ...]:
        """The patterns that have decided nothing so far."""
        return (*self.excludes.unused(), *(self.included.unused() if self.included else ()))
