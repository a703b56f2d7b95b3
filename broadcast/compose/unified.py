"""What separates two texts, as a unified diff of bounded size (pure)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from msgspec import Struct

from broadcast.compose.diff import Hunk, hunks
from broadcast.compose.lines import bytes_of, is_binary, split, text_of

MAX_LINES, MAX_LINE = 200, 400  # that are shown; characters of one
_CONTEXT = 3


class Diff(Struct, frozen=True):
    """The lines of a diff, and how many lines it adds and removes in all."""

    added: int
    removed: int
    lines: tuple[str, ...]  # without the two that name the files
    is_cut: bool = False


def unified(old: bytes, new: bytes) -> Diff:
    """The diff of two files; without lines where one of them is binary."""
    if is_binary(old) or is_binary(new):
        return Diff(0, 0, ("one of both is binary",))
    before, after = (split(one.decode("utf-8", "replace")) for one in (old, new))
    found = hunks(before, after)
    added = sum(one.new_end - one.new_start for one in found)
    removed = sum(one.end - one.start for one in found)
    lines = list(islice((line.rstrip("\n") for line in grouped(before, after, found, _line)), MAX_LINES + 1))
    return Diff(added, removed, tuple(lines[:MAX_LINES]), is_cut=len(lines) > MAX_LINES)


def edit_digest(old: bytes, new: bytes) -> str:
    """A hash of the lines that come and go, which other changes of the file leave as it is."""
    before, after = (split(text_of(one)) for one in (old, new))
    made = hashlib.sha256()
    for one in hunks(before, after):
        for sign, lines in (("-", before[one.start : one.end]), ("+", after[one.new_start : one.new_end])):
            made.update(bytes_of(f"{sign}{line}" for line in lines))
        made.update(b"@")
    return made.hexdigest()


def grouped(
    before: Sequence[str], after: Sequence[str], found: Sequence[Hunk], form: Callable[[str, str], str]
) -> Iterator[str]:
    """The hunks with their context and headings, each line in the form that `form` gives its sign and text."""
    for group in _groups(found):
        first, last = group[0], group[-1]
        start, end = max(0, first.start - _CONTEXT), min(len(before), last.end + _CONTEXT)
        size = end - start + sum((one.new_end - one.new_start) - (one.end - one.start) for one in group)
        yield f"@@ -{_range(start, end - start)} +{_range(start + first.new_start - first.start, size)} @@\n"
        at = start
        for one in group:
            yield from (form(" ", line) for line in before[at : one.start])
            yield from (form("-", line) for line in before[one.start : one.end])
            yield from (form("+", line) for line in after[one.new_start : one.new_end])
            at = one.end
        yield from (form(" ", line) for line in before[at:end])


def _groups(found: Sequence[Hunk]) -> Iterator[list[Hunk]]:
    """Hunks that share lines of context."""
    group: list[Hunk] = []
    for one in found:
        if group and one.start - group[-1].end > 2 * _CONTEXT:
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def _range(start: int, size: int) -> str:
    return f"{start + 1 if size else start},{size}"


def _line(sign: str, line: str) -> str:
    text = line.removesuffix("\n").removesuffix("\r")
    return sign + (text if len(text) <= MAX_LINE else f"{text[:MAX_LINE]}…")
