"""Everything that a storm can do to a request. What fits is told by the request alone, so that the dice fall alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.hub.errors import Refused
from tests.hub.faults.clock import Clock
from tests.hub.faults.requests import (
    CREATES,
    HTML,
    HTML_TYPE,
    TOO_QUICKLY,
    WENT_WRONG,
    Answer,
    Fault,
    FieldFault,
    http_date,
    throttled,
)
from tests.hub.faults.subject import Root, Subject, roots
from tests.hub.graphql.views_pulls import PullRequest

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from tests.hub.faults.requests import Request
    from tests.hub.faults.storm import Storm
    from tests.hub.git.repository import Repository
    from tests.hub.hub import Hub
    from tests.hub.models import PullRequest as Stored

ERRORS = (500, 502, 503, 504)
SETTLING = 60  # seconds in which a new pull request may not be found everywhere
ON_PULLS = ("pullRequestId", "labelableId", "assignableId", "subjectId")
UNHURRIED = ("too_quickly",)  # GitHub never says how long to wait after it, and a minute is long on a real clock
PULL_PATH = re.compile(r"/(?:issues|pulls)/(\d+)(?:/labels|/assignees|/requested_reviewers)?")


@dataclass
class Gust:
    hub: Hub
    request: Request
    about: Subject
    dice: random.Random
    storm: Storm

    @property
    def repository(self) -> Repository | None:
        return self.hub.find(self.about.repository)

    @property
    def is_graphql(self) -> bool:
        return self.request.document is not None

    @property
    def mutations(self) -> list[Root]:
        return roots(self.request) if self.request.kind == "graphql mutation" else []

    def pick(self, *names: str) -> Root | None:
        """One of the document's mutations of these names, or of any name."""
        found = [each for each in self.mutations if not names or each.name in names]
        return self.dice.choice(found) if found else None

    def answer(self, given: Answer | None = None, *, after: bool = False, **how: Any) -> bool:
        status, body, headers = (given.status, given.body, given.headers) if given else (None, None, {})
        fault = Fault(_always, 1, status, body, after, headers, **how)
        self.request.faults.append(fault)
        return True

    def refuse(self, root: Root, message: Any, type_: str | None, *, after: bool = False) -> bool:
        fault = FieldFault(lambda _r, path, *_: path == [root.key], message, type_, 1, after)
        self.request.field_faults.append(fault)
        return True

    def retry_after(self) -> int | str | None:
        """On a simulated clock GitHub may also say nothing."""
        patient = isinstance(self.hub.clock, Clock)
        seconds = self.dice.choice((1, 30, 60) if patient else (0, 1, 2))
        form = self.dice.choice(("number", "date", "nothing") if patient else ("number", "date"))
        return {"number": seconds, "date": http_date(self.hub.clock() + seconds), "nothing": None}[form]


class Kind(NamedTuple):
    fits: Callable[[Gust], Any]
    strike: Callable[[Gust], bool]


def _always(_: object) -> bool:
    return True


def _error(gust: Gust, *, after: bool) -> bool:
    status = gust.dice.choice(ERRORS)
    page = Answer(status, HTML, HTML_TYPE)
    return gust.answer(gust.dice.choice([page, Answer(status, {"message": "Server Error"})]), after=after)


def _lost(gust: Gust, *, after: bool) -> bool:
    return gust.answer(Answer(0), after=after)


def _cut(gust: Gust, *, after: bool) -> bool:
    return gust.answer(after=after, cut=True)


def _malformed(gust: Gust, *, after: bool) -> bool:
    return gust.answer(after=after, malformed=gust.dice.choice([True, "html"]))


def _limited(gust: Gust) -> bool:
    return gust.answer(throttled(gust.dice.choice([403, 429]), gust.retry_after()))


def _limited_graphql(gust: Gust) -> bool:
    return gust.answer(throttled(200, gust.retry_after()))


def _too_quickly(gust: Gust) -> bool:
    root = gust.pick(*CREATES)
    return bool(root) and gust.refuse(root, TOO_QUICKLY, "UNPROCESSABLE")


def _field(gust: Gust, *, after: bool) -> bool:
    root = gust.pick()
    return bool(root) and gust.refuse(root, WENT_WRONG, None, after=after)


def _blank_head(gust: Gust) -> bool:
    """The branch was made a moment ago, and isn't known everywhere."""
    if not gust.is_graphql:
        problem = {"resource": "PullRequest", "field": "head", "code": "invalid"}
        return gust.answer(Answer(422, Refused("Validation Failed", errors=[problem]).body()))
    root = gust.pick("createPullRequest")
    return bool(root) and gust.refuse(root, _no_head, "UNPROCESSABLE")


def _no_head(arguments: dict[str, Any]) -> str:
    head, base = arguments["input"]["headRefName"], arguments["input"]["baseRefName"]
    nothing = f"No commits between {base} and {head}"
    return f"Head sha can't be blank, Base sha can't be blank, {nothing}, Head ref must be a branch"


def _unresolved_node(gust: Gust) -> bool:
    """The pull request was opened a moment ago, and isn't known everywhere."""
    if gust.is_graphql:
        wanted = [(root, root.input[key]) for root in gust.mutations for key in ON_PULLS if root.input.get(key)]
        new = [(root, id_) for root, id_ in wanted if any(id_ == PullRequest(pull).id for pull in _new_pulls(gust))]
        return bool(new) and gust.refuse(new[0][0], _unresolved(new[0][1]), "NOT_FOUND")
    path = PULL_PATH.fullmatch(gust.about.operation)
    pull = next((each for each in _new_pulls(gust) if path and each.number == int(path[1])), None)
    if not pull:
        return False
    problem = _unresolved(PullRequest(pull).id)
    return gust.answer(Answer(422, Refused("Validation Failed", errors=[problem]).body()))


def _unresolved(id_: str) -> str:
    return f"Could not resolve to a node with the global id of '{id_}'."


def _new_pulls(gust: Gust) -> list[Stored]:
    pulls = gust.repository.pulls if gust.repository else []
    return [each for each in pulls if gust.hub.clock() - each.created_at < SETTLING]


def _base_moved(gust: Gust) -> bool:
    repository = gust.repository
    if not repository or repository.archived or repository.is_empty:
        return False
    bases = {pull.base for pull in repository.pulls if pull.state == "OPEN" and repository.head(pull.base)}
    base = gust.dice.choice(sorted(bases or {repository.default_branch}))
    gust.storm.moves[repository.full_name] += 1
    number = gust.storm.moves[repository.full_name]
    repository.commit({f"storm/{number}.txt": f"{gust.storm.seed} {number}\n".encode()}, base, "Move on")
    return True


def _branch_deleted(gust: Gust) -> bool:
    repository = gust.repository
    ours = [name for name in repository.branches() if name.startswith(gust.storm.prefix)] if repository else []
    if not repository or not ours or repository.archived:
        return False
    repository.delete_branch(gust.dice.choice(sorted(ours)))
    return True


def _is_mutation(gust: Gust) -> bool:
    return bool(gust.mutations)


def _mutates(*names: str) -> Callable[[Gust], bool]:
    return lambda gust: any(each.name in names for each in gust.mutations)


def _opens_pull(gust: Gust) -> bool:
    return gust.about[:2] == ("POST", "/pulls") or _mutates("createPullRequest")(gust)


def _changes_pull(gust: Gust) -> bool:
    if gust.is_graphql:
        return any(root.input.get(key) for root in gust.mutations for key in ON_PULLS)
    return gust.request.writes and bool(PULL_PATH.fullmatch(gust.about.operation))


def _writes_somewhere(gust: Gust) -> bool:
    return gust.request.writes and bool(gust.about.repository)


def _both(name: str, fits: Callable[[Gust], Any], strike: Any) -> dict[str, Kind]:
    return {
        name: Kind(fits, lambda gust: strike(gust, after=False)),
        f"{name}_after": Kind(fits, lambda gust: strike(gust, after=True)),
    }


GUSTS: dict[str, Kind] = {
    **_both("error", _always, _error),
    **_both("lost", _always, _lost),
    **_both("cut", _always, _cut),
    **_both("malformed", _always, _malformed),
    "limited": Kind(_always, _limited),
    "limited_graphql": Kind(lambda gust: gust.is_graphql, _limited_graphql),
    "too_quickly": Kind(_mutates(*CREATES), _too_quickly),
    **_both("field", _is_mutation, _field),
    "blank_head": Kind(_opens_pull, _blank_head),
    "unresolved_node": Kind(_changes_pull, _unresolved_node),
    "base_moved": Kind(_writes_somewhere, _base_moved),
    "branch_deleted": Kind(_writes_somewhere, _branch_deleted),
}
