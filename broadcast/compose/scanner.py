"""Reads the mappings and lists of a document into pieces of its text (pure).

Our own, because each library for this that we measured changes what it reads or is too slow: tomlkit writes files
with mixed line breaks and tables out of order in other words and puts a key that is added beside a dotted one into
the wrong table; json-five takes over 5 seconds for a lock file of 1 MB.
"""

from __future__ import annotations

import re
from typing import ClassVar

from broadcast.compose.parts import Unmergeable
from broadcast.compose.tree import LINE_END, Container, Entry, Leaf, Node

DEPTH = 100  # no document that people write is deeper


class Scanner:
    """Reads one document; what a format's keys and scalars look like is up to its subclass."""

    space: ClassVar[re.Pattern[str]]  # space and comments
    same_line: ClassVar[re.Pattern[str]]  # likewise, up to the end of the line
    colon: ClassVar[str]
    kind: ClassVar[str]

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def key(self) -> tuple[str, tuple[str, ...]]:
        """A key's text, and its names."""
        raise NotImplementedError

    def leaf(self) -> Leaf:
        """A scalar."""
        raise NotImplementedError

    def value(self, depth: int = 0) -> Node:
        """The value that begins here."""
        bracket = self.text[self.at : self.at + 1]
        if bracket != "{" and bracket != "[":
            return self.leaf()
        if depth >= DEPTH:
            raise self.failure(f"it nests deeper than {DEPTH} levels", "nest it less")
        return self._container(bracket, depth)

    def failure(self, reason: str, remedy: str = "") -> Unmergeable:
        """What to raise about the text here."""
        lines = LINE_END.split(self.text[: self.at])
        remedy = remedy or f"correct the {self.kind} there"
        return Unmergeable(reason, remedy, line=len(lines), column=len(lines[-1]) + 1)

    def spaces(self) -> str:
        """The space and the comments from here on."""
        return self.matched(self.space)

    def matched(self, pattern: re.Pattern[str]) -> str:
        """What a pattern matches here; the scanner goes on behind it."""
        found = pattern.match(self.text, self.at)
        if not found:
            return ""
        self.at = found.end()
        return found[0]

    def expected(self, text: str) -> str:
        """This text, which has to stand here."""
        if not self.text.startswith(text, self.at):
            found = self.text[self.at : self.at + 1]
            what = f"{found!r} stands where" if found else "the file ends where"
            raise self.failure(f"{what} {text!r} is expected")
        self.at += len(text)
        return text

    def _container(self, bracket: str, depth: int) -> Container:
        close = "}" if bracket == "{" else "]"
        self.at += 1
        entries: list[Entry] = []
        seen: set[tuple[str, ...]] = set()
        lead = self.spaces()
        while not self.text.startswith(close, self.at):
            if entries and not entries[-1].comma:
                self.expected(close)
            start = self.at
            entry = self._entry(lead, bracket, depth)
            if entry.names and entry.names in seen:
                self.at = start
                raise self.failure(f"the key {entry.key} stands twice in the same mapping", "remove one of them")
            seen.add(entry.names)
            entry, lead = self._ended(entry, close)
            entries.append(entry)
        self.at += 1
        return Container(bracket, tuple(entries), lead, close)

    def _entry(self, lead: str, bracket: str, depth: int) -> Entry:
        key, colon = "", ""
        names: tuple[str, ...] = ()
        if bracket == "{":
            key, names = self.key()
            colon = self.spaces() + self.expected(self.colon) + self.spaces()
        return Entry(lead, key, names, colon, self.value(depth + 1))

    def _ended(self, entry: Entry, close: str) -> tuple[Entry, str]:
        """The entry with what follows it on its line, and what comes before the next."""
        tail = self.spaces()
        if self.text.startswith(",", self.at):
            self.at += 1
            after, lead = self._parted(self.spaces(), self.text.startswith(close, self.at))
            return entry._replace(tail=tail, comma=",", after=after), lead
        after, lead = self._parted(tail, last=True)
        return entry._replace(after=after), lead

    def _parted(self, space: str, last: bool) -> tuple[str, str]:
        """What of the space belongs to the entry before it, and the rest."""
        found = self.same_line.match(space)
        line = found[0] if found else ""
        if line != space:
            return line, space[len(line) :]
        after = line.rstrip() if last else ""
        return after, space[len(after) :]
