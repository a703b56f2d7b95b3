"""A plan for one target, the rules that plans are made by, and the outcome that a plan leads to (pure values)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from broadcast.config.targets import Target
from broadcast.errors import FileError
from broadcast.observe.change import Change
from broadcast.observe.state import Pull
from broadcast.plan.outcome import Name, Outcome
from broadcast.plan.reason import Reason
from broadcast.snapshot.snapshot import Snapshot

Step = Literal[
    "nothing",
    "sweep",  # what an interrupted run left behind; nothing else
    "create",  # branch, commit and pull request
    "propose",  # the pull request alone: its branch is there and right
    "rebuild",  # a new commit on today's base, and a pull request if there is none
    "describe",  # the text of the pull request only
    "close",  # the pull request, and delete the branch
    "push",  # a commit straight on the base
    "merge",  # the pull request
    "enqueue",  # the pull request, in the merge queue of its base
]
DESCRIBING: frozenset[Step] = frozenset({"create", "propose", "rebuild", "describe"})  # steps that write its text
WITH_COMMIT: frozenset[Step] = DESCRIBING | {"push"}  # steps whose texts name the source
MERGING: frozenset[Step] = frozenset({"merge", "enqueue"})
Rebase = Literal["conflict", "always"]


class Rules(Struct, frozen=True):
    """Settings that every plan of a run is made by."""

    trailer: str  # what marks our commits: id and source
    max_deletions: int = 10
    overwrite: bool = False
    rebase: Rebase = "conflict"
    repropose: bool = False  # what people declined
    cancel: bool = False  # withdraw what is open
    resume: bool = False  # propose again what was rolled back
    merge: bool = False  # bring home what is open
    rebuild: bool = False  # what is open, whatever it is
    rebuilds: frozenset[str] = frozenset()  # labels of targets where people ask for that on the dashboard
    reproposes: frozenset[str] = frozenset()  # and of those where they ask for what was declined
    answers: bool = False  # say to people who closed a pull request what that does
    now: float = 0.0  # seconds since the epoch; 0: nothing depends on it
    ignored_authors: frozenset[str] = frozenset()  # logins and addresses, in lower case
    running: str = ""  # the branch of the source whose content is sent; empty where it isn't known
    is_rival: Callable[[str], bool] = lambda _: False  # whether this path is another config with our id

    def of(self, label: str) -> Rules:
        """The rules for one target."""
        if label not in self.rebuilds and label not in self.reproposes:
            return self
        return replace(self, rebuild=label in self.rebuilds, repropose=self.repropose or label in self.reproposes)


class Undone(NamedTuple):
    """What a rollback goes back to, and the shortened hashes of what it takes back."""

    commit: str  # of the source, 40 hex digits
    pairs: frozenset[str]


class Closed(NamedTuple):
    """A pull request that people closed, with the files that would still be changed as it proposed."""

    pull: Pull
    declined: tuple[str, ...]  # which aren't proposed again
    required: tuple[str, ...]  # which are
    later: str = ""  # from when on, in words; empty: at once


class Plan(Struct, frozen=True):
    """The step to take, and the outcome if it succeeds."""

    step: Step
    outcome: Name
    reason: Reason | None = None
    changes: tuple[Change, ...] = ()  # what the pull request proposes
    on_branch: tuple[Change, ...] = ()  # what our branch lacks of it
    left_out: tuple[tuple[str, Reason], ...] = ()  # path, why
    undoes: Mapping[str, int] = field(default_factory=dict)  # path → the merged pull request that people changed back
    overwrites: frozenset[str] = frozenset()  # paths where people's changes get lost
    file_errors: tuple[FileError, ...] = ()
    notes: tuple[Reason, ...] = ()
    pull: Pull | None = None
    back: Undone | None = None  # of a rollback
    required: frozenset[str] = frozenset()  # paths of changes that people can't decline
    closed: tuple[Closed, ...] = ()  # by people, with what became of it
    answers: tuple[Closed, ...] = ()  # and of those the ones to be answered
    leftovers: tuple[tuple[str, str], ...] = ()  # branches of interrupted runs that may be deleted: name, head


def pairs_of(changes: Iterable[Change]) -> frozenset[str]:
    """The hashes of all that is proposed."""
    return frozenset(pair for change in changes for pair in change.pairs)


def pending(target: Target, snapshot: Snapshot) -> Outcome:
    """The outcome of a target before any is known: deferred, without a reason."""
    return Outcome(target.label, target.base or "", "deferred", file_errors=snapshot.errors, files=len(snapshot.paths))


def planned(outcome: Outcome, plan: Plan) -> Outcome:
    """`outcome` as `plan` has it once it is carried out, with notes on what it leaves out, undoes and sweeps."""
    left_out = (Reason("left_out", name=path, why=why) for path, why in plan.left_out)
    undoes = (Reason("undoes", name=path, pull=number) for path, number in plan.undoes.items())
    overwrites = (Reason("overwrites", name=path) for path in sorted(plan.overwrites - plan.undoes.keys()))
    swept = plan.leftovers if plan.step in ("sweep", "rebuild", "close") else ()
    sweeps = (Reason("sweeps", name=name) for name, _ in swept)
    return replace(
        outcome, name=plan.outcome, reason=plan.reason, changes=plan.changes, file_errors=plan.file_errors,
        notes=(*left_out, *undoes, *overwrites, *sweeps, *plan.notes),
        pull_request=plan.pull.url if plan.pull else "", opened_at=plan.pull.created_at if plan.pull else "",
    )  # fmt: skip
