"""The fleet by the tokens that reach it, and work on its parts side by side."""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from msgspec import Struct, field

from broadcast.apply.backgrounds import ask
from broadcast.apply.commits import Interest, interest
from broadcast.apply.edits import loss_of
from broadcast.apply.executor import Executor
from broadcast.apply.texts import last_sync
from broadcast.config import shards
from broadcast.config.targets import Target
from broadcast.errors import Failure, UsageError
from broadcast.github.client import GitHub, Scope
from broadcast.github.client_pool import ClientPool, identity
from broadcast.github.questions import Search
from broadcast.github.validation import Malformed, reading
from broadcast.observe import orphans
from broadcast.observe.history import History
from broadcast.observe.lfs import Pointers
from broadcast.observe.observer import Observer
from broadcast.observe.state import Observation, Observations
from broadcast.pipeline.desired import Prepared
from broadcast.plan.guards import Plans
from broadcast.plan.plan import TELLING, Plan
from broadcast.progress import Tell
from broadcast.snapshot.snapshot import Snapshot

if TYPE_CHECKING:
    from broadcast.pipeline.run import Run

log = logging.getLogger(__name__)

MAX_OTHERS = 10  # owners without a target that are searched; each costs a call, and for an App a token, too
_Item = TypeVar("_Item")


class FleetPart(Struct):
    """The targets that one client works on, and the owners at whom it searches."""

    github: GitHub
    observer: Observer
    syncer: Executor
    targets: list[Target] = field(default_factory=list)
    observations: dict[Target, None] = field(default_factory=dict)  # those that were looked at
    # Whose repositories it searches for what was dropped, in lower case, and whether the config names them.
    owners: dict[str, bool] = field(default_factory=dict)
    searches: list[Search] = field(default_factory=list)
    failure: Failure | None = None  # what kept all of its targets from being looked at


class Fleet:
    """All targets of a run, and behind them the repositories that the config names no longer."""

    def __init__(self, run: Run, wanted: Prepared, clients: ClientPool, tell: Tell) -> None:
        self.run, self.wanted = run, wanted
        self._tell, self._looked = tell, count()
        self.unreached: dict[Target, Failure] = dict(wanted.unfound)  # no token for them, or nobody knows who they are
        self.snapshots: dict[Target, Snapshot] = wanted.snapshots | dict.fromkeys(wanted.unfound, wanted.nothing)
        source = run.context.source
        self._clients, self._source = clients, lambda: clients.source(source)
        self.past = History(self._source, source, run.context.commit, wanted.source.checkout.in_repository)
        self.pointers = Pointers(wanted.source.renderer)
        self.parts: list[FleetPart] = []
        reached = {owner: self._reached(targets) for owner, targets in _by_owner(wanted.snapshots).items()}
        for target in wanted.snapshots:
            match reached[target.owner.lower()]:
                case Failure() as failure:
                    self.unreached[target] = failure
                case part:
                    part.targets.append(target)
        if self._cleans:
            self._search()

    def observe(self) -> Observations:
        """What is seen of every target, in the order of the config; what was dropped comes last."""
        found: Observations = dict(self.unreached)
        self._tell("looking at", 0, len(self.wanted.snapshots), "repositories")
        with ThreadPoolExecutor(max(1, len(self.parts))) as threads:
            for observations in threads.map(self._observe, self.parts):
                found |= observations
        failures = [part.failure for part in self.parts if part.targets]
        if failures and all(failures) and not self.unreached:
            raise failures[0] or Failure("no answer")
        observations = {target: found[target] for target in self.snapshots} | self._dropped(found)
        self.parts = [part for part in self.parts if part.observations]  # the others have only searched
        for part in self.parts:
            seen = (
                observation
                for target in part.observations
                if isinstance(observation := observations[target], Observation)
            )
            self._clients.settle(part.github, {observation.state.full_name.rpartition("/")[2] for observation in seen})
        self.run.warnings += (*self.past.warnings, *self.pointers.warnings)
        return observations

    def learn_news(self, plans: Plans, observations: Observations) -> None:
        """Ask once what pull requests may tell of the source, and what happened there since the syncs before."""
        context, interests = self.run.context, dict[Target, Interest]()
        in_source = partial(self.wanted.source.checkout.in_source, self.run.inputs.config)
        for target, plan in plans.items():
            observation = observations[target]
            if isinstance(plan, Plan) and plan.step in TELLING and isinstance(observation, Observation):
                since = last_sync(observation.state) if context.commit else ""
                since = "" if since == context.commit else since
                interests[target] = interest(target, plan, observation.state.visibility, since, in_source)
        if interests and self.run.inputs.writes:
            losses = [
                loss
                for part in self.parts
                for target in part.observations
                if isinstance(plan := plans[target], Plan) and isinstance(seen := observations[target], Observation)
                if (loss := loss_of(part.github, target, seen.state, plan))
            ]
            backgrounds = ask(self._source, context, interests, losses)
            for part in self.parts:
                part.syncer.backgrounds = dict(backgrounds)

    def notes(self) -> Iterable[tuple[str, str]]:
        """Warnings of targets that came after their outcome."""
        collectors = [one for part in self.parts for one in (part.syncer.decorator, part.syncer.auto_merger)]
        return [note for one in collectors for note in one.notes()]

    def finish(self) -> None:
        """What comes after all targets."""
        with ThreadPoolExecutor(max(1, len(self.parts))) as threads:
            list(threads.map(lambda part: part.syncer.auto_merger.finish(), self.parts))

    def _reached(self, targets: Sequence[Target]) -> FleetPart | Failure:
        """The part for targets of one owner, or why no client reaches them. Raises UsageError."""
        owner = targets[0].owner
        try:
            return self._part(self._clients.of(owner, self._names(targets), self._share(owner)))
        except UsageError:
            raise
        except Failure as failure:
            return failure

    def _names(self, targets: Iterable[Target]) -> Collection[str]:
        """The repositories that a token for some targets has to name; none where it has to be for all.

        A token that names repositories may not see a team (docs/github.md, "Tokens").
        """
        if self.run.inputs.writes and any(target.settings.pr_team_reviewers for target in targets):
            return ()
        return {target.name.lower(): target.name for target in targets}.values()

    def _part(self, github: GitHub) -> FleetPart:
        """What a client works on; each has one."""
        known = next((part for part in self.parts if part.github is github), None)
        self.parts += [] if known else [self._new_part(github)]
        return known or self.parts[-1]

    def _new_part(self, github: GitHub) -> FleetPart:
        run, source = self.run, self.wanted.source
        observer = Observer(
            github, source=run.context.source, config=source.config, listings=run.listings, renderer=source.renderer,
            past=self.past, pointers=self.pointers,
        )  # fmt: skip
        syncer = Executor(
            github, observer, inputs=run.inputs, context=run.context, config=source.config,
            renderer=source.renderer, rules=source.rules,
        )  # fmt: skip
        return FleetPart(github, observer, syncer)

    def _share(self, owner: str) -> float:
        shard, inputs = self.run.inputs.shard, self.run.inputs
        if shard is None:
            return 1.0
        owners = [target.owner for target in self.wanted.everything]
        return shards.share(owner, owners, shard.all, lambda one: identity(inputs, one))

    @property
    def _cleans(self) -> bool:
        """Under a filter, what this run doesn't work on isn't dropped."""
        return self.run.inputs.cleanup and not self.run.inputs.is_filtered

    def _search(self) -> None:
        """Let somebody search at every owner: of a target, of the config, of the source, of a token."""
        have = {target.owner.lower() for part in self.parts for target in part.targets}
        named = {owner.lower() for spec in self.wanted.config.targets for owner in spec.owners}
        unreached = {target.owner.lower() for target in self.unreached}
        home = self.run.context.source.partition("/")[0].lower()
        keys = {identity(self.run.inputs, owner) for owner in have}
        at_home = [home] if identity(self.run.inputs, home) in keys else []
        others = self._others({*have, *named, *unreached})
        for owner in dict.fromkeys([*sorted(have), *sorted(named - have - unreached), *at_home, *others]):
            try:
                reader = self._clients.reader(owner, self._share(owner))
                self._part(reader).owners.setdefault(owner, owner in have or owner in named)
            except Failure as failure:
                log.info("%s can't be searched for dropped pull requests: %s", owner, failure.message)

    def _others(self, known: Collection[str]) -> list[str]:
        """The owners besides, in lower case, that a token is for."""
        try:
            others = [owner.lower() for owner in self._clients.others(known)]
        except Failure as failure:
            log.info("owners without a target can't be listed: %s", failure.message)
            return []
        if len(others) > MAX_OTHERS:
            log.info("%d owners without a target aren't searched for dropped pull requests", len(others))
            return []
        return others

    def _observe(self, part: FleetPart) -> Observations:
        """What is seen of one part's targets; a token that fails takes only its own with it."""
        snapshots = {target: self.wanted.snapshots[target] for target in part.targets}
        if part.owners:
            credentials = part.github.credentials
            part.searches = orphans.searches(
                self.wanted.config, part.owners, credentials.author, anywhere=credentials.is_personal
            )
        try:
            observations = part.observer.observe(snapshots, Scope("observe"), part.searches, self._tick)
        except UsageError:
            raise
        except Failure as failure:
            part.failure = failure
            observations = dict.fromkeys(snapshots, failure)
        part.observations = dict.fromkeys(observations)
        return observations

    def _tick(self) -> None:
        self._tell("looked at", next(self._looked) + 1, len(self.wanted.snapshots), "repositories")

    def _dropped(self, found: Observations) -> Observations:
        """Repositories with an open pull request that the config no longer asks for.

        Only where every target was seen: of one that wasn't, nobody knows which pull requests are its own.
        """
        dropped: Observations = {}
        if any(isinstance(observation, Failure) for observation in found.values()):
            return dropped
        for part in [one for one in self.parts if one.owners]:
            dropped |= self._dropped_of(part, found)
        self.snapshots |= dict.fromkeys(dropped, self.wanted.nothing)
        return dropped

    def _dropped_of(self, part: FleetPart, found: Observations) -> Observations:
        """What one token's searches find, as far as it proves to be ours."""
        warn = self.run.warnings.append
        if part.failure:
            warn(f"pull requests at {', '.join(part.owners)} can't be searched: {part.failure.message}")
            return {}
        results = orphans.results(part.github, part.searches, part.observer.found, Scope("observe"))
        for text in results.warnings:
            warn(f"some pull requests that the config no longer asks for may stay open: {text}")
        try:
            with reading():
                hits = orphans.unasked(results.nodes, found, self.wanted.everything, self.wanted.config)
        except Malformed as failure:
            warn(f"nothing was taken for dropped at {', '.join(part.owners)}: {failure.message}")
            return {}
        self.run.warnings += hits.kept
        if not hits.targets:
            return {}
        try:
            return self._proven(part, hits.targets)
        except Failure as failure:
            warn(f"pull requests at {', '.join(part.owners)} that the config dropped stay open: {failure.message}")
            return {}

    def _proven(self, part: FleetPart, hits: Sequence[Target]) -> Observations:
        """Those hits that are ours, seen by the client that may close them. Raises Failure."""
        worker = self._part(self._clients.working(part.github, self._names(hits), self._share(hits[0].owner)))
        seen = worker.observer.observe(dict.fromkeys(hits, self.wanted.nothing), Scope("observe"))
        ours = {
            one: observation for one, observation in seen.items() if orphans.is_ours(observation, self.wanted.config)
        }
        worker.observations |= dict.fromkeys(ours)
        return ours


def _by_owner(targets: Iterable[Target]) -> dict[str, list[Target]]:
    found: dict[str, list[Target]] = {}
    for target in targets:
        found.setdefault(target.owner.lower(), []).append(target)
    return found


def merged(streams: Sequence[Callable[[], Iterable[_Item]]]) -> Iterator[_Item]:
    """What several streams yield, each made on a thread of its own, as it comes. Raises what a stream raises."""
    if len(streams) == 1:
        yield from streams[0]()
        return
    items: queue.SimpleQueue[_Item | _End] = queue.SimpleQueue()

    def drain(stream: Callable[[], Iterable[_Item]]) -> None:
        try:
            for item in stream():
                items.put(item)
            items.put(_End(None))
        except BaseException as error:
            items.put(_End(error))

    with ThreadPoolExecutor(max(1, len(streams))) as threads:
        for stream in streams:
            threads.submit(drain, stream)
        running = len(streams)
        while running:
            item = items.get()
            if not isinstance(item, _End):
                yield item
                continue
            running -= 1
            if item.error:
                raise item.error


class _End(NamedTuple):
    error: BaseException | None
