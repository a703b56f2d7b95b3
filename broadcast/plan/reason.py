"""Reasons of outcomes and of files left out, and notes on targets, as values (pure).

`report/reasons.py` puts them into words; pull requests have their own wording (`apply/description.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from msgspec import Struct

from broadcast.errors import Failure, FileError
from broadcast.observe.state import Pull
from broadcast.plan.waves import WaveState

Kind = Literal[
    "said",  # text and remedy of an error
    # The repository
    "archived",
    "disabled",
    "empty",
    "no_branch",  # name: of the branch
    "no_named_branch",  # the same, where the config names it
    "is_source",  # name: of the source
    "is_running",  # name: of the branch
    "moved",  # repository: its name now; other: its owner now
    "twin",  # name: of the other target; other: its line in the config
    "dropped",
    "unnamed",
    # The token
    "read_only",  # repository
    "no_scope",  # other: the scopes that the token has
    "no_workflow_scope",  # name: of the directory
    # The pull request
    "queued",  # pull
    "paused",  # pull
    "edited",  # name: of our branch; commit: of others
    "retargeted",  # pull; name: of its base; other: of ours
    "unmarked",  # pull; name: of its base
    "rival",  # pull; name: of the other config
    "cancelled",
    "none_open",
    "rollback_open",  # pull; commit: of the source, to which it goes back
    "withdrawn",  # commit: the same
    "all_edited",  # commit: the same
    "would_overwrite",  # name: of the file; other: who changed it since; commit
    "would_overwrite_more",  # the same; count: of further files
    "outdated",  # pull
    "conflicting",  # pull
    "brings_more",  # pull
    "would_undo",  # pull; name: of the file
    "lacks",  # pull; text: all that it lacks
    "nothing_left",
    "all_declined",  # closings
    "all_closed_again",  # closings; text: when the first of it is proposed again
    # Limits, and the order of work
    "too_many_deletions",  # count, limit
    "too_many_deletions_in_all",  # count, limit
    "no_budget",  # name: of the setting
    "waits",  # wave: the one that it waits for
    "group_failed",  # name: of the group; other: of the target that failed
    "stopped",  # name: of the signal
    "stopped_writing",  # name: of the signal
    # Files
    "declined",  # closings: one
    "closed_again",  # closings: one; text: when it is proposed again
    "local_change",
    "reverted",  # name: who changed it back; commit
    "seeded_before",
    "taken_out",  # pull: that brought it
    "edited_since",  # pull: that brought it; name: who changed it since; commit
    "rolled_back",  # pull; commit: of the source, to which it goes back
    "conflict",  # text: both versions of the lines
    "no_base",
    "opted_out",  # name: of the opt-out file, or of several
    "file_error",  # name: of the file; text and remedy of its error
    "file_errors",  # the same; count: of further files
    # Notes
    "left_out",  # name: of the file; why
    "undoes",  # name: of the file; pull: the merged one
    "overwrites",  # name: of the file
    "sweeps",  # name: of the branch
    "opt_out_unreadable",  # name: of the opt-out file
    "opt_out_too_many_lines",  # name; count, limit
    "opt_out_too_long",  # name; limit: characters
    "opt_out_bad_pattern",  # name; other: the pattern
    "superseded",  # pull
    "answered",  # pull
    "not_answered",  # pull; text of the error
    "not_superseded",  # pull; text of the error
]


class Closing(NamedTuple):
    """A pull request that people closed unmerged."""

    pull: int  # its number
    by: str  # login; empty where it is not known
    on: str  # date, ISO 8601; empty where it is not known


def closing_of(pull: Pull) -> Closing:
    """How people closed a pull request."""
    return Closing(pull.number, pull.closed_by, pull.closed_at[:10])


class Reason(Struct, frozen=True):
    """A kind with its facts; `Kind` says which facts each kind has."""

    kind: Kind
    pull: int = 0  # number of a pull request at the target
    name: str = ""
    other: str = ""
    repository: str = ""  # of the target, as GitHub spells it
    commit: str = ""  # the first ten hex digits
    count: int = 0
    limit: int = 0
    closings: tuple[Closing, ...] = ()
    why: Reason | None = None
    wave: WaveState | None = None
    text: str = ""  # words of an error, of GitHub's or of the system's
    remedy: str = ""  # of that error


class Refused(Failure):
    """A target that isn't worked on, with the reason as a value."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.kind)
        self.reason = reason


def said(text: str, remedy: str = "") -> Reason:
    """The reason that an error gives in its own words."""
    return Reason("said", text=text, remedy=remedy)


def not_sent(errors: Sequence[FileError]) -> Reason:
    """The reason that files which couldn't be sent give; there is one at least."""
    first, more = errors[0], len(errors) - 1
    kind: Literal["file_error", "file_errors"] = "file_errors" if more else "file_error"
    return Reason(kind, name=first.path, text=first.reason, remedy=first.remedy, count=more)


def reason_of(failure: Failure) -> Reason:
    """The reason for which `failure` was raised."""
    return failure.reason if isinstance(failure, Refused) else said(failure.message, failure.remedy)
