"""Open pull requests of repositories that the config no longer names: searched for, and proven to be ours."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence

from broadcast.config.targets import Target
from broadcast.errors import Failure
from broadcast.github.client import Scope
from broadcast.github.client_pool import identity
from broadcast.github.validation import Malformed, reading
from broadcast.observe import orphans
from broadcast.observe.orphans import Hits
from broadcast.observe.state import Observations
from broadcast.pipeline.parts import FleetPart, Parts

log = logging.getLogger(__name__)

MAX_OTHERS = 10  # owners without a target that are searched; each costs a call, and for an App a token, too


class DroppedSearch:
    """Filtered and sharded runs search for nothing: they know only a part of the targets."""

    def __init__(self, parts: Parts, home: str, unreached: Iterable[Target]) -> None:
        self._parts, self._home = parts, home
        self.warnings: list[str] = []
        if parts.inputs.cleanup and not parts.inputs.is_filtered:
            self._assign({target.owner.lower() for target in unreached} | self._unlisted())

    def prepare(self, part: FleetPart) -> None:
        """The searches that this part's client makes with its first questions."""
        if part.owners:
            credentials = part.github.credentials
            part.searches = orphans.searches(
                self._parts.wanted.config, part.owners, credentials.author, anywhere=credentials.is_personal
            )

    def found(self, seen: Observations, unfit: Sequence[Target] = ()) -> Observations:
        """The repositories with an open pull request of ours that the config no longer asks for; `unfit` among them.

        None where a target wasn't seen: a pull request that looks dropped could be that target's.
        """
        dropped: Observations = {}
        unseen = any(isinstance(observation, Failure) for observation in seen.values())
        if not unseen and not self._parts.wanted.unlisted:
            for part in [one for one in self._parts.all if one.owners]:
                dropped |= self._found_by(part, seen, unfit)
        return dropped

    def _unlisted(self) -> set[str]:
        """The owners of failed selectors, in lower case."""
        return {owner.lower() for selector in self._parts.wanted.unlisted for owner in selector.owners}

    def _assign(self, unreached: set[str]) -> None:
        """Give every owner a client that searches there: owners of targets, of the config, of the source, of tokens."""
        inputs, config = self._parts.inputs, self._parts.wanted.config
        have = {target.owner.lower() for part in self._parts.all for target in part.targets}
        named = {owner.lower() for spec in config.targets for owner in spec.owners}
        keys = {identity(inputs, owner) for owner in have}
        at_home = [self._home] if identity(inputs, self._home) in keys else []
        others = self._others({*have, *named, *unreached})
        for owner in dict.fromkeys([*sorted(have), *sorted(named - have - unreached), *at_home, *others]):
            try:
                reader = self._parts.clients.reader(owner, self._parts.share(owner))
                self._parts.of(reader).owners.setdefault(owner, owner in have or owner in named)
            except Failure as failure:
                log.info("%s can't be searched for dropped pull requests: %s", owner, failure.message)

    def _others(self, known: Collection[str]) -> list[str]:
        """Further owners, in lower case, that a token is for."""
        try:
            others = [owner.lower() for owner in self._parts.clients.others(known)]
        except Failure as failure:
            log.info("owners without a target can't be listed: %s", failure.message)
            return []
        if len(others) > MAX_OTHERS:
            log.info("%d owners without a target aren't searched for dropped pull requests", len(others))
            return []
        return others

    def _found_by(self, part: FleetPart, seen: Observations, unfit: Sequence[Target]) -> Observations:
        """The proven hits of one client's searches."""
        owners = ", ".join(part.owners)
        if part.failure:
            self.warnings.append(f"pull requests at {owners} can't be searched: {part.failure.message}")
            return {}
        hits = self._hits(part, seen, unfit)
        if not hits:
            return {}
        try:
            return self._proven(part, hits)
        except Failure as failure:
            self.warnings.append(f"pull requests at {owners} that the config dropped stay open: {failure.message}")
            return {}

    def _hits(self, part: FleetPart, seen: Observations, unfit: Sequence[Target]) -> Sequence[Target]:
        results = orphans.results(part.github, part.searches, part.observer.found, Scope("observe"))
        incomplete = "some pull requests that the config no longer asks for may stay open"
        self.warnings += [f"{incomplete}: {text}" for text in results.warnings]
        try:
            with reading():
                wanted = self._parts.wanted
                everything = [target for target in wanted.everything if target not in set(unfit)]
                hits: Hits = orphans.unasked(
                    results.nodes, seen, everything, wanted.config, listed=wanted.listed, now=part.github.now()
                )
        except Malformed as failure:
            where = ", ".join(part.owners)
            self.warnings.append(f"nothing was taken for dropped at {where}: {failure.message}")
            return ()
        self.warnings += hits.kept
        return hits.targets

    def _proven(self, part: FleetPart, hits: Sequence[Target]) -> Observations:
        """Those hits that are ours, seen by the client that may close them. Raises Failure."""
        parts, wanted = self._parts, self._parts.wanted
        client = parts.clients.working(part.github, parts.names(hits), parts.share(hits[0].owner))
        worker = parts.of(client)
        seen = worker.observer.observe(dict.fromkeys(hits, wanted.nothing), Scope("observe"))
        ours = {one: observation for one, observation in seen.items() if orphans.is_ours(observation, wanted.config)}
        worker.observations |= dict.fromkeys(ours)
        return ours
