"""Carries out the plan of one target: texts, contents, writes, and another look after each failure."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable

from msgspec.structs import replace

from broadcast.apply import backgrounds, graphql, merging, obstacles, pushing, ref_updates, requests, review_digest
from broadcast.apply.answers import Voice, answer
from broadcast.apply.auto_merge import AutoMerger
from broadcast.apply.description import Background
from broadcast.apply.edits import loss_of
from broadcast.apply.identity import Signers
from broadcast.apply.metadata import MetadataWriter
from broadcast.apply.requests import Fresh
from broadcast.apply.strategy import Applier
from broadcast.apply.superseding import supersede
from broadcast.apply.task import Interrupted, Task, Written, is_passing
from broadcast.apply.texts import TextWriter, Writer
from broadcast.apply.ways import PATIENCE, TRIES, UNKNOWN_TRIES, Way
from broadcast.config.model import Config
from broadcast.config.targets import Target
from broadcast.errors import Failure, FileError, FileUnavailable
from broadcast.github import refusals
from broadcast.github.client import ApiError, GitHub, Scope, Unsure
from broadcast.github.retry import tries
from broadcast.github.validation import Malformed
from broadcast.observe import branches
from broadcast.observe.change import Change
from broadcast.observe.observer import Observer
from broadcast.observe.state import Observation
from broadcast.plan.decide import decide, half_made
from broadcast.plan.outcome import SETTLED, Outcome
from broadcast.plan.plan import MERGING, Plan, Rules, planned
from broadcast.plan.reason import said
from broadcast.runner.context import Context
from broadcast.runner.inputs import Inputs
from broadcast.snapshot.render import Renderer
from broadcast.snapshot.snapshot import Snapshot

log = logging.getLogger(__name__)


class Executor:
    """Applies plans, one target after the other."""

    def __init__(
        self, github: GitHub, observer: Observer, *, inputs: Inputs, context: Context, config: Config,
        renderer: Renderer, rules: Rules, writer: TextWriter | None = None, signers: Signers | None = None,
    ) -> None:  # fmt: skip
        self.github, self.observer, self.inputs, self.renderer = github, observer, inputs, renderer
        self.context, self.config, self.rules = context, config, rules
        self.backgrounds: dict[Target, Background] = {}  # of the descriptions
        self.decorator = MetadataWriter(github)
        self.auto_merger = AutoMerger(github, self.decorator.warn)
        self._applier = Applier(github)
        self._writer = writer or Writer(context, config, rules)
        self._signers = signers or Signers(context)
        self._uploaded: dict[str, set[str]] = defaultdict(set)  # repository id → blobs
        self.admit: Callable[[Plan], Plan] = lambda plan: plan  # what comes to be proposed, or its deferral
        self._unpushed: set[Target] = set()  # whose base refused a push: their changes go by a pull request

    def sync(
        self, outcome: Outcome, target: Target, snapshot: Snapshot, observation: Observation, plan: Plan
    ) -> Outcome:
        """The outcome of `plan`, done where this run writes. Raises Failure."""
        if not self.inputs.writes:
            return planned(outcome, plan)
        self.github.pace.check_deadline()
        outcome = self._carried_out(outcome, target, snapshot, observation, plan)
        if observation.state.superseded and outcome.name in SETTLED:
            where, scope = (outcome.pull_request, self.context.source), Scope("apply", target.label)
            closed = supersede(self.github, observation.state.superseded, *where, scope)
            outcome = replace(outcome, notes=(*outcome.notes, *closed))
        return self._answered(outcome, target, plan) if plan.answers else outcome

    def _answered(self, outcome: Outcome, target: Target, plan: Plan) -> Outcome:
        """The outcome with notes on what people who closed a pull request were answered."""
        voice = Voice(self.context.source, self.inputs.reads_dashboard)
        notes = answer(self.github, plan.answers, voice, outcome, Scope("apply", target.label))
        return replace(outcome, notes=(*outcome.notes, *notes))

    def _carried_out(
        self, outcome: Outcome, target: Target, snapshot: Snapshot, observation: Observation, plan: Plan
    ) -> Outcome:
        first, way, method = plan, Way(self.inputs.write_strategy), requests.merge_method(target, observation.state)
        outcome = planned(outcome, plan)
        for attempt, _ in enumerate(tries(self.github.pace.pause, PATIENCE)):
            if attempt or merging.is_due_again(plan, observation.state, self.github.now()):
                observation, plan = self._look_again(target, snapshot)
                is_same = requests.merge_method(target, observation.state) == method
                if self.inputs.expect_plan and not (is_same and review_digest.stays_within(first, plan)):
                    self._refuse_changed(target, snapshot)
                outcome = planned(outcome, plan)
            if attempt and plan.pull and self._is_misplaced(first, plan, observation):
                graphql.retract(self.github, plan.pull, Scope("apply", target.label))
                return replace(outcome, pull_request="")
            if plan.step == "nothing":
                return self._found_done(outcome, first, plan, target, observation)
            try:
                return self._step(outcome, target, observation, first=first, plan=plan, way=way)
            except (ApiError, Interrupted) as failure:
                self._applier.heed(failure.message, observation.state)
                if pushing.falls_back(failure, observation):
                    return self._proposed(outcome, target, snapshot, observation)
                self._refuse_blocked(failure, target, observation)
                if attempt + 1 >= self._tries(failure):
                    left = self._tidy(failure, target, snapshot)
                    raise obstacles.explained(failure, target, plan, left) from failure
                way = way.after(failure, attempt, plan)
                log.info("%s: %s; looking again", target.label, failure.message)
        raise Interrupted("the target kept changing", "run again")

    def _proposed(self, outcome: Outcome, target: Target, snapshot: Snapshot, observation: Observation) -> Outcome:
        """The outcome where the base takes no push: the same changes by a pull request, without another look."""
        self._unpushed.add(target)
        seen = pushing.by_pull_request(observation)
        return self._carried_out(outcome, target, snapshot, seen, self.admit(self._decided(target, seen)))

    def _refuse_changed(self, target: Target, snapshot: Snapshot) -> None:
        """Raise Failure where a try failed and another one would write what was not reviewed."""
        changed = Failure("has changed since its plan was reviewed", review_digest.AGAIN)
        raise Failure(changed.message + self._tidy(changed, target, snapshot), changed.remedy)

    def _tries(self, failure: ApiError | Interrupted) -> int:
        """How many tries a step gets that ends so."""
        if refusals.is_force_push(failure.message):
            return TRIES  # the next one appends a commit instead
        status = failure.status if isinstance(failure, ApiError) else 0
        if status in (401, 403, 404):
            return TRIES if status != 401 and self.github.is_fresh else 1
        known = refusals.advice(failure.message)
        if known and known.lasting and not (known.ruled and self.rules.merge):
            return 1
        return TRIES if is_passing(failure) else UNKNOWN_TRIES

    def _refuse_blocked(self, failure: Failure, target: Target, observation: Observation) -> None:
        """Raise Failure where a branch stands in the way of ours, for git can't keep both `a` and `a/b`."""
        if refusals.is_ref_refusal(failure.message):
            scope = Scope("look again", target.label)
            if blocking := obstacles.blocking_branch(self.github, observation.state, target, scope):
                raise Failure(
                    f"the branch {blocking} is in the way of {target.branch}",
                    "rename or delete it, or set branch_prefix so that our branches begin with another word",
                ) from failure

    def _step(
        self, outcome: Outcome, target: Target, observation: Observation, *, first: Plan, plan: Plan, way: Way
    ) -> Outcome:
        if plan.step == "sweep":
            self._applier.sweep(observation.state, plan, Scope("apply", target.label))
            return self._found_done(outcome, first, plan, target, observation)
        if plan.step in MERGING:
            by_rest = way.strategy == "rest"
            pull = merging.carry_out(self.github, target, observation.state, plan, by_rest=by_rest)
            return replace(outcome, pull_request=pull.url)
        payload, unreadable = self._weigh(plan.changes)
        if unreadable:
            plan = _without(plan, {error.path for error in unreadable})
            outcome = replace(outcome, changes=plan.changes, file_errors=(*outcome.file_errors, *unreadable))
            if not plan.changes:
                reason = f"none of the changed files can be read: {unreadable[0].reason}"
                raise Failure(reason, unreadable[0].remedy)
        background = self._signers.signing(self._background(target, observation), self.github, target.settings, plan)
        texts = self._writer.texts(target, observation.state, plan, background)
        uploaded = self._uploaded[observation.state.repository_id]
        scratch = branches.scratch_of(observation.state, (target.scratch, target.spare), plan.leftovers)
        work = Task(
            label=target.label, branch=target.branch, scratch=scratch, state=observation.state, plan=plan, texts=texts,
            read=self.renderer.contents, payload=payload, uploaded=uploaded, notes=[*texts.notes],
            refs_by_rest=way.refs_by_rest,
        )  # fmt: skip
        pull = self._applier.apply(work, way.strategy)
        outcome = replace(outcome, notes=(*outcome.notes, *map(said, work.notes)))
        if plan.step == "push":
            return replace(outcome, pushed=pull.id)
        outcome = replace(outcome, pull_request=pull.url)
        return self._done(outcome, target, observation, first=first, plan=plan, pull=pull)

    def _is_misplaced(self, first: Plan, plan: Plan, observation: Observation) -> bool:
        """Whether our new pull request is over a branch with no commit of ours: people made it just before we did."""
        is_edited = first.pull is None and plan.outcome == "edited"
        return is_edited and not any(
            branches.carries(entry.message, self.rules.trailer) for entry in observation.state.lineage
        )

    def _tidy(self, failure: Failure, target: Target, snapshot: Snapshot) -> str:
        """Leave nothing half-made behind a failure; says what is left all the same, for a later run to delete."""
        if isinstance(failure, ApiError) and failure.status == 401:
            return ""
        try:
            found = self.observer.observe({target: snapshot}, Scope("look again", target.label))[target]
            leftovers = half_made(found.state, self.rules) if isinstance(found, Observation) else ()
            if isinstance(found, Observation):
                ref_updates.swap(self.github, found.state, [], Scope("apply", target.label), leftovers)
        except (ApiError, Unsure, Malformed) as refusal:
            names = ", ".join(name for name, _ in leftovers)
            return f"; the branch {names} is left there: {refusal.message}" if leftovers else ""
        except Failure:
            return ""
        return ""

    def _look_again(self, target: Target, snapshot: Snapshot) -> tuple[Observation, Plan]:
        scope = Scope("look again", target.label)
        found = self.observer.observe({target: snapshot}, scope)[target]
        if isinstance(found, Failure):
            raise found
        found = pushing.by_pull_request(found) if target in self._unpushed else found
        plan = self._decided(target, found)
        if loss := loss_of(self.github, target, found.state, plan):
            edits = backgrounds.ask_edits(loss, scope)
            self.backgrounds[target] = self._background(target, found)._replace(edits=edits)
        return found, plan

    def _decided(self, target: Target, found: Observation) -> Plan:
        rules = self.rules.of(target.label)
        with self.observer.time_limit.on(target) as check:
            return decide(
                state=found.state, snapshot=found.snapshot, drift=found.drift, branch_drift=found.branch_drift,
                rules=rules, check=check,
            )  # fmt: skip

    def _background(self, target: Target, observation: Observation) -> Background:
        return self.backgrounds.get(target) or backgrounds.unasked(observation.state.visibility)

    def _found_done(
        self, outcome: Outcome, first: Plan, plan: Plan, target: Target, observation: Observation
    ) -> Outcome:
        """The outcome where nothing is left to do, perhaps because the write succeeded and its answer was lost."""
        if self.rules.merge:
            is_done = first.step in MERGING and merging.is_done(self.github, target, observation.state, first)
            return planned(outcome, first) if is_done else outcome
        if plan.pull and plan.outcome == "open":
            written = Written(plan.pull.id, plan.pull.number, plan.pull.url)
            return self._done(outcome, target, observation, first=first, plan=plan, pull=written)
        if first.outcome in ("closed", "pushed") and plan.outcome in ("in_sync", "incomplete", "skipped"):
            return planned(outcome, first)
        return outcome

    def _done(
        self, outcome: Outcome, target: Target, observation: Observation, *, first: Plan, plan: Plan, pull: Written
    ) -> Outcome:
        """The outcome by what this run set out to do; a pull request that lacks labels and reviewers gets them."""
        if plan.pull and plan.pull.auto_merging and plan.undoes:
            graphql.stop_auto_merge(self.github, plan.pull, Scope("apply", target.label))
        if first.pull is None and first.outcome == "created":
            outcome = replace(outcome, name="created")
        elif first.outcome == "updated" and outcome.name == "open":
            outcome = replace(outcome, name="updated")
        self._complete(outcome, plan, Fresh(target, observation.state, pull, self._made(outcome)))
        return outcome

    def _complete(self, outcome: Outcome, plan: Plan, fresh: Fresh) -> None:
        """Let a new pull request get the rest, and an older one what it never got."""
        if requests.is_due(outcome.name, plan.pull, self.github.now()):
            self.decorator.add(fresh)
        if requests.merges_itself(fresh.target, outcome.name, plan):
            seen = plan.pull.head_oid if plan.pull and outcome.name == "open" else ""
            self.auto_merger.add(fresh, seen)

    def _made(self, outcome: Outcome) -> float:
        """When the pull request became what it is; 0: before this run."""
        return self.github.now() if outcome.name in ("created", "updated") else 0.0

    def _weigh(self, changes: tuple[Change, ...]) -> tuple[int, list[FileError]]:
        """Bytes of all that is to be sent, and what of it can't be had; one file at a time is in memory."""
        payload, errors = 0, []
        for change in changes:
            try:
                payload += len(self.renderer.contents(change.after)) if change.after else 0
            except FileUnavailable as failure:
                errors.append(FileError(change.path, failure.message, failure.remedy))
        return payload, errors


def _without(plan: Plan, lost: set[str]) -> Plan:
    def kept(changes: tuple[Change, ...]) -> tuple[Change, ...]:
        return tuple(change for change in changes if change.path not in lost)

    return replace(plan, changes=kept(plan.changes), on_branch=kept(plan.on_branch))
