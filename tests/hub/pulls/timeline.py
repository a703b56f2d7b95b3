"""Timeline events: labels, people, milestones, closing, each with its actor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.hub.git.repository import Repository
    from tests.hub.models import Milestone, PullRequest


@dataclass
class Event:
    id: int
    kind: str  # as GraphQL's itemTypes name it
    actor: str
    created_at: float
    about: str | None = None  # the label, login, milestone or commit; a team is `owner/slug`


class Timeline:
    """The part of a Repository that changes labels, people and milestones, and records the events."""

    def record(self: Repository, pull: PullRequest, kind: str, by: str, about: str | None = None) -> None:
        event = Event(self.hub.next_id(), f"{kind}_EVENT", self.hub.user(by).login, self.hub.clock(), about)
        pull.events.append(event)
        pull.updated_at = event.created_at

    def set_labels(self: Repository, pull: PullRequest, names: Sequence[str], by: str) -> None:
        pull.labels = self._changed(pull, pull.labels, names, ("LABELED", "UNLABELED"), by)

    def set_assignees(self: Repository, pull: PullRequest, logins: Sequence[str], by: str) -> None:
        pull.assignees = self._changed(pull, pull.assignees, logins, ("ASSIGNED", "UNASSIGNED"), by)

    def set_reviewers(
        self: Repository, pull: PullRequest, people: Sequence[str], teams: Sequence[str], by: str
    ) -> None:
        kinds = ("REVIEW_REQUESTED", "REVIEW_REQUEST_REMOVED")
        pull.reviewers = self._changed(pull, pull.reviewers, people, kinds, by)
        pull.team_reviewers = self._changed(pull, pull.team_reviewers, teams, kinds, by, f"{self.owner}/")

    def set_milestone(self: Repository, pull: PullRequest, milestone: Milestone | None, by: str) -> None:
        old, pull.milestone = pull.milestone, milestone
        if old is milestone:
            return
        if old:
            self.record(pull, "DEMILESTONED", by, old.title)
        if milestone:
            self.record(pull, "MILESTONED", by, milestone.title)

    def _changed(
        self: Repository,
        pull: PullRequest,
        old: list[str],
        new: Sequence[str],
        kinds: tuple[str, str],
        by: str,
        prefix: str = "",
    ) -> list[str]:
        """The new set, in its order and without repetitions, with an event for all that came or went."""
        wanted = list(dict.fromkeys(new))
        for name in wanted:
            if name not in old:
                self.record(pull, kinds[0], by, prefix + name)
        for name in old:
            if name not in wanted:
                self.record(pull, kinds[1], by, prefix + name)
        return wanted

    # As people do it

    def label_pull(self: Repository, number: int, *names: str, by: str = "alice") -> None:
        """Set labels; create those that don't exist."""
        with self.hub.lock:
            pull = self.pull(number)
            found = [(self.label(name) or self.add_label(name)).name for name in names]
            self.set_labels(pull, pull.labels + found, by)

    def unlabel_pull(self: Repository, number: int, *names: str, by: str = "alice") -> None:
        with self.hub.lock:
            pull = self.pull(number)
            self.set_labels(pull, [name for name in pull.labels if name not in names], by)

    def assign_pull(self: Repository, number: int, *logins: str, by: str = "alice") -> None:
        with self.hub.lock:
            pull = self.pull(number)
            self.set_assignees(pull, pull.assignees + [self.hub.user(login).login for login in logins], by)

    def unassign_pull(self: Repository, number: int, *logins: str, by: str = "alice") -> None:
        with self.hub.lock:
            pull = self.pull(number)
            self.set_assignees(pull, [login for login in pull.assignees if login not in logins], by)

    def request_review(
        self: Repository, number: int, *logins: str, teams: Sequence[str] = (), by: str = "alice"
    ) -> None:
        with self.hub.lock:
            pull = self.pull(number)
            people = [self.hub.user(login).login for login in logins]
            for slug in teams:
                self.hub.team(self.owner, slug)
            self.set_reviewers(pull, pull.reviewers + people, pull.team_reviewers + list(teams), by)

    def milestone_pull(self: Repository, number: int, title: str | None, by: str = "alice") -> None:
        """Set the milestone; None removes it."""
        with self.hub.lock:
            found = next((each for each in self.milestones if each.title == title), None)
            assert found or title is None, f"{self.full_name} has no milestone {title}"
            self.set_milestone(self.pull(number), found, by)
