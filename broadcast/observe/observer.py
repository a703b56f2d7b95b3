"""Observes the fleet in as few queries as possible: all targets first, then only the trees that differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from msgspec.structs import replace

from broadcast.config.model import Config
from broadcast.config.targets import Target
from broadcast.errors import Failure, Unreachable
from broadcast.git.objects import Entry
from broadcast.github import batch
from broadcast.github.batch import Tick
from broadcast.github.client import GitHub, Scope
from broadcast.github.questions import Reply, Search
from broadcast.github.validation import Malformed, reading
from broadcast.observe import (
    closings,
    file_filters,
    merging,
    opt_outs,
    pull_requests,
    repository,
    rollbacks,
    seeds,
    sent,
    traversal,
    trees,
    twins,
)
from broadcast.observe.ask import Ask
from broadcast.observe.bases import Needs
from broadcast.observe.drift import Drift, Gap, compare, inside, roots
from broadcast.observe.history import History
from broadcast.observe.lfs import Pointers
from broadcast.observe.looks import Asked, matters, settled
from broadcast.observe.object_cache import ObjectCache
from broadcast.observe.pull_requests import Ownership
from broadcast.observe.repository import Details
from broadcast.observe.shared_files import SharedFiles
from broadcast.observe.state import Branch, Observation, Observations, State
from broadcast.observe.traversal import Routes, TreeLocation
from broadcast.observe.updates import Proofs
from broadcast.ownership import trailer
from broadcast.snapshot.back import with_sent
from broadcast.snapshot.render import Renderer
from broadcast.snapshot.snapshot import Snapshot
from broadcast.snapshot.time_limit import Check, TimeLimit

MAX_ROUNDS = 40  # a tree of ours is never that many levels deep
TREES_A_QUESTION = 20


class Observer:
    """Observes targets; keeps every tree listing, because trees never change and fleets share them."""

    def __init__(
        self, github: GitHub, *, source: str, config: Config, listings: ObjectCache, renderer: Renderer, past: History,
        pointers: Pointers, shared: SharedFiles, merges: bool = False,
        asked: Callable[[Target], Asked] = lambda _: Asked(),
    ) -> None:  # fmt: skip
        self.github, self.config, self.listings = github, config, listings
        self._renderer, self._past, self._pointers, self._shared = renderer, past, pointers, shared
        self._merges = merges  # whether pull requests are to be merged
        self._asked = asked
        self._owner = Ownership(config.id, source)
        self._ours = sent.Ours(trailer(config.id, source), config.ignored_authors)
        self._proofs = Proofs(github, listings, trailer(config.id, source), config.ignored_authors, shared)
        self._heavy: frozenset[str] = frozenset()  # trees too large for GraphQL
        self._unlistable: frozenset[str] = frozenset()  # … and for REST
        self.found: Sequence[Reply] = ()  # to the searches of the last look
        self.time_limit = TimeLimit(github.now)

    def observe(
        self, wanted: Mapping[Target, Snapshot], scope: Scope, searches: Sequence[Search] = (),
        tick: Tick = lambda: None,
    ) -> Observations:  # fmt: skip
        """The observation of every target, or why there is none; `tick` is called for each target.

        Those that lack the files they were selected by have neither. `searches` are asked in the first documents,
        without another call; their replies are in `found`.
        """
        observations = self._look(wanted, scope, searches, tick)
        for _ in range(MAX_ROUNDS):
            routes = traversal.route(_gaps(observations), self._heavy, self._unlistable)
            asks = [
                *self._tree_asks(routes, observations), *self._path_asks(routes, observations),
                *self._pull_asks(routes, observations), *seeds.asks(observations),
                *sent.asks(observations, self._ours, self._asked),
                *self._shared.asks(self.github, observations, scope),
            ]  # fmt: skip
            has_learned = self._shared.learn(observations, scope)
            if not asks and not routes.by_rest and not has_learned:
                break
            self._list_by_rest(routes.by_rest, observations, scope)
            replies = batch.ask(self.github, [ask.question for ask in asks], scope)
            for ask, reply in zip(asks, replies, strict=True):
                try:
                    with reading():
                        ask.take(reply)
                except Malformed as failure:
                    observations[ask.target] = failure
            for target, observation in observations.items():
                if isinstance(observation, Observation):
                    observations[target] = self._compared(target, observation)
        final = self._pointers.resolve(
            self.github, {one: settled(observation) for one, observation in observations.items()}, scope
        )
        read = closings.resolve(self.github, opt_outs.resolve(self.github, final, scope), scope)
        proven = rollbacks.resolve(self.github, self._proofs.resolve(read, scope), scope)
        known = self._past.resolve(proven, scope)
        checked = {target for target in wanted if self._asked(target).checks}
        return merging.resolve(self.github, known, scope, of=checked, merges=self._merges)

    def _look(
        self, wanted: Mapping[Target, Snapshot], scope: Scope, searches: Sequence[Search], tick: Tick
    ) -> Observations:
        rooted = {target: (*roots(snapshot), *inside(snapshot)) for target, snapshot in wanted.items()}
        questions = [
            repository.select_repository(
                t.owner,
                t.name,
                base=t.base,
                branches=(t.branch, t.scratch),
                roots=rooted[t],
                details=self._details(t, wanted[t]),
            )
            for t in wanted
        ]
        replies = batch.ask(self.github, [*searches, *questions], scope, tick)
        self.found = replies[: len(searches)]
        observations: Observations = {}
        for target, reply in zip(wanted, replies[len(searches) :], strict=True):
            if reply.data is None:
                observations[target] = reply.failure or Failure("no answer")
            elif seen := self._seen(target, wanted[target], rooted[target], reply.data):
                observations[target] = seen
        return observations

    def _seen(
        self, target: Target, snapshot: Snapshot, rooted: Sequence[str], data: dict[str, Any]
    ) -> Observation | Failure | None:
        try:
            with reading():
                state = repository.read_repository(
                    data, target, root_paths=rooted, probes=file_filters.probes_of(target, snapshot),
                    supersedes=self.config.supersedes,
                    inside=inside(snapshot),
                )  # fmt: skip
        except Malformed as failure:
            return failure
        if not file_filters.fits(target, state):
            return None
        own = self.time_limit.attempt(target, partial(self._own, target, snapshot, state))
        return own if isinstance(own, Failure) else self._compared(target, Observation(state, Drift(), None, own))

    def _own(self, target: Target, snapshot: Snapshot, state: State, check: Check) -> Snapshot:
        """The snapshot with this target's values; those of the time that a rollback goes back to."""
        back = snapshot.back
        own = self._renderer.at(back.target if back else target, snapshot, state, check)
        return replace(own, back=with_sent(back, state, check)) if back else own

    def _compared(self, target: Target, observation: Observation) -> Observation | Failure:
        return self.time_limit.attempt(target, partial(_compared, observation, self.listings, self._shared))

    def _details(self, target: Target, snapshot: Snapshot) -> Details:
        settings = target.settings
        others = bool(self.config.supersedes) and not target.dropped and not self._merges
        return Details(
            labels=settings.pr_labels,
            milestone=settings.pr_milestone,
            auto_merge=settings.pr_auto_merge,
            others=others,
            probes=file_filters.probes_of(target, snapshot),
            facts=snapshot.has_templates or (self.config.rollout is not None and self.config.rollout.needs_topics),
        )

    def _tree_asks(self, routes: Routes, observations: Observations) -> Iterable[Ask]:
        """Every unknown tree once, of whichever target has it."""
        for target, levels in routes.by_graphql.items():
            wanted = list(levels.items())
            for start in range(0, len(wanted), TREES_A_QUESTION):
                chunk = dict(wanted[start : start + TREES_A_QUESTION])
                question = trees.select_trees(target.owner, target.name, chunk)
                yield Ask(target, question, partial(self._take_trees, target, frozenset(chunk), observations))

    def _take_trees(self, target: Target, oids: frozenset[str], observations: Observations, reply: Reply) -> None:
        if reply.data is not None:
            self.listings.learn(trees.read_trees(reply.data))
        elif isinstance(reply.failure, Unreachable):  # GitHub runs out of time even for this question alone
            self._heavy |= oids
        else:
            observations[target] = reply.failure or Failure("no answer")

    def _list_by_rest(self, wanted: Mapping[str, Target], observations: Observations, scope: Scope) -> None:
        def get(item: tuple[str, Target]) -> dict[str, dict[str, Entry]]:
            observation = observations[item[1]]
            name = (
                observation.state.full_name if isinstance(observation, Observation) else item[1].full_name
            )  # as it is called today
            return trees.list_subtree(self.github, name, item[0], scope)

        for oid, found in zip(wanted, self.github.together(get, list(wanted.items())), strict=True):
            self.listings.learn(found)
            if oid not in found:
                self._heavy, self._unlistable = self._heavy | {oid}, self._unlistable | {oid}

    def _path_asks(self, routes: Routes, observations: Observations) -> Iterable[Ask]:
        by_target: dict[Target, dict[str, tuple[str, list[str]]]] = defaultdict(dict)
        for place, paths in routes.by_path.items():
            by_target[place.target][place.side] = (place.commit, paths)
        for target, commits in by_target.items():
            question = repository.select_paths(target.owner, target.name, commits)
            yield Ask(target, question, partial(self._take_paths, target, commits, observations))

    def _take_paths(
        self, target: Target, commits: Mapping[str, tuple[str, list[str]]], observations: Observations, reply: Reply
    ) -> None:
        observation = observations[target]
        if reply.data is None or not isinstance(observation, Observation):
            observations[target] = reply.failure or Failure("no answer")
            return
        for side, (_, paths) in commits.items():
            found = repository.read_located(reply.data[side], paths).entries
            observation = replace(observation, state=_with_entries(observation.state, side, found))
        observations[target] = observation

    def _pull_asks(self, routes: Routes, observations: Observations) -> Iterable[Ask]:
        """Pull requests of targets with drift or with a branch of ours, and the names beside added files."""
        for target, observation in observations.items():
            if (
                isinstance(observation, Observation)
                and not observation.state.has_pulls
                and matters(observation, self._asked(target))
            ):
                base = observation.state.base.name if observation.state.base else ""
                wanted = target.settings.is_decorated or target.settings.pr_auto_merge
                left = (target.scratch, target.spare) if observation.state.scratch else None
                where = (target.owner, target.name, target.branch, base)
                question = pull_requests.select_pulls(*where, decorated=wanted, scratch=left)
                listed = self._beside(target, observation, routes)
                if observation.state.base:
                    question = replace(question, extra=twins.select_names(observation.state.base.head.oid, listed))
                yield Ask(target, question, partial(self._take_pulls, target, listed, observations))

    def _beside(self, target: Target, observation: Observation, routes: Routes) -> tuple[str, ...]:
        """The directories whose names to ask for, because files are added there."""
        base = observation.state.base
        if base is None:
            return ()
        asked = routes.by_path.get(TreeLocation(target, "base", base.head.oid), ())
        return twins.directories(base.head, observation.drift.changes, asked, self.listings)

    def _take_pulls(self, target: Target, listed: Sequence[str], observations: Observations, reply: Reply) -> None:
        observation = observations[target]
        if reply.data is None or not isinstance(observation, Observation):
            observations[target] = reply.failure or Failure("no answer")
        else:
            state = pull_requests.read_pulls(observation.state, reply.data, target, self._owner)
            state = replace(state, names=twins.read_names(reply.data, listed))
            observations[target] = replace(observation, state=state)


def _gaps(observations: Observations) -> dict[TreeLocation, list[Gap]]:
    found = {}
    for target, observation in observations.items():
        if not isinstance(observation, Observation):
            continue
        if observation.state.base:
            found[TreeLocation(target, "base", observation.state.base.head.oid)] = observation.drift.gaps
        if observation.state.ours and observation.branch_drift:
            found[TreeLocation(target, "ours", observation.state.ours.head.oid)] = observation.branch_drift.gaps
    return found


def _with_entries(state: State, side: str, found: Mapping[str, Entry | None]) -> State:
    def wider(branch: Branch | None) -> Branch | None:
        return branch and branch._replace(head=branch.head._replace(entries={**branch.head.entries, **found}))

    return replace(state, base=wider(state.base)) if side == "base" else replace(state, ours=wider(state.ours))


def _compared(observation: Observation, listings: ObjectCache, shared: SharedFiles, check: Check) -> Observation:
    state, snapshot = observation.state, observation.snapshot
    if state.base is None or state.archived or state.disabled:
        return observation
    base = shared.at(snapshot, state, state.base.head, check)
    drift = compare(base.snapshot, state.base.head.entries, listings, check, names=state.names)
    needs, on_branch = base.needs, None
    if state.ours:
        ours = shared.at(snapshot, state, state.ours.head, check)
        on_branch = compare(ours.snapshot, state.ours.head.entries, listings, check)
        needs = Needs.all((needs, ours.needs))
    return replace(observation, drift=drift, branch_drift=on_branch, snapshot=base.snapshot, needs=needs)
