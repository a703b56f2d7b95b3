"""What the dashboard shows of a run, as a later run would find it, and to whom (pure).

A source may have more readers than a target: what those can't see is only counted.

A run that opened a pull request, and the next one that finds it open, show the same: so nothing is written twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from msgspec import Struct

from broadcast.markdown import link, text
from broadcast.observe.boxes import Box, Ticks
from broadcast.pipeline.dashboard import Dashboard
from broadcast.pipeline.run import Run
from broadcast.plan.outcome import Name, Outcome
from broadcast.plan.reason import Reason
from broadcast.plan.standing import OpenPull
from broadcast.report.reasons import words

PRIVATE = "a private repository"

_LATER: Mapping[Name, Name] = {  # what the next run finds where nothing else happens
    "created": "open",
    "updated": "open",
    "closed": "in_sync",
    "pushed": "in_sync",
}
_MERGED: Mapping[Name, Name] = {"merged": "in_sync", "enqueued": "open"}
_GONE = ("dropped", "unnamed")  # reasons of outcomes that no later run has
_UNDONE: tuple[Name, ...] = ("deferred", "waiting", "failed")  # outcomes with which a box stays ticked
_NAME = re.compile(r"[\w.-]+/[\w.-]+")


class Entry(Struct, frozen=True):
    """One target."""

    outcome: Outcome
    name: Name  # of the outcome, as a later run finds it
    wave: str = ""
    opened: str = ""  # day, ISO 8601; empty without an open pull request
    pull: OpenPull | None = None  # as it was seen, if it is still that

    @property
    def label(self) -> str:
        """As the config names it."""
        return self.outcome.target

    @property
    def failed(self) -> tuple[str, ...]:
        """Checks of the open pull request that failed; an empty name where they aren't known by name."""
        if self.pull is None or self.pull.checks != "failed":
            return ()
        return self.pull.failed or ("",)

    @property
    def needs_people(self) -> bool:
        """Whether somebody must act for it to go on; what was declined is done."""
        is_stuck = bool(self.failed) or (self.pull is not None and self.pull.conflicting)
        return self.name in ("failed", "incomplete", "edited") or is_stuck or bool(self.outcome.file_errors)

    def reasons(self, *kinds: str) -> list[Reason]:
        """Notes of these kinds, and files left out for these kinds of reasons."""
        return [one for one in self.outcome.notes if (one.why.kind if one.why else one.kind) in kinds]


class View:
    """The entries that are shown, and how many others there are."""

    def __init__(self, run: Run, board: Dashboard) -> None:
        self.run, self.board = run, board
        every = [_entry(run, board, one) for one in run.outcomes if not _is_gone(one)]
        self.every = every
        self.entries = [one for one in every if board.shows(one.label)]
        self.hidden = [one for one in every if not board.shows(one.label)]
        self._names = {name.lower() for one in self.hidden for name in _names(one, board)}
        self.ticks = _kept(run, board, every)

    def words(self, reason: Reason | None) -> str:
        """A reason in Markdown."""
        return self.text(words(reason))

    def text(self, plain: str) -> str:
        """Plain words in Markdown, without names of repositories that not all readers of the source may know."""
        return text(_NAME.sub(self._masked, plain) if self._names else plain)

    def _masked(self, match: re.Match[str]) -> str:
        known = match[0].lower()
        return PRIVATE if known in self._names or known.rstrip(".") in self._names else match[0]

    def target(self, entry: Entry) -> str:
        """A target with a link to its pull request; the link adds nothing to that one's timeline."""
        return link(f"**{text(entry.label)}**", apart(entry.outcome.pull_request))

    def label(self, name: str) -> str:
        """A target by its label."""
        return self.text(name)


def apart(url: str) -> str:
    """The address by which GitHub makes no cross-reference; a server of one's own has none."""
    home = "https://github.com/"
    return url.replace(home, "https://redirect.github.com/", 1) if url.startswith(home) else url


def _entry(run: Run, board: Dashboard, one: Outcome) -> Entry:
    name = _MERGED.get(one.name) or (_LATER.get(one.name, one.name) if run.inputs.writes else one.name)
    has_pull = name in ("open", "edited", "paused", "deferred", "waiting", "updated", "enqueued")
    fact = board.facts.get(one.target)
    seen = fact.pull if fact and has_pull and one.name not in ("created", "updated") else None
    today = f"{datetime.fromtimestamp(run.started, UTC):%Y-%m-%d}"
    opened = (one.opened_at or (seen.opened_at if seen else today))[:10] if one.pull_request and has_pull else ""
    return Entry(one, name, run.wave_of.get(one.target, ""), opened, seen)


def _is_gone(one: Outcome) -> bool:
    return one.reason is not None and one.reason.kind in _GONE


def _names(entry: Entry, board: Dashboard) -> Iterable[str]:
    yield entry.label.partition("@")[0]
    if fact := board.facts.get(entry.label):
        yield fact.full_name


def _kept(run: Run, board: Dashboard, entries: Iterable[Entry]) -> Ticks:
    """The boxes that stay ticked: a freeze, waves that haven't passed, and what could not be done yet."""
    open_ = {one.name for one in run.waves if one.standing != "passed"}
    undone = {one.label for one in entries if run.frozen or one.outcome.name in _UNDONE}
    ticks = board.counted.ticks
    return {box: by for box, by in ticks.items() if _is_kept(box, open_, undone)}


def _is_kept(box: Box, waves: set[str], undone: set[str]) -> bool:
    if box.kind == "freeze":
        return True
    return box.name in (waves if box.kind == "wave" else undone)
