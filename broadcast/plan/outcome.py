"""The outcomes of a target, what each means for the run, and the run's exit code (pure).

What people read of an outcome stands in `report/outcomes.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from msgspec import Struct, field

from broadcast.errors import DRIFT, FAILED, OK, FileError
from broadcast.observe.change import Change
from broadcast.plan.reason import Reason

if TYPE_CHECKING:
    from broadcast.plan.standing import LastMerge, Standing

Name = Literal[
    "created",
    "updated",
    "open",
    "in_sync",
    "incomplete",
    "pushed",
    "merged",
    "enqueued",
    "closed",
    "declined",
    "edited",
    "paused",
    "skipped",
    "waiting",
    "deferred",
    "failed",
]
NAMES: tuple[Name, ...] = get_args(Name)  # in the order in which they are listed


class Traits(NamedTuple):
    """What an outcome means for a run."""

    exit: Literal["ok", "drift", "drift on request", "failed"]  # its part in the exit code; on request: by `fail-on`
    written: bool = False  # whether anything was written at GitHub
    settled: bool = False  # whether the target has what it should have, or a pull request for it
    has_pull: bool = False  # whether our pull request is open
    is_compared: bool = True  # whether its files were compared, which saves calls
    urgency: int = 0  # its place in the table of what needs a person; 0: it needs none


TRAITS: Mapping[Name, Traits] = {
    "created": Traits("drift", written=True, settled=True, has_pull=True),
    "updated": Traits("drift", written=True, settled=True, has_pull=True),
    "open": Traits("drift", settled=True, has_pull=True),
    "in_sync": Traits("ok", settled=True),
    "incomplete": Traits("failed", urgency=2),
    "pushed": Traits("drift", written=True, settled=True),
    "merged": Traits("ok", written=True, settled=True),
    "enqueued": Traits("drift", written=True, settled=True, has_pull=True),
    "closed": Traits("drift", written=True),
    "declined": Traits("drift on request"),
    "edited": Traits("drift", has_pull=True, urgency=3),
    "paused": Traits("drift", has_pull=True),
    "skipped": Traits("ok", is_compared=False),
    "waiting": Traits("drift"),
    "deferred": Traits("drift", urgency=4),
    "failed": Traits("failed", is_compared=False, urgency=1),
}


def _those(has: Callable[[Traits], bool]) -> frozenset[Name]:
    return frozenset(name for name, traits in TRAITS.items() if has(traits))


WRITTEN = _those(lambda one: one.written)
SETTLED = _those(lambda one: one.settled)
WITH_PULL = _those(lambda one: one.has_pull)
COMPARED = _those(lambda one: one.is_compared)
DRIFTED = _those(lambda one: one.exit == "drift")
URGENT = tuple(sorted(_those(lambda one: one.urgency > 0), key=lambda name: TRAITS[name].urgency))
_FAILED, _ON_REQUEST = _those(lambda one: one.exit == "failed"), _those(lambda one: one.exit == "drift on request")


class FileDiff(NamedTuple):
    """How one file would change."""

    added: int  # lines
    removed: int
    text: str  # the hunks of a unified diff
    binary: str = ""  # instead, what `git apply` makes the new content of; where patches are asked for


class Outcome(Struct, frozen=True):
    """Result of syncing one target. Every target has exactly one."""

    target: str  # as the config names it
    base: str
    name: Name
    reason: Reason | None = None
    pull_request: str = ""  # URL
    pushed: str = ""  # oid of the commit on the base
    joined: bool = False  # whether that is the first one of ours there
    opened_at: str = ""  # of a pull request that was there before, ISO 8601
    changes: tuple[Change, ...] = ()
    diffs: Mapping[str, FileDiff] = field(default_factory=dict)  # path → lines; of a plan, where they are known
    file_errors: tuple[FileError, ...] = ()
    notes: tuple[Reason, ...] = ()  # what else people should know
    files: int = 0  # wanted here
    standing: Standing | None = None  # where it stands; only where that was asked
    seconds: float = 0.0
    began: float = 0.0  # seconds since the epoch; 0: no work on it began
    commit: str = ""  # of the source, whose files it was compared with
    merged: tuple[LastMerge, ...] = ()  # pull requests of ours that were seen, newest first
    traceback: str = ""  # of an unexpected error

    @property
    def is_incomplete(self) -> bool:
        """Whether files couldn't be sent to a target that didn't fail as a whole, whatever its outcome."""
        return bool(self.file_errors) and self.name != "failed"

    def count(self, kind: str) -> int:
        """The number of files that are added, changed or deleted."""
        return sum(change.kind == kind for change in self.changes)


def exit_code(outcomes: Iterable[Outcome], *, check: bool, fail_on: Sequence[str]) -> int:
    """0 success; 1 any failed target or file error, or an outcome in `fail_on`; 3 drift found by `check`; 1 beats 3.

    For `check`, a declined change is drift if `fail_on` names it.
    """
    seen = list(outcomes)
    on_request = _ON_REQUEST & set(fail_on) if check else frozenset[Name]()
    drifted = DRIFTED | on_request if check else frozenset[Name]()
    failing = {*_FAILED, *fail_on} - on_request
    if any(one.name in failing or one.file_errors for one in seen):
        return FAILED
    if any(one.name in drifted for one in seen):
        return DRIFT
    return OK
