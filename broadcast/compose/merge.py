"""Three versions of a text become one, line by line, as `git merge-file` does it (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct

from broadcast.compose.diff import Hunk, hunks
from broadcast.compose.lines import bytes_of, is_binary, split, text_of
from broadcast.compose.parts import Unmergeable


class Conflict(Struct, frozen=True):
    """Lines that both sides changed, without their line ends."""

    line: int  # of the first, in the target's file; from 1
    theirs: tuple[str, ...]
    ours: tuple[str, ...]
    base: tuple[str, ...]


class Merged(Struct, frozen=True):
    """What became of the three versions."""

    content: bytes  # with the target's lines where there are conflicts
    resolved_ours: bytes  # with the source's lines there
    conflicts: tuple[Conflict, ...] = ()


class _Region(NamedTuple):
    """Lines of all three that belong together: the slice of each."""

    base: slice
    ours: slice
    theirs: slice
    is_ours: bool  # whether the source changed them
    is_theirs: bool


def merged(base: bytes, ours: bytes, theirs: bytes) -> Merged:
    """The source's changes since `base` in the target's file; line ends are the target's where those differ.

    `ours` is the source's new version, `theirs` the target's file. Raises Unmergeable for binary files.
    """
    if any(map(is_binary, (base, ours, theirs))):
        raise Unmergeable("a version of the file is binary, or in UTF-16", "map it as a whole file")
    end = _line_end(base, ours, theirs)
    return _merged(*(split(_with_ends(text_of(one), end)) for one in (base, ours, theirs)))


def _merged(base: list[str], ours: list[str], theirs: list[str]) -> Merged:
    kept, taken, conflicts = list[str](), list[str](), list[Conflict]()
    at = 0
    for region in _regions(hunks(base, ours), hunks(base, theirs)):
        versions = theirs[region.theirs], ours[region.ours]
        if not region.is_theirs:
            versions = versions[1], versions[1]
        elif not region.is_ours:
            versions = versions[0], versions[0]
        elif versions[0] != versions[1]:
            shown = [_shown(lines) for lines in (*versions, base[region.base])]
            conflicts.append(Conflict(region.theirs.start + 1, *shown))
        kept += [*base[at : region.base.start], *versions[0]]
        taken += [*base[at : region.base.start], *versions[1]]
        at = region.base.stop
    return Merged(bytes_of([*kept, *base[at:]]), bytes_of([*taken, *base[at:]]), tuple(conflicts))


def _regions(ours: Sequence[Hunk], theirs: Sequence[Hunk]) -> Iterator[_Region]:
    """The changes of both sides from the top; those that overlap or touch are one region."""
    tagged = sorted([(hunk, True) for hunk in ours] + [(hunk, False) for hunk in theirs])
    offsets = {True: 0, False: 0}  # how far each side's lines have moved
    at = 0
    while at < len(tagged):
        start, stop = tagged[at][0].start, tagged[at][0].end
        before, sides = dict(offsets), set[bool]()
        while at < len(tagged) and tagged[at][0].start <= stop:
            hunk, side = tagged[at]
            stop = max(stop, hunk.end)
            offsets[side] = hunk.new_end - hunk.end
            sides.add(side)
            at += 1
        one, other = (slice(start + before[side], stop + offsets[side]) for side in (True, False))
        yield _Region(slice(start, stop), one, other, True in sides, False in sides)


def _shown(lines: Sequence[str]) -> tuple[str, ...]:
    return tuple(line.removesuffix("\n").removesuffix("\r").encode(errors="replace").decode() for line in lines)


def _line_end(base: bytes, ours: bytes, theirs: bytes) -> str:
    """The line end of all lines where a whole version has another than the base; empty where each line keeps its."""
    was, source, target = map(_style, (base, ours, theirs))
    if target and was != target and b"\n" in base:
        return target
    return source if target and target == was != source else ""


def _style(content: bytes) -> str:
    """What ends every line; empty where there is none, or both kinds."""
    crlf, lf = content.count(b"\r\n"), content.count(b"\n")
    if crlf not in {0, lf} or not lf:
        return ""
    return "\r\n" if crlf else "\n"


def _with_ends(text: str, end: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", end) if end else text
