"""What a run came to: its headline, its costs, and its results for machines (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broadcast.api.ledger import KINDS, Ledger, Sum
from broadcast.errors import ConfigError, Failure
from broadcast.outcome import NAMES, Outcome
from broadcast.run import Run

FORMULA = "targets x files + 1 for each pull request"

_SENTENCES = {
    "created": "{n} got a pull request",
    "updated": "{n} got a pull request updated",
    "open": "{n} with the pull request already open and right",
    "in_sync": "{n} in sync",
    "closed": "{n} with a pull request no longer needed",
    "declined": "{n} declined the change",
    "edited": "{n} edited by people and left alone",
    "paused": "{n} paused",
    "skipped": "{n} skipped",
    "deferred": "{n} left to a later run",
    "failed": "{n} failed",
}


@dataclass(frozen=True)
class Costs:
    """What a run cost and what one call per file would have."""

    by_kind: Mapping[str, int]
    total: int
    per_file: int
    saved_by: Mapping[str, int]  # by phase: looking at each file is observing, each pull request is applying

    @property
    def saved(self) -> int:
        """Calls that were not made."""
        return max(0, self.per_file - self.total)


def costs(run: Run, ledger: Ledger) -> Costs:
    """The calls of the run by kind, beside the cost of asking for each wanted file of each target."""
    kinds, phases = ledger.by_kind(), ledger.by_phase()
    pulls = sum(bool(outcome.pull_request) for outcome in run.outcomes)
    by_phase = {"observe": run.files, "apply": pulls}
    saved = {phase: max(0, cost - phases.get(phase, Sum()).calls) for phase, cost in by_phase.items()}
    return Costs({kind: kinds[kind] for kind in KINDS}, kinds.total(), run.files + pulls, saved)


def headline(run: Run) -> str:
    """The run in one sentence."""
    if run.failure:
        return run.failure.message
    if run.inputs.command == "validate":
        failed = sum(outcome.name == "failed" for outcome in run.outcomes)
        online = f"; {failed} of the targets can't be written to" if run.inputs.online else ""
        return f"The config is valid: {run.targets} targets, {run.files} files in all{online}"
    if run.inputs.explain:
        return f"What decides about {run.inputs.explain}"
    counts = Counter(outcome.name for outcome in run.outcomes)
    parts = [_SENTENCES[name].format(n=counts[name]) for name in NAMES if counts[name]]
    lead = "Of" if run.inputs.writes else "Nothing was written. If it had been: of"
    noun = "target" if len(run.outcomes) == 1 else "targets"
    return f"{lead} {len(run.outcomes)} {noun}: {', '.join(parts) or 'nothing to do'}"


_STANDING: dict[str, str] = {
    "created": "behind", "updated": "behind, pull request open", "in_sync": "in step", "open": "pull request open",
    "closed": "in step, pull request still open",
}  # fmt: skip


def standing(one: Outcome, now: float) -> str:
    """One line for one target: where it stands, and since when its pull request is open."""
    words = _STANDING.get(one.name, one.name.replace("_", " "))
    age = f"{_days(one.opened_at, now)} old" if one.opened_at else ""
    reason = one.reason if one.name not in _STANDING else ""
    return f"{one.target:40} " + ", ".join(filter(None, (words, one.pull_request, age, reason)))


def _days(moment: str, now: float) -> str:
    """From an ISO 8601 moment to `now`, in seconds since the epoch."""
    days = int(max(0.0, now - datetime.fromisoformat(moment).timestamp()) // 86_400)
    return f"{days} day{'' if days == 1 else 's'}"


def phase_sums(run: Run, ledger: Ledger) -> dict[str, Sum]:
    """What each phase cost, in the order in which they came."""
    return {**dict.fromkeys(run.phases, Sum()), **ledger.by_phase()}


def results(run: Run, ledger: Ledger) -> dict[str, Any]:
    """The run for machines; `version` changes when the meaning of a field does."""
    calls, total, cost = ledger.by_target(), ledger.total(), costs(run, ledger)
    return {
        "version": 1,
        "source": run.context.source,
        "commit": run.context.commit,
        "targets": [_result(one, calls.get(one.target, Sum())) for one in run.outcomes],
        "phases": {
            name: {
                "duration_ms": round(run.phases.get(name, 0) * 1000),
                **one._asdict(),
                "calls_saved": cost.saved_by.get(name, 0),
            }
            for name, one in phase_sums(run, ledger).items()
        },
        "totals": {
            **counts(run),
            "files_wanted": run.files,
            "files_excluded": run.excluded,
            "api_calls": total.calls,
            "api_calls_saved": cost.saved,
            "api_points": total.points,
            "bytes_sent": total.sent,
            "bytes_received": total.received,
            "cache_hits": run.listings.hits,
            "waited_ms": round(ledger.waited * 1000),
            "duration_ms": duration_ms(run),
        },
        "failure": _failed(run.failure),
        "plan_digest": run.plan_digest,
        "estimate": run.estimate._asdict() if run.estimate else None,
    }  # fmt: skip


def _failed(failure: Failure | None) -> dict[str, Any] | None:
    """What ended the run before its targets."""
    if failure is None:
        return None
    problems = failure.problems if isinstance(failure, ConfigError) else ()
    return {
        "message": failure.message,
        "remedy": failure.remedy,
        "problems": [problem._asdict() for problem in problems],
    }


def vital_signs(run: Run, ledger: Ledger) -> dict[str, Any]:
    """The run in one line of a log."""
    total = ledger.total()
    left_out = sum(len(one.file_errors) if one.name != "failed" else one.files for one in run.outcomes)
    return {
        "processing_time_ms": duration_ms(run),
        "targets": len(run.outcomes),
        "files_synced": max(0, sum(one.files for one in run.outcomes) - left_out),
        "files_excluded": run.excluded,
        "api_calls": total.calls,
        "api_calls_saved": costs(run, ledger).saved,
        "api_points": total.points,
        "bytes_sent": total.sent,
        "bytes_received": total.received,
        "cache_hits": run.listings.hits,
        "waited_ms": round(ledger.waited * 1000),
    }


def counts(run: Run) -> dict[str, int]:
    """How many targets came to each outcome."""
    seen = Counter(outcome.name for outcome in run.outcomes)
    return {name: seen[name] for name in NAMES}


def duration_ms(run: Run) -> int:
    """The time of all phases."""
    return round(sum(run.phases.values()) * 1000)


def _result(one: Outcome, own: Sum) -> dict[str, Any]:
    return {
        "target": one.target,
        "base": one.base,
        "outcome": one.name,
        "reason": one.reason,
        "remedy": one.remedy,
        "pull_request": one.pull_request,
        "files": {kind: one.count(kind) for kind in ("added", "changed", "deleted")},
        "file_errors": [error._asdict() for error in one.file_errors],
        "api_calls": own.calls,
        "api_points": own.points,
        "api_calls_saved": saved(one, own.calls),
    }


def saved(one: Outcome, calls: int) -> int:
    """Calls saved on one target by the formula; calls that served many targets count in the total alone."""
    if one.name in ("failed", "skipped"):
        return 0
    return max(0, one.files + bool(one.pull_request) - calls)
