"""What became of each target, and what that makes of the run (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple, get_args

from msgspec import Struct, field

from broadcast.errors import DRIFT, FAILED, OK, FileError
from broadcast.observe.drift import Change

Name = Literal[
    "created",
    "updated",
    "open",
    "in_sync",
    "closed",
    "declined",
    "edited",
    "paused",
    "skipped",
    "deferred",
    "failed",
]
NAMES: tuple[Name, ...] = get_args(Name)
WRITTEN: frozenset[Name] = frozenset({"created", "updated", "closed"})
SETTLED: frozenset[Name] = frozenset({"created", "updated", "open", "in_sync"})  # what people wait for is there
DRIFTED: frozenset[Name] = frozenset({"created", "updated", "open", "closed", "edited", "paused", "deferred"})


class FileDiff(NamedTuple):
    """How one file would change."""

    added: int  # lines
    removed: int
    text: str  # a unified diff without its two heading lines


class Outcome(Struct, frozen=True):
    """The end of one target's story; exactly one a target."""

    target: str  # as the config names it
    base: str
    name: Name
    reason: str = ""
    remedy: str = ""
    pull_request: str = ""  # URL
    joined: bool = False  # whether that is the first one of ours there
    opened_at: str = ""  # of a pull request that was there before, ISO 8601
    changes: tuple[Change, ...] = ()
    diffs: Mapping[str, FileDiff] = field(default_factory=dict)  # path → lines; of a plan, where they are known
    file_errors: tuple[FileError, ...] = ()
    warnings: tuple[str, ...] = ()
    files: int = 0  # wanted here
    seconds: float = 0.0
    traceback: str = ""  # of an unexpected error

    def count(self, kind: str) -> int:
        """How many files are added, changed or deleted."""
        return sum(change.kind == kind for change in self.changes)


def exit_code(outcomes: Iterable[Outcome], *, check: bool, fail_on: Sequence[str]) -> int:
    """0 well; 1 any failed target or file error, or an outcome in `fail_on`; 3 drift found by `check`; 1 beats 3.

    What people declined differs as well: for `check` it is drift where `fail_on` names it.
    """
    seen = list(outcomes)
    drifted = DRIFTED | ({"declined"} & set(fail_on)) if check else frozenset[str]()
    failing = {"failed", *fail_on} - (drifted - DRIFTED)
    if any(one.name in failing or one.file_errors for one in seen):
        return FAILED
    if any(one.name in drifted for one in seen):
        return DRIFT
    return OK
