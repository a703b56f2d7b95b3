"""GraphQL views of a pull request's timeline: commits, comments, and what was done to it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.hub import models
from tests.hub.git.ids import node_id
from tests.hub.git.repository import HEADS
from tests.hub.graphql.connections import connection
from tests.hub.graphql.views_git import Commit, ref_view
from tests.hub.graphql.views_people import Label, actor, reviewer
from tests.hub.rest.present import when

if TYPE_CHECKING:
    from tests.hub.graphql.context import Context
    from tests.hub.graphql.views_pulls import PullRequest
    from tests.hub.pulls.timeline import Event


class TimelineEvent:
    prefix = ""

    def __init__(self, pull: models.PullRequest, event: Event) -> None:
        self.pull, self.event, self.stored = pull, event, pull.repository
        self.id = node_id(self.prefix, pull.repository.id, pull.number, event.id)
        self.createdAt = when(event.created_at)
        self.milestoneTitle = event.about
        self.stateReason = self.closer = None
        self.resourcePath = f"{pull.path}#event-{event.id}"
        self.url = pull.repository.hub.url + self.resourcePath

    def actor(self, context: Context) -> Any:
        return actor(context.hub, self.event.actor)

    def pullRequest(self, context: Context) -> PullRequest:
        from tests.hub.graphql.views_pulls import PullRequest

        return PullRequest(self.pull)

    labelable = assignable = subject = closable = pullRequest

    def person(self, context: Context) -> Any:
        return actor(context.hub, self.event.about or "ghost")

    assignee = person

    def requestedReviewer(self, context: Context) -> Any:
        return reviewer(context, self.event.about or "ghost")


class LabeledEvent(TimelineEvent):
    prefix = "LE"

    def label(self, context: Context) -> Label:
        label = self.stored.label(self.event.about or "")
        assert label
        return Label(self.stored, label)


class UnlabeledEvent(LabeledEvent):
    prefix = "UNLE"


class AssignedEvent(TimelineEvent):
    prefix = "AE"


class UnassignedEvent(TimelineEvent):
    prefix = "UNAE"


class MilestonedEvent(TimelineEvent):
    prefix = "MIE"


class DemilestonedEvent(TimelineEvent):
    prefix = "DEE"


class ReviewRequestedEvent(TimelineEvent):
    prefix = "RRE"


class ReviewRequestRemovedEvent(TimelineEvent):
    prefix = "RRRE"


class AutoMergeEnabledEvent(TimelineEvent):
    prefix = "AMEE"

    def enabler(self, context: Context) -> Any:
        return self.actor(context)


class AutoSquashEnabledEvent(AutoMergeEnabledEvent):
    prefix = "ASEE"


class AutoRebaseEnabledEvent(AutoMergeEnabledEvent):
    prefix = "AREE"


class AutoMergeDisabledEvent(TimelineEvent):
    prefix = "AMDE"
    reason = reasonCode = None

    def disabler(self, context: Context) -> Any:
        return self.actor(context)


class ClosedEvent(TimelineEvent):
    prefix = "CE"


class BaseRefDeletedEvent(TimelineEvent):
    prefix = "BRDE"

    def baseRefName(self, context: Context) -> str | None:
        return self.event.about


class ReopenedEvent(TimelineEvent):
    prefix = "REE"


class MergedEvent(TimelineEvent):
    prefix = "ME"

    def commit(self, context: Context) -> Commit | None:
        oid = self.event.about
        return Commit(self.stored, self.stored.objects.commit(oid)) if oid else None

    def mergeRefName(self, context: Context) -> str:
        return self.pull.base

    def mergeRef(self, context: Context) -> Any:
        return ref_view(self.stored, HEADS + self.pull.base)


EVENTS: dict[str, type[TimelineEvent]] = {
    "LABELED_EVENT": LabeledEvent,
    "UNLABELED_EVENT": UnlabeledEvent,
    "ASSIGNED_EVENT": AssignedEvent,
    "UNASSIGNED_EVENT": UnassignedEvent,
    "MILESTONED_EVENT": MilestonedEvent,
    "DEMILESTONED_EVENT": DemilestonedEvent,
    "REVIEW_REQUESTED_EVENT": ReviewRequestedEvent,
    "REVIEW_REQUEST_REMOVED_EVENT": ReviewRequestRemovedEvent,
    "AUTO_MERGE_ENABLED_EVENT": AutoMergeEnabledEvent,
    "AUTO_SQUASH_ENABLED_EVENT": AutoSquashEnabledEvent,
    "AUTO_REBASE_ENABLED_EVENT": AutoRebaseEnabledEvent,
    "AUTO_MERGE_DISABLED_EVENT": AutoMergeDisabledEvent,
    "BASE_REF_DELETED_EVENT": BaseRefDeletedEvent,
    "CLOSED_EVENT": ClosedEvent,
    "REOPENED_EVENT": ReopenedEvent,
    "MERGED_EVENT": MergedEvent,
}
PREFIXES = {each.prefix for each in EVENTS.values()}


def find_event(pull: models.PullRequest, number: int) -> TimelineEvent | None:
    return next((EVENTS[each.kind](pull, each) for each in pull.events if each.id == number), None)


def timeline_items(
    context: Context,
    pull: PullRequest,
    itemTypes: list[str] | None = None,
    since: str | None = None,
    skip: int | None = None,
    **page: Any,
) -> dict[str, Any]:
    """`totalCount` knows no `itemTypes`: it counts the whole timeline, as users of the API have measured."""
    items = sorted(_items(pull), key=lambda item: item[0])
    context.work(len(items))
    if since:
        start = datetime.fromisoformat(since).timestamp()
        items = [item for item in items if item[0] >= start]
    found = [view for _, kind, view in items if not itemTypes or kind in itemTypes]
    chosen = connection(found[skip or 0 :], **page)
    return chosen | {
        "totalCount": len(items),
        "filteredCount": len(found),
        "pageCount": len(chosen["nodes"]),
        "updatedAt": pull.updatedAt,
    }


def _items(pull: PullRequest) -> list[tuple[float, str, Any]]:
    """Time, type and view of everything, in the order in which equal times came."""
    from tests.hub.graphql.views_pulls import IssueComment, PullRequestCommit

    model, stored = pull.pull, pull.stored
    commits = [
        (float(each.committer.seconds), "PULL_REQUEST_COMMIT", PullRequestCommit(pull, Commit(stored, each)))
        for each in stored.pull_commits(model)
    ]
    comments = [(each.created_at, "ISSUE_COMMENT", IssueComment(model, each)) for each in model.comments]
    events = [(each.created_at, each.kind, EVENTS[each.kind](model, each)) for each in model.events]
    return commits + comments + events
