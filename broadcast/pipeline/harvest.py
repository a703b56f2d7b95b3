"""`harvest`: what people improved in files that we send, grouped by equal edits; targets are never written to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from msgspec.structs import replace

from broadcast.config.mappings import Mapping
from broadcast.config.targets import Target
from broadcast.errors import Failure, UsageError
from broadcast.git import paths
from broadcast.git.ignore import Excludes
from broadcast.github import batch
from broadcast.github.client import GitHub, Scope
from broadcast.github.client_pool import ClientPool
from broadcast.github.questions import Question
from broadcast.github.rate_limiter import Throttled
from broadcast.observe.finds import Find, finds
from broadcast.observe.harvest import Harvester
from broadcast.observe.novelties import novelties
from broadcast.observe.state import Observation
from broadcast.pipeline.desired import Prepared
from broadcast.pipeline.fleet import Fleet, Seen
from broadcast.pipeline.harvest_write import written
from broadcast.pipeline.run import Run
from broadcast.plan.harvest import Harvest, chooser, grouped, taken
from broadcast.plan.outcome import Outcome
from broadcast.plan.plan import pending
from broadcast.plan.reason import reason_of
from broadcast.progress import Report
from broadcast.runner.context import VISIBILITIES
from broadcast.source.secret_names import is_secret


def harvest(run: Run, root: Path, wanted: Prepared, *, clients: ClientPool, progress: Report) -> Iterable[Outcome]:
    """Collect the edits in `run`; yields the outcomes of targets that can't be looked at. Raises Failure.

    With the input `write` they go into the working tree at `root`.
    """
    with run.phase("observe"):
        quiet = replace(run.inputs, cleanup=False, pull_request=False)  # no target is written to
        fleet = Fleet(quiet, run.context, wanted, clients=clients, listings=run.listings, progress=progress)
        seen = fleet.observe()
        run.warnings += seen.warnings
    with run.phase("harvest"):
        run.harvest = _harvested(run, wanted, clients, fleet, seen)
    run.warnings += [one for one in fleet.history.warnings if one not in run.warnings]
    for target, observation in seen.observations.items():
        if isinstance(observation, Failure):
            outcome = pending(target, seen.snapshots[target])
            is_late = isinstance(observation, Throttled)
            yield replace(outcome, name="deferred" if is_late else "failed", reason=reason_of(observation))
    if run.inputs.write and run.harvest.groups and not run.inputs.dry_run:
        with run.phase("write"):
            run.harvest = replace(run.harvest, written=written(root, taken(run.harvest)))
    if run.inputs.proposes and run.harvest.groups:
        from broadcast.pipeline.proposal import propose

        with run.phase("apply"):
            yield propose(run, wanted, taken(run.harvest), clients=clients, history=fleet.history)


def _harvested(run: Run, wanted: Prepared, clients: ClientPool, fleet: Fleet, seen: Seen) -> Harvest:
    novel = _novel(run, wanted)
    found = [
        (part.github, [*_finds(run, part.observations, seen), *novel(part.github, part.observations, seen)])
        for part in fleet.parts
    ]
    kept, withheld = _readable(run, clients, found)
    source = wanted.source
    if not fleet.parts:
        return Harvest()
    limit = fleet.parts[0].observer.time_limit
    harvester = Harvester(source.renderer, fleet.history, run.listings, ours=source.rules.trailer, time_limit=limit)
    return grouped(harvester.harvest(kept), withheld)


def _finds(run: Run, targets: Iterable[Target], seen: Seen) -> list[Find]:
    chosen, path = chooser(run.inputs.path), run.inputs.path
    return [
        found
        for target in targets
        if isinstance(observation := seen.observations[target], Observation)
        for found in finds(target, observation, chosen, merges=bool(path))
    ]


def _novel(run: Run, wanted: Prepared) -> Callable[[GitHub, Iterable[Target], Seen], list[Find]]:
    """What looks for files that the source lacks. Raises UsageError."""
    try:
        names = Excludes(run.inputs.new)
    except ValueError as error:
        raise UsageError(f"new: {error}", "correct it") from error
    chosen, source = chooser(run.inputs.path), wanted.source

    def lacks(mapping: Mapping, below: str) -> bool:
        path = paths.join(mapping.src, below)
        is_there = source.checkout.exists(path, untracked=True) or path in source.builder.never_sent
        return not (is_there or is_secret(path) or source.builder.filter_of(mapping).match(below))

    def find(github: GitHub, targets: Iterable[Target], seen: Seen) -> list[Find]:
        looked = {one: found for one in targets if isinstance(found := seen.observations[one], Observation)}
        made = novelties(github, looked, run.listings, Scope("harvest"), names=names.names, lacks=lacks)
        return [one for one in made if chosen(one.sent.source, one.path)]

    return find if run.inputs.new else lambda *_: []


_Found = Sequence[tuple[GitHub, Sequence[Find]]]


def _readable(run: Run, clients: ClientPool, found: _Found) -> tuple[_Found, list[str]]:
    """What may be shown to all readers of the source; and the targets whose edits are left out."""
    if run.inputs.harvest_private or not any(those for _, those in found):
        return found, []
    visibility = _visibility(run, clients)
    kept = [
        (github, [one for one in those if may_show(visibility, one.seen.state.visibility)]) for github, those in found
    ]
    open_ = {id(one) for _, those in kept for one in those}
    left_out = [one.target.label for _, those in found for one in those if id(one) not in open_]
    return kept, sorted(dict.fromkeys(left_out))


def _visibility(run: Run, clients: ClientPool) -> str:
    """The source's; empty where that isn't known."""
    if run.context.visibility:
        return run.context.visibility
    owner, _, name = run.context.source.partition("/")
    try:
        (reply,) = batch.ask(
            clients.source(run.context.source), [Question(owner, name, "visibility")], Scope("harvest")
        )
    except Failure:
        return ""
    return str((reply.data or {}).get("visibility") or "")


def may_show(source: str, target: str) -> bool:
    """Whether all readers of a source of this visibility can read the target; what isn't known counts as the worst."""
    readers = VISIBILITIES.index(source) if source in VISIBILITIES else len(VISIBILITIES) - 1
    allowed = VISIBILITIES.index(target) if target in VISIBILITIES else 0
    return readers <= allowed
