"""The lines of a YAML text, and the changes to make in it (pure)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from broadcast.compose.yaml_document import BREAK, Node
from broadcast.compose.yaml_text import Style


class Patch(NamedTuple):
    """A text for what stands from `start` to `end`."""

    start: int
    end: int
    text: str


class Page:
    """A text whose lines are known."""

    def __init__(self, text: str, root: Node | None) -> None:
        self.text = text
        self._breaks = [(found.start(), found.end()) for found in BREAK.finditer(text)]
        self._starts = [0, *(end for _, end in self._breaks)]
        self.style = self._measured(root)

    def start(self, index: int) -> int:
        """Where the line of `index` starts."""
        return self._starts[self._number(index)]

    def end(self, index: int) -> int:
        """Where the line of `index` ends, before its line break."""
        number = self._number(index)
        return self._breaks[number][0] if number < len(self._breaks) else len(self.text)

    def after(self, index: int) -> int:
        """Where the next line starts."""
        number = self._number(index)
        return self._breaks[number][1] if number < len(self._breaks) else len(self.text)

    def column(self, index: int) -> int:
        """The column of `index`, from 0."""
        return index - self.start(index)

    def is_first(self, index: int) -> bool:
        """Whether only blanks stand before `index` on its line."""
        return not self.text[self.start(index) : index].strip(" \t")

    def line(self, index: int) -> str:
        """The text of a line that starts at `index`."""
        return self.text[index : self.end(index)]

    def tail(self, index: int, least: int, *, over_blanks: bool = True) -> int:
        """The start of the line after that of `index` and the comments below it from the column `least` on.

        Over blank lines, those with as many blanks count as well: a block scalar would take them in.
        """
        at = best = self.after(index)
        while at < len(self.text):
            line = self.line(at)
            bare = line.lstrip(" \t")
            if not bare.startswith("#") and (bare or not over_blanks):
                break
            at = self.after(at)
            if len(line) - len(bare) >= least and line:
                best = at
            elif bare:
                break
        return best

    def head(self, index: int, least: int) -> int:
        """The start of the comment lines directly above the line of `index` in the same column, not before `least`."""
        at = first = self.start(index)
        while at > least:
            above = self.start(at - 1)
            if not self._is_comment(above, self.column(index)):
                break
            at = above
        begins_file = at == 0 or self.line(self.start(at - 1)).startswith(("---", "%"))
        return first if begins_file else at

    def _is_comment(self, start: int, column: int) -> bool:
        line = self.line(start)
        return line.startswith("#", column) and not line[:column].strip(" \t")

    def _number(self, index: int) -> int:
        return bisect_right(self._starts, index) - 1

    def _measured(self, root: Node | None) -> Style:
        """How the file indents: as its first nested mapping, and its first list below a key."""
        steps: list[int] = []
        dashes: list[int] = []
        queue = [root] if root else []
        for node in queue:
            if steps and dashes:
                break
            nested = [entry.value for entry in node.entries]
            queue += nested
            if node.kind == "mapping" and node.style == "block":
                column = self.column(node.inner)
                below = [one for one in nested if one.style == "block"]
                steps += [self.column(one.inner) - column for one in below if one.kind == "mapping"][:1]
                dashes += [self.column(one.inner) - column for one in below if one.kind == "sequence"][:1]
        step = min(steps[0] if steps else 2, 8)
        return Style(step, dashes[0] if dashes else step)


def patched(text: str, patches: Iterable[Patch]) -> str:
    """The text with the patches, which don't overlap."""
    parts, at = [], 0
    for patch in sorted(patches, key=lambda patch: patch[:2]):
        parts += [text[at : patch.start], patch.text]
        at = max(at, patch.end)
    return "".join([*parts, text[at:]])


def space_before_comment(page: Page, index: int) -> str:
    """A space if a comment starts at `index`, as it may behind a quote or bracket only."""
    return " " if page.text[index : index + 1] == "#" else ""
