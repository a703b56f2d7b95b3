"""Where a target stands, as JSON; a part of the results (pure)."""

from __future__ import annotations

from typing import Annotated, TypedDict

from msgspec import Meta

from broadcast.plan.standing import Checks, OpenPull, Review, Standing
from broadcast.report.standing import behind, days_of


class Merge(TypedDict):
    """The last pull request from here that was merged."""

    number: int
    url: str
    at: Annotated[str, Meta(description="ISO 8601.")]
    by: Annotated[str, Meta(description="Login; empty where GitHub doesn't say.")]


class Open(TypedDict):
    """The open pull request."""

    number: int
    url: str
    opened_at: Annotated[str, Meta(description="ISO 8601.")]
    checks: Annotated[Checks, Meta(description="none: it has none, or the token may not read any of them.")]
    failed_checks: Annotated[list[str], Meta(description="Names, as far as the token may read them.")]
    running_checks: list[str]
    review: Review
    draft: bool
    conflicting: bool
    queued: Annotated[bool, Meta(description="Whether it is in the merge queue.")]


class Stands(TypedDict):
    """Where a target stands; only command: status asks that."""

    version: Annotated[str, Meta(description="The source's commit that it holds; empty where that isn't known.")]
    behind_commits: Annotated[int | None, Meta(description="null where the checkout's history doesn't say it.")]
    behind_days: Annotated[int | None, Meta(description="Between both commits.")]
    behind: Annotated[str, Meta(description="The same in words.")]
    last_merge: Annotated[Merge | None, Meta(description="null where there is none among the last five.")]
    open_pull_request: Open | None
    wave: Annotated[str, Meta(description="Empty where the config has no waves.")]


def stands(found: Standing) -> Stands:
    """Where a target stands, as JSON."""
    known = found.version.distance if found.version and found.version.distance.way == "known" else None
    return {
        "version": found.version.commit if found.version else "",
        "behind_commits": known.commits if known else None,
        "behind_days": days_of(known.seconds) if known else None,
        "behind": behind(found.version),
        "last_merge": {"number": it.number, "url": it.url, "at": it.at, "by": it.by} if (it := found.merged) else None,
        "open_pull_request": _opened(found.open_pull) if found.open_pull else None,
        "wave": found.wave,
    }


def _opened(pull: OpenPull) -> Open:
    return {
        "number": pull.number, "url": pull.url, "opened_at": pull.opened_at, "checks": pull.checks,
        "failed_checks": list(pull.failed), "running_checks": list(pull.running), "review": pull.review,
        "draft": pull.draft, "conflicting": pull.conflicting, "queued": pull.queued,
    }  # fmt: skip
