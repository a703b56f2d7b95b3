"""Labels, assignees, milestone, reviewers and auto-merge of fresh pull requests, several targets to a document."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from broadcast.api import limits, mutations, queries
from broadcast.api.batch import is_undefined
from broadcast.api.client import GitHub, Scope, Unsure
from broadcast.api.shapes import reading, refuse_odd
from broadcast.errors import Failure
from broadcast.state import Pull, State
from broadcast.targets import Target
from broadcast.work import Written

log = logging.getLogger(__name__)

FIELDS_A_DOCUMENT = 10  # a document that takes GitHub more than ten seconds is cut off
TRIES = 3
SOON = 2.0  # seconds
YOUNG = 30.0  # seconds in which nobody else gives labels to a new pull request: a workflow takes longer to start
TOO_FRESH = "could not resolve to a node"  # how GitHub answers for a pull request made a moment ago

_NAMES = {"p": "labels, assignees, milestone", "r": "reviewers", "m": "auto-merge"}


class Fresh(NamedTuple):
    """A pull request that is still without labels and reviewers."""

    target: Target
    state: State
    pull: Written
    auto_merge: bool  # as the config says, unless the plan has a reason not to
    made: float = 0.0  # seconds since the epoch; 0: by an earlier run

    @property
    def lacks_labels(self) -> bool:
        """Whether the repository hasn't got all the labels yet."""
        return any(label not in self.state.labels for label in self.target.settings.pr_labels)

    @property
    def teams(self) -> list[str]:
        """The teams to ask, as org/slug."""
        slugs = (slug.rpartition("/")[2] for slug in self.target.settings.pr_team_reviewers)
        return [f"{self.target.owner}/{slug}" for slug in slugs]

    @property
    def people(self) -> list[str]:
        """Everybody whose node id is needed."""
        settings = self.target.settings
        return [*settings.pr_assignees, *settings.pr_reviewers, *self.teams]


class Decorator:
    """Collects pull requests and sends a document as soon as one is full."""

    def __init__(self, github: GitHub) -> None:
        self.github = github
        self.warnings: list[tuple[str, str]] = []  # target, text
        self._ids: dict[str, str | None] = {}  # login, or org/slug → node id; None: GitHub shows none
        self._given: dict[str, tuple[list[str], list[str]]] = {}  # pull request → ids of its labels, assignees
        self._waiting: list[Fresh] = []

    def add(self, fresh: Fresh) -> None:
        """Decorate this one, sooner or later."""
        self._waiting.append(fresh)
        if sum(weight(one) for one in self._waiting) >= FIELDS_A_DOCUMENT:
            self.flush()

    def notes(self) -> Iterable[tuple[str, str]]:
        """Warnings, each with its target; those that wait are without anything yet."""
        yield from self.warnings
        yield from ((one.target.label, "labels and reviewers may be missing") for one in self._waiting if weight(one))

    def flush(self) -> None:
        """Decorate all that wait; what GitHub refuses becomes a warning."""
        waiting, self._waiting = [one for one in self._waiting if weight(one)], []
        try:
            with reading():
                self._ask_people(waiting)
            for one in waiting:
                if one.lacks_labels:  # this way makes them
                    self._post(one, "labels", "issues", "labels", {"labels": list(one.target.settings.pr_labels)})
            with reading():
                self._ask_given(waiting)
            inputs = {name: value for at, one in enumerate(waiting) for name, value in self._inputs(at, one)}
            for attempt in range(TRIES):
                inputs = self._send(inputs, waiting, last=attempt + 1 == TRIES)
        except Failure as failure:
            self._warn(waiting, f"labels and reviewers may be missing: {failure.message}")

    def _ask_people(self, waiting: Sequence[Fresh]) -> None:
        unknown = list(dict.fromkeys(name for one in waiting for name in one.people if name not in self._ids))
        users = [name for name in unknown if "/" not in name]
        for names in (unknown, users):  # without the scope read:org, GitHub refuses all of a document with a team in it
            if names:
                answer = self.github.query(queries.people(names), {}, Scope("apply"))
                refuse_odd(answer.data)
                self._ids |= dict.fromkeys(unknown) | queries.people_ids(names, answer.data)
                if answer.data:
                    return

    def _ask_given(self, waiting: Sequence[Fresh]) -> None:
        """What others may have given by now: updatePullRequest replaces labels and assignees, and theirs shall stay."""
        self._given = {}
        old = [one.pull.id for one in waiting if self.github.now() - one.made > YOUNG]
        if old:
            answer = self.github.query(queries.GIVEN, {"ids": old}, Scope("apply"))
            refuse_odd(answer.data)
            self._given = queries.given(answer.data)

    def _send(self, inputs: Mapping[str, Any], waiting: Sequence[Fresh], *, last: bool) -> dict[str, Any]:
        """Send; returns what must be sent again. Doing it again is harmless: all of it says what is to be."""
        if not inputs:
            return {}
        try:
            answer = self.github.mutate(mutations.decorate(list(inputs)), inputs, Scope("apply"))
        except Unsure:
            if last:
                raise
            return dict(inputs)
        if not answer.data and is_undefined(answer.errors):
            self._send_by_rest(waiting)
            return {}
        refused = {str((error.get("path") or ["p0"])[0]): str(error.get("message", "")) for error in answer.errors}
        limited = bool(limits.throttled_errors(answer.errors))
        passing = {name for name, reason in refused.items() if limited or TOO_FRESH in reason.lower()}
        again = {} if last else {name: inputs[name] for name in passing}
        for name in refused.keys() - again.keys():
            self._warn([waiting[int(name[1:])]], f"{_NAMES[name[0]]}: {refused[name]}")
        if again:
            self.github.pace.pause(SOON)
        return again

    def _send_by_rest(self, waiting: Sequence[Fresh]) -> None:
        """For a server that doesn't know a mutation of the document; nothing of it was done."""
        for one in waiting:
            settings = one.target.settings
            if settings.pr_labels and not one.lacks_labels:
                self._post(one, "labels", "issues", "labels", {"labels": list(settings.pr_labels)})
            if settings.pr_assignees:
                self._post(one, "assignees", "issues", "assignees", {"assignees": list(settings.pr_assignees)})
            if one.state.milestone:
                self._post(one, "milestone", "issues", "", {"milestone": one.state.milestone.number}, verb="PATCH")
            if one.auto_merge:
                self._warn([one], "auto-merge: this server's GraphQL can't set it, and REST can't either")
            self._ask_by_rest(one)

    def _ask_by_rest(self, one: Fresh) -> None:
        settings = one.target.settings
        if settings.pr_reviewers or settings.pr_team_reviewers:
            teams = [team.partition("/")[2] for team in one.teams]
            body = {"reviewers": list(settings.pr_reviewers), "team_reviewers": teams}
            self._post(one, "reviewers", "pulls", "requested_reviewers", body)

    def _post(self, one: Fresh, what: str, kind: str, tail: str, body: object, verb: str = "POST") -> None:
        path = f"/repos/{one.state.full_name}/{kind}/{one.pull.number}/{tail}".rstrip("/")
        for attempt in range(TRIES):
            try:
                self.github.write(verb, path, body, Scope("apply", one.target.label))
                return
            except Unsure as failure:
                reason = failure.message
            except Failure as failure:
                reason = failure.message
                if TOO_FRESH not in reason.lower():
                    break
            if attempt + 1 < TRIES:
                self.github.pace.pause(SOON)
        self._warn([one], f"{what}: {reason}")

    def _inputs(self, at: int, one: Fresh) -> Iterable[tuple[str, dict[str, Any]]]:
        """The variables of the mutation, by name."""
        settings, state, pull = one.target.settings, one.state, {"pullRequestId": one.pull.id}
        labels = [] if one.lacks_labels else [state.labels[label] for label in settings.pr_labels]
        assignees = [id_ for login in settings.pr_assignees if (id_ := self._ids[login])]
        their_labels, their_assignees = self._given.get(one.pull.id, ([], []))
        sets = {
            "labelIds": labels and list(dict.fromkeys([*their_labels, *labels])),
            "assigneeIds": assignees and list(dict.fromkeys([*their_assignees, *assignees])),
            "milestoneId": state.milestone.id if state.milestone else None,
        }
        for login in settings.pr_assignees:
            if not self._ids[login]:
                self._warn([one], f"assignees: GitHub shows no user {login}")
        if settings.pr_milestone and not state.milestone:
            self._warn([one], f"milestone: there is no open milestone {settings.pr_milestone!r}")
        if any(sets.values()):
            yield f"p{at}", pull | {name: value for name, value in sets.items() if value}
        users, teams = ([self._ids[name] for name in names] for names in (settings.pr_reviewers, one.teams))
        if not all([*users, *teams]):
            self._ask_by_rest(one)  # it answers why
        elif users or teams:
            yield f"r{at}", pull | {"userIds": users, "teamIds": teams, "union": True}
        if one.auto_merge:
            yield f"m{at}", pull | {"mergeMethod": settings.pr_merge_method.upper() or state.merge_method}

    def _warn(self, those: Iterable[Fresh], text: str) -> None:
        for one in those:
            self.warnings.append((one.target.label, text))
            log.warning("%s: %s", one.target.label, text)  # the target's outcome may have been told already


def is_due(outcome: str, pull: Pull | None) -> bool:
    """Whether a pull request is new, or an earlier run was cut off before it gave labels and reviewers."""
    return outcome == "created" or (pull is not None and not pull.decorated and outcome in ("open", "updated"))


def weight(one: Fresh) -> int:
    """How many mutations it takes."""
    settings = one.target.settings
    sets = settings.pr_labels or settings.pr_assignees or settings.pr_milestone
    return bool(sets) + bool(settings.pr_reviewers or settings.pr_team_reviewers) + one.auto_merge
