"""A run in one sentence, and the age of a pull request (pure)."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime

from broadcast.config.narrowing import NO_TARGET
from broadcast.markdown import counted
from broadcast.pipeline.run import Run
from broadcast.plan.outcome import NAMES, Outcome
from broadcast.report.comparison import in_short
from broadcast.report.costs import counts
from broadcast.report.harvest import in_short as harvested
from broadcast.report.outcomes import further, sentence, stands
from broadcast.report.reasons import Phrase, kind_of, phrase, shared
from broadcast.report.waves import heading, holding

_REASONS = 2  # of a run that did nothing
_NONE = "no targets"
_COMMANDS = {"plan": "Plan: ", "check": "Check: ", "status": "Status: "}


def headline(run: Run) -> str:
    """The run in one sentence."""
    if run.failure:
        return run.failure.message
    if run.stopped:
        return _stopped(run)
    if run.inputs.command == "validate":
        failed = sum(outcome.name == "failed" for outcome in run.outcomes)
        online = f"; {failed} of the targets can't be written to" if run.inputs.online else ""
        rest = f"; {counted(run.unresolved, 'selector')} not resolved offline" if run.unresolved else ""
        sizes = f"{counted(run.targets, 'target')}, {counted(run.files, 'file')} in all"
        return f"The config is valid: {sizes}{rest}{online}"
    if run.inputs.only_targets == NO_TARGET:
        return "Nothing was done: only-targets is a list without any target"
    if run.inputs.explain:
        return f"What decides about {run.inputs.explain}"
    if run.harvest:
        return harvested(run, run.harvest)
    if run.comparison:
        return f"Compared with {run.comparison.ref}: {in_short(run.comparison)}"
    if run.frozen:
        return f"Frozen {run.frozen}. Nothing was written; without it: {_sentence(run)}"
    if wave := holding(run.waves):
        return f"{heading(wave)} {_led(run)}"
    return _led(run)


def is_idle(run: Run) -> bool:
    """Whether every target was left to a later run, without anything that ended or stopped this one."""
    is_deferred = bool(run.outcomes) and all(one.name == "deferred" for one in run.outcomes)
    return is_deferred and not (run.failure or run.stopped)


def _why(run: Run) -> str:
    """The reasons of all targets, in brackets: those of most targets first, and no more than a few."""
    found = dict[Hashable, list[Phrase]]()
    for one in run.outcomes:
        if parts := phrase(one.reason, one.target):
            found.setdefault(kind_of(parts), []).append(parts)
    reasons = [shared(those) for those in sorted(found.values(), key=len, reverse=True)]
    more = [f"{len(reasons) - _REASONS} other reasons"] if len(reasons) > _REASONS + 1 else reasons[_REASONS:]
    return f" ({'; '.join((*reasons[:_REASONS], *more))})" if reasons else ""


def _led(run: Run) -> str:
    """What became of the targets, after what the run was for."""
    lead = "" if run.inputs.writes else _COMMANDS.get(run.inputs.command, "Dry run: ")
    text = _sentence(run)
    if is_idle(run):
        nothing = "" if stands(run) else "Nothing was done: " if run.inputs.writes else "nothing would be done: "
        return f"{lead}{nothing}{text}{_why(run)}"
    return f"{text[0].upper()}{text[1:]}" if run.inputs.writes and len(run.outcomes) > 1 else lead + text


def _stopped(run: Run) -> str:
    """What was done before the run was stopped, and how it goes on."""
    done = f": {_sentence(run)}" if run.outcomes else " before any repository was looked at"
    is_done = run.outcomes and not any(one.name == "deferred" for one in run.outcomes)
    then = "" if is_done else "; the next run goes on" if run.inputs.writes else "; nothing was written"
    return f"Stopped by {run.stopped}{done}{then}"


def _sentence(run: Run) -> str:
    """Every outcome with the number of its targets; the only target by its name."""
    seen, many = counts(run), len(run.outcomes)
    if many < 2:
        return " ".join(f"{one.target} {sentence(one.name, run, 1)}" for one in run.outcomes) or _NONE
    (first, *rest) = [name for name in NAMES if seen[name]]
    noun = "repositories" if len({one.target.partition("@")[0] for one in run.outcomes}) == many else "targets"
    lead = f"all {many:,} {noun}" if seen[first] == many else f"{seen[first]:,} of {many:,} {noun}"
    more = (further(name, run, seen[name]) for name in rest)
    return "; ".join((f"{lead} {sentence(first, run, seen[first])}", *more))


def days_open(one: Outcome, now: float) -> int:
    """Full days from when its pull request was opened to `now`, in seconds since the epoch; 0 where it is not known."""
    if not one.opened_at:
        return 0
    return int(max(0.0, now - datetime.fromisoformat(one.opened_at).timestamp()) // 86_400)
