"""The pull request on the source that brings edits back: the source is worked on as a target of its own.

So all that holds for targets holds here: commits of others are never overwritten, what people closed isn't proposed
again, and a run that finds its work done writes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial

from msgspec.structs import replace

from broadcast.apply.executor import Executor
from broadcast.apply.harvest_texts import HarvestWriter
from broadcast.compose.composition import Composition, State
from broadcast.compose.parts import Merge
from broadcast.compose.unified import edit_digest
from broadcast.config.model import Config
from broadcast.config.settings import Settings
from broadcast.config.targets import Target
from broadcast.config.yaml_reader import Place
from broadcast.errors import Failure, UsageError
from broadcast.git.objects import blob_id, build_tree
from broadcast.github.client import GitHub, Scope
from broadcast.github.client_pool import ClientPool
from broadcast.github.rate_limiter import Throttled
from broadcast.observe.history import History
from broadcast.observe.lfs import Pointers
from broadcast.observe.observer import Observer
from broadcast.observe.shared_files import SharedFiles
from broadcast.observe.state import Observation
from broadcast.ownership import trailer
from broadcast.pipeline.desired import Prepared
from broadcast.pipeline.run import Run
from broadcast.plan import permissions
from broadcast.plan.decide import decide
from broadcast.plan.harvest import Group
from broadcast.plan.outcome import Outcome
from broadcast.plan.plan import Plan, Rules, pending
from broadcast.plan.reason import Refused, reason_of
from broadcast.snapshot.snapshot import Shared, Snapshot, Wanted

PREFIX = "broadcast-harvest"

Groups = Mapping[str, Group]  # by their path in the source's repository


def propose(run: Run, wanted: Prepared, taken: Sequence[Group], *, clients: ClientPool, history: History) -> Outcome:
    """Open or update the pull request with these edits; the outcome has its address. Raises Failure."""
    groups = _placed(run, wanted, taken)
    config = replace(wanted.config, id=f"harvest:{wanted.config.id}", supersedes=())
    rules = replace(wanted.source.rules, trailer=trailer(config.id, run.context.source), is_rival=lambda _: False)
    github = _client(run, clients, groups)
    observer = _observer(run, wanted, config, history, github)
    target, snapshot = _target(run.context.source, groups), _snapshot(groups)
    seen = observer.observe({target: snapshot}, Scope("propose"))[target]
    if isinstance(seen, Failure):
        raise seen
    _refuse_stale(run, seen, groups)
    writer = HarvestWriter(run.context, config, rules, groups)
    executor = Executor(
        github, observer, inputs=run.inputs, context=run.context, config=config, renderer=wanted.source.renderer,
        rules=rules, writer=writer,
    )  # fmt: skip
    base = seen.state.base.name if seen.state.base else ""
    outcome = replace(pending(target, snapshot), base=base)
    try:
        return executor.sync(outcome, target, seen.snapshot, seen, _plan(observer, github, target, seen, rules))
    except Throttled as failure:
        return replace(outcome, reason=reason_of(failure))
    except Failure as failure:
        return replace(outcome, name="failed", reason=reason_of(failure))


def _placed(run: Run, wanted: Prepared, taken: Sequence[Group]) -> dict[str, Group]:
    """The edits by their paths in the source's repository. Raises UsageError for those that lie elsewhere."""
    found = {}
    for group in taken:
        path = wanted.source.checkout.in_source(run.inputs.config, group.source)
        if path is None:
            raise UsageError(
                f"{group.source} lies in another repository than the config", "take its edit with `write`, there"
            )
        found[path] = group
    return found


def _client(run: Run, clients: ClientPool, groups: Groups) -> GitHub:
    """A dry run asks for no more than it needs."""
    source = run.context.source
    return clients.proposing(source, permissions.proposing(groups)) if run.inputs.writes else clients.source(source)


def _observer(run: Run, wanted: Prepared, config: Config, history: History, github: GitHub) -> Observer:
    renderer, source = wanted.source.renderer, run.context.source
    shared = SharedFiles(renderer, history, run.listings, source)
    return Observer(
        github, source=source, config=config, listings=run.listings, renderer=renderer, past=history,
        pointers=Pointers(renderer), shared=shared,
    )  # fmt: skip


def _target(source: str, groups: Groups) -> Target:
    """The source as a target, with one branch for each set of paths."""
    owner, _, name = source.partition("/")
    mark = hashlib.sha256("\0".join(sorted(groups)).encode()).hexdigest()[:12]
    return Target(
        owner=owner, name=name, base=None, branch=f"{PREFIX}/{mark}", mappings=(), removals=(),
        settings=Settings(news=False), place=Place(0, 0),
    )  # fmt: skip


def _snapshot(groups: Groups) -> Snapshot:
    """The source as it should be; each file counts by its edit, whatever else changes in it."""
    files = {path: _wanted(path, group) for path, group in sorted(groups.items())}
    return Snapshot(
        files=files, tree=build_tree({path: one.entry for path, one in files.items()}), directories=(),
        territories=(), removals=frozenset(), errors=(), excluded=0,
    )  # fmt: skip


def _wanted(path: str, group: Group) -> Wanted:
    state = State(f"harvest {edit_digest(group.before, group.after)}", "", is_changed=True)
    made = Composition(path, None if group.is_new else group.before, (), group.after, (state,))
    return Wanted(
        mode=group.mode,
        oid=blob_id(group.after),
        source=path,
        required=True,
        composition=made,
        parts=(Shared(Merge()),),
    )


def _refuse_stale(run: Run, seen: Observation, groups: Groups) -> None:
    """Raise UsageError where the default branch has another file than the one that the edit was made for."""
    for change in seen.drift.changes:
        found = change.before.oid if change.before else ""
        group = groups[change.path]
        if found != ("" if group.is_new else blob_id(group.before)):
            base = seen.state.base.name if seen.state.base else "the default branch"
            raise UsageError(
                f"{change.path} on {base} differs from the checkout, so no edit is proposed",
                f"check out the head of {base}, and run again",
            )


def _plan(observer: Observer, github: GitHub, target: Target, seen: Observation, rules: Rules) -> Plan:
    drifts = (seen.drift, seen.branch_drift)
    plan = observer.time_limit.attempt(target, partial(decide, seen.state, seen.snapshot, *drifts, rules))
    if isinstance(plan, Failure):
        raise plan
    if plan.step != "nothing" and (reason := permissions.objection(seen.state, plan, github.scopes)):
        raise Refused(reason)
    return plan
