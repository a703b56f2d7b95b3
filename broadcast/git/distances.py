"""How far commits lie behind another one: git rev-list --count OLD..NEW."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Literal, NamedTuple

from broadcast.git.commits import Commit, commit_of
from broadcast.git.object_store import Objects
from broadcast.git.packs import Unsound

MOST = 50_000  # commits that are read
STEPS = 1_000_000  # of all walks together
_NEW, _OLD, _BOTH = 1, 2, 3  # which of the two a commit is reached from

Way = Literal["known", "elsewhere", "cut off", "unknown"]


class Distance(NamedTuple):
    """How far one commit lies behind another."""

    way: Way  # elsewhere: it is no ancestor; cut off: the checkout is too shallow to tell
    commits: int = 0  # that the older one lacks
    seconds: int = 0  # between their committers' clocks; below zero where one of these was wrong


class Distances:
    """The distances of commits to `head`; every commit is read once.

    Where a clock was so wrong that a commit is older than its parents, more may be counted than the older one lacks:
    git does the same.
    """

    def __init__(self, objects: Objects, head: str, *, shallow: bool) -> None:
        self._objects, self._head, self._is_shallow = objects, head, shallow
        self._commits: dict[str, Commit | None] = {}
        self._found: dict[str, Distance] = {}
        self._steps = STEPS

    def of(self, oid: str) -> Distance:
        """The distance of a commit, which is known for good then."""
        if oid not in self._found:
            self._found[oid] = self._measured(oid)
        return self._found[oid]

    def _measured(self, oid: str) -> Distance:
        new, old = self._read(self._head), self._read(oid)
        if new is None:
            return Distance("unknown")
        if old is None:
            return Distance("cut off" if self._is_shallow else "elsewhere")
        walk = _Walk(new, old)
        while one := walk.next():
            self._steps -= 1
            if self._steps < 0 or len(self._commits) > MOST:
                return Distance("unknown")
            walk.follow(one, {parent: self._read(parent) for parent in one.parents})
        if walk.lacks_commits:
            return Distance("cut off" if self._is_shallow else "unknown")
        return Distance("known", walk.count, new.seconds - old.seconds) if walk.meets else Distance("elsewhere")

    def _read(self, oid: str) -> Commit | None:
        """A commit; None where it is missing, or can't be read."""
        if oid not in self._commits:
            try:
                self._commits[oid] = commit_of(self._objects, oid)._replace(tree="")
            except (KeyError, Unsound):
                self._commits[oid] = None
        return self._commits[oid]


class _Walk:
    """A walk from both commits to their ancestors, the youngest first."""

    def __init__(self, new: Commit, old: Commit) -> None:
        self._old = old.oid
        self._reached = dict[str, int]()
        self._todo = list[tuple[int, str]]()
        self._waiting = dict[str, Commit]()  # those to do
        self._open = set[str]()  # of them, what is reached from the new one alone
        self._missing = set[str]()
        self._oldest = new.seconds  # of what was reached from the new one alone
        self._reach(new.oid, new, _NEW)
        self._reach(old.oid, old, _OLD)

    def next(self) -> Commit | None:
        """The next commit whose parents are to be looked at; None where no other one changes the result."""
        if not self._todo or (not self._open and -self._todo[0][0] < self._oldest):
            return None
        one = self._waiting.pop(heappop(self._todo)[1])
        self._open.discard(one.oid)
        return one

    def follow(self, one: Commit, parents: dict[str, Commit | None]) -> None:
        """Go on to the parents of a commit."""
        from_ = _OLD if self._reached[one.oid] & _OLD else _NEW
        if from_ == _NEW:
            self._oldest = min(self._oldest, one.seconds)
        for oid, parent in parents.items():
            self._reach(oid, parent, from_)

    @property
    def meets(self) -> bool:
        """Whether the old commit is reached from the new one."""
        return self._reached[self._old] == _BOTH

    @property
    def count(self) -> int:
        """The number of commits that are reached from the new one alone."""
        return sum(from_ == _NEW for from_ in self._reached.values())

    @property
    def lacks_commits(self) -> bool:
        """Whether commits are missing that would count."""
        return any(self._reached[oid] == _NEW for oid in self._missing)

    def _reach(self, oid: str, commit: Commit | None, from_: int) -> None:
        before = self._reached.get(oid, 0)
        if before | from_ == before:
            return
        self._reached[oid] = before | from_
        if commit is None:
            self._missing.add(oid)
            return
        if oid not in self._waiting:
            self._waiting[oid] = commit
            heappush(self._todo, (-commit.seconds, oid))
        if self._reached[oid] == _NEW:
            self._open.add(oid)
        else:
            self._open.discard(oid)
