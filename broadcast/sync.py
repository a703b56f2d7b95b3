"""One target from its plan to its outcome: texts, contents, writes, and another look after every trouble."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from msgspec.structs import replace

from broadcast import apply_graphql, apply_rest, remedies
from broadcast.api import mutations
from broadcast.api.client import ApiError, GitHub, Scope
from broadcast.apply import Applier
from broadcast.config import Config
from broadcast.context import Context
from broadcast.decorate import Decorator, Fresh
from broadcast.description import News
from broadcast.drift import Change
from broadcast.errors import Failure, FileError
from broadcast.inputs import Inputs, Strategy
from broadcast.observe import Observer, Sight
from broadcast.outcome import Outcome
from broadcast.plan import Plan, Rules, decide, half_made
from broadcast.rendering import Renderer
from broadcast.snapshot import Snapshot
from broadcast.targets import Target
from broadcast.texts import Writer
from broadcast.work import Interrupted, Work, Written
from broadcast.worktree import FileUnavailable

log = logging.getLogger(__name__)

SUPERSEDED = "Superseded by {}, which keeps these files in step from now on."
SUPERSEDED_IN_STEP = "Superseded: {source} keeps these files in step from now on, and they are."
SETTLED = ("created", "updated", "open", "in_sync")
TRIES = 6
PATIENCE = (0.0, 1.0, 2.0, 4.0, 8.0)  # seconds before another look: what was made a moment ago may not show yet
REST_AFTER = 4  # tries


class Syncer:
    """Applies plans, one target after the other."""

    def __init__(
        self, github: GitHub, observer: Observer, inputs: Inputs, context: Context, config: Config, renderer: Renderer,
        rules: Rules,
    ) -> None:  # fmt: skip
        self.github, self.observer, self.inputs, self.renderer = github, observer, inputs, renderer
        self.context, self.config, self.rules = context, config, rules
        self.news: Mapping[str, Sequence[News]] = {}  # of the source, by the commit that it is since
        self.decorator = Decorator(github)
        self._applier = Applier(github)
        self._writer = Writer(context, config, rules)
        self._uploaded: dict[str, set[str]] = defaultdict(set)  # repository id → blobs

    def sync(self, outcome: Outcome, target: Target, snapshot: Snapshot, sight: Sight, plan: Plan) -> Outcome:
        """The outcome of `plan`, done where this run writes. Raises Failure."""
        if not self.inputs.writes:
            return _planned(outcome, plan)
        self.github.pace.check_deadline()
        outcome = self._carried_out(outcome, target, snapshot, sight, plan)
        if sight.state.superseded and outcome.name in SETTLED:
            outcome = replace(outcome, warnings=(*outcome.warnings, *self._supersede(outcome, target, sight)))
        return outcome

    def _carried_out(self, outcome: Outcome, target: Target, snapshot: Snapshot, sight: Sight, plan: Plan) -> Outcome:
        first = plan
        outcome = _planned(outcome, plan)
        for attempt in range(TRIES):
            if plan.step == "nothing":
                return self._found_done(outcome, first, plan, target, sight)
            try:
                return self._step(outcome, first, target, sight, plan, attempt)
            except (ApiError, Interrupted) as failure:
                self._applier.heed(failure.message, sight.state)
                if _is_final(failure) or attempt + 1 == TRIES:
                    if not isinstance(failure, ApiError):  # refused as a whole, it has made nothing
                        self._tidy(target, snapshot)
                    raise _explained(failure, plan) from failure
                log.info("%s: %s; looking again", target.label, failure.message)
            self.github.pace.pause(PATIENCE[attempt])
            sight, plan = self._look_again(target, snapshot)
            outcome = _planned(outcome, plan)
            if first.pull is None and plan.pull and plan.outcome == "edited" and not self._has_commit(sight):
                apply_graphql.retract(self.github, plan.pull, Scope("apply", target.label))
                return replace(outcome, pull_request="")
        raise Interrupted("the target never came to rest", "run again")

    def _step(self, outcome: Outcome, first: Plan, target: Target, sight: Sight, plan: Plan, attempt: int) -> Outcome:
        if plan.step == "sweep":
            self._applier.sweep(sight.state, plan, Scope("apply", target.label))
            return self._found_done(outcome, first, plan, target, sight)
        payload, unreadable = self._weigh(plan.changes)
        if unreadable:
            plan = _without(plan, {error.path for error in unreadable})
            outcome = replace(outcome, changes=plan.changes, file_errors=(*outcome.file_errors, *unreadable))
            if not plan.changes:
                reason = f"none of the changed files can be read: {unreadable[0].reason}"
                raise Failure(reason, unreadable[0].remedy)
        strategy: Strategy = self.inputs.write_strategy
        if strategy == "auto" and attempt >= REST_AFTER:  # documents are refused again and again: the older way
            strategy = "rest"
        texts = self._writer.texts(target, sight.state, plan, self.news)
        uploaded = self._uploaded[sight.state.repository_id]
        work = Work(
            target.label, target.branch, target.scratch, sight.state, plan, texts,
            self.renderer.contents, payload, uploaded, [],
        )  # fmt: skip
        pull = self._applier.apply(work, strategy)
        outcome = replace(outcome, pull_request=pull.url, warnings=(*outcome.warnings, *work.notes))
        return self._done(outcome, first, plan, target, sight, pull)

    def _has_commit(self, sight: Sight) -> bool:
        """Whether any commit on our branch is ours; if none is, somebody made the branch just before we did."""
        return any(self.rules.trailer in entry.message.splitlines() for entry in sight.state.lineage)

    def _tidy(self, target: Target, snapshot: Snapshot) -> None:
        """Leave nothing half-made behind a failure; what can't be tidied now, a later run will."""
        with suppress(Failure):
            found = self.observer.observe({target: snapshot}, Scope("look again", target.label))[target]
            if isinstance(found, Sight):
                apply_rest.sweep(self.github, found.state, half_made(found.state), Scope("apply", target.label))

    def _supersede(self, outcome: Outcome, target: Target, sight: Sight) -> Iterable[str]:
        """Close the open pull requests of an older tool; yields what is to be told of it."""
        text = SUPERSEDED.format(outcome.pull_request) if outcome.pull_request else SUPERSEDED_IN_STEP
        for old in sight.state.superseded:
            variables = {
                "comment": {"subjectId": old.id, "body": text.replace("{source}", self.context.source)},
                "pull": {"pullRequestId": old.id},
            }
            try:
                answer = self.github.mutate(mutations.SUPERSEDE, variables, Scope("apply", target.label))
                reasons = "; ".join(str(error.get("message", "")) for error in answer.errors)
            except Failure as failure:
                reasons = failure.message
            yield f"#{old.number} of an older tool is " + (
                f"still open: {reasons}" if reasons else "closed: superseded"
            )

    def _look_again(self, target: Target, snapshot: Snapshot) -> tuple[Sight, Plan]:
        found = self.observer.observe({target: snapshot}, Scope("look again", target.label))[target]
        if isinstance(found, Failure):
            raise found
        return found, decide(found.state, found.snapshot, found.drift, found.branch_drift, self.rules)

    def _found_done(self, outcome: Outcome, first: Plan, plan: Plan, target: Target, sight: Sight) -> Outcome:
        """Nothing is left to do: because there never was, or an answer was lost that would have told so."""
        if plan.pull and plan.outcome == "open":
            written = Written(plan.pull.id, plan.pull.number, plan.pull.url)
            return self._done(outcome, first, plan, target, sight, written)
        if first.outcome == "closed" and plan.outcome in ("in_sync", "skipped"):
            return _planned(outcome, first)
        return outcome

    def _done(self, outcome: Outcome, first: Plan, plan: Plan, target: Target, sight: Sight, pull: Written) -> Outcome:
        """The outcome by what this run set out to do; a pull request that lacks labels and reviewers gets them."""
        if plan.pull and plan.pull.auto_merging and plan.undoes:
            apply_graphql.stop_auto_merge(self.github, plan.pull, Scope("apply", target.label))
        if first.pull is None and first.outcome == "created":
            outcome = replace(outcome, name="created")
        elif first.outcome == "updated" and outcome.name == "open":
            outcome = replace(outcome, name="updated")
        if outcome.name == "created" or (plan.pull and not plan.pull.decorated and outcome.name in ("open", "updated")):
            auto_merge = target.settings.pr_auto_merge and not plan.undoes
            made = 0.0 if plan.pull else self.github.now()
            self.decorator.add(Fresh(target, sight.state, pull, auto_merge, made))
        return outcome

    def _weigh(self, changes: tuple[Change, ...]) -> tuple[int, list[FileError]]:
        """Bytes of all that is to be sent, and what of it can't be had; one file at a time is in memory."""
        payload, errors = 0, []
        for change in changes:
            try:
                payload += len(self.renderer.contents(change.after)) if change.after else 0
            except FileUnavailable as failure:
                errors.append(FileError(change.path, failure.message, failure.remedy))
        return payload, errors


def _planned(outcome: Outcome, plan: Plan) -> Outcome:
    left_out = (f"left out: {path}, {reason}" for path, reason in plan.left_out)
    undoes = (f"{path} undoes what people changed since #{number}" for path, number in plan.undoes.items())
    overwrites = (f"{path} overwrites what people changed" for path in sorted(plan.overwrites - plan.undoes.keys()))
    return replace(
        outcome, name=plan.outcome, reason=plan.reason, remedy=plan.remedy, changes=plan.changes,
        file_errors=plan.file_errors, warnings=(*left_out, *undoes, *overwrites, *plan.warnings),
        pull_request=plan.pull.url if plan.pull else "", opened_at=plan.pull.created_at if plan.pull else "",
    )  # fmt: skip


def _without(plan: Plan, lost: set[str]) -> Plan:
    def kept(changes: tuple[Change, ...]) -> tuple[Change, ...]:
        return tuple(change for change in changes if change.path not in lost)

    return replace(plan, changes=kept(plan.changes), on_branch=kept(plan.on_branch))


def _is_final(failure: Failure) -> bool:
    """Whether another try is of no use."""
    if remedies.is_force_push(failure.message):
        return False  # the next try appends a commit instead
    known = remedies.advice(failure.message)
    refused = isinstance(failure, ApiError) and failure.status in (401, 403, 404)
    return refused or (known is not None and known.lasting)


def _explained(failure: Failure, plan: Plan) -> Failure:
    status = failure.status if isinstance(failure, ApiError) else 0
    known = remedies.advice(failure.message)
    workflows = any(change.path.startswith(".github/workflows/") for change in plan.changes)
    if known:
        remedy = known.remedy
    elif status in (403, 404) and workflows:  # GitHub hides the reason behind a 404
        remedy = "let the token write workflows: scope `workflow` (classic), or permission Workflows: write"
    elif status == 403 and not failure.remedy:
        remedy = "give the token Contents: write and Pull requests: write on this repository"
    else:
        remedy = failure.remedy or "look at the target, mend what the message says and run again"
    return ApiError(status, failure.message, remedy)
