"""What a run came to: its headline, its costs, and its results for machines (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from broadcast.pipeline.run import Run
from broadcast.plan.outcome import NAMES, Name, Outcome
from broadcast.report.costs import counts

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
