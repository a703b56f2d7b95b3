"""The two marked lines around a block, and where they stand in a file (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from broadcast.compose.comments import Comment
from broadcast.compose.parts import Unmergeable

ID = re.compile(r"[A-Za-z0-9._/-]+")


class Mark(NamedTuple):
    """A marked line."""

    kind: str  # begin | end
    id: str
    label: str


class Span(NamedTuple):
    """A block: the indexes of its two marked lines."""

    begin: int
    end: int


class Problem(NamedTuple):
    """Marks that don't make up a block."""

    ids: frozenset[str]  # the blocks it concerns
    line: int
    reason: str
    remedy: str


class Found(NamedTuple):
    """The blocks of a file, and what is wrong with them."""

    spans: dict[str, Span]
    begins: frozenset[int]
    problems: tuple[Problem, ...]

    def span(self, block_id: str) -> Span | None:
        """Where a block stands; None where it doesn't. Raises Unmergeable where its marks are out of order."""
        self.check(block_id)
        return self.spans.get(block_id)

    def check(self, block_id: str = "") -> None:
        """Raise Unmergeable for the first problem of a block, or of any."""
        for problem in self.problems:
            if not block_id or block_id in problem.ids:
                raise Unmergeable(problem.reason, problem.remedy, line=problem.line)

    def ids(self) -> tuple[str, ...]:
        """The blocks in order that have no problem."""
        wrong = frozenset[str]().union(*(problem.ids for problem in self.problems))
        return tuple(block_id for block_id in self.spans if block_id not in wrong)

    def outside(self, lines: Sequence[str]) -> Iterable[tuple[int, str]]:
        """The lines that stand in no block, with their indexes."""
        at = 0
        for span in self.spans.values():
            yield from enumerate(lines[at : span.begin], at)
            at = span.end + 1
        yield from enumerate(lines[at:], at)


def mark_of(line: str, comment: Comment) -> Mark | None:
    """The mark that a line is; whatever its indentation, its spaces, and its line end."""
    if "broadcast" not in line:
        return None
    begin, end = comment
    text = line.strip()
    if not (text.startswith(begin) and text.endswith(end) and len(text) > len(begin) + len(end)):
        return None
    words = text[len(begin) : len(text) - len(end)].split(maxsplit=2)
    if len(words) < 2 or words[0] not in {"broadcast:begin", "broadcast:end"} or not ID.fullmatch(words[1]):
        return None
    return Mark(words[0].partition(":")[2], words[1], " ".join(words[2:]).strip())


def check_unlike(lines: Sequence[str], block_id: str) -> None:
    """Raise Unmergeable where a line is a mark of this block but for its comment sign, as in a block commented out."""
    for at, line in enumerate(lines, 1):
        sign, begin, rest = line.partition("broadcast:begin")
        plain = not any(letter.isalnum() for letter in sign.lower().replace("rem ", ""))
        if begin and plain and rest.split(maxsplit=1)[:1] == [block_id]:
            reason = f"the mark of the block {block_id} has another comment sign than files of this kind"
            raise Unmergeable(reason, "write its two marks as comments, or remove them", line=at)


def indentation(line: str) -> str:
    """The spaces before a line's text."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def found(lines: Sequence[str], comment: Comment) -> Found:
    """The blocks between these lines' marks."""
    spans: dict[str, Span] = {}
    problems: list[Problem] = []
    opened: tuple[int, str] | None = None
    begins = set[int]()
    for at, line in enumerate(lines):
        mark = mark_of(line, comment)
        if mark is None:
            continue
        problem = _problem(mark, at, opened, spans)
        if problem:
            problems.append(problem)
        if mark.kind == "begin":
            begins.add(at)
        elif opened and not problem:
            spans[mark.id] = Span(opened[0], at)
        opened = (at, mark.id) if mark.kind == "begin" else None
    if opened:
        problems.append(_unended(opened[1], opened[0]))
    return Found(spans, frozenset(begins), tuple(problems))


def _problem(mark: Mark, at: int, opened: tuple[int, str] | None, spans: dict[str, Span]) -> Problem | None:
    if opened and (mark.kind == "begin" or opened[1] != mark.id):
        began, outer = opened
        return _unended(outer, began, other=mark.id, at=at)
    if mark.kind == "end" and not opened:
        reason = f"the block {mark.id} ends here, but doesn't begin before"
        return Problem(frozenset({mark.id}), at + 1, reason, f"write `broadcast:begin {mark.id}`, or remove this line")
    if mark.kind == "begin" and mark.id in spans:
        reason = f"the block {mark.id} is there twice; the first begins at line {spans[mark.id].begin + 1}"
        return Problem(frozenset({mark.id}), at + 1, reason, "remove one of them, with both of its marked lines")
    return None


def _unended(outer: str, began: int, *, other: str = "", at: int = 0) -> Problem:
    before = f" before that of {other} at line {at + 1}" if other else ""
    reason = f"the block {outer} begins here, but has no marked line that ends it{before}"
    ids = frozenset({outer, other} - {""})
    return Problem(ids, began + 1, reason, f"write `broadcast:end {outer}` after its last line")
