"""Which lines of a text differ from another's: Myers' algorithm in linear space, as git bounds it (pure).

E. W. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986. Past a number of steps,
the search marks more lines as changed than necessary; lines that it leaves unmarked are always equal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

_STEPS = 1_500_000  # that a search may take before it settles for less, and again before it gives up
_FAR, _NEAR = 256, 16  # how many changes it looks ahead, before and after that

Box = tuple[int, int, int, int]  # from and to in the old lines, from and to in the new ones


class Hunk(NamedTuple):
    """Old lines, and the new ones in their place; the indexes of the first line and the one after the last."""

    start: int
    end: int
    new_start: int
    new_end: int


def hunks(old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    """What makes `new` of `old`, from the top; an unchanged line stands between any two."""
    olds, news = [False] * len(old), [False] * len(new)
    _Search(old, new).mark(olds, news)
    for one, other in ((old, olds), (new, news)), ((new, news), (old, olds)):
        steps = [0]
        _compact(_Run(*one, steps), _Run(*other, steps))
    return list(_runs(olds, news))


def _runs(olds: Sequence[bool], news: Sequence[bool]) -> Iterator[Hunk]:
    at = new_at = 0
    while at < len(olds) or new_at < len(news):
        start, new_start = at, new_at
        while at < len(olds) and olds[at]:
            at += 1
        while new_at < len(news) and news[new_at]:
            new_at += 1
        if at > start or new_at > new_start:
            yield Hunk(start, at, new_start, new_at)
        at, new_at = at + 1, new_at + 1


class _Search:
    """The lines that only one text has in a shortest way from one to the other."""

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        box = _trimmed(old, new, (0, len(old), 0, len(new)))
        common = set(old) & set(new)
        self.old_at = [at for at in range(box[0], box[1]) if old[at] in common]
        self.new_at = [at for at in range(box[2], box[3]) if new[at] in common]
        self.box = box
        numbers = {line: number for number, line in enumerate(common)}
        self.old = [numbers[old[at]] for at in self.old_at]
        self.new = [numbers[new[at]] for at in self.new_at]
        self.steps = 0
        self.base = len(self.new) + 1  # the index of diagonal 0
        self.ahead = [0] * (len(self.old) + len(self.new) + 3)  # per diagonal: how far a way from the start reaches
        self.back = list(self.ahead)  # … and one from the end

    def mark(self, olds: list[bool], news: list[bool]) -> None:
        """Mark the changed lines."""
        olds[self.box[0] : self.box[1]] = [True] * (self.box[1] - self.box[0])
        news[self.box[2] : self.box[3]] = [True] * (self.box[3] - self.box[2])
        boxes: list[Box] = [(0, len(self.old), 0, len(self.new))]
        while boxes:
            box = boxes.pop()
            inner = _trimmed(self.old, self.new, box)
            self._keep(olds, news, (box[0], inner[0], box[2], inner[2]))
            self._keep(olds, news, (inner[1], box[1], inner[3], box[3]))
            if inner[0] < inner[1] and inner[2] < inner[3] and self.steps < 2 * _STEPS:
                at, new_at = self._split(inner)
                boxes += [(inner[0], at, inner[2], new_at), (at, inner[1], new_at, inner[3])]

    def _keep(self, olds: list[bool], news: list[bool], box: Box) -> None:
        for at, new_at in zip(range(box[0], box[1]), range(box[2], box[3]), strict=True):
            olds[self.old_at[at]] = news[self.new_at[new_at]] = False

    def _split(self, box: Box) -> tuple[int, int]:
        """A point in the box that a shortest way passes, or one that a good way passes."""
        start, end, new_start, new_end = box
        first, last = start - new_start, end - new_end  # the diagonals of both corners
        self.ahead[self.base + first], self.back[self.base + last] = start, end
        aheads, backs = range(first, first + 1), range(last, last + 1)
        look = _FAR if self.steps < _STEPS else _NEAR
        for _ in range(look):
            aheads = self._wider(aheads, box, self.ahead, -1)
            met = self._forward(box, aheads, backs if (first - last) % 2 else range(0))
            if met:
                return met
            backs = self._wider(backs, box, self.back, end + 1)
            met = self._backward(box, backs, range(0) if (first - last) % 2 else aheads)
            if met:
                return met
        return self._furthest(box, aheads, backs)

    def _wider(self, diagonals: range, box: Box, reach: list[int], edge: int) -> range:
        """The diagonals one change further, as far as the box has them; every second can be reached."""
        lowest, highest = diagonals[0], diagonals[-1]
        if lowest > box[0] - box[3]:
            lowest -= 1
            reach[self.base + lowest - 1] = edge
        else:
            lowest += 1
        if highest < box[1] - box[2]:
            highest += 1
            reach[self.base + highest + 1] = edge
        else:
            highest -= 1
        return range(lowest, highest + 1, 2)

    def _forward(self, box: Box, diagonals: range, others: range) -> tuple[int, int] | None:
        old, new, ahead, back = self.old, self.new, self.ahead, self.back
        _, end, _, new_end = box
        for diagonal in reversed(diagonals):
            index = self.base + diagonal
            at = ahead[index - 1] + 1 if ahead[index - 1] >= ahead[index + 1] else ahead[index + 1]
            begun = at
            while at < end and at - diagonal < new_end and old[at] == new[at - diagonal]:
                at += 1
            ahead[index] = at
            self.steps += 1 + at - begun
            if diagonal in others and back[index] <= at:
                return at, at - diagonal
        return None

    def _backward(self, box: Box, diagonals: range, others: range) -> tuple[int, int] | None:
        old, new, ahead, back = self.old, self.new, self.ahead, self.back
        start, _, new_start, _ = box
        for diagonal in reversed(diagonals):
            index = self.base + diagonal
            at = back[index - 1] if back[index - 1] < back[index + 1] else back[index + 1] - 1
            begun = at
            while at > start and at - diagonal > new_start and old[at - 1] == new[at - diagonal - 1]:
                at -= 1
            back[index] = at
            self.steps += 1 + begun - at
            if diagonal in others and at <= ahead[index]:
                return at, at - diagonal
        return None

    def _furthest(self, box: Box, aheads: range, backs: range) -> tuple[int, int]:
        """The point that a way from either corner reached with the most lines behind it."""
        start, end, new_start, new_end = box
        ways = [(min(self.ahead[self.base + one], end, new_end + one), one) for one in aheads]
        ahead = max((2 * at - one, at, at - one) for at, one in ways)
        ways = [(max(self.back[self.base + one], start, new_start + one), one) for one in backs]
        back = min((2 * at - one, at, at - one) for at, one in ways)
        return ahead[1:] if ahead[0] - start - new_start >= end + new_end - back[0] else back[1:]


def _trimmed(old: Sequence[object], new: Sequence[object], box: Box) -> Box:
    """The box without the lines at both ends that are equal."""
    start, end, new_start, new_end = box
    while start < end and new_start < new_end and old[start] == new[new_start]:
        start, new_start = start + 1, new_start + 1
    while start < end and new_start < new_end and old[end - 1] == new[new_end - 1]:
        end, new_end = end - 1, new_end - 1
    return start, end, new_start, new_end


class _Run:
    """A run of changed lines, maybe none, between two unchanged ones; it can slide over lines that repeat."""

    def __init__(self, lines: Sequence[str], changed: list[bool], steps: list[int]) -> None:
        self.lines, self.changed = lines, changed
        self.start = self.end = 0
        self.steps = steps  # that both texts' runs took
        self._grow()

    def __bool__(self) -> bool:
        return self.start < self.end

    def next(self) -> bool:
        """Go to the run below."""
        if self.end == len(self.lines):
            return False
        self.start = self.end = self.end + 1
        self._grow()
        return True

    def previous(self) -> None:
        """Go to the run above."""
        self.start = self.end = self.start - 1
        self._grow()

    def up(self) -> bool:
        """Slide one line up, if the lines allow; a run that is met becomes part of this one."""
        if not self.start or self.lines[self.start - 1] != self.lines[self.end - 1] or self.steps[0] > _STEPS:
            return False
        self.start, self.end = self.start - 1, self.end - 1
        self.changed[self.start], self.changed[self.end] = True, False
        self._grow()
        return True

    def down(self) -> bool:
        """Slide one line down, likewise."""
        at = self.end
        if at == len(self.lines) or self.lines[self.start] != self.lines[at] or self.steps[0] > _STEPS:
            return False
        self.changed[self.start], self.changed[at] = False, True
        self.start, self.end = self.start + 1, at + 1
        self._grow()
        return True

    def _grow(self) -> None:
        size = self.end - self.start
        while self.start and self.changed[self.start - 1]:
            self.start -= 1
        while self.end < len(self.lines) and self.changed[self.end]:
            self.end += 1
        self.steps[0] += 1 + self.end - self.start - size


def _compact(mine: _Run, other: _Run) -> None:
    """Slide each run as far down as it goes, or beside the other text's run that it belongs to."""
    while True:
        if mine:
            _settle(mine, other)
        if not mine.next():
            return
        other.next()


def _settle(mine: _Run, other: _Run) -> None:
    size = -1
    while size != mine.end - mine.start:
        size = mine.end - mine.start
        while mine.up():
            other.previous()
        highest = mine.end
        beside = bool(other)
        while mine.down():
            other.next()
            beside = beside or bool(other)
    while beside and highest != mine.end and not other and mine.up():
        other.previous()
