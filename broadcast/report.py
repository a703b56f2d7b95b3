"""What a run came to: its headline, its costs, and its results for machines (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from msgspec import Struct

from broadcast.api.ledger import KINDS, Ledger, Sum
from broadcast.comparison import Comparison
from broadcast.errors import ConfigError, Failure
from broadcast.outcome import NAMES, Name, Outcome
from broadcast.results import Compared, Ended, Estimated, FileCounts, LeftOut, Mistake, Result, Results
from broadcast.run import Run

FORMULA = "targets x files + 1 for each pull request"

# What became of targets, by what the run was for; {have}, {are}, {were} and {their} agree with their number.
_DONE: Mapping[Name, str] = {
    "created": "got a pull request", "updated": "got {their} pull request updated",
    "open": "{have} {their} pull request open", "in_sync": "{were} in step",
    "closed": "had {their} pull request closed", "declined": "declined the change",
    "edited": "{were} edited by people", "paused": "{are} paused", "skipped": "{were} skipped",
    "deferred": "{were} left to a later run", "failed": "failed",
}  # fmt: skip
_WOULD: Mapping[Name, str] = {
    **_DONE, "created": "would get a pull request", "updated": "would get {their} pull request updated",
    "in_sync": "{are} in step", "closed": "would have {their} pull request closed", "edited": "{are} edited by people",
    "skipped": "would be skipped", "deferred": "would be left to a later run", "failed": "would fail",
}  # fmt: skip
_STANDS: Mapping[Name, str] = {
    **_WOULD, "created": "{are} behind", "updated": "{are} behind, pull request open", "skipped": "{are} skipped",
    "closed": "{are} in step, pull request still open", "deferred": "{have} to wait", "failed": "failed",
}  # fmt: skip
_MANY = 5  # outcomes in one sentence; of more only the foremost
_FOREMOST: tuple[Name, ...] = ("created", "updated", "in_sync", "deferred", "failed")
_FORMS = {"have": ("has", "have"), "are": ("is", "are"), "were": ("was", "were"), "their": ("its", "their")}
_COMMANDS = {"plan": "Plan: ", "check": "Check: ", "status": "Status: "}


class Costs(Struct, frozen=True):
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
    if run.stopped:
        return _stopped(run)
    if run.inputs.command == "validate":
        failed = sum(outcome.name == "failed" for outcome in run.outcomes)
        online = f"; {failed} of the targets can't be written to" if run.inputs.online else ""
        return f"The config is valid: {run.targets} targets, {run.files} files in all{online}"
    if run.inputs.explain:
        return f"What decides about {run.inputs.explain}"
    if run.comparison:
        return f"Compared with {run.comparison.ref}: {run.comparison.words}"
    lead = "" if run.inputs.writes else _COMMANDS.get(run.inputs.command, "Dry run: ")
    sentence = _sentence(run)
    return f"{sentence[0].upper()}{sentence[1:]}" if run.inputs.writes and len(run.outcomes) > 1 else lead + sentence


def _stopped(run: Run) -> str:
    """What was done before the run was stopped, and how it goes on."""
    done = f": {_sentence(run)}" if run.outcomes else " before any repository was looked at"
    is_done = run.outcomes and not any(one.name == "deferred" for one in run.outcomes)
    then = "" if is_done else "; the next run goes on" if run.inputs.writes else "; nothing was written"
    return f"Stopped by {run.stopped}{done}{then}"


def _sentence(run: Run) -> str:
    """What became of how many; the only target by its name."""
    words = _DONE if run.inputs.writes else _STANDS if run.inputs.command in ("check", "status") else _WOULD
    seen, many = counts(run), len(run.outcomes)
    names = [name for name in NAMES if seen[name]]
    if len(names) > _MANY:
        names = [name for name in names if name in _FOREMOST]
    told = [(seen[name], _agreeing(words[name], seen[name])) for name in names]
    if many < 2:
        return f"{run.outcomes[0].target} {told[0][1]}" if told else "no repository is concerned"
    others = many - sum(count for count, _ in told)
    told += [(others, "others, see below")] * bool(others)
    noun = "repositories" if len({one.target.partition("@")[0] for one in run.outcomes}) == many else "targets"
    (count, first), *rest = told
    lead = f"all {many:,} {noun}" if count == many else f"{count:,} of {many:,} {noun}"
    return "; ".join((f"{lead} {first}", *(f"{count:,} {what}" for count, what in rest)))


def _agreeing(words: str, count: int) -> str:
    return words.format_map({form: both[count != 1] for form, both in _FORMS.items()})


_STANDING: dict[str, str] = {
    "created": "behind", "updated": "behind, pull request open", "in_sync": "in step", "open": "pull request open",
    "closed": "in step, pull request still open",
}  # fmt: skip


def standing(one: Outcome, now: float) -> str:
    """One line for one target: where it stands, and since when its pull request is open."""
    words = _STANDING.get(one.name, one.name.replace("_", " "))
    days = days_open(one, now)
    age = f"{days} day{'' if days == 1 else 's'} old" if one.opened_at else ""
    reason = one.reason if one.name not in _STANDING else ""
    return f"{one.target:40} " + ", ".join(filter(None, (words, one.pull_request, age, reason)))


def days_open(one: Outcome, now: float) -> int:
    """Full days from when its pull request was opened to `now`, in seconds since the epoch; 0 where it is not known."""
    if not one.opened_at:
        return 0
    return int(max(0.0, now - datetime.fromisoformat(one.opened_at).timestamp()) // 86_400)


def phase_sums(run: Run, ledger: Ledger) -> dict[str, Sum]:
    """What each phase cost, in the order in which they came."""
    return {**dict.fromkeys(run.phases, Sum()), **ledger.by_phase()}


def results(run: Run, ledger: Ledger) -> Results:
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
                "calls": one.calls, "points": one.points, "sent": one.sent, "received": one.received,
                "calls_saved": cost.saved_by.get(name, 0),
            }
            for name, one in phase_sums(run, ledger).items()
        },
        "totals": {
            **{str(name): count for name, count in counts(run).items()},
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
        "stopped": run.stopped,
        "plan_digest": run.plan_digest,
        "comparison": _compared(run.comparison),
        "estimate": cast(Estimated, run.estimate._asdict()) if run.estimate else None,
    }  # fmt: skip


def _compared(found: Comparison | None) -> Compared | None:
    """What the change alone does."""
    if found is None:
        return None
    return {
        "ref": found.ref,
        "commit": found.commit,
        "words": found.words,
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


def _result(one: Outcome, own: Sum) -> Result:
    return {
        "target": one.target,
        "base": one.base,
        "outcome": one.name,
        "reason": one.reason,
        "remedy": one.remedy,
        "pull_request": one.pull_request,
        "opened_at": one.opened_at,
        "joined": one.joined,
        "files": _files(one),
        "file_errors": [cast(LeftOut, error._asdict()) for error in one.file_errors],
        "api_calls": own.calls,
        "api_points": own.points,
        "api_calls_saved": saved(one, own.calls),
    }


def saved(one: Outcome, calls: int) -> int:
    """Calls saved on one target by the formula; calls that served many targets count in the total alone."""
    if one.name in ("failed", "skipped"):
        return 0
    return max(0, one.files + bool(one.pull_request) - calls)
