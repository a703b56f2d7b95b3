"""Filter the files of a mapping by its includes and excludes (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
from broadcast.git.ignore import Excludes


class Filter:
    """The filter of a directory mapping; paths are relative to the directory."""

    def __init__(self, exclude: Sequence[str], include_only: Sequence[str] = (), *, hidden: bool = True) -> None:
        self.excludes = Excludes(exclude)
        self.included = Excludes(include_only) if include_only else None
        self._hidden = hidden
        self._has_reasons = not hidden or bool(include_only)

    def match(self, path: str) -> bool:
        """Whether the file at `path` is excluded."""
        return (self._has_reasons and bool(self.reason(path))) or self.excludes.match(path)

    def prunes(self, folder: str) -> bool:
        """Whether an exclude matches the directory at `folder`, with all its content."""
        return self.excludes.match_folder(folder)

    def reason(self, path: str) -> str:
        """The rule besides excludes that excludes the file; empty if none does."""
        if not self._hidden and any(part.startswith(".") for part in path.split("/")):
            return "include_hidden: false leaves it out"
        if self.included and not self.included.names(path):
            return "no pattern of include_only names it"
        return ""

    def unused(self) -> tuple[str, ...]:
        """The patterns that have matched nothing so far."""
        return (*self.excludes.unused(), *(self.included.unused() if self.included else ()))
