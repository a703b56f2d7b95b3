"""The parts of a fleet: the targets that one token reaches, with what observes them and what writes to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from msgspec import Struct, field

from broadcast.apply.executor import Executor
from broadcast.apply.identity import Signers
from broadcast.apply.texts import Writer
from broadcast.config import shards
from broadcast.config.targets import Target
from broadcast.errors import Failure, UsageError
from broadcast.github.client import GitHub
from broadcast.github.client_pool import ClientPool, identity
from broadcast.github.questions import Search
from broadcast.observe.history import History
from broadcast.observe.lfs import Pointers
from broadcast.observe.looks import Asked
from broadcast.observe.object_cache import ObjectCache
from broadcast.observe.observer import Observer
from broadcast.observe.shared_files import SharedFiles
from broadcast.pipeline.desired import Prepared
from broadcast.runner.context import Context
from broadcast.runner.inputs import Inputs


class FleetPart(Struct):
    """The targets that one client works on, and the owners at whom it searches."""

    github: GitHub
    observer: Observer
    syncer: Executor
    targets: list[Target] = field(default_factory=list)
    observations: dict[Target, None] = field(default_factory=dict)  # those that were looked at
    # The owners at whom it searches for dropped pull requests, in lower case, and whether the config names them.
    owners: dict[str, bool] = field(default_factory=dict)
    searches: list[Search] = field(default_factory=list)
    failure: Failure | None = None  # what kept all of its targets from being looked at


class Parts:
    """All parts of one run, each made when its client is first needed."""

    def __init__(
        self, clients: ClientPool, inputs: Inputs, context: Context, wanted: Prepared, listings: ObjectCache
    ) -> None:
        self.all: list[FleetPart] = []
        self.clients, self.inputs, self.wanted = clients, inputs, wanted
        self._context, self._listings, self._signers = context, listings, Signers(context)
        here = wanted.source.checkout.in_repository
        self.history = History(lambda: clients.source(context.source), context.source, context.commit, here)
        self.pointers = Pointers(wanted.source.renderer)
        self._shared = SharedFiles(wanted.source.renderer, self.history, listings, context.source)

    def reached(self, targets: Sequence[Target]) -> FleetPart | Failure:
        """The part for targets of one owner, or why no client reaches them. Raises UsageError."""
        owner = targets[0].owner
        try:
            return self.of(self.clients.of(owner, self.names(targets), self.share(owner)))
        except UsageError:
            raise
        except Failure as failure:
            return failure

    def of(self, github: GitHub) -> FleetPart:
        """The part that this client works on."""
        known = next((part for part in self.all if part.github is github), None)
        self.all += [] if known else [self._new(github)]
        return known or self.all[-1]

    def names(self, targets: Iterable[Target]) -> Collection[str]:
        """The repositories that a token for some targets has to name; none where it has to be for all.

        A token that names repositories may not see a team (docs/github.md, "Tokens").
        """
        if self.inputs.writes and any(target.settings.pr_team_reviewers for target in targets):
            return ()
        return {target.name.lower(): target.name for target in targets}.values()

    def share(self, owner: str) -> float:
        """The part of the budget of an owner's token that this shard may use, from 0 to 1."""
        shard = self.inputs.shard
        if shard is None:
            return 1.0
        owners = [target.owner for target in self.wanted.everything]
        return shards.share(owner, owners, shard.all, lambda one: identity(self.inputs, one))

    def _asked(self, target: Target) -> Asked:
        """What the run has to know of a target besides what separates it from the source."""
        command = self.inputs.command
        rollout = self.wanted.config.rollout if self.inputs.goes_by_waves else None
        is_early = rollout is not None and rollout.may_be_early(target)
        reads_checks = command in ("merge", "status") or self.inputs.shows_dashboard
        return Asked(pulls=is_early or command == "status", checks=is_early or reads_checks)

    def _new(self, github: GitHub) -> FleetPart:
        source, context = self.wanted.source, self._context
        observer = Observer(
            github, source=context.source, config=source.config, listings=self._listings, renderer=source.renderer,
            past=self.history, pointers=self.pointers, shared=self._shared,
            merges=self.inputs.command == "merge", asked=self._asked,
        )  # fmt: skip
        syncer = Executor(
            github, observer, inputs=self.inputs, context=context, config=source.config,
            renderer=source.renderer, rules=source.rules, signers=self._signers,
            writer=Writer(context, source.config, source.rules, source.words),
        )  # fmt: skip
        return FleetPart(github, observer, syncer)
