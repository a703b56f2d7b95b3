"""GraphQL views of issues and of the edits of their text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.hub.git.ids import node_id
from tests.hub.graphql.connections import connection
from tests.hub.graphql.views_people import actor, maybe_actor
from tests.hub.rest.present import when

if TYPE_CHECKING:
    from tests.hub.git.repository import Repository as Stored
    from tests.hub.graphql.context import Context
    from tests.hub.pulls import issues

SUFFIX = "[bot]"


def select_issues(
    context: Context,
    stored: Stored,
    labels: list[str] | None = None,
    filterBy: dict[str, Any] | None = None,
    orderBy: dict[str, str] | None = None,
    states: list[str] | None = None,
    **page: Any,
) -> Any:
    wanted, by = {name.lower() for name in labels or ()}, (filterBy or {}).get("createdBy")
    if by and context.hub.unknowns.created_by_bot == "without suffix" and by.endswith(SUFFIX):
        by = "nobody of that name"
    found = [
        each
        for each in stored.issues
        if (not states or each.state in states)
        and (not wanted or wanted & {name.lower() for name in each.labels})
        and (not by or each.author.removesuffix(SUFFIX) == by.removesuffix(SUFFIX))
    ]
    found.sort(key=lambda each: each.number, reverse=bool(orderBy) and orderBy["direction"] == "DESC")
    context.work(len(found))
    return connection([Issue(each) for each in found], **page)


class Issue:
    def __init__(self, issue: issues.Issue) -> None:
        self.issue, self.stored = issue, issue.repository
        self.id, self.databaseId, self.number = node_id("I", issue.repository.id, issue.number), issue.id, issue.number
        self.resourcePath = f"/{issue.repository.full_name}/issues/{issue.number}"
        self.url = issue.repository.hub.url + self.resourcePath
        self.state, self.title, self.body, self.closed = issue.state, issue.title, issue.body, issue.state == "CLOSED"
        self.createdAt, self.updatedAt = when(issue.created_at), when(issue.updated_at)
        self.closedAt = when(issue.closed_at)
        self.lastEditedAt = when(issue.edits[-1].at) if issue.edits else None
        self.includesCreatedEdit = bool(issue.edits)

    def author(self, context: Context) -> Any:
        return actor(context.hub, self.issue.author)

    def editor(self, context: Context) -> Any:
        return maybe_actor(context.hub, self.issue.edits[-1].editor if self.issue.edits else None)

    def viewerDidAuthor(self, context: Context) -> bool:
        return context.token.login == self.issue.author

    def userContentEdits(self, context: Context, **page: Any) -> Any:
        edits = self.issue.edits if context.hub.unknowns.edit_order == "oldest first" else self.issue.edits[::-1]
        return connection([UserContentEdit(each, self.issue) for each in edits], **page)


class UserContentEdit:
    def __init__(self, edit: issues.Edit, issue: issues.Issue) -> None:
        self.edit = edit
        self.id = node_id("UCE", issue.repository.id, issue.number, issue.edits.index(edit))
        self.createdAt = self.editedAt = self.updatedAt = when(edit.at)
        self.deletedAt = None

    def editor(self, context: Context) -> Any:
        return actor(context.hub, self.edit.editor)

    def diff(self, context: Context) -> str | None:
        return self.edit.text if context.hub.unknowns.edit_diff == "whole text" else None
