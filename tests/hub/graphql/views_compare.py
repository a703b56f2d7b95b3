"""GraphQL's view of two commits side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.hub.errors import not_found
from tests.hub.git import history
from tests.hub.git.ids import node_id
from tests.hub.graphql.connections import connection
from tests.hub.graphql.views_git import Commit, git_object

if TYPE_CHECKING:
    from tests.hub.git.repository import Repository as Stored
    from tests.hub.graphql.context import Context


def compared(context: Context, repository: Stored, base: str, head: str) -> Comparison | None:
    answer = context.hub.unknowns.compare_unrelated
    if answer != "diverged" and history.merge_base(repository.objects, base, head) is None:
        if answer == "null":
            return None
        raise not_found(f"No common ancestor between {base} and {head}.")
    return Comparison(context, repository, base, head)


class Comparison:
    def __init__(self, context: Context, repository: Stored, base: str, head: str) -> None:
        self.stored, self.base, self.head = repository, base, head
        self.id = node_id("CMP", repository.id, base, head)
        self.added = history.missing(repository.objects, base, head)
        self.aheadBy = len(self.added)
        self.behindBy = len(history.missing(repository.objects, head, base))
        context.work(self.aheadBy + self.behindBy)
        sides = (self.aheadBy > 0, self.behindBy > 0)
        names = {(0, 0): "IDENTICAL", (1, 0): "AHEAD", (0, 1): "BEHIND", (1, 1): "DIVERGED"}
        self.status = names[sides]

    def baseTarget(self, context: Context) -> Any:
        return git_object(self.stored, self.base)

    def headTarget(self, context: Context) -> Any:
        return git_object(self.stored, self.head)

    def commits(self, context: Context, **page: Any) -> Any:
        return connection([Commit(self.stored, each) for each in self.added], **page)
