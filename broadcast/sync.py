"""One target from its plan to its outcome: texts, contents, writes, and another look after every trouble."""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass, field, replace

from broadcast import pullrequest
from broadcast.api.client import ApiError, GitHub, Scope
from broadcast.apply import Applier
from broadcast.checkout import Checkout, FileUnavailable
from broadcast.config import Config
from broadcast.context import Context
from broadcast.decorate import Decorator, Fresh
from broadcast.drift import Change
from broadcast.errors import Failure, FileError
from broadcast.inputs import Inputs, Strategy
from broadcast.observe import Observer, Sight
from broadcast.outcome import Outcome
from broadcast.plan import Plan, decide
from broadcast.pullrequest import Facts, Marker
from broadcast.snapshot import Snapshot
from broadcast.targets import Target
from broadcast.work import Interrupted, Texts, Work, Written

log = logging.getLogger(__name__)

TRIES = 4


@dataclass
class Syncer:
    """Applies plans, one target after the other."""

    github: GitHub
    observer: Observer
    inputs: Inputs
    context: Context
    config: Config
    checkout: Checkout
    _uploaded: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # repository id → blobs

    def __post_init__(self) -> None:
        self.decorator = Decorator(self.github)
        self._applier = Applier(self.github)

    def sync(self, outcome: Outcome, target: Target, snapshot: Snapshot, sight: Sight, plan: Plan) -> Outcome:
        """The outcome of `plan`, done where this run writes. Raises Failure."""
        outcome = _planned(outcome, plan)
        if plan.step == "nothing" or not self.inputs.writes:
            return outcome
        for attempt in range(TRIES):
            try:
                outcome, pull = self._step(outcome, target, sight, plan, attempt)
                if outcome.name == "created":
                    self.decorator.add(Fresh(target, sight.state, pull, target.settings.pr_auto_merge))
                return outcome
            except ApiError as failure:
                if failure.status in (401, 403, 404) or attempt + 1 == TRIES:
                    raise _explained(failure, plan) from failure
                log.info("%s: %s; looking again", target.label, failure.message)
            except Interrupted as failure:
                if attempt + 1 == TRIES:
                    raise
                log.info("%s: %s; looking again", target.label, failure.message)
            sight, plan = self._look_again(target, snapshot)
            if plan.step == "nothing":
                return self._found_done(outcome, plan, target, sight)
            outcome = replace(outcome, changes=plan.changes, file_errors=plan.file_errors)
        raise Interrupted("the target never came to rest", "run again")

    def _step(
        self, outcome: Outcome, target: Target, sight: Sight, plan: Plan, attempt: int
    ) -> tuple[Outcome, Written]:
        contents, unreadable = self._contents(plan.changes)
        if unreadable:
            lost = {error.path for error in unreadable}
            plan = replace(plan, changes=tuple(change for change in plan.changes if change.path not in lost))
            outcome = replace(outcome, changes=plan.changes, file_errors=(*outcome.file_errors, *unreadable))
            if not plan.changes:
                raise Failure("none of the changed files can be read", unreadable[0].remedy)
        strategy: Strategy = self.inputs.write_strategy
        if strategy == "auto" and attempt >= 2:  # a document that is refused again and again: the older way
            strategy = "rest"
        texts = self._texts(target, sight, plan)
        uploaded = self._uploaded[sight.state.repository_id]
        work = Work(target.label, target.branch, target.scratch, sight.state, plan, texts, contents, uploaded)
        pull = self._applier.apply(work, strategy)
        return replace(outcome, pull_request=pull.url), pull

    def _look_again(self, target: Target, snapshot: Snapshot) -> tuple[Sight, Plan]:
        found = self.observer.observe({target: snapshot}, Scope("look again", target.label))[target]
        if isinstance(found, Failure):
            raise found
        plan = decide(
            found.state, snapshot, found.drift, found.branch_drift,
            sync_id=self.config.id, max_deletions=self.config.max_deletions, overwrite=self.inputs.overwrite,
        )  # fmt: skip
        return found, plan

    def _found_done(self, outcome: Outcome, plan: Plan, target: Target, sight: Sight) -> Outcome:
        """An answer was lost, but what it would have told of has happened."""
        if plan.outcome not in ("open", "in_sync") or (plan.outcome == "in_sync" and outcome.name != "closed"):
            return _planned(replace(outcome, pull_request=""), plan)
        if plan.pull and outcome.name == "created":
            written = Written(plan.pull.id, plan.pull.number, plan.pull.url)
            self.decorator.add(Fresh(target, sight.state, written, target.settings.pr_auto_merge))
        return replace(outcome, pull_request=plan.pull.url if plan.pull else outcome.pull_request)

    def _contents(self, changes: tuple[Change, ...]) -> tuple[dict[str, bytes], list[FileError]]:
        contents, errors = {}, []
        for change in changes:
            if change.after is None:
                continue
            try:
                contents[change.path] = self.checkout.read(change.after.source)
            except FileUnavailable as failure:
                errors.append(FileError(change.path, failure.message, failure.remedy))
        return contents, errors

    def _texts(self, target: Target, sight: Sight, plan: Plan) -> Texts:
        base = sight.state.base
        values = {
            "source": self.context.source,
            "target": target.full_name,
            "base": base.name if base else "",
            "files": str(len(plan.changes)),
        }
        title = pullrequest.render(target.settings.pr_title, values)
        pairs = frozenset(change.pair for change in plan.changes)
        context = self.context
        marker = Marker(
            self.config.id,
            context.source,
            self.config.file,
            context.commit,
            title,
            pairs,
            pullrequest.digest(pairs),
        )
        body = pullrequest.body(self._facts(target, plan), marker)
        if plan.pull:
            body = pullrequest.replace_block(plan.pull.body, body)
            theirs = plan.pull.marker is None or plan.pull.marker.title != plan.pull.title
            title = plan.pull.title if theirs else title
        message = pullrequest.render(target.settings.commit_message, values)
        message += (
            f"\n\nSource: {context.server_url}/{context.source}/commit/{context.commit}" if context.commit else "\n"
        )
        message += f"\n\n{pullrequest.TRAILER}: {self.config.id}\n{pullrequest.PLAN_TRAILER}: {marker.digest}"
        return Texts(title, body, message, target.settings.pr_draft)

    def _facts(self, target: Target, plan: Plan) -> Facts:
        def of(kind: str) -> list[str]:
            return [change.path for change in plan.changes if change.kind == kind]

        left_out = {**dict(plan.left_out), **{error.path: error.reason for error in plan.file_errors}}
        context = self.context
        return Facts(
            context.source, context.commit, context.server_url, context.run_url, self.config.file, target.place.line,
            of("added"), of("changed"), of("deleted"), left_out,
        )  # fmt: skip


def _planned(outcome: Outcome, plan: Plan) -> Outcome:
    left_out = tuple(f"left out: {path}, {reason}" for path, reason in plan.left_out)
    return replace(
        outcome, name=plan.outcome, reason=plan.reason, remedy=plan.remedy, changes=plan.changes,
        file_errors=plan.file_errors, warnings=left_out, pull_request=plan.pull.url if plan.pull else "",
    )  # fmt: skip


def _explained(failure: ApiError, plan: Plan) -> Failure:
    workflows = any(change.path.startswith(".github/workflows/") for change in plan.changes)
    if failure.status in (403, 404) and workflows:
        remedy = "let the token write workflows: scope `workflow` (classic), or permission Workflows: write"
    elif failure.status == 403 and not failure.remedy:
        remedy = "give the token Contents: write and Pull requests: write on this repository"
    else:
        remedy = failure.remedy or "look at the target, mend what the message says and run again"
    return ApiError(failure.status, failure.message, remedy)
