"""The source at the commit to roll back to, and at later ones that targets have merged."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from threading import Lock

from msgspec import Struct
from msgspec.structs import replace

from broadcast.config.targets import Found, Target
from broadcast.errors import Failure, UsageError
from broadcast.github.client_pool import ClientPool
from broadcast.observe.selection import find
from broadcast.observe.state import Observation, Observations
from broadcast.pipeline import compare_to
from broadcast.pipeline.desired import Phase, Prepared, Source, prepare
from broadcast.pipeline.known_properties import learn
from broadcast.runner.context import Context
from broadcast.runner.inputs import Inputs
from broadcast.snapshot.back import Back, Later, leading_back
from broadcast.snapshot.render import Renderer
from broadcast.snapshot.snapshot import Snapshot
from broadcast.source.repository import Repository
from broadcast.source.revision import Revision

_ALL = "give actions/checkout `fetch-depth: 0`, which brings all of the history"


class Past(Struct, frozen=True):
    """What the source sent at one commit."""

    commit: str
    renderer: Renderer
    targets: Mapping[str, tuple[Target, Snapshot]]  # by label
    nothing: Snapshot

    def of(self, target: Target) -> Later:
        """What it sent to a target; nothing where its config didn't name it."""
        then, snapshot = self.targets.get(target.label, (target, self.nothing))
        return Later(then, snapshot, self.renderer)


class Pasts:
    """The source at commits of its history, each read once. Threads may share it."""

    def __init__(self, inputs: Inputs, context: Context, now: Prepared, found: Found, clients: ClientPool) -> None:
        self._inputs, self._context, self._now = compare_to.inputs_of(inputs), context, now
        self._found, self._clients, self._config = found, clients, inputs.config
        self._lock, self._known = Lock(), dict[str, Past | Failure]()

    def at(self, revision: Revision, phase: Phase) -> Past:
        """The source at a commit. Raises ConfigError, UsageError."""
        context = replace(self._context, commit=revision.commit)
        source = compare_to.source(self._inputs, context, revision, phase)
        if source is None:
            raise UsageError(
                f"there is no config at {self._config} in {revision.commit[:10]}", "name a commit that has one in `to`"
            )
        selectors = {spec.selector for spec in source.config.targets if spec.enabled and spec.selector}
        more = find(selectors - self._found.keys(), self._clients)
        found = {**self._found, **more.found}
        learn(source, more, self._clients)
        wanted = prepare(self._inputs, context, source, found=found, unanswered=more.failures, phase=phase)
        return _past(revision.commit, wanted)

    def later(self, commit: str, phase: Phase) -> Past | Failure:
        """The source at a commit that a pull request came from, or why that isn't known."""
        with self._lock:
            if commit not in self._known:
                try:
                    revision = Revision.of(self._now.source.checkout, self._config, commit, "to go back to")
                    self._known[commit] = self.at(revision, phase)
                except Failure as failure:
                    self._known[commit] = failure
            return self._known[commit]


def _past(commit: str, wanted: Prepared) -> Past:
    by_label = {target.label: (target, snapshot) for target, snapshot in wanted.snapshots.items()}
    return Past(commit, wanted.source.renderer, by_label, wanted.nothing)


def revision(inputs: Inputs, source: Source) -> Revision:
    """The commit to go back to. Raises UsageError where it isn't known to be a part of what is checked out."""
    found = Revision.of(source.checkout, inputs.config, inputs.to, "to go back to")
    repository = source.checkout.main(inputs.config)
    if repository is None or repository.git.is_shallow:
        raise UsageError(f"what came after {inputs.to} isn't known, for the checkout is shallow", _ALL)
    if not repository.contains(repository.head, found.commit):
        raise UsageError(
            f"{inputs.to} is no ancestor of what is checked out, {repository.head[:10]}",
            "name a commit of this branch's history in `to`",
        )
    return found


class Rollback:
    """What every target goes back to."""

    def __init__(self, to: Past, pasts: Pasts, repository: Repository, phase: Phase) -> None:
        self._to, self._pasts, self._phase = to, pasts, phase

        @cache
        def is_later(commit: str) -> bool:
            return bool(commit) and not repository.contains(to.commit, commit)

        self._is_later = is_later
        self.warnings: dict[str, None] = {}

    def prepared(self, now: Prepared, commit: str) -> Prepared:
        """`now`, which is the source at `commit`, with what its targets go back to."""
        here = _past(commit, now)
        snapshots = {target: self._snapshot(target, {commit: here.of(target)}) for target in now.snapshots}
        return replace(now, source=replace(now.source, renderer=self._to.renderer), snapshots=snapshots)

    def widened(self, snapshots: Mapping[Target, Snapshot], seen: Observations) -> dict[Target, Snapshot]:
        """The snapshots of targets that have merged what other commits sent than those that are known."""
        found = {}
        for target, one in seen.items():
            back = snapshots[target].back
            if isinstance(one, Observation) and back and (more := self._more(target, one, back)):
                found[target] = self._snapshot(target, {**back.later, **more})
        return found

    def _more(self, target: Target, seen: Observation, back: Back) -> dict[str, Later]:
        merged = dict.fromkeys(pull.marker.commit for pull in seen.state.merged_here if pull.marker)
        merged |= dict.fromkeys(seen.state.sent.commits)
        found = {}
        for commit in merged:
            if commit in back.later or not self._is_later(commit):
                continue
            match self._pasts.later(commit, self._phase):
                case Failure() as failure:
                    what = f"what came from {commit[:10]} is only known as far as other commits sent it"
                    self.warnings[f"{what}: {failure.message}"] = None
                case past:
                    found[commit] = past.of(target)
        return found

    def _snapshot(self, target: Target, later: Mapping[str, Later]) -> Snapshot:
        then, to, _ = self._to.of(target)
        back = Back(self._to.commit, then, self._is_later, later)
        return replace(leading_back(to, [one.snapshot for one in later.values()]), back=back)


def of(
    inputs: Inputs, context: Context, now: Prepared, to: Revision, *, found: Found, clients: ClientPool, phase: Phase
) -> Rollback:
    """The rollback of a run. Raises ConfigError, UsageError."""
    pasts = Pasts(inputs, context, now, found, clients)
    repository = now.source.checkout.main(inputs.config)
    if repository is None:
        raise UsageError("there is no git history to go back in", "check the source out with actions/checkout")
    return Rollback(pasts.at(to, phase), pasts, repository, phase)
