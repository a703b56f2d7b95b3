"""The results of a run as JSON; docs/results.schema.json is made from these types (pure)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypedDict, cast

import msgspec
from msgspec import Meta

from broadcast.errors import ConfigError, Failure
from broadcast.github.usage import Sum, Usage
from broadcast.pipeline.run import Run
from broadcast.plan.comparison import Comparison, Kind
from broadcast.plan.outcome import Name, Outcome
from broadcast.report.audit_results import Changed, MergedPull, changes_of, merged
from broadcast.report.comparison import in_short
from broadcast.report.costs import Costs, costs, counts, duration_ms, phase_sums, saved
from broadcast.report.harvest_results import Harvests, harvested
from broadcast.report.reasons import remedy, words
from broadcast.report.standing import disabled
from broadcast.report.standing_results import Stands, stands
from broadcast.report.wave_results import Moment, WaveResult, wave_result
from broadcast.report.waves import iso

SCHEMA_ID = "urn:broadcast:results:2"  # ends with the version


class FileCounts(TypedDict):
    """How many files a pull request adds, changes and deletes."""

    added: int
    changed: int
    deleted: int


class LeftOut(TypedDict):
    """A file that couldn't be sent."""

    path: str
    reason: str
    remedy: str


class Result(TypedDict):
    """One target."""

    target: Annotated[str, Meta(description="owner/name, or owner/name@branch where the config names the base.")]
    base: str
    outcome: Name
    reason: str
    remedy: str
    pull_request: Annotated[str, Meta(description="URL; empty where there is none.")]
    pushed_commit: Annotated[str, Meta(description="Its id on the base branch; empty where there is none.")]
    opened_at: Moment
    joined: Annotated[bool, Meta(description="Whether this is the first pull request from here.")]
    files: FileCounts
    file_errors: list[LeftOut]
    changes: Annotated[list[Changed], Meta(description="What its pull request proposes, or would.")]
    changes_cut: Annotated[int, Meta(description="How many more changes there are: a run lists 200,000.")]
    source_commit: Annotated[str, Meta(description="Whose files it was compared with; empty where it wasn't.")]
    merged: Annotated[list[MergedPull], Meta(description="Those among the last pull requests, newest first.")]
    started: Moment
    finished: Moment
    calls_by_kind: Annotated[dict[str, int], Meta(description="api_calls by kind.")]
    api_calls: Annotated[int, Meta(description="For this target alone.")]
    api_points: int
    api_calls_saved: int
    standing: Annotated[Stands | None, Meta(description="Only of command: status.")]


class Phase(TypedDict):
    """One phase of the run."""

    duration_ms: int
    calls: int
    points: int
    sent: Annotated[int, Meta(description="Bytes.")]
    received: Annotated[int, Meta(description="Bytes.")]
    calls_saved: int


class Mistake(TypedDict):
    """One mistake in the config."""

    file: str
    line: int
    column: int
    message: str
    remedy: str
    excerpt: str


class Ended(TypedDict):
    """What ended the run before its targets."""

    message: str
    remedy: str
    problems: list[Mistake]


class Estimated(TypedDict):
    """What the writes would take."""

    calls: int
    seconds: float


class Affected(TypedDict):
    """A target that the change touches."""

    target: str
    effect: Kind
    before: Annotated[str, Meta(description="Its outcome without the change; empty where it joined.")]
    after: Name
    files: Annotated[FileCounts, Meta(description="Proposed because of the change.")]
    withdrawn: Annotated[list[str], Meta(description="Paths that are no longer proposed.")]


class Compared(TypedDict):
    """What a change of the source alone does (compare-to)."""

    ref: str
    commit: str
    words: Annotated[str, Meta(description="All of it in one line.")]
    targets: list[Affected]


class Results(TypedDict):
    """The whole run; `version` changes when the meaning of a field does, not when there are more fields."""

    version: Literal[2]
    started: Moment
    finished: Moment
    source: str
    commit: str
    targets: list[Result]
    phases: dict[str, Phase]
    totals: Annotated[dict[str, int], Meta(description="Targets by outcome, files, calls, points, bytes, times.")]
    failure: Ended | None
    stopped: Annotated[str, Meta(description="What stopped the run: SIGINT, SIGTERM or the deadline; else empty.")]
    frozen: Annotated[str, Meta(description="Until when nothing is written, and why; else empty.")]
    waves: list[WaveResult]
    disabled: Annotated[list[str], Meta(description="Targets and selectors with `enabled: false`; of command: status.")]
    plan_digest: str
    comparison: Compared | None
    estimate: Estimated | None
    harvest: Harvests | None


def schema_text() -> str:
    """The JSON Schema, as the committed file has it."""
    made: dict[str, Any] = msgspec.json.schema(Results)
    return (
        json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **made}, indent=2)
        + "\n"
    )


def results(run: Run, usage: Usage, now: float = 0.0) -> Results:
    """The results of a run that ended at `now`, in seconds since the epoch."""
    calls, cost, kinds = usage.by_target(), costs(run, usage), usage.by_target_and_kind()
    listed = zip(run.outcomes, changes_of(run.outcomes), strict=True)
    return {
        "version": 2,
        "started": iso(run.started),
        "finished": iso(now),
        "source": run.context.source,
        "commit": run.context.commit,
        "targets": [
            _result(one, changes, calls.get(one.target, Sum()), kinds.get(one.target, {})) for one, changes in listed
        ],
        "phases": _phases(run, usage, cost),
        "totals": _totals(run, usage, cost),
        "failure": _failed(run.failure),
        "stopped": run.stopped,
        "frozen": run.frozen or run.freeze,
        "waves": [wave_result(one) for one in run.waves],
        "disabled": list(disabled(run)),
        "plan_digest": run.plan_digest,
        "comparison": _compared(run.comparison),
        "estimate": cast(Estimated, run.estimate._asdict()) if run.estimate else None,
        "harvest": harvested(run.harvest) if run.harvest else None,
    }  # fmt: skip


def _phases(run: Run, usage: Usage, cost: Costs) -> dict[str, Phase]:
    return {
        name: {
            "duration_ms": round(run.phases.get(name, 0) * 1000),
            "calls": one.calls, "points": one.points, "sent": one.sent, "received": one.received,
            "calls_saved": cost.saved_by.get(name, 0),
        }
        for name, one in phase_sums(run, usage).items()
    }  # fmt: skip


def _totals(run: Run, usage: Usage, cost: Costs) -> dict[str, int]:
    total = usage.total()
    return {
        **{str(name): count for name, count in counts(run).items()},
        "files_wanted": run.files,
        "files_excluded": run.excluded,
        "api_calls": total.calls,
        "api_calls_saved": cost.saved,
        "api_points": total.points,
        "bytes_sent": total.sent,
        "bytes_received": total.received,
        "cache_hits": run.listings.hits,
        "waited_ms": round(usage.waited * 1000),
        "duration_ms": duration_ms(run),
    }


def _compared(found: Comparison | None) -> Compared | None:
    """What the change alone does."""
    if found is None:
        return None
    return {
        "ref": found.ref,
        "commit": found.commit,
        "words": in_short(found),
        "targets": [
            {
                "target": one.outcome.target, "effect": one.kind, "before": one.before or "", "after": one.outcome.name,
                "files": _files(one.outcome), "withdrawn": list(one.withdrawn),
            }
            for one in found.effects
        ],
    }  # fmt: skip


def _files(one: Outcome) -> FileCounts:
    return {"added": one.count("added"), "changed": one.count("changed"), "deleted": one.count("deleted")}


def _failed(failure: Failure | None) -> Ended | None:
    """What ended the run before its targets."""
    if failure is None:
        return None
    problems = failure.problems if isinstance(failure, ConfigError) else ()
    return {
        "message": failure.message,
        "remedy": failure.remedy,
        "problems": [cast(Mistake, problem._asdict()) for problem in problems],
    }


def vital_signs(run: Run, usage: Usage) -> dict[str, Any]:
    """The figures of a run for one line of the log."""
    total = usage.total()
    left_out = sum(len(one.file_errors) if one.name != "failed" else one.files for one in run.outcomes)
    return {
        "processing_time_ms": duration_ms(run),
        "targets": len(run.outcomes),
        "files_synced": max(0, sum(one.files for one in run.outcomes) - left_out),
        "files_excluded": run.excluded,
        "api_calls": total.calls,
        "api_calls_saved": costs(run, usage).saved,
        "api_points": total.points,
        "bytes_sent": total.sent,
        "bytes_received": total.received,
        "cache_hits": run.listings.hits,
        "waited_ms": round(usage.waited * 1000),
    }


def _result(one: Outcome, changes: list[Changed], own: Sum, kinds: Mapping[str, int]) -> Result:
    return {
        "target": one.target,
        "base": one.base,
        "outcome": one.name,
        "reason": words(one.reason),
        "remedy": remedy(one.reason),
        "pull_request": one.pull_request,
        "pushed_commit": one.pushed,
        "opened_at": one.opened_at,
        "joined": one.joined,
        "files": _files(one),
        "file_errors": [cast(LeftOut, error._asdict()) for error in one.file_errors],
        "changes": changes,
        "changes_cut": len(one.changes) - len(changes),
        "source_commit": one.commit,
        "merged": merged(one),
        "started": iso(one.began),
        "finished": iso(one.began and one.began + one.seconds),
        "calls_by_kind": dict(kinds),
        "api_calls": own.calls,
        "api_points": own.points,
        "api_calls_saved": saved(one, own.calls),
        "standing": stands(one.standing) if one.standing else None,
    }
