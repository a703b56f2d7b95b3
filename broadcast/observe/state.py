"""The observed state of a target: branches, entries, pull requests (pure values)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct, field

from broadcast.config.targets import Target
from broadcast.errors import Failure
from broadcast.git.objects import Entry
from broadcast.observe.bases import Needs
from broadcast.observe.drift import Drift
from broadcast.ownership import Marker
from broadcast.snapshot.snapshot import Snapshot


class LogEntry(NamedTuple):
    """One commit on our branch."""

    oid: str
    message: str
    parents: tuple[str, ...]
    authors: frozenset[str]  # login, name and address, in lower case
    amended: bool  # committed at another time than authored: it was rewritten
    committed: str = ""  # ISO 8601; empty where it is not known

    @property
    def is_merge(self) -> bool:
        """Whether it has more than one parent."""
        return len(self.parents) > 1


class Pull(NamedTuple):
    """A pull request from our branch."""

    id: str
    number: int
    url: str
    state: str  # OPEN, CLOSED, MERGED
    title: str
    body: str
    head_oid: str
    base: str
    conflicting: bool
    queued: bool
    created_at: str
    updated_at: str
    marker: Marker | None
    closed_at: str = ""
    closed_by: str = ""  # login
    merged_by: str = ""  # login; empty where it is not known
    answered: bool = False  # whether we have commented on it since it was closed, or that can't be known
    base_deleted: bool = False  # GitHub closed it, because its base branch was deleted
    empty: bool = False  # it changed nothing any more: GitHub closes it where its branch comes to equal its base
    base_gone: bool = False  # its base branch isn't there any more: it was deleted or renamed
    paused: bool = False  # by people, in its text or with a label
    rebuild: bool = False  # asked for by people
    rebuild_label: str = ""  # the id of the label that asks for a rebuild, where it has that
    auto_merging: bool = False
    lacks_auto_merge: bool = False  # and never had it, so people didn't take it away
    decorated: bool = True  # whether it ever got labels, assignees or reviewers of ours

    @property
    def closed(self) -> float:
        """When it was closed or merged, in seconds since the epoch; 0 where that isn't known."""
        return datetime.fromisoformat(self.closed_at).timestamp() if self.closed_at else 0.0


class CheckResult(NamedTuple):
    """A check of a commit that hasn't passed."""

    name: str
    running: bool  # else it failed
    required: bool


class MergeStatus(NamedTuple):
    """How an open pull request stands to the rules of its base."""

    state: str  # OPEN, CLOSED, MERGED
    head: str  # for which this holds
    status: str  # GitHub's MergeStateStatus; empty where it doesn't say
    decision: str  # GitHub's PullRequestReviewDecision; empty where no review is required
    draft: bool
    queued: bool
    has_queue: bool  # whether it has to go through a merge queue
    changed_files: int
    method: str  # MERGE, SQUASH, REBASE
    is_method_allowed: bool
    unpassed: tuple[CheckResult, ...]
    seen: float  # when, in seconds since the epoch
    rollup: str = ""  # GitHub's StatusState of all checks of its head; empty where it has none, or doesn't say
    checked: str = ""  # when the last check ended, ISO 8601; empty where it is not known
    hides_checks: bool = False  # whether some of its checks are kept from the token


class Branch(NamedTuple):
    """A branch and its head."""

    name: str
    head: Located


class Scratch(NamedTuple):
    """A branch of the name under which we make new commits; an interrupted run may have left it."""

    name: str
    oid: str
    message: str  # of its last commit
    contained: bool = False  # whether every commit of it is in the base


class Milestone(NamedTuple):
    """As GraphQL and as REST know it."""

    id: str
    number: int


class Edit(NamedTuple):
    """The last change to a file."""

    who: str  # login, or the name in the commit
    commit: str  # 40 hex digits


class Edited(NamedTuple):
    """What people made of what a pull request of ours brought."""

    pull: int  # its number
    who: str = ""  # last changed it; empty where that isn't known
    commit: str = ""  # 40 hex digits


class Sent(Struct, frozen=True):
    """What commits of ours brought to the base, as far as its history was asked."""

    paths: frozenset[str] = frozenset()  # whose history was asked
    touched: Mapping[str, bool] = field(default_factory=dict)  # directory → whether a commit of ours changed it
    pairs: Mapping[str, float] = field(default_factory=dict)  # pair → when it came last, in seconds since the epoch
    changed: Mapping[str, Edit] = field(default_factory=dict)  # paths that people changed after we did
    last: float = 0.0  # when the last commit of ours was made, in seconds since the epoch; 0: none is known
    checks: str = ""  # GitHub's StatusState of all checks of the base's head; empty: it has none, or they weren't asked
    commits: tuple[str, ...] = ()  # of the source, from which ours came, the newest first; not those that don't say


class Superseded(NamedTuple):
    """An open pull request of an older tool."""

    id: str
    number: int


class State(Struct, frozen=True):
    """One target at one moment."""

    repository_id: str
    full_name: str  # as GitHub has it now, after any rename
    archived: bool
    disabled: bool
    permission: str | None  # None: hidden from Apps
    base: Branch | None  # None: the branch doesn't exist
    ours: Branch | None
    labels: Mapping[str, str]  # name → id, those that exist
    visibility: str = ""  # PUBLIC, INTERNAL, PRIVATE; empty where a server doesn't say
    milestone: Milestone | None = None  # the wanted one, if it exists
    hides_milestones: bool = False  # from this token, or they weren't asked for
    merge_method: str = "MERGE"  # what the repository merges by
    allows_auto_merge: bool = True  # as far as is known
    merging: MergeStatus | None = None  # of the open pull request; only asked where it counts
    pulls: tuple[Pull, ...] = ()  # newest first, those that are ours
    lineage: tuple[LogEntry, ...] = ()  # of our branch, newest first
    ahead: int | None = None  # how many commits of our branch the base lacks, if that is known
    proven: frozenset[str] = frozenset()  # merges and rebases on our branch that bring nothing but what we proposed
    others: tuple[
        tuple[int, str], ...
    ] = ()  # number and base of open ones from our branch that don't say they are ours
    scratch: Scratch | None = None  # a branch of the name under which we make new commits
    spare: Scratch | None = None  # one of the other such name; only asked where there is a scratch branch
    superseded: tuple[Superseded, ...] = ()
    present: frozenset[str] = frozenset()  # of the paths that keep files out, those that the base has
    default_branch: str = ""
    topics: tuple[str, ...] = ()
    had: Mapping[str, bool] = field(default_factory=dict)  # whether the base ever had a file, where that was asked
    opt_outs: Mapping[str, str | None] = field(
        default_factory=dict
    )  # path → text of each .broadcastignore; None: unread
    opaque: Mapping[str, str] = field(default_factory=dict)  # path → blob id of those to be read by REST
    has_pulls: bool = False  # whether pulls and lineage were asked for
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)  # in directories of the base that aren't listed
    past: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # path → its blobs on the base, the newest first
    delivery: str = "pull_request"  # how changes are to come here: the setting of that name
    sent: Sent = Sent()  # only asked where changes are pushed
    edited: Mapping[str, Edited] = field(default_factory=dict)  # of a rollback: pairs that would undo people's work

    @property
    def contained(self) -> bool:
        """Whether every commit of our branch is in the base: deleting it loses nothing."""
        return self.ahead == 0

    @property
    def open_pull(self) -> Pull | None:
        """Ours; before others the one that goes to today's base."""
        found = [pull for pull in self.pulls if pull.state == "OPEN"]
        here = self.base.name if self.base else ""
        return next((pull for pull in found if pull.base == here), found[0] if found else None)

    @property
    def merged_here(self) -> list[Pull]:
        """Pull requests of ours that were merged into this base, or into one that is gone; the newest first."""
        here = self.base.name if self.base else None
        return [
            pull for pull in self.pulls
            if pull.state == "MERGED" and pull.marker and (pull.base_gone or pull.base == here)
        ]  # fmt: skip

    @property
    def merged(self) -> dict[str, int]:
        """Every pair that a pull request of ours brought to this base, with the number of the last one."""
        return {
            pair: one.number for one in reversed(self.merged_here) for pair in (one.marker.pairs if one.marker else ())
        }


class Observation(Struct, frozen=True):
    """A target's state and what separates its base, and our branch there, from the snapshot."""

    state: State
    drift: Drift
    branch_drift: Drift | None  # None: we have no branch there
    snapshot: Snapshot  # what this very target should hold
    needs: Needs = Needs()  # what shared files wait for


Observations = dict[Target, Observation | Failure]


class Located(NamedTuple):
    """What one commit has at the paths that were asked for."""

    oid: str
    tree: str
    entries: dict[str, Entry | None]
    inside: Mapping[str, Entry | None] = {}  # shared files in directories that are compared as a whole

    def at(self, path: str) -> Entry | None:
        """What stands at the path of a shared file."""
        return self.inside.get(path) or self.entries.get(path)
