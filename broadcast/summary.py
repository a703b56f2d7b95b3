"""The job summary: what people read of a run, as Markdown (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from broadcast.api.ledger import Ledger, Sum
from broadcast.errors import ConfigError, Failure
from broadcast.outcome import Outcome
from broadcast.pullrequest import code, escape
from broadcast.report import FORMULA, costs, headline, phase_sums, saved
from broadcast.run import Run

MAX_SUMMARY = 900 * 1024  # bytes; the runner drops a summary above 1 MiB whole
MAX_ROWS = 2_000

_SIGNS = {
    "created": "🟢", "updated": "🔵", "open": "🔵", "in_sync": "⚪", "closed": "⚪", "declined": "🟡", "edited": "🟡",
    "paused": "🟡", "skipped": "⚪", "deferred": "🟡", "failed": "🔴",
}  # fmt: skip


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
    if run.plan_digest and not run.inputs.writes:
        yield from _plan(run)
    if run.explanation:
        yield from ("### Why", "", *_indented(run.explanation), "")
    yield from _attention(run.outcomes, rows)
    yield from _targets(run, ledger, rows)
    yield from _deletions(run.outcomes, rows)
    yield from _file_errors(run.outcomes, rows)
    if ledger.calls or not run.failure:
        yield from _costs(run, ledger)
    warnings = [*run.warnings, *(f"{one.target}: {text}" for one in run.outcomes for text in one.warnings)]
    if warnings:
        yield from ("### Warnings\n", *(f"- {escape(text)}" for text in warnings[:rows]), "")


def _indented(lines: Sequence[str]) -> Iterable[str]:
    """As code, whatever the lines hold."""
    return (f"    {line}" for line in lines)


def _failure(failure: Failure) -> Iterable[str]:
    if isinstance(failure, ConfigError):
        yield from ("| place | problem | what to do |", "|---|---|---|")
        for problem in failure.problems:
            yield f"| {code(problem.place)} | {escape(problem.message)} | {escape(problem.remedy)} |"
        yield ""
    elif failure.remedy:
        yield f"**What to do:** {escape(failure.remedy)}\n"


def _plan(run: Run) -> Iterable[str]:
    """What whoever reviews a plan needs to have it carried out."""
    yield f"Plan `{run.plan_digest}`: give it to `expect-plan`, and `sync` applies this plan or nothing.\n"
    if run.estimate and run.estimate.calls:
        duration = _duration(run.estimate.seconds)
        yield f"It would take about {run.estimate.calls} calls that write; GitHub's limits let them take {duration}.\n"
    if len(run.matrix) > 1:
        yield f"The output `matrix` splits this fleet into {len(run.matrix)} shards.\n"


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
    yield "| target | outcome | pull request | added | changed | deleted | calls | saved | time |"
    yield "|---|---|---|--:|--:|--:|--:|--:|--:|"
    calls = ledger.by_target()
    for one in run.outcomes[:rows]:
        counts = " | ".join(str(one.count(kind) or "") for kind in ("added", "changed", "deleted"))
        note = f" — {escape(one.reason)}" if one.reason and one.name in ("skipped", "closed") else ""
        seconds = _duration(one.seconds) if one.seconds >= 0.001 else ""
        own = calls.get(one.target, Sum()).calls
        cost = f"{own or ''} | {saved(one, own) or ''}"
        yield f"| {_target(one)} | {_sign(one)}{note} | {_link(one.pull_request)} | {counts} | {cost} | {seconds} |"
    yield _more(len(run.outcomes) - rows)
    shared = calls.get("", Sum()).calls
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
        "| phase | time | calls | points | sent | received | calls saved |",
        "|---|--:|--:|--:|--:|--:|--:|",
    )
    cost = costs(run, ledger)
    for phase, one in phase_sums(run, ledger).items():  # looking again is timed with what it interrupts
        seconds = _duration(run.phases[phase]) if phase in run.phases else ""
        yield f"| {phase} | {seconds} | {_sum(one)} | {cost.saved_by.get(phase) or ''} |"
    yield f"| **in all** | {_duration(sum(run.phases.values()))} | {_sum(ledger.total())} | {cost.saved or ''} |\n"
    yield from ("| API calls | |", "|---|--:|")
    yield from (f"| {kind} | {count} |" for kind, count in cost.by_kind.items())
    yield f"| **in all** | **{cost.total}** |"
    yield f"| one call per file would have been ({FORMULA}) | {cost.per_file} |"
    if run.listings.hits:
        yield f"| directory listings found in the cache | {run.listings.hits} |"
    if ledger.waited:
        yield f"| waited for GitHub's limits | {_duration(ledger.waited)} |"
    for resource, rate in sorted(ledger.rates.items()):
        yield f"| rate limit left ({escape(resource)}) | {rate.remaining} of {rate.limit} |"
    yield ""


def _sum(one: Sum) -> str:
    return f"{one.calls or ''} | {one.points or ''} | {_bytes(one.sent)} | {_bytes(one.received)}"


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
    if seconds >= 100:
        return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
