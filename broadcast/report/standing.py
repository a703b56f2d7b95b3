"""Where each target stands, in words and as lines of text (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from broadcast.markdown import counted
from broadcast.observe.state import CheckResult
from broadcast.pipeline.run import Run
from broadcast.plan import requirements
from broadcast.plan.outcome import Outcome
from broadcast.plan.requirements import STATUSES
from broadcast.plan.standing import LastMerge, OpenPull, Review, Standing, Version
from broadcast.report.headline import days_open
from broadcast.report.outcomes import label
from broadcast.report.reasons import words

SHORT = 10  # digits of a commit
DAY = 86_400  # seconds
_UNREADABLE = "this token can't read which"
_REVIEWS: Mapping[Review, str] = {
    "approved": "approved",
    "changes_requested": "changes requested",
    "missing": "missing",
    "not_required": "none required",
    "unknown": "unknown",
}


def version(found: Standing) -> str:
    """The version that a target holds, in short."""
    if found.version:
        return found.version.commit[:SHORT]
    return "" if not found.is_known else "unknown" if found.merged else "never merged"


def behind(held: Version | None) -> str:
    """How far a version is behind, in words; empty where there is none."""
    if held is None:
        return ""
    distance = held.distance
    if distance.way != "known":
        return "not in this history" if distance.way == "elsewhere" else "distance unknown"
    days = days_of(distance.seconds)
    time = counted(days, "day") if days else "under a day"
    return f"{counted(distance.commits, 'commit')}, {time}" if distance.commits else "0 commits"


def days_of(seconds: int) -> int:
    """Full days."""
    return max(0, seconds) // DAY


def merged(last: LastMerge | None) -> str:
    """When the last merge was, and by whom."""
    return ", ".join(filter(None, (last.at[:10], last.by))) if last else ""


def checks(pull: OpenPull | None) -> str:
    """What the checks of the open pull request say."""
    if pull is None:
        return ""
    results = [CheckResult(name, running, False) for running in (False, True) for name in _names(pull, running)]
    if found := ", ".join(requirements.checks(results)):
        return found
    more = f"; {_UNREADABLE}" if pull.hides_checks and pull.checks in ("failed", "running") else ""
    return f"{pull.checks}{more}"


def _names(pull: OpenPull, running: bool) -> Sequence[str]:
    return pull.running if running else pull.failed


def review(pull: OpenPull | None) -> str:
    """What the reviews of the open pull request say."""
    return _REVIEWS[pull.review] if pull else ""


def condition(pull: OpenPull) -> Sequence[str]:
    """What else there is to say of the open pull request."""
    said = (
        (pull.draft, STATUSES["DRAFT"]), (pull.conflicting, STATUSES["DIRTY"]),
        (pull.queued, "it is in the merge queue"),
    )  # fmt: skip
    return [text for holds, text in said if holds]


def age(one: Outcome, now: float) -> str:
    """The age of the open pull request in full days at `now`; empty where there is none."""
    return f"{counted(days_open(one, now), 'day')} old" if one.opened_at else ""


def disabled(run: Run) -> Sequence[str]:
    """The targets and selectors that the config has disabled, where the run is about the whole fleet."""
    if run.inputs.command != "status" or run.inputs.is_filtered:
        return ()
    seen = {one.target for one in run.outcomes}
    return [name for name in run.disabled if name not in seen]


def lines(run: Run, now: float) -> Sequence[str]:
    """One line for each target, in columns, for `command: status`; `now` in seconds since the epoch."""
    if run.inputs.command != "status":
        return ()
    rows = [_cells(one, run, now) for one in run.outcomes]
    rows += [(name, "disabled", *[""] * (len(_COLUMNS) - 2)) for name in disabled(run)]
    kept = [at for at in range(len(_COLUMNS)) if any(row[at] for row in rows)]
    rows = [tuple(row[at] for at in kept) for row in (_COLUMNS, *rows)] if rows else []
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    frozen = [f"frozen {run.freeze}"] if run.freeze else []
    return [*("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows), *frozen]


_COLUMNS = (
    "target", "state", "version", "behind", "last merge", "wave", "checks", "review", "pull request, note",
)  # fmt: skip


def _cells(one: Outcome, run: Run, now: float) -> tuple[str, ...]:
    found = one.standing or Standing()
    pull = found.open_pull
    also = condition(pull) if pull else ()
    return (
        one.target, label(one.name, run), version(found), behind(found.version), merged(found.merged), found.wave,
        checks(pull), review(pull),
        ", ".join(filter(None, (one.pull_request, age(one, now), *also, words(one.reason)))),
    )  # fmt: skip
