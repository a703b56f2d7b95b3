"""Mergeability of pull requests, and auto-merge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.hub.errors import Refused
from tests.hub.git import history

if TYPE_CHECKING:
    from tests.hub.git.repository import Repository
    from tests.hub.models import PullRequest

METHODS = {"MERGE": "merge commits are", "SQUASH": "squash merging is", "REBASE": "rebase merging is"}
DISALLOWED = "Pull request Auto merge is not allowed for this repository"
UNSTABLE = "Pull request Pull request is in unstable status"
CLEAN = "Pull request Pull request is in clean status"
REFUSALS = {
    "clean status": CLEAN,
    "in brackets": f'["{CLEAN}"]',
    "not configured": "Pull request Protected branch rules not configured for this branch",
}


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
