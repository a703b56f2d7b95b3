"""Labels, people and milestone to set for a pull request, and what is left of them after a refusal (pure).

Labels and people are added, never set as a whole: updatePullRequest would replace what others gave. What GitHub
answers stands in docs/github.md, "Pull requests, labels and people".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from broadcast.apply.task import Written
from broadcast.config.names import distinct, folded, is_same
from broadcast.config.settings import Settings
from broadcast.config.targets import Target
from broadcast.observe.state import Pull, State
from broadcast.plan.plan import Plan

ROUNDS = 4  # all at once; without the one that a refusal named, or by REST; one by one: after these nothing is left
# Refusals to which REST would have nothing to add.
_KNOWN = re.compile(
    r"not accessible by|correct permissions to execute|collaborator|pull request author|global id|leaves them out",
    re.IGNORECASE,
)

DAY = 24 * 3600.0  # seconds

What = Literal["label", "assignee", "milestone", "reviewer"]

_REMEDIES: dict[What | Literal["team"], str] = {
    "label": "make it in the repository, or give the token Issues: write",
    "assignee": "give them access to the repository, or take them out of pr_assignees",
    "milestone": "look whether it is open",
    "reviewer": "give them access to the repository, or take them out of pr_reviewers",
    "team": "Members: read is missing, or the team has no access",
}


class Fresh(NamedTuple):
    """A pull request that lacks what it is to be given."""

    target: Target
    state: State
    pull: Written
    made: float = 0.0  # when this run made it or moved its branch, in seconds since the epoch; 0: not in this run


class Thing(NamedTuple):
    """One label, person, team or milestone."""

    name: str  # a team's is org/slug
    id: str = ""  # as GraphQL wants it; empty where the token may not see it, or there is none
    number: int = 0  # of a milestone, as REST wants it

    @property
    def is_team(self) -> bool:
        """Whether it is no person."""
        return "/" in self.name


class MetadataRequest(NamedTuple):
    """A REST write."""

    verb: str
    path: str
    body: Mapping[str, Any]


class Wish(NamedTuple):
    """Things of one kind for one pull request."""

    fresh: Fresh
    what: What
    things: tuple[Thing, ...]
    is_narrowed: bool = False  # it was refused before
    by_rest: bool = False  # GraphQL refused it in words that we don't know

    @property
    def has_ids(self) -> bool:
        """Whether GraphQL can be asked."""
        return not self.by_rest and all(thing.id for thing in self.things)

    @property
    def input(self) -> dict[str, Any]:
        """Of its mutation."""
        pull, ids = self.fresh.pull.id, [thing.id for thing in self.things]
        if self.what == "label":
            return {"labelableId": pull, "labelIds": ids}
        if self.what == "assignee":
            return {"assignableId": pull, "assigneeIds": ids}
        if self.what == "milestone":
            return {"pullRequestId": pull, "milestoneId": ids[0]}
        users, teams = ([thing.id for thing in self.things if thing.is_team is is_team] for is_team in (False, True))
        return {"pullRequestId": pull, "userIds": users, "teamIds": teams, "union": True}

    @property
    def request(self) -> MetadataRequest:
        """The same by REST."""
        names = [thing.name for thing in self.things if not thing.is_team or self.what != "reviewer"]
        repository, number = f"/repos/{self.fresh.state.full_name}", self.fresh.pull.number
        issue = f"{repository}/issues/{number}"
        if self.what == "label":
            return MetadataRequest("POST", f"{issue}/labels", {"labels": names})
        if self.what == "assignee":
            return MetadataRequest("POST", f"{issue}/assignees", {"assignees": names})
        if self.what == "milestone":
            return MetadataRequest("PATCH", issue, {"milestone": self.things[0].number})
        slugs = [thing.name.partition("/")[2] for thing in self.things if thing.is_team]
        body = {"reviewers": names, "team_reviewers": slugs}
        return MetadataRequest("POST", f"{repository}/pulls/{number}/requested_reviewers", body)


def wishes(fresh: Fresh, ids: Mapping[str, str], me: str) -> list[Wish]:
    """What can be asked for: what has ids in one wish of each kind, the rest in another, which only REST can try."""
    settings, state = fresh.target.settings, fresh.state
    milestone = [Thing(settings.pr_milestone, state.milestone.id, state.milestone.number)] if state.milestone else []
    kinds: dict[What, Sequence[Thing]] = {
        "label": [Thing(name, state.labels.get(name, "")) for name in settings.pr_labels],
        "assignee": [one for one in _known(settings.pr_assignees, ids) if one.id],
        "milestone": milestone,
        "reviewer": _known(_reviewers(fresh.target, me), ids),
    }
    return [
        Wish(fresh, what, chosen)
        for what, things in kinds.items()
        for with_id in (True, False)
        if (chosen := tuple(thing for thing in things if bool(thing.id) is with_id))
    ]


def missing(fresh: Fresh, ids: Mapping[str, str], me: str) -> Iterable[str]:
    """What is known not to be there without trying."""
    settings, state = fresh.target.settings, fresh.state
    for thing in _known(settings.pr_assignees, ids):
        if not thing.id:
            yield f"assignee {thing.name}: GitHub shows no user of that name; {_REMEDIES['assignee']}"
    if settings.pr_milestone and not state.milestone:
        yield f"milestone {settings.pr_milestone}: " + (
            "this token may not see the repository's milestones; give it Issues: read"
            if state.hides_milestones
            else "there is no open milestone of that title; make it in the repository"
        )
    if settings.pr_reviewers and not _reviewers(fresh.target, me):
        yield f"reviewer {settings.pr_reviewers[0]}: is the author, whom GitHub doesn't let review; name others too"


def is_due(outcome: str, pull: Pull | None, now: float) -> bool:
    """Whether a pull request is new, or an earlier run ended before it gave anything.

    What GitHub refused for a day it would refuse at every run; then it is tried with the next change only.
    """
    if outcome == "created" or pull is None or pull.decorated:
        return outcome == "created"
    is_new = pull.created_at != "" and now - datetime.fromisoformat(pull.created_at).timestamp() < DAY
    return outcome == "updated" or (outcome == "open" and is_new)


def merges_itself(target: Target, outcome: str, plan: Plan) -> bool:
    """Whether auto-merge is to be set: wanted, never set nor taken away, and nothing that people did is undone."""
    lacks = outcome in ("open", "updated") and plan.pull is not None and plan.pull.lacks_auto_merge
    return target.settings.pr_auto_merge and not plan.undoes and (outcome == "created" or lacks)


def merge_method(target: Target, state: State) -> str:
    """How to merge: MERGE, SQUASH or REBASE, the config's or the one GitHub says is the repository's."""
    if state.merging:
        return state.merging.method
    return target.settings.pr_merge_method.upper() or state.merge_method


def everybody(fresh: Fresh) -> list[str]:
    """All people and teams whose ids are needed."""
    return [*fresh.target.settings.pr_assignees, *_reviewers(fresh.target, "")]


def count(settings: Settings) -> int:
    """How many mutations a pull request takes that is refused nothing."""
    reviewers = settings.pr_reviewers or settings.pr_team_reviewers
    return sum(map(bool, (settings.pr_labels, settings.pr_assignees, settings.pr_milestone, reviewers)))


def calls(waiting: Iterable[Fresh]) -> int:
    """How many writes pull requests take that go together, if GitHub knows everybody: one document, and REST's."""
    found = [
        wish for one in waiting for wish in wishes(one, dict.fromkeys(map(folded, everybody(one)), "known"), me="")
    ]
    return any(wish.has_ids for wish in found) + sum(not wish.has_ids for wish in found)


def refused(wish: Wish, reason: str) -> tuple[tuple[Thing, ...], list[Wish]]:
    """Who is to blame for a refusal, and what to try without them: one by one where GitHub names nothing.

    What GraphQL refuses in words that we don't know is tried by REST, which says why; but of people who can't be
    assigned it says nothing.
    """
    named = tuple(thing for thing in wish.things if thing.id and f"'{thing.id}'" in reason)
    if wish.has_ids and wish.what != "assignee" and not named and not _KNOWN.search(reason):
        return (), [wish._replace(by_rest=True)]
    blamed = named or (wish.things if len(wish.things) == 1 else ())
    left = tuple(thing for thing in wish.things if thing not in blamed)
    if blamed and left and not wish.is_narrowed:
        return blamed, [wish._replace(things=left, is_narrowed=True)]
    return blamed, [wish._replace(things=(thing,)) for thing in left]


def refusal_text(wish: Wish, thing: Thing, reason: str) -> str:
    """The warning: what is left out, why, and what to do."""
    remedy = _REMEDIES["team" if thing.is_team and wish.what == "reviewer" else wish.what]
    if "not accessible" in reason and wish.what != "reviewer":
        remedy = "give the token Issues: write"
    return f"{wish.what} {thing.name}: {reason}; {remedy}"


def _known(names: Iterable[str], ids: Mapping[str, str]) -> list[Thing]:
    return [Thing(name, ids.get(folded(name), "")) for name in names]


def _reviewers(target: Target, me: str) -> tuple[str, ...]:
    """People and teams; without the author, for whom GitHub would refuse all of them."""
    slugs = (slug.rpartition("/")[2] for slug in target.settings.pr_team_reviewers)
    people = (login for login in target.settings.pr_reviewers if not is_same(login, me))
    return distinct([*people, *(f"{target.owner}/{slug}" for slug in slugs)])
