"""The fleet: all targets of a run, observed and finished part by part, side by side."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from broadcast.apply.backgrounds import ask
from broadcast.apply.commits import Interest, interest
from broadcast.apply.edits import Loss, loss_of
from broadcast.apply.texts import last_sync
from broadcast.config.targets import Target
from broadcast.errors import Failure, UsageError
from broadcast.github.client import Scope
from broadcast.github.client_pool import ClientPool
from broadcast.observe.file_filters import left_out
from broadcast.observe.history import History
from broadcast.observe.object_cache import ObjectCache
from broadcast.observe.state import Observation, Observations
from broadcast.pipeline.desired import Prepared
from broadcast.pipeline.dropped import DroppedSearch
from broadcast.pipeline.parts import FleetPart, Parts
from broadcast.plan.guards import Plans
from broadcast.plan.plan import WITH_COMMIT, Plan
from broadcast.progress import Report
from broadcast.runner.context import Context
from broadcast.runner.inputs import Inputs
from broadcast.snapshot.snapshot import Snapshot

if TYPE_CHECKING:
    from broadcast.pipeline.roll_back import Rollback

log = logging.getLogger(__name__)


class Seen(NamedTuple):
    """What was seen of the fleet; dropped repositories come last."""

    observations: Observations
    snapshots: Mapping[Target, Snapshot]  # what each should hold
    warnings: tuple[str, ...]


class Fleet:
    """All targets of a run, and the repositories that the config no longer names."""

    def __init__(
        self,
        inputs: Inputs,
        context: Context,
        wanted: Prepared,
        *,
        clients: ClientPool,
        listings: ObjectCache,
        progress: Report,
        rollback: Rollback | None = None,
        roster: Iterable[Target] = (),
    ) -> None:
        self._inputs, self._context, self._wanted, self._clients = inputs, context, wanted, clients
        self._progress, self._looked = progress, count()
        self._rollback, self._snapshots = rollback, {**wanted.snapshots, **wanted.watched}
        self.unreached: dict[Target, Failure] = {}  # no token reaches them
        self.unlisted = wanted.unlisted
        self._parts = Parts(clients, inputs, context, wanted, listings)
        known = _by_owner(roster or self._snapshots)
        reached = {owner: self._parts.reached(known[owner]) for owner in _by_owner(self._snapshots)}
        for target in self._snapshots:
            match reached[target.owner.lower()]:
                case Failure() as failure:
                    self.unreached[target] = failure
                case part:
                    part.targets.append(target)
        home = context.source.partition("/")[0].lower()
        self._search = DroppedSearch(self._parts, home, self.unreached)

    @property
    def commit(self) -> str:
        """The commit of the source that its targets are compared with."""
        return self._context.commit

    @property
    def parts(self) -> list[FleetPart]:
        """Those with targets to work on, once all were observed."""
        return [part for part in self._parts.all if part.observations]

    @property
    def history(self) -> History:
        """What the source once had."""
        return self._parts.history

    def observe(self) -> Seen:
        """Look at every target, in the order of the config. Raises Failure where none can be looked at."""
        found: Observations = dict(self.unreached)
        self._progress("looking at", 0, len(self._snapshots), "repositories")
        with ThreadPoolExecutor(max(1, len(self._parts.all))) as threads:
            for observations in threads.map(self._observe, self._parts.all):
                found |= observations
        failures = [part.failure for part in self._parts.all if part.targets]
        if failures and all(failures) and not self.unreached and not self.unlisted:
            raise failures[0] or Failure("no answer")
        unfit = [target for target in self._snapshots if target not in found]
        for line in left_out(unfit):
            log.info("%s", line)
        nothing = self._wanted.nothing
        snapshots = {target: one for target, one in self._snapshots.items() if target in found}
        dropped = self._search.found(found, unfit)
        observations = {target: found[target] for target in snapshots} | dropped
        self._settle(observations)
        warnings = (*self._search.warnings, *self._parts.history.warnings, *self._parts.pointers.warnings)
        warnings += tuple(self._rollback.warnings) if self._rollback else ()
        return Seen(observations, snapshots | dict.fromkeys(dropped, nothing), warnings)

    def keep(self, targets: Collection[Target]) -> None:
        """Work on these targets only."""
        for part in self._parts.all:
            part.observations = {target: None for target in part.observations if target in targets}
        self.unreached = {target: failure for target, failure in self.unreached.items() if target in targets}

    def learn_news(self, plans: Plans, observations: Observations) -> None:
        """Ask once what pull requests may say of the source, and what happened there since the syncs before."""
        commit, interests = self._context.commit, dict[Target, Interest]()
        in_source = partial(self._wanted.source.checkout.in_source, self._inputs.config)
        for target, plan in plans.items():
            observation = observations[target]
            if isinstance(plan, Plan) and plan.step in WITH_COMMIT and isinstance(observation, Observation):
                since = last_sync(observation.state) if commit else ""
                since = "" if since == commit else since
                interests[target] = interest(target, plan, observation.state.visibility, since, in_source)
        if interests and self._inputs.writes:
            losses = list(self._losses(plans, observations))
            backgrounds = ask(lambda: self._clients.source(self._context.source), self._context, interests, losses)
            for part in self.parts:
                part.syncer.backgrounds = dict(backgrounds)

    def _losses(self, plans: Plans, observations: Observations) -> Iterable[Loss]:
        """The work of others that plans would undo or overwrite."""
        for part in self.parts:
            for target in part.observations:
                plan, seen = plans[target], observations[target]
                if not isinstance(plan, Plan) or not isinstance(seen, Observation):
                    continue
                if loss := loss_of(part.github, target, seen.state, plan):
                    yield loss

    def notes(self) -> Iterable[tuple[str, str]]:
        """Warnings that came after their target's outcome: the target's label, and the text."""
        collectors = [one for part in self.parts for one in (part.syncer.decorator, part.syncer.auto_merger)]
        return [note for one in collectors for note in one.notes()]

    def finish(self) -> None:
        """Set auto-merge, which comes after all targets."""
        with ThreadPoolExecutor(max(1, len(self.parts))) as threads:
            list(threads.map(lambda part: part.syncer.auto_merger.finish(), self.parts))

    def _observe(self, part: FleetPart) -> Observations:
        """What is seen of one part's targets; a token that fails takes only its own with it."""
        snapshots = {target: self._snapshots[target] for target in part.targets}
        self._search.prepare(part)
        try:
            observations = part.observer.observe(snapshots, Scope("observe"), part.searches, self._tick)
            if self._rollback and (wider := self._rollback.widened(snapshots, observations)):
                self._snapshots |= wider
                observations |= part.observer.observe(wider, Scope("observe"))
        except UsageError:
            raise
        except Failure as failure:
            part.failure = failure
            observations = dict.fromkeys(snapshots, failure)
        part.observations = dict.fromkeys(observations)
        return observations

    def _tick(self) -> None:
        self._progress("looked at", next(self._looked) + 1, len(self._snapshots), "repositories")

    def _settle(self, observations: Observations) -> None:
        """Let each token from now on reach what was seen, under the names that it was seen by."""
        for part in self.parts:
            seen = [one for target in part.observations if isinstance(one := observations[target], Observation)]
            self._clients.narrow(part.github, {one.state.full_name.rpartition("/")[2] for one in seen})


def _by_owner(targets: Iterable[Target]) -> dict[str, list[Target]]:
    found: dict[str, list[Target]] = {}
    for target in targets:
        found.setdefault(target.owner.lower(), []).append(target)
    return found
