"""GraphQL views of what is reported about a commit: check runs of Apps, and statuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.hub.accounts import rights
from tests.hub.git.ids import node_id
from tests.hub.graphql.connections import connection
from tests.hub.rest.present import when

if TYPE_CHECKING:
    from tests.hub.git.repository import Repository as Stored
    from tests.hub.graphql.context import Context
    from tests.hub.models import Report


class StatusCheckRollup:
    def __init__(self, repository: Stored, oid: str, reports: list[Report]) -> None:
        self.stored, self.reports = repository, reports
        self.id = node_id("SCR", repository.id, oid)
        states = {each.state for each in reports}
        self.state = next((one for one in ("FAILURE", "PENDING") if one in states), "SUCCESS")

    def contexts(self, context: Context, **page: Any) -> Any:
        """A run is refused without Checks, a status without Commit statuses: cli/cli #12597."""
        context.work(len(self.reports))
        kinds = {True: CheckRun, False: StatusContext}
        return connection([kinds[each.is_run](self.stored, each) for each in self.reports], **page)


class _Reported:
    needed: rights.Alternatives

    def __init__(self, repository: Stored, report: Report) -> None:
        self.stored, self.report = repository, report
        self.id = node_id("CR", repository.id, report.name)

    def isRequired(self, context: Context, **_: Any) -> bool:
        context.check(self.stored, self.needed)
        return self.report.name in self.stored.required_contexts


class CheckRun(_Reported):
    needed = ("checks",)

    def __init__(self, repository: Stored, report: Report) -> None:
        super().__init__(repository, report)
        self.name, running = report.name, report.state == "PENDING"
        self.status = "IN_PROGRESS" if running else "COMPLETED"
        self.conclusion = None if running else report.state
        self.completedAt = None if running else when(report.at)


class StatusContext(_Reported):
    needed = ("statuses",)

    def __init__(self, repository: Stored, report: Report) -> None:
        super().__init__(repository, report)
        self.context, self.state, self.createdAt = report.name, report.state, when(report.at)
