"""The dashboard of a run: what its boxes ask for, and what only the run knows of the targets that it shows.

A run that writes doesn't go on without it: a freeze may be ticked there.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from broadcast.apply import dashboard as writing
from broadcast.config.model import Config
from broadcast.errors import Failure
from broadcast.github.client import ApiError, GitHub
from broadcast.github.client_pool import ClientPool
from broadcast.observe import dashboard as reading
from broadcast.observe.boxes import Box, Counted
from broadcast.observe.dashboard import Board
from broadcast.observe.state import Observation
from broadcast.pipeline.harvest import may_show
from broadcast.pipeline.legs import Leg
from broadcast.pipeline.run import Run
from broadcast.plan import permissions
from broadcast.plan.plan import Rules
from broadcast.plan.standing import OpenPull, open_pull

log = logging.getLogger(__name__)

CLOSED = "the dashboard was closed, so it isn't kept and its boxes don't count; reopen {url} to get it back"
OFF = "there is no dashboard: issues are turned off in {source}"
HIDDEN = "boxes on the dashboard don't count, for it isn't known who has write access to {source}: {why}"
DOUBTED = "edits of the dashboard could not be read one by one, so boxes count only if all who edited may write"
BUSY = "the dashboard was changed while the run was under way; the next run takes that and updates it"
NEED = (
    "give dashboard-token a token with issues: write in the source (GITHUB_TOKEN with `permissions: issues: write`), "
    "or the GitHub App that permission; a freeze may be ticked there, so without it nothing is written"
)


class Dashboard(Struct):
    """What was found of it, and how it is written."""

    board: Board
    github: GitHub
    source: str
    identity: str
    facts: dict[str, Fact] = field(default_factory=dict)  # by target
    is_kept: bool = False  # whether this run writes it

    @property
    def counted(self) -> Counted:
        """The boxes that count."""
        return self.board.counted

    def names(self, kind: str) -> tuple[str, ...]:
        """The waves or targets of the boxes of one kind."""
        return tuple(sorted(box.name for box in self.counted.ticks if box.kind == kind))

    def write(self, text: str) -> str:
        """Bring it to this text; returns a warning. Raises Failure."""
        done = writing.write(self.github, self.source, self.board, text, self.identity)
        if done in ("made", "updated"):
            log.info("the dashboard was %s", done)
        return BUSY if done == "busy" else ""

    def shows(self, target: str) -> bool:
        """Whether all readers of the source may know of a target; one that was not seen counts as private."""
        fact = self.facts.get(target)
        return fact.is_shown if fact else may_show(self.board.visibility, "")


class Fact(NamedTuple):
    """What the dashboard shows of a target besides its outcome."""

    is_shown: bool  # to all who can read the source
    full_name: str  # as GitHub has it
    pull: OpenPull | None


def read(run: Run, clients: ClientPool, config: Config, rules: Rules) -> Rules:
    """Read the dashboard into `run`, and let its boxes count; returns the rules with them. Raises Failure."""
    if not run.inputs.reads_dashboard:
        return rules
    try:
        with run.phase("dashboard"):
            found = _found(run, clients, config)
    except Failure as failure:
        if run.inputs.writes:
            lacks = isinstance(failure, ApiError) and failure.status in (403, 404)
            remedy = NEED if lacks else failure.remedy or NEED
            raise Failure(f"the dashboard can't be read: {failure.message}", remedy) from failure
        run.warnings.append(f"the dashboard can't be read, so its boxes don't count: {failure.message}")
        return rules
    _warn(run, found)
    if found.board.issue and not found.board.issue.is_open:
        return rules
    run.dashboard = found if found.board.has_issues else None
    return _asked(run, found, config, rules)


def _found(run: Run, clients: ClientPool, config: Config) -> Dashboard:
    source = run.context.source
    is_kept = run.inputs.shows_dashboard and bool(run.inputs.writes or run.frozen)
    github = clients.dashboard(source, permissions.keeping(writes=is_kept), run.inputs.dashboard_token)
    board = reading.read(github, source, config.id)
    return Dashboard(board, github, source, config.id, is_kept=is_kept)


def _warn(run: Run, found: Dashboard) -> None:
    board, source = found.board, found.source
    if not board.has_issues:
        run.warnings.append(OFF.format(source=source))
    elif board.issue and not board.issue.is_open:
        run.warnings.append(CLOSED.format(url=board.issue.url))
    if board.hidden:
        run.warnings.append(HIDDEN.format(source=source, why=board.hidden))
    if board.counted.doubted:
        run.warnings.append(DOUBTED)
    if found.board.issue and run.inputs.is_filtered and run.inputs.command == "sync":
        log.info("the dashboard is left as it is: it shows the whole fleet, and this run is for a part of it")


def _asked(run: Run, found: Dashboard, config: Config, rules: Rules) -> Rules:
    """Let the boxes count: those for single targets only where the dashboard is written, which unticks them."""
    freeze = Box("freeze")
    if freeze in found.counted.ticks:
        words = f"by the dashboard{_by(found.counted.ticks[freeze])}"
        if run.inputs.writes:
            run.frozen, run.inputs = words, replace(run.inputs, dry_run=True)
        elif not run.frozen:
            run.freeze = run.freeze or words
    waves = {wave.name for wave in config.rollout.waves} if config.rollout else set()
    let = tuple(name for name in found.names("wave") if name in waves)
    if let and run.inputs.goes_by_waves:
        run.inputs = replace(run.inputs, advance=tuple(dict.fromkeys((*run.inputs.advance, *let))))
    if run.inputs.command not in ("sync", "plan") or run.inputs.is_filtered or run.inputs.to:
        return rules
    return replace(rules, rebuilds=frozenset(found.names("rebuild")), reproposes=frozenset(found.names("retry")))


def _by(login: str) -> str:
    return f", ticked by {login}" if login else ""


def note(run: Run, legs: Iterable[Leg]) -> None:
    """Keep what the dashboard shows of the targets that were seen."""
    if run.dashboard is None:
        return
    source = run.dashboard.board.visibility
    for target, observation in (item for leg in legs for item in leg.seen.observations.items()):
        if isinstance(observation, Observation):
            state = observation.state
            pull = open_pull(state.open_pull, state.merging) if state.open_pull else None
            is_shown = may_show(source, state.visibility)
            run.dashboard.facts[target.label] = Fact(is_shown, state.full_name, pull)


__all__ = ["Dashboard", "Fact", "note", "read"]
