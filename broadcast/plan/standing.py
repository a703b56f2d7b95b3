"""Where a target stands: the version it holds, its last merge, and how its open pull request is doing (pure)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from msgspec import Struct

from broadcast.git.distances import Distance
from broadcast.observe.state import MergeStatus, Pull, State
from broadcast.plan.plan import Plan
from broadcast.plan.requirements import short

Checks = Literal["passed", "failed", "running", "none", "unknown"]
Review = Literal["approved", "changes_requested", "missing", "not_required", "unknown"]
_CHECKS: Mapping[str, Checks] = {  # by GitHub's StatusState
    "SUCCESS": "passed",
    "FAILURE": "failed",
    "ERROR": "failed",
    "PENDING": "running",
    "EXPECTED": "running",
    "": "none",
}
_REVIEWS: Mapping[str, Review] = {  # by GitHub's PullRequestReviewDecision
    "APPROVED": "approved",
    "CHANGES_REQUESTED": "changes_requested",
    "REVIEW_REQUIRED": "missing",
    "": "not_required",
}


class Version(NamedTuple):
    """The version of the source that a target holds."""

    commit: str  # 40 hex digits
    distance: Distance  # to the commit that the target is compared with


class LastMerge(NamedTuple):
    """The last pull request of ours that was merged."""

    number: int
    url: str
    at: str  # ISO 8601
    by: str  # login; empty where it is not known
    commit: str = ""  # of the source, that it brought or went back to; empty where that isn't known


class OpenPull(NamedTuple):
    """An open pull request of ours."""

    number: int
    url: str
    opened_at: str  # ISO 8601
    checks: Checks = "unknown"
    failed: tuple[str, ...] = ()  # names of checks, as far as the token may read them
    running: tuple[str, ...] = ()
    hides_checks: bool = False  # whether the token may not read some of them
    review: Review = "unknown"
    draft: bool = False
    conflicting: bool = False
    queued: bool = False


class Standing(Struct, frozen=True):
    """Where one target stands."""

    version: Version | None = None  # None: it isn't known
    merged: LastMerge | None = None
    open_pull: OpenPull | None = None
    is_known: bool = False  # whether pull requests were looked at
    wave: str = ""  # in words; empty where there are no waves


def standing(state: State, plan: Plan | None, commit: str, distances: Callable[[str], Distance]) -> Standing:
    """Where a target stands that was compared with this commit of the source; `plan` is None where there is none."""
    last, pull = next(iter(state.merged_here), None), state.open_pull
    merged = merges(state)
    return Standing(
        version=_version(_brought(last) or next(iter(state.sent.commits), ""), plan, commit, distances),
        merged=merged[0] if merged else None,
        open_pull=open_pull(pull, state.merging) if pull else None,
        is_known=state.has_pulls,
    )


def merges(state: State) -> tuple[LastMerge, ...]:
    """The merged pull requests of ours that were seen, newest first."""
    return tuple(
        LastMerge(pull.number, pull.url, pull.closed_at, short(pull.merged_by), _brought(pull))
        for pull in state.merged_here
    )


def _brought(pull: Pull | None) -> str:
    """The commit of the source that a pull request brought or went back to."""
    return (pull.marker.back or pull.marker.commit) if pull and pull.marker else ""


def _version(held: str, plan: Plan | None, commit: str, distances: Callable[[str], Distance]) -> Version | None:
    """The commit that a target in step is compared with, or else the one that it is known to hold."""
    if plan and _is_in_step(plan):
        return Version(commit, distances(commit)) if commit else None
    return Version(held, distances(held)) if held else None


def _is_in_step(plan: Plan) -> bool:
    """Whether nothing is to be proposed; a pull request of before may still be open."""
    is_left = plan.outcome == "closed" and plan.reason is not None and plan.reason.kind == "nothing_left"
    return plan.outcome == "in_sync" or is_left


def open_pull(pull: Pull, status: MergeStatus | None) -> OpenPull:
    """An open pull request with its checks and reviews, as far as they are known."""
    found = OpenPull(pull.number, pull.url, pull.created_at, conflicting=pull.conflicting, queued=pull.queued)
    if status is None or status.state != "OPEN":
        return found
    return found._replace(
        checks=_CHECKS.get(status.rollup, "unknown"),
        failed=tuple(short(one.name) for one in status.unpassed if not one.running),
        running=tuple(short(one.name) for one in status.unpassed if one.running),
        hides_checks=status.hides_checks,
        review=_REVIEWS.get(status.decision, "unknown"),
        draft=status.draft,
        conflicting=pull.conflicting or status.status == "DIRTY",
        queued=pull.queued or status.queued,
    )
