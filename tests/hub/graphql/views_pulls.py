"""GraphQL views of pull requests and their comments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.hub import models
from tests.hub.git import history, trees
from tests.hub.git.ids import node_id
from tests.hub.git.repository import HEADS
from tests.hub.graphql.connections import connection
from tests.hub.graphql.views_git import Commit, ref_view
from tests.hub.graphql.views_people import Label, Milestone, actor, maybe_actor, reviewer
from tests.hub.graphql.views_timeline import timeline_items
from tests.hub.rest.present import when

if TYPE_CHECKING:
    from tests.hub.graphql.context import Context

ORDERS = {"CREATED_AT": "created_at", "UPDATED_AT": "updated_at"}


def select_pulls(
    context: Context,
    pulls: list[models.PullRequest],
    states: list[str] | None = None,
    headRefName: str | None = None,
    baseRefName: str | None = None,
    labels: list[str] | None = None,
    orderBy: dict[str, str] | None = None,
    **page: Any,
) -> Any:
    wanted = {name.lower() for name in labels or ()}
    found = [
        pull
        for pull in pulls
        if (not states or pull.state in states)
        and headRefName in {None, pull.head}
        and baseRefName in {None, pull.base}
        and (not wanted or wanted & {name.lower() for name in pull.labels})
    ]
    if orderBy:
        name = ORDERS.get(orderBy["field"])
        found.sort(
            key=lambda pull: (getattr(pull, name) if name else len(pull.comments), pull.number),
            reverse=orderBy["direction"] == "DESC",
        )
    context.work(len(found))
    return connection([PullRequest(pull) for pull in found], **page)


class PullRequest:
    def __init__(self, pull: models.PullRequest) -> None:
        self.pull, self.stored = pull, pull.repository
        self.id, self.databaseId, self.number = node_id("PR", pull.repository.id, pull.number), pull.id, pull.number
        self.fullDatabaseId = str(pull.id)
        self.resourcePath, self.url = pull.path, pull.repository.hub.url + pull.path
        self.permalink = self.url
        self.state, self.title, self.body, self.bodyText = pull.state, pull.title, pull.body, pull.body
        self.closed, self.merged = pull.state != "OPEN", pull.state == "MERGED"
        self.closedAt, self.mergedAt = when(pull.closed_at), when(pull.merged_at)
        self.createdAt, self.updatedAt = when(pull.created_at), when(pull.updated_at)
        self.lastEditedAt = when(pull.last_edited_at)
        self.isDraft, self.isCrossRepository = pull.draft, pull.is_cross_repository
        self.headRefName, self.headRefOid, self.baseRefName = pull.head, pull.head_oid, pull.base
        self.maintainerCanModify, self.locked = pull.maintainer_can_modify, pull.locked
        self.authorAssociation = "CONTRIBUTOR"
        self.reviewDecision = pull.repository.decision(pull)
        self.totalCommentsCount = len(pull.comments)
        self.additions = self.deletions = 0
        self.viewerCanLabel = self.viewerCanUpdate = self.viewerCanClose = True
        self.viewerCanReopen = self.viewerCanEnableAutoMerge = True

    def isInMergeQueue(self, context: Context) -> bool:
        context.check_merging()
        return self.pull.in_merge_queue

    def isMergeQueueEnabled(self, context: Context) -> bool:
        context.check_merging()
        return self.stored.merge_queue

    def repository(self, context: Context) -> Any:
        from tests.hub.graphql.views import Repository

        return Repository(self.stored)

    baseRepository = repository

    def headRepository(self, context: Context) -> Any:
        """A fork that people have deleted leaves nothing behind."""
        return None if self.isCrossRepository else self.repository(context)

    def headRepositoryOwner(self, context: Context) -> Any:
        return None if self.isCrossRepository else actor(context.hub, self.stored.owner)

    def headRef(self, context: Context) -> Any:
        return None if self.isCrossRepository else ref_view(self.stored, HEADS + self.pull.head)

    def baseRef(self, context: Context) -> Any:
        return ref_view(self.stored, HEADS + self.pull.base)

    def baseRefOid(self, context: Context) -> str:
        """The base branch's head for as long as the pull request is open."""
        current = self.stored.head(self.pull.base) if self.pull.state == "OPEN" else None
        return current or self.pull.base_oid

    def mergeable(self, context: Context) -> str:
        context.work(5)
        if self.pull.state != "OPEN" or self.stored.unstable(self.pull):
            return "UNKNOWN"
        return "MERGEABLE" if self.stored.mergeable(self.pull) else "CONFLICTING"

    def mergeStateStatus(self, context: Context) -> str:
        mergeable = self.mergeable(context)
        if mergeable != "MERGEABLE":
            return "DIRTY" if mergeable == "CONFLICTING" else "UNKNOWN"
        return self.stored.standing(self.pull)

    def mergeCommit(self, context: Context) -> Any:
        oid = self.pull.merge_commit
        return Commit(self.stored, self.stored.objects.commit(oid)) if oid else None

    def changedFiles(self, context: Context) -> int:
        return len(changed_files(self.pull))

    def commits(self, context: Context, **page: Any) -> Any:
        found = self.stored.pull_commits(self.pull)
        context.work(len(found))
        return connection([PullRequestCommit(self, Commit(self.stored, each)) for each in found], **page)

    def author(self, context: Context) -> Any:
        return actor(context.hub, self.pull.author)

    def editor(self, context: Context) -> Any:
        return maybe_actor(context.hub, self.pull.editor)

    def mergedBy(self, context: Context) -> Any:
        return maybe_actor(context.hub, self.pull.merged_by)

    def viewerDidAuthor(self, context: Context) -> bool:
        return self.pull.author == context.token.login

    def labels(self, context: Context, **page: Any) -> Any:
        found = (self.stored.label(name) for name in self.pull.labels)
        return connection([Label(self.stored, each) for each in found if each], **page)

    def assignees(self, context: Context, **page: Any) -> Any:
        return connection([actor(context.hub, login) for login in self.pull.assignees], **page)

    def milestone(self, context: Context) -> Any:
        return self.pull.milestone and Milestone(self.stored, self.pull.milestone)

    def comments(self, context: Context, **page: Any) -> Any:
        return connection([IssueComment(self.pull, each) for each in self.pull.comments], **page)

    def timelineItems(self, context: Context, **arguments: Any) -> Any:
        return timeline_items(context, self, **arguments)

    def reviewRequests(self, context: Context, **page: Any) -> Any:
        teams = [f"{self.stored.owner}/{slug}" for slug in self.pull.team_reviewers]
        return connection([ReviewRequest(context, self, each) for each in self.pull.reviewers + teams], **page)

    def autoMergeRequest(self, context: Context) -> Any:
        context.check_merging()
        if not self.pull.auto_merge:
            return None
        empty = dict.fromkeys(("authorEmail", "commitBody", "commitHeadline"))
        by = maybe_actor(context.hub, self.pull.auto_merge_by)
        return empty | {
            "enabledAt": self.updatedAt,
            "enabledBy": by,
            "mergeMethod": self.pull.auto_merge,
            "pullRequest": self,
        }


def changed_files(pull: models.PullRequest) -> dict[str, Any]:
    objects = pull.repository.objects
    current = pull.repository.head(pull.base) if pull.state == "OPEN" else None
    fork = history.merge_base(objects, current or pull.base_oid, pull.head_oid)
    before = objects.commit(fork).tree if fork else None
    return trees.changed_paths(objects, before, objects.commit(pull.head_oid).tree)


class PullRequestCommit:
    def __init__(self, pull: PullRequest, commit: Commit) -> None:
        self.pullRequest, self.commit = pull, commit
        self.id = node_id("PRC", pull.stored.id, pull.number, commit.oid)
        self.resourcePath = f"{pull.resourcePath}/commits/{commit.oid}"
        self.url = pull.stored.hub.url + self.resourcePath


class ReviewRequest:
    def __init__(self, context: Context, pull: PullRequest, login: str) -> None:
        self.pullRequest, self.login = pull, login
        self.id = node_id("RR", pull.stored.id, pull.number, login)
        self.asCodeOwner, self.databaseId = False, context.hub.user(login).id

    def requestedReviewer(self, context: Context) -> Any:
        return reviewer(context, self.login)


class IssueComment:
    def __init__(self, pull: models.PullRequest, comment: models.Comment) -> None:
        self.pull, self.comment = pull, comment
        self.id = node_id("IC", pull.repository.id, pull.number, comment.id)
        self.databaseId, self.body, self.bodyText = comment.id, comment.body, comment.body
        self.createdAt = self.updatedAt = when(comment.created_at)
        self.editor = self.lastEditedAt = None
        self.authorAssociation = "CONTRIBUTOR"
        self.resourcePath = f"{pull.path}#issuecomment-{comment.id}"
        self.url = pull.repository.hub.url + self.resourcePath

    def author(self, context: Context) -> Any:
        return actor(context.hub, self.comment.author)

    def pullRequest(self, context: Context) -> PullRequest:
        return PullRequest(self.pull)

    def repository(self, context: Context) -> Any:
        from tests.hub.graphql.views import Repository

        return Repository(self.pull.repository)

    def viewerDidAuthor(self, context: Context) -> bool:
        return self.comment.author == context.token.login
