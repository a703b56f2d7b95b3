"""What people and machines read of a run: job summary (Markdown) and results (JSON) (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from broadcast.api.ledger import KINDS, Ledger, Sum
from broadcast.errors import ConfigError, Failure
from broadcast.outcome import NAMES, Outcome
from broadcast.pullrequest import code, escape
from broadcast.run import Run

MAX_SUMMARY = 900 * 1024  # bytes; the runner drops a summary above 1 MiB whole
MAX_ROWS = 2_000
FORMULA = "targets x files + 1 for each pull request"

_SIGNS = {
    "created": "🟢", "updated": "🔵", "open": "🔵", "in_sync": "⚪", "closed": "⚪", "declined": "🟡", "edited": "🟡",
    "paused": "🟡", "skipped": "⚪", "deferred": "🟡", "failed": "🔴",
}  # fmt: skip
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

    @property
    def saved(self) -> int:
        """Calls that were not made."""
        return max(0, self.per_file - self.total)


def costs(run: Run, ledger: Ledger) -> Costs:
    """The calls of the run by kind, beside the cost of asking for each wanted file of each target."""
    kinds = ledger.by_kind()
    pulls = sum(bool(outcome.pull_request) for outcome in run.outcomes)
    return Costs({kind: kinds[kind] for kind in KINDS}, kinds.total(), run.files + pulls)


def headline(run: Run) -> str:
    """The run in one sentence."""
    if run.failure:
        return run.failure.message
    if run.inputs.command == "validate":
        return f"The config is valid: {run.targets} targets, {run.files} files in all"
    counts = Counter(outcome.name for outcome in run.outcomes)
    parts = [_SENTENCES[name].format(n=counts[name]) for name in NAMES if counts[name]]
    lead = "Of" if run.inputs.writes else "Nothing was written. If it had been: of"
    noun = "target" if len(run.outcomes) == 1 else "targets"
    return f"{lead} {len(run.outcomes)} {noun}: {', '.join(parts) or 'nothing to do'}"


def summary(run: Run, ledger: Ledger) -> str:
    """The job summary, at most MAX_SUMMARY bytes; long tables say how many rows they leave out."""
    for rows in (MAX_ROWS, 500, 100, 10):
        text = "\n".join(_sections(run, ledger, rows))
        if len(text.encode()) <= MAX_SUMMARY:
            return text
    return f"## {escape(headline(run))}\n"


def _sections(run: Run, ledger: Ledger, rows: int) -> Iterable[str]:
    yield f"## {escape(headline(run))}\n"
    if run.failure:
        yield from _failure(run.failure)
    yield from _attention(run.outcomes, rows)
    yield from _targets(run, ledger, rows)
    yield from _deletions(run.outcomes, rows)
    yield from _file_errors(run.outcomes, rows)
    if ledger.calls or not run.failure:
        yield from _costs(run, ledger)
    warnings = [*run.warnings, *(f"{one.target}: {text}" for one in run.outcomes for text in one.warnings)]
    if warnings:
        yield from ("### Warnings\n", *(f"- {escape(text)}" for text in warnings[:rows]), "")


def _failure(failure: Failure) -> Iterable[str]:
    if isinstance(failure, ConfigError):
        yield from ("| place | problem | what to do |", "|---|---|---|")
        for problem in failure.problems:
            yield f"| {code(problem.place)} | {escape(problem.message)} | {escape(problem.remedy)} |"
        yield ""
    elif failure.remedy:
        yield f"**What to do:** {escape(failure.remedy)}\n"


def _attention(outcomes: Sequence[Outcome], rows: int) -> Iterable[str]:
    urgent = [one for one in outcomes if one.name in ("failed", "edited", "declined", "deferred")]
    if urgent:
        yield from ("### Needs a person\n", "| target | | why | what to do |", "|---|---|---|---|")
        for one in urgent[:rows]:
            yield f"| {_target(one)} | {_sign(one)} | {escape(one.reason)} | {escape(one.remedy)} |"
        yield _more(len(urgent) - rows)


def _targets(run: Run, ledger: Ledger, rows: int) -> Iterable[str]:
    if not run.outcomes:
        return
    yield "### Targets\n"
    yield "| target | outcome | pull request | added | changed | deleted | calls | time |"
    yield "|---|---|---|--:|--:|--:|--:|--:|"
    calls = Counter(call.target for call in ledger.calls)
    for one in run.outcomes[:rows]:
        counts = " | ".join(str(one.count(kind) or "") for kind in ("added", "changed", "deleted"))
        note = f" — {escape(one.reason)}" if one.reason and one.name in ("skipped", "closed") else ""
        seconds = _duration(one.seconds) if one.seconds >= 0.001 else ""
        own = calls[one.target] or ""
        yield f"| {_target(one)} | {_sign(one)}{note} | {_link(one.pull_request)} | {counts} | {own} | {seconds} |"
    yield _more(len(run.outcomes) - rows)
    shared = calls[""]
    if shared:
        yield f"{shared} calls served many targets at once; `calls` counts those made for one alone.\n"


def _deletions(outcomes: Sequence[Outcome], rows: int) -> Iterable[str]:
    gone = [(one, change.path) for one in outcomes for change in one.changes if change.after is None]
    if gone:
        yield from ("### Deletions\n", "| target | file |", "|---|---|")
        yield from (f"| {_target(one)} | {code(path)} |" for one, path in gone[:rows])
        yield _more(len(gone) - rows)


def _file_errors(outcomes: Sequence[Outcome], rows: int) -> Iterable[str]:
    errors = [(one, error) for one in outcomes for error in one.file_errors]
    if errors:
        yield from ("### Files left out\n", "| target | file | why | what to do |", "|---|---|---|---|")
        for one, error in errors[:rows]:
            yield f"| {_target(one)} | {code(error.path)} | {escape(error.reason)} | {escape(error.remedy)} |"
        yield _more(len(errors) - rows)


def _costs(run: Run, ledger: Ledger) -> Iterable[str]:
    yield from (
        "### What it cost\n",
        "| phase | time | calls | points | sent | received |",
        "|---|--:|--:|--:|--:|--:|",
    )
    sums = ledger.by_phase()
    phases = {**dict.fromkeys(run.phases), **dict.fromkeys(sums)}  # looking again is timed with what it interrupts
    for phase in phases:
        seconds = _duration(run.phases[phase]) if phase in run.phases else ""
        yield f"| {phase} | {seconds} | {_sum(sums.get(phase, Sum()))} |"
    yield f"| **in all** | {_duration(sum(run.phases.values()))} | {_sum(ledger.total())} |\n"
    cost = costs(run, ledger)
    yield from ("| API calls | |", "|---|--:|")
    yield from (f"| {kind} | {count} |" for kind, count in cost.by_kind.items())
    yield f"| **in all** | **{cost.total}** |"
    yield f"| one call per file would have been ({FORMULA}) | {cost.per_file} |"
    yield f"| saved | {cost.saved} |"
    if run.listings.hits:
        yield f"| directory listings found in the cache | {run.listings.hits} |"
    if ledger.waited:
        yield f"| waited for GitHub's limits | {_duration(ledger.waited)} |"
    for resource, rate in sorted(ledger.rates.items()):
        yield f"| rate limit left ({escape(resource)}) | {rate.remaining} of {rate.limit} |"
    yield ""


def _sum(one: Sum) -> str:
    return f"{one.calls or ''} | {one.points or ''} | {_bytes(one.sent)} | {_bytes(one.received)}"


def results(run: Run, ledger: Ledger) -> dict[str, Any]:
    """The run for machines; `version` changes when the meaning of a field does."""
    calls, total, cost = ledger.by_target(), ledger.total(), costs(run, ledger)
    return {
        "version": 1,
        "source": run.context.source,
        "commit": run.context.commit,
        "targets": [_result(one, calls.get(one.target, Sum())) for one in run.outcomes],
        "phases": {name: {"duration_ms": round(run.phases.get(name, 0) * 1000), **one._asdict()}
                   for name, one in {**dict.fromkeys(run.phases, Sum()), **ledger.by_phase()}.items()},
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
    }  # fmt: skip


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
        "api_calls_saved": max(0, one.files + bool(one.pull_request) - own.calls),
    }


def _sign(one: Outcome) -> str:
    return f"{_SIGNS[one.name]} {one.name.replace('_', ' ')}"


def _target(one: Outcome) -> str:
    return code(one.target)


def _link(url: str) -> str:
    number = url.rsplit("/", 1)[-1]
    return f"[#{number}]({url})" if number.isdigit() else ""


def _more(count: int) -> str:
    return f"\n… and {count} more; `results` has all of them.\n" if count > 0 else ""


def _bytes(count: int) -> str:
    if count < 1024:
        return f"{count} B" if count else ""
    return f"{count / 1024:.1f} KiB" if count < 1024**2 else f"{count / 1024**2:.1f} MiB"


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
