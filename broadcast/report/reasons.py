"""Reasons in words: as plain text, and as phrases whose facts may differ from target to target (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from string import Formatter
from typing import NamedTuple

from broadcast.markdown import MAX_TEXT
from broadcast.plan.reason import Closing, Kind, Reason
from broadcast.report.waves import lacks
from broadcast.runner.stop import REMEDY as NEXT_RUN

_LATER = "a later run goes on"
_OVERWRITTEN = (
    "look at the changes; then set delivery: push_or_pull_request to get a pull request, or on_local_change: keep to "
    "leave such files, or run with overwrite: true"
)


class Wording(NamedTuple):
    """Format strings; their fields are those of Reason."""

    reason: str
    remedy: str = ""


WORDS: Mapping[Kind, Wording] = {
    "said": Wording("{text}", "{remedy}"),
    "archived": Wording("the repository is archived"),
    "disabled": Wording("the repository is disabled"),
    "empty": Wording("the repository is empty", "push a first commit to it"),
    "no_branch": Wording("has no branch {name}"),
    "no_named_branch": Wording("has no branch {name}", "create it, or correct the name in the config"),
    "is_source": Wording("is the source itself, {name}, by another name", "remove it from the targets"),
    "is_running": Wording(
        "{name} is the branch of the source that runs, or it isn't known which one runs",
        "send to another branch of the source, and run on a branch",
    ),
    "moved": Wording("belongs to {other} now, as {repository}", "update its name in the config, or remove it"),
    "twin": Wording("is the same repository and branch as {name} ({other})", "remove one of the two"),
    "dropped": Wording("the config no longer asks for it"),
    "unnamed": Wording("the config no longer names it"),
    "read_only": Wording(
        "the token may read {repository} but not write to it", "give it Contents: write and Pull requests: write there"
    ),
    "no_scope": Wording("the token's scopes ({other}) don't let it write", "give it the scope `repo`"),
    "no_workflow_scope": Wording(
        "files under {name} are to be sent, and the token lacks the scope `workflow`",
        "give it the scope `workflow`, or exclude those files",
    ),
    "queued": Wording("{pull} is in the merge queue"),
    "paused": Wording("people paused {pull}"),
    "edited": Wording(
        "{name} has commits of others ({commit})",
        "merge or close the pull request, tick its rebuild box, or run with overwrite: true to discard them",
    ),
    "retargeted": Wording(
        "people pointed {pull} at {name}",
        "point it at {other} again, merge or close it, or tick its rebuild box to have it made for {other}",
    ),
    "unmarked": Wording(
        "{pull} is open from our branch to {name}, but its text has no marker of ours", "merge or close it"
    ),
    "rival": Wording(
        "{pull} is the pull request of {name}, a config of the source with the same id",
        "give one of the two configs an `id:` of its own",
    ),
    "cancelled": Wording("cancelled"),
    "none_open": Wording("there is no open pull request of ours"),
    "rollback_open": Wording(
        "{pull} goes back to {commit} of the source",
        "merge or close it; sync goes on when the source changes these files again, or with resume: true",
    ),
    "withdrawn": Wording("it came after {commit}, to which the source's files go back"),
    "all_edited": Wording(
        "people changed all that came since {commit}", "look at their changes, or roll back with overwrite: true"
    ),
    "would_overwrite": Wording("{name} was changed since it was sent, by {other} ({commit})", _OVERWRITTEN),
    "would_overwrite_more": Wording(
        "{name} was changed since it was sent, by {other} ({commit}), and so were others: {count}",
        _OVERWRITTEN,
    ),
    "outdated": Wording("{pull} doesn't hold what would be proposed today", "run sync first"),
    "conflicting": Wording("{pull} conflicts with its base", "run sync first, which makes it again on today's base"),
    "brings_more": Wording(
        "{pull} brings more than what is proposed",
        "look at its commits, and merge it by hand or tick its rebuild box",
    ),
    "would_undo": Wording(
        "{pull} would undo what people changed in {name}", "look at it, and merge it by hand or close it"
    ),
    "lacks": Wording("{pull} isn't ready to be merged: {text}", "run merge again when it is"),
    "nothing_left": Wording("nothing is left to change"),
    "all_declined": Wording("people closed {closings}"),
    "all_closed_again": Wording(
        "the source requires what people closed in {closings}, and it is proposed again from {text} on", _LATER
    ),
    "too_many_deletions": Wording(
        "would lose {count} files, more than limits.max_deletions allows ({limit})",
        "check the mapping; raise limits.max_deletions if the deletions are intended",
    ),
    "too_many_deletions_in_all": Wording(
        "the run would delete {count} files, more than limits.max_total_deletions allows ({limit}); "
        "nothing was written",
        "check the mappings; raise limits.max_total_deletions if the deletions are intended",
    ),
    "no_budget": Wording("{name} is reached", _LATER),
    "waits": Wording("{wave}"),
    "group_failed": Wording("depends on the group {name!r}, which failed at {other}", _LATER),
    "stopped": Wording("stopped by {name}", NEXT_RUN),
    "stopped_writing": Wording(
        "stopped by {name} while its pull request was being written", "the next run looks again and goes on"
    ),
    "declined": Wording("declined in {closings}"),
    "closed_again": Wording(
        "closed in {closings}; the source requires it, and it is proposed again from {text} on", _LATER
    ),
    "local_change": Wording("changed there (on_local_change: keep)"),
    "reverted": Wording(
        "pushed before, and changed back by {name} ({commit})",
        "no action; it comes back when its content changes; to send it as it is, set on_decline: repropose",
    ),
    "seeded_before": Wording("was there once (mode: seed)"),
    "taken_out": Wording("taken out since {pull}; it comes back when its content changes"),
    "edited_since": Wording("changed since {pull} by {name} ({commit})"),
    "rolled_back": Wording(
        "rolled back to {commit} by {pull}; it comes back when the source changes it",
        "no action; to propose it again as it is, run with resume: true",
    ),
    "conflict": Wording("conflict: both changed the same lines: {text}", "merge them by hand, or set `on_conflict`"),
    "no_base": Wording(
        "differs, and no version of the source is known that it comes from (mode: merge)",
        "bring the file to a version of the source once, or leave it",
    ),
    "opted_out": Wording("opted out by {name}"),
    "file_error": Wording("{name}: {text}", "{remedy}"),
    "file_errors": Wording("{name}: {text}, and {count} more", "{remedy}"),
    "left_out": Wording("left out: {name}, {why}"),
    "undoes": Wording("undoes what people changed in {name} since {pull}"),
    "overwrites": Wording("overwrites what people changed in {name}"),
    "sweeps": Wording("deletes the branch {name}, which an interrupted run left"),
    "opt_out_unreadable": Wording("{name} can't be read as text, so it opts out of everything"),
    "opt_out_too_many_lines": Wording("{name}: only the first {limit} of its {count} lines count"),
    "opt_out_too_long": Wording("{name}: only its first {limit:,} characters count"),
    "opt_out_bad_pattern": Wording("{name}: the pattern {other!r} can't be parsed"),
    "superseded": Wording("{pull} of an older tool is closed: superseded"),
    "answered": Wording("answers on {pull}, which people closed, what that does"),
    "not_answered": Wording("{pull}, which people closed, has no answer yet: {text}", "a later run tries again"),
    "not_superseded": Wording("{pull} of an older tool is still open: {text}"),
}


class Fact(NamedTuple):
    """A part of a phrase that names one target's own things."""

    text: str
    common: str  # what stands for it where targets differ
    note: str = ""  # what is said beside each target then


Phrase = tuple[str | Fact, ...]


def words(reason: Reason | None) -> str:
    """The reason as plain text; empty for none."""
    return _text(phrase(reason))


def remedy(reason: Reason | None) -> str:
    """What to do about it; empty where nothing is known."""
    return _text(_filled(WORDS[reason.kind].remedy, reason, "")) if reason else ""


def asks(remedy: str) -> bool:
    """Whether a remedy asks somebody to do something: not where the next run goes on by itself."""
    return bool(remedy) and not (remedy.lower().startswith("no action") or remedy.endswith("goes on"))


def phrase(reason: Reason | None, target: str = "") -> Phrase:
    """The reason in parts; in words of others, the facts of `target` (as the config names it) are found."""
    return tuple(_filled(WORDS[reason.kind].reason, reason, target)) if reason else ()


def kind_of(found: Phrase) -> Phrase:
    """The phrase without what differs from target to target."""
    return tuple(part.common if isinstance(part, Fact) else part for part in found)


def shared(found: Sequence[Phrase]) -> str:
    """The text that phrases of one kind share."""
    columns = (set(column) for column in zip(*found, strict=True))
    return "".join(_shared(column) for column in columns)


def notes(found: Sequence[Phrase]) -> list[str]:
    """What the shared text leaves open, for each of the phrases."""
    columns = [column for column in zip(*found, strict=True) if len(set(column)) > 1]
    return [
        ", ".join(filter(None, (column[at].note for column in columns if isinstance(column[at], Fact))))
        for at in range(len(found))
    ]


def _shared(column: set[str | Fact]) -> str:
    first = next(iter(column))
    if isinstance(first, str):
        return first
    return first.text if len(column) == 1 else first.common


def _text(found: Iterable[str | Fact]) -> str:
    return "".join(part.text if isinstance(part, Fact) else part for part in found)


def _filled(form: str, reason: Reason, target: str) -> Iterable[str | Fact]:
    for literal, name, spec, conversion in Formatter().parse(form):
        if literal:
            yield literal
        if name:
            yield from _fact(reason, name, spec or "", conversion or "", target)


def _fact(reason: Reason, name: str, spec: str, conversion: str, target: str) -> Iterable[str | Fact]:
    value = getattr(reason, name)
    match name:
        case "pull":
            yield _pull(value)
        case "commit":
            yield Fact(value, "…")
        case "repository":
            yield Fact(value, "the repository")
        case "wave":
            yield f"the wave {value.name} comes first: {lacks(value)}"
        case "closings":
            yield from _closings(value)
        case "why":
            yield from phrase(value, target)
        case "text":
            yield from _of_others(value, target)
        case _:
            yield repr(value) if conversion == "r" else format(value, spec)


def _pull(number: int, note: str = "") -> Fact:
    return Fact(f"#{number} ({note})" if note else f"#{number}", "its pull request", note)


def _closings(found: Iterable[Closing]) -> Iterable[str | Fact]:
    for at, one in enumerate(found):
        if at:
            yield ", "
        yield _pull(one.pull, ", ".join(filter(None, (one.by, one.on))))


_OWN = "\0"  # stands for the target's own name
_VARIABLE = re.compile(
    rf"((?:\bthe )?(?<![\w./-]){_OWN}(?![\w/-]|\.\w)(?: repository\b)?"
    r"|#\d+"  # a pull request or an issue
    r"|\b[0-9a-f]{10}(?:[0-9a-f]{30})?\b)"  # a commit
)


@lru_cache(maxsize=16_384)
def _of_others(text: str, target: str) -> Phrase:
    """An error's text in parts: its words aren't ours, so that they may name the target and its things anywhere."""
    if not target:
        return (text,)
    own = target.partition("@")[0]
    marked = text[: 2 * MAX_TEXT].replace(_OWN, " ").replace(own, _OWN)
    parts = _VARIABLE.split(marked)
    return tuple(_found(part, own) if at % 2 else part.replace(_OWN, own) for at, part in enumerate(parts))


def _found(variable: str, own: str) -> Fact:
    if _OWN in variable:
        return Fact(variable.replace(_OWN, own), "the repository")
    return Fact(variable, "its pull request" if variable.startswith("#") else "…")
