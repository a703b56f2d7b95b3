"""The state of the fleet in as few queries as possible: look at all, then list only the trees that differ."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from broadcast import answers, closings, descend, optouts, people
from broadcast.answers import Ownership
from broadcast.api import batch, gitdata, queries, wide
from broadcast.api.batch import Question, Reply, Search, Tick
from broadcast.api.client import GitHub, Scope
from broadcast.api.queries import Wishes
from broadcast.api.shapes import Malformed, reading
from broadcast.config import Config
from broadcast.descend import Place, Routes
from broadcast.drift import Drift, Gap, compare, roots
from broadcast.effort import Check, Effort
from broadcast.errors import Failure, Unreachable
from broadcast.gitobject import Entry
from broadcast.lfs import Pointers
from broadcast.listings import Listings
from broadcast.past import Past
from broadcast.proofs import Proofs
from broadcast.pullrequest import trailer
from broadcast.rendering import Renderer
from broadcast.snapshot import Snapshot
from broadcast.state import Branch, State
from broadcast.targets import Target

log = logging.getLogger(__name__)

MAX_ROUNDS = 40  # a tree of ours is never that many levels deep
TREES_A_QUESTION = 20
HISTORIES_A_QUESTION = 20


class Sight(Struct, frozen=True):
    """A target's state and what separates its base, and our branch there, from the snapshot."""

    state: State
    drift: Drift
    branch_drift: Drift | None  # None: we have no branch there
    snapshot: Snapshot  # what this very target should hold


Sights = dict[Target, Sight | Failure]


class Observer:
    """Asks; remembers every tree listing, for trees never change and fleets share them."""

    def __init__(
        self,
        github: GitHub,
        source: str,
        config: Config,
        listings: Listings,
        renderer: Renderer,
        past: Past,
        pointers: Pointers,
    ) -> None:
        self.github, self.config, self.listings = github, config, listings
        self._renderer, self._past, self._pointers = renderer, past, pointers
        self._owner = Ownership(config.id, source)
        self._proofs = Proofs(github, listings, trailer(config.id, source), config.ignored_authors)
        self._heavy: frozenset[str] = frozenset()  # trees too large for GraphQL
        self._unlistable: frozenset[str] = frozenset()  # … and for REST
        self.found: Sequence[Reply] = ()  # to the searches of the last look
        self.effort = Effort(github.now)

    def observe(
        self, wanted: Mapping[Target, Snapshot], scope: Scope, searches: Sequence[Search] = (),
        tick: Tick = lambda: None,
    ) -> Sights:  # fmt: skip
        """The sight of every target, or why there is none; `tick` is for progress.

        `searches` ride along in the first documents and cost no call; their replies are in `found`.
        """
        sights = self._look(wanted, scope, searches, tick)
        for _ in range(MAX_ROUNDS):
            routes = descend.route(_gaps(sights), self._heavy, self._unlistable)
            asks = [
                *self._tree_asks(routes, sights), *self._path_asks(routes, sights), *self._pull_asks(sights),
                *self._seed_asks(sights),
            ]  # fmt: skip
            if not asks and not routes.by_rest:
                break
            self._list_by_rest(routes.by_rest, sights, scope)
            replies = batch.ask(self.github, [ask.question for ask in asks], scope)
            for ask, reply in zip(asks, replies, strict=True):
                try:
                    with reading():
                        ask.take(reply)
                except Malformed as failure:
                    sights[ask.target] = failure
            for target, sight in sights.items():
                if isinstance(sight, Sight):
                    sights[target] = self._compared(target, sight)
        final = self._pointers.settle(self.github, {one: _final(sight) for one, sight in sights.items()}, scope)
        read = closings.settle(self.github, optouts.settle(self.github, final, scope), scope)
        return self._with_edits(self._past.settle(self._proofs.settle(read, scope), scope), scope)

    def _with_edits(self, sights: Sights, scope: Scope) -> Sights:
        """Who made the changes that would be lost; nice to know, so that nobody fails for it."""
        asked: dict[Target, list[str]] = {}
        questions = []
        for target, sight in sights.items():
            if isinstance(sight, Sight) and sight.state.base and (found := people.edited(sight.state, sight.drift)):
                asked[target] = found[:HISTORIES_A_QUESTION]
                questions.append(gitdata.last(target.owner, target.name, sight.state.base.head.oid, asked[target]))
        try:
            replies = batch.ask(self.github, questions, scope)
            with reading():
                both = zip(asked, replies, strict=True)
                return sights | {target: _edited(sights[target], reply, asked[target]) for target, reply in both}
        except Failure as failure:
            log.info("who changed files that would be overwritten can't be told: %s", failure.message)
            return sights

    def _look(self, wanted: Mapping[Target, Snapshot], scope: Scope, searches: Sequence[Search], tick: Tick) -> Sights:
        rooted = {target: roots(snapshot) for target, snapshot in wanted.items()}
        questions = [
            queries.look(t.owner, t.name, t.base, (t.branch, t.scratch), rooted[t], self._wishes(t, wanted[t]))
            for t in wanted
        ]
        replies = batch.ask(self.github, [*searches, *questions], scope, tick)
        self.found = replies[: len(searches)]
        sights: Sights = {}
        for target, reply in zip(wanted, replies[len(searches) :], strict=True):
            if reply.data is None:
                sights[target] = reply.failure or Failure("no answer")
            else:
                sights[target] = self._seen(target, wanted[target], rooted[target], reply.data)
        return sights

    def _seen(self, target: Target, snapshot: Snapshot, rooted: Sequence[str], data: dict[str, Any]) -> Sight | Failure:
        try:
            with reading():
                state = answers.state(data, target, rooted, snapshot.probes, self.config.supersedes)
        except Malformed as failure:
            return failure
        own = self.effort.attempt(target, partial(self._renderer.at, target, snapshot, state))
        return own if isinstance(own, Failure) else self._compared(target, Sight(state, Drift(), None, own))

    def _compared(self, target: Target, sight: Sight) -> Sight | Failure:
        return self.effort.attempt(target, partial(_compared, sight, self.listings))

    def _wishes(self, target: Target, snapshot: Snapshot) -> Wishes:
        settings = target.settings
        others = bool(self.config.supersedes) and not target.dropped
        return Wishes(
            settings.pr_labels, settings.pr_milestone, settings.pr_auto_merge, others, snapshot.probes,
            snapshot.has_templates,
        )  # fmt: skip

    def _tree_asks(self, routes: Routes, sights: Sights) -> Iterable[_Ask]:
        """Every unknown tree once, of whichever target has it."""
        for target, levels in routes.by_graphql.items():
            trees = list(levels.items())
            for start in range(0, len(trees), TREES_A_QUESTION):
                chunk = dict(trees[start : start + TREES_A_QUESTION])
                question = gitdata.trees(target.owner, target.name, chunk)
                yield _Ask(target, question, partial(self._take_trees, target, frozenset(chunk), sights))

    def _take_trees(self, target: Target, oids: frozenset[str], sights: Sights, reply: Reply) -> None:
        if reply.data is not None:
            self.listings.learn(gitdata.listings(reply.data))
        elif isinstance(reply.failure, Unreachable):  # GitHub runs out of time even for this question alone
            self._heavy |= oids
        else:
            sights[target] = reply.failure or Failure("no answer")

    def _list_by_rest(self, trees: Mapping[str, Target], sights: Sights, scope: Scope) -> None:
        def get(item: tuple[str, Target]) -> wide.Found:
            sight = sights[item[1]]
            name = sight.state.full_name if isinstance(sight, Sight) else item[1].full_name  # as it is called today
            return wide.listing(self.github, name, item[0], scope)

        for oid, found in zip(trees, self.github.together(get, list(trees.items())), strict=True):
            self.listings.learn(found.listings)
            if oid not in found.listings:
                self._heavy, self._unlistable = self._heavy | {oid}, self._unlistable | {oid}

    def _path_asks(self, routes: Routes, sights: Sights) -> Iterable[_Ask]:
        by_target: dict[Target, dict[str, tuple[str, list[str]]]] = defaultdict(dict)
        for place, paths in routes.by_path.items():
            by_target[place.target][place.side] = (place.commit, paths)
        for target, commits in by_target.items():
            question = queries.at_paths(target.owner, target.name, commits)
            yield _Ask(target, question, partial(self._take_paths, target, commits, sights))

    def _take_paths(
        self, target: Target, commits: Mapping[str, tuple[str, list[str]]], sights: Sights, reply: Reply
    ) -> None:
        sight = sights[target]
        if reply.data is None or not isinstance(sight, Sight):
            sights[target] = reply.failure or Failure("no answer")
            return
        for side, (_, paths) in commits.items():
            found = queries.located(reply.data[side], paths).entries
            sight = replace(sight, state=_with_entries(sight.state, side, found))
        sights[target] = sight

    def _pull_asks(self, sights: Sights) -> Iterable[_Ask]:
        """Pull requests, only of targets with drift or with a branch of ours."""
        for target, sight in sights.items():
            if isinstance(sight, Sight) and not sight.state.has_pulls and _matters(sight):
                base = sight.state.base.name if sight.state.base else ""
                wanted = target.settings.is_decorated or target.settings.pr_auto_merge
                left = (target.scratch, target.spare) if sight.state.scratch else None
                where = (target.owner, target.name, target.branch, base)
                question = queries.pulls(*where, decorated=wanted, scratch=left)
                yield _Ask(target, question, partial(self._take_pulls, target, sights))

    def _take_pulls(self, target: Target, sights: Sights, reply: Reply) -> None:
        sight = sights[target]
        if reply.data is None or not isinstance(sight, Sight):
            sights[target] = reply.failure or Failure("no answer")
        else:
            sights[target] = replace(sight, state=answers.with_pulls(sight.state, reply.data, target, self._owner))

    def _seed_asks(self, sights: Sights) -> Iterable[_Ask]:
        """Whether the targets ever had what is only sent to those that never had it; once all is compared."""
        for target, sight in sights.items():
            if isinstance(sight, Sight) and sight.state.base and not sight.drift.gaps:
                absent = [c.path for c in sight.drift.changes if c.after and c.after.is_seed]
                unknown = [path for path in absent if path not in sight.state.had]
                for start in range(0, len(unknown), HISTORIES_A_QUESTION):
                    paths = unknown[start : start + HISTORIES_A_QUESTION]
                    question = gitdata.had(target.owner, target.name, sight.state.base.name, paths)
                    yield _Ask(target, question, partial(self._take_had, target, paths, sights))

    def _take_had(self, target: Target, paths: list[str], sights: Sights, reply: Reply) -> None:
        sight = sights[target]
        if reply.data is None or not isinstance(sight, Sight):
            sights[target] = reply.failure or Failure("no answer")
        else:
            had = {**sight.state.had, **answers.had(reply.data, paths)}
            sights[target] = replace(sight, state=replace(sight.state, had=had))


class _Ask(Struct, frozen=True):
    target: Target
    question: Question
    take: Callable[[Reply], None]


def _gaps(sights: Sights) -> dict[Place, list[Gap]]:
    found = {}
    for target, sight in sights.items():
        if not isinstance(sight, Sight):
            continue
        if sight.state.base:
            found[Place(target, "base", sight.state.base.head.oid)] = sight.drift.gaps
        if sight.state.ours and sight.branch_drift:
            found[Place(target, "ours", sight.state.ours.head.oid)] = sight.branch_drift.gaps
    return found


def _with_entries(state: State, side: str, found: Mapping[str, Entry | None]) -> State:
    def wider(branch: Branch | None) -> Branch | None:
        return branch and branch._replace(head=branch.head._replace(entries={**branch.head.entries, **found}))

    return replace(state, base=wider(state.base)) if side == "base" else replace(state, ours=wider(state.ours))


def _edited(sight: Sight | Failure, reply: Reply, paths: list[str]) -> Sight | Failure:
    if isinstance(sight, Failure) or reply.data is None:
        return sight
    return replace(sight, state=replace(sight.state, edits=answers.edits(reply.data, paths)))


def _final(sight: Sight | Failure) -> Sight | Failure:
    drifts = (sight.drift, sight.branch_drift) if isinstance(sight, Sight) and sight.state.base else ()
    gap = next((gap for drift in drifts if drift for gap in drift.gaps), None)
    if gap:
        remedy = "mirror or remove a smaller directory" if gap.whole else "run again; report it if it stays so"
        return Failure(f"GitHub can't list the directory {gap.path} of the target", remedy)
    return sight


def _matters(sight: Sight) -> bool:
    drift = sight.drift
    usable = sight.state.base is not None and not sight.state.archived and not sight.state.disabled
    return usable and bool(drift.changes or drift.gaps or drift.strays or sight.state.ours or sight.state.scratch)


def _compared(sight: Sight, listings: Listings, check: Check) -> Sight:
    state, snapshot = sight.state, sight.snapshot
    if state.base is None or state.archived or state.disabled:
        return sight
    drift = compare(snapshot, state.base.head.entries, listings, check)
    ours = compare(snapshot, state.ours.head.entries, listings, check) if state.ours else None
    return replace(sight, drift=drift, branch_drift=ours)
