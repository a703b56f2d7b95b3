"""The waves of a run: which targets wait, and which get an older commit of the source that has passed.

With `send: passed`, a wave is looked at once more at the commit that the wave before it has passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from broadcast.config.properties import Held
from broadcast.config.rollout import Rollout
from broadcast.config.targets import Found, Target
from broadcast.errors import Failure, UsageError
from broadcast.github.client import Scope
from broadcast.github.client_pool import ClientPool
from broadcast.observe.merged import older_merges
from broadcast.observe.properties import properties_of
from broadcast.observe.pull_requests import PULLS, Ownership
from broadcast.observe.state import Observation, Observations, Pull
from broadcast.pipeline import compare_to
from broadcast.pipeline.desired import Prepared, prepare
from broadcast.pipeline.legs import Leg, observed
from broadcast.pipeline.run import Run
from broadcast.plan import passed, rollout
from broadcast.plan.guards import Plans
from broadcast.plan.passed import Contains
from broadcast.plan.plan import Plan
from broadcast.plan.rollout import Members
from broadcast.plan.waves import WaveState
from broadcast.progress import silence
from broadcast.source.revision import Revision

_IN_STEP = ("in_sync", "skipped")  # outcomes of targets that an older commit has nothing for


class Reach(NamedTuple):
    """What looking at more targets takes."""

    clients: ClientPool
    found: Found


def rolled_out(run: Run, first: Leg, reach: Reach) -> list[Leg]:
    """The legs of a run: plans that have to wait for a wave do, and only the run's own targets are left.

    `first` has the plans for the source's newest commit, those for targets of earlier waves among them.
    """
    waves = first.wanted.config.rollout
    if waves is None:
        return [first]
    properties, unread = _properties(run, reach, first) if waves.needs_properties else ({}, [])
    unknown = [*(f"the list of {selector.label}" for selector in first.wanted.unlisted), *unread]
    members = rollout.members_of(waves, first.seen.observations, properties, unknown)
    run.wave_of = {target.label: waves.waves[number].name for target, number in members.waves.items()}
    chosen = {number for number, wave in enumerate(waves.waves) if wave.name in run.inputs.only_waves}
    own = {
        target
        for target in first.plans
        if target not in first.wanted.watched and (not run.inputs.only_waves or members.waves.get(target) in chosen)
    }
    last = max((members.waves.get(target, 0) for target in own), default=0)
    legs = _gated(run, first, reach, waves, members, last=last) if run.inputs.goes_by_waves else [first]
    labels = _labels(own)
    return [leg.only({target for target in leg.plans if target.label in labels}) for leg in legs]


def _properties(run: Run, reach: Reach, first: Leg) -> tuple[dict[str, Mapping[str, Held]], list[str]]:
    """The custom properties of targets, by owner/name in lower case; and the owners of which they can't be read."""
    found, unread = dict(first.wanted.source.renderer.properties), list[str]()
    listed = {name.partition("/")[0] for name in found}
    owners = dict.fromkeys(target.owner.lower() for target in first.seen.observations if not target.dropped)
    for owner in (one for one in owners if one not in listed):
        try:
            known = properties_of(reach.clients.reader(owner), owner, Scope("observe"))
        except Failure as failure:
            run.warnings.append(f"{failure.message}: {failure.remedy}" if failure.remedy else failure.message)
            unread.append(f"the custom properties of {owner}")
        else:
            found |= {f"{owner}/{name}": values for name, values in known.items()}
    return found, unread


def _gated(run: Run, first: Leg, reach: Reach, waves: Rollout, members: Members, *, last: int) -> list[Leg]:
    """The legs for all targets; no wave after `last` is looked at once more."""
    judged = _judged(run, first)
    run.waves = rollout.states(waves, members, judged, first.seen.observations, now=run.started, let=run.inputs.advance)
    gated = rollout.gated(first.plans, members, run.waves)
    if not waves.sends_passed:
        return [first._replace(plans=gated)]
    return _Passing(run, first, reach, waves, members).legs(judged, gated, last)


def _judged(run: Run, leg: Leg) -> Plans:
    """What sync would do: that says how far a target is, also where pull requests are merged."""
    rules = leg.wanted.source.rules
    return leg.planned(run.context.source, replace(rules, merge=False)) if rules.merge else leg.plans


class _View(NamedTuple):
    """What the targets of all waves so far are judged by, each at the commit that its wave gets."""

    plans: Plans
    observations: Observations


class _Passing:
    """Gives each wave the newest commit that has passed the wave before it."""

    def __init__(self, run: Run, first: Leg, reach: Reach, waves: Rollout, members: Members) -> None:
        self.run, self.first, self.reach, self.waves, self.members = run, first, reach, waves, members
        self._contains = self._history()

    def legs(self, judged: Plans, gated: Plans, last: int) -> list[Leg]:
        """All legs, from the plans for the newest commit: as they are judged, and as they wait."""
        newest = commit = self.run.context.commit
        behind = rollout.gated(judged, self.members, self.run.waves)
        view, legs, plans = _View(dict(judged), dict(self.first.seen.observations)), list[Leg](), dict(gated)
        states = [replace(self._state(0, view), commit=commit)]
        for number in range(1, last + 1):
            waiting = [target for target in self.members.of(number) if _waits(behind.get(target))]
            try:
                commit = self._commit_after(number - 1, states[-1], view, commit)
                if commit and commit != newest and waiting:
                    leg = self._leg(number, commit, waiting, view)
                    legs += [leg] if leg.plans else []
                    plans = {target: plan for target, plan in plans.items() if target.label not in _labels(leg.plans)}
            except Failure as failure:
                plans |= dict.fromkeys(waiting, failure)
                commit = ""
            if not commit:
                break
            states.append(replace(self._state(number, view), commit=commit))
        self.run.waves = (*states, *self.run.waves[len(states) :])
        return [self.first._replace(plans=plans), *legs]

    def _state(self, number: int, view: _View) -> WaveState:
        run = self.run
        return rollout.state_of(number, self.waves, self.members, *view, now=run.started, let=run.inputs.advance)

    def _commit_after(self, number: int, state: WaveState, view: _View, commit: str) -> str:
        """The commit that the wave after this one gets; empty: none has passed. Raises Failure."""
        advance = self.waves.waves[number].advance
        if rollout.is_behind(state):
            return commit
        if state.standing == "held" or advance.send != "passed":
            return ""
        judged = rollout.judged_of(advance, self.members.of(number), *view, self.run.started)
        unripe = [target for target, one in judged.items() if not passed.is_ripe(one, advance, self.run.started)]
        merges = self._merges(unripe, view.observations, self.run.started - advance.soak)
        commits = passed.commits_of(judged, merges, commit, advance, self.run.started)
        return passed.newest(commits, judged, advance, self._contains)

    def _merges(
        self, targets: Sequence[Target], observations: Observations, before: float
    ) -> Mapping[Target, Sequence[Pull]]:
        """The merged pull requests of targets, back to what they had at a moment."""
        found: dict[Target, Sequence[Pull]] = {}
        for target in targets:
            if isinstance(one := observations[target], Observation):
                found[target] = one.state.merged_here
                past = [pull for pull in one.state.pulls if pull.state != "OPEN"]
                if len(past) < PULLS or passed.held_since(found[target], before):
                    continue
                del found[target]
        unread = [target for target in targets if target not in found]
        owner = Ownership(self.first.wanted.config.id, self.run.context.source)
        for part in self.first.fleet.parts:
            asked = {target: before for target in unread if target in part.observations}
            for target, pulls in older_merges(part.github, asked, owner, Scope("observe")).items():
                one = observations[target]
                base = one.state.base if isinstance(one, Observation) else None
                found[target] = [pull for pull in pulls if pull.base_gone or (base and pull.base == base.name)]
        return found

    def _leg(self, number: int, commit: str, waiting: Sequence[Target], view: _View) -> Leg:
        """The targets of a wave at the commit that it gets; what is in step there goes on waiting. Raises Failure."""
        run, first = self.run, self.first
        context, wanted = replace(run.context, commit=commit), self._prepared(commit, _labels(waiting))
        inputs = replace(run.inputs, cleanup=False)
        roster = [*first.wanted.snapshots, *first.wanted.watched]
        leg = observed(run, wanted, self.reach.clients, inputs=inputs, context=context, progress=silence, roster=roster)
        leg = leg._replace(plans=leg.planned(run.context.source))
        now = {target.label: target for target in waiting}
        view.plans.update({now[target.label]: plan for target, plan in _judged(run, leg).items()})
        view.observations.update({now[target.label]: one for target, one in leg.seen.observations.items()})
        state, is_last = self._state(number, view), number == len(self.waves.waves) - 1
        kept = {
            target: rollout.held_back(plan, state, is_last=is_last) if isinstance(plan, Plan) else plan
            for target, plan in leg.plans.items()
            if not (isinstance(plan, Plan) and plan.outcome in _IN_STEP)
        }
        return leg._replace(plans=kept).only(kept)

    def _prepared(self, commit: str, labels: set[str]) -> Prepared:
        """What the source sends to some targets at a commit. Raises ConfigError, UsageError."""
        run, here = self.run, self.first.wanted
        revision = Revision.of(here.source.checkout, run.inputs.config, commit, "to send")
        inputs, context = compare_to.inputs_of(run.inputs), replace(run.context, commit=revision.commit)
        source = compare_to.source(inputs, context, revision, run.phase)
        if source is None:
            raise UsageError(f"there is no config at {run.inputs.config} in {commit[:10]}, which is to be sent", _WAIT)
        source.renderer.properties = here.source.renderer.properties
        source = replace(source, rules=here.source.rules, config=replace(source.config, rollout=here.config.rollout))
        wanted = prepare(inputs, context, source, found=self.reach.found, unanswered={}, phase=run.phase)
        kept = {target: one for target, one in wanted.snapshots.items() if target.label in labels}
        return replace(wanted, snapshots=kept, watched={}, unlisted={}, warnings=())

    def _history(self) -> Contains:
        """Which commits of the source came after which. Raises UsageError where that is to be known and isn't."""
        checkout, config = self.first.wanted.source.checkout, self.run.inputs.config
        repository, newest = checkout.main(config), self.run.context.commit
        known: dict[tuple[str, str], bool] = {}

        def contains(commit: str, other: str) -> bool:
            if (commit, other) not in known:
                is_after = repository is not None and repository.contains(commit, other)
                if not is_after and (repository is None or repository.git.is_shallow):
                    Revision.of(checkout, config, other, "to send")
                known[commit, other] = is_after and (commit == newest or contains(newest, commit))
            return known[commit, other]

        return contains


_WAIT = "wait until the next commit has passed, or let the wave before pass with the input `advance`"


def _waits(plan: Plan | Failure | None) -> bool:
    return isinstance(plan, Plan) and plan.outcome == "waiting"


def _labels(targets: Iterable[Target]) -> set[str]:
    return {target.label for target in targets}
