"""Mergeability of pull requests, and auto-merge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.hub.errors import Refused
from tests.hub.git import history
from tests.hub.models import Report

if TYPE_CHECKING:
    from tests.hub.git.repository import Repository
    from tests.hub.models import PullRequest, Token

METHODS = {"MERGE": "merge commits are", "SQUASH": "squash merging is", "REBASE": "rebase merging is"}
DISALLOWED = "Pull request Auto merge is not allowed for this repository"
UNSTABLE = "Pull request Pull request is in unstable status"
CLEAN = "Pull request Pull request is in clean status"
REFUSALS = {
    "clean status": CLEAN,
    "in brackets": f'["{CLEAN}"]',
    "not configured": "Pull request Protected branch rules not configured for this branch",
}
MODIFIED = "Head branch was modified. Review and try the merge again."
UNMERGEABLE = "Pull Request is not mergeable"
STILL_DRAFT = "Pull Request is still a draft"
QUEUE_ONLY = "Changes must be made through the merge queue"
EXPECTED = 'Required status check "{}" is expected.'
UNAPPROVED = "At least {} approving review is required by reviewers with write access."
OUTDATED = "Head branch is out of date"
DISALLOWED_METHODS = {"MERGE": "Merge commits", "SQUASH": "Squash merges", "REBASE": "Rebase merges"}


class Merging:
    """The part of a Repository that merges pull requests."""

    _mergeable: dict[tuple[str, str], bool]

    def unstable(self: Repository, pull: PullRequest) -> bool:
        """GitHub doesn't know yet: peter-evans/enable-pull-request-automerge #343 waited 5 s in vain, others 60 s."""
        return self.hub.clock() < pull.created_at + self.hub.unstable_for

    def mergeable(self: Repository, pull: PullRequest) -> bool:
        base = self.head(pull.base) or pull.base_oid
        pair = (base, pull.head_oid)
        if pair not in self._mergeable:
            clean = history.merges_cleanly(self.objects, *pair)
            if clean is None:
                done = self.git("merge-tree", "--write-tree", "--name-only", *pair, check=False)
                clean = len(done.split()) == 1
            self._mergeable[pair] = clean
        return self._mergeable[pair]

    def report(self: Repository, commit: str, name: str, state: str, *, is_run: bool = True) -> None:
        """Let a check say SUCCESS, FAILURE or PENDING of a commit."""
        self.reports.setdefault(commit, {})[name] = Report(name, state, is_run, self.hub.clock())

    def decision(self: Repository, pull: PullRequest) -> str | None:
        """Null where no review is required: abcxyz/github-metrics-aggregator #224."""
        if not self.required_approvals:
            return None
        enough = pull.approvals >= self.required_approvals
        return "CHANGES_REQUESTED" if pull.changes_requested else "APPROVED" if enough else "REVIEW_REQUIRED"

    def is_behind(self: Repository, pull: PullRequest) -> bool:
        base = self.head(pull.base)
        return bool(self.up_to_date and base and not history.is_ancestor(self.objects, base, pull.head_oid))

    def unmet(self: Repository, pull: PullRequest) -> list[str]:
        """What the rules ask for and the pull request lacks, besides being up to date."""
        reports = self.reports.get(pull.head_oid, {})
        passed = {name for name, each in reports.items() if each.state == "SUCCESS"}
        found = [EXPECTED.format(name) for name in sorted(self.required_contexts - passed)]
        found += [EXPECTED.format("ci")] if self.required_checks and not self.required_contexts else []
        reviewed = self.decision(pull) in {None, "APPROVED"}
        return found if reviewed else [*found, UNAPPROVED.format(self.required_approvals)]

    def standing(self: Repository, pull: PullRequest) -> str:
        """The MergeStateStatus of one without conflicts; an administrator's token gets the same answer."""
        if pull.draft:
            return "DRAFT"
        if self.is_behind(pull):
            return "BEHIND"
        if self.unmet(pull) or (self.merge_queue and self.hub.unknowns.queue_status == "BLOCKED"):
            return "BLOCKED"
        reports = self.reports.get(pull.head_oid, {}).values()
        return "UNSTABLE" if any(each.state != "SUCCESS" for each in reports) else "CLEAN"

    def merge(self: Repository, pull: PullRequest, token: Token, method: str, expected: str | None) -> str:
        """Merge as the API does; an administrator's token goes past the rules: mcnewcp/my-team #27."""
        if expected and expected != pull.head_oid:
            raise Refused(MODIFIED, status=409)
        if pull.state != "OPEN" or self.unstable(pull) or not self.mergeable(pull):
            raise Refused(UNMERGEABLE, status=405)
        if pull.draft:
            raise Refused(STILL_DRAFT, status=405)
        if method not in self.merge_methods:
            raise Refused(f"{DISALLOWED_METHODS[method]} are not allowed on this repository.", status=405)
        rules = [*self.unmet(pull), *([OUTDATED] if self.is_behind(pull) else [])]
        rules += [QUEUE_ONLY] if self.merge_queue else []
        if rules and token.permission != "admin":
            raise Refused(rules[-1], status=405)
        return self.merge_pull(pull.number, token.login, method.lower())

    def enqueue(self: Repository, pull: PullRequest, expected: str | None) -> None:
        """The queue looks at the rules for every token: devantler-tech/platform #3138 has the form of its refusal."""
        if expected and expected != pull.head_oid:
            raise Refused(MODIFIED)
        if not self.merge_queue or pull.draft or not self.mergeable(pull):
            raise Refused(UNMERGEABLE)
        if pull.in_merge_queue:
            raise Refused("Pull request is already in the merge queue")
        if lacking := self.unmet(pull):
            raise Refused(f"Pull request {lacking[0]}")
        pull.in_merge_queue = True

    def enable_auto_merge(
        self: Repository, pull: PullRequest, method: str, by: str, expected: str | None = None
    ) -> None:
        if not self.allow_auto_merge:
            raise Refused(DISALLOWED)
        if method not in self.merge_methods:
            raise Refused(f"Merge method {METHODS[method]} not allowed on this repository")
        if expected and expected != pull.head_oid:
            raise Refused(f"Failed to add PR #{pull.number}: expected head oid does not match the current head oid")
        if self.unstable(pull):
            raise Refused(UNSTABLE)
        clean = None if self.required_checks else self.hub.unknowns.auto_merge_clean
        if clean in REFUSALS:
            raise Refused(REFUSALS[clean])
        pull.auto_merge, pull.auto_merge_by = method, by
        self.record(pull, f"AUTO_{method}_ENABLED", by)
        if clean == "merged":
            self.merge_pull(pull.number, by, method.lower())

    def disable_auto_merge(self: Repository, pull: PullRequest, by: str = "alice") -> None:
        if not pull.auto_merge:
            raise Refused("Can't disable auto-merge for this pull request.")
        pull.auto_merge = pull.auto_merge_by = None
        self.record(pull, "AUTO_MERGE_DISABLED", by)
