"""The faults that a storm injects. Only the request decides which ones fit, which makes a seed repeatable."""

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
SLOW = ("too_quickly",)  # GitHub never says how long to wait: clients wait a minute, too long on a real clock
PULL_PATH = re.compile(r"/(?:issues|pulls)/(\d+)(?:/labels|/assignees|/requested_reviewers)?")


@dataclass
class FaultContext:
    """A request that a storm has chosen, and the means to let it fail."""

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
    fits: Callable[[FaultContext], Any]
    strike: Callable[[FaultContext], bool]


def _always(_: object) -> bool:
    return True


def _error(context: FaultContext, *, after: bool) -> bool:
    status = context.dice.choice(ERRORS)
    page = Answer(status, HTML, HTML_TYPE)
    return context.answer(context.dice.choice([page, Answer(status, {"message": "Server Error"})]), after=after)


def _lost(context: FaultContext, *, after: bool) -> bool:
    return context.answer(Answer(0), after=after)


def _cut(context: FaultContext, *, after: bool) -> bool:
    return context.answer(after=after, cut=True)


def _malformed(context: FaultContext, *, after: bool) -> bool:
    return context.answer(after=after, malformed=context.dice.choice([True, "html"]))


def _limited(context: FaultContext) -> bool:
    return context.answer(throttled(context.dice.choice([403, 429]), context.retry_after()))


def _limited_graphql(context: FaultContext) -> bool:
    return context.answer(throttled(200, context.retry_after()))


def _too_quickly(context: FaultContext) -> bool:
    root = context.pick(*CREATES)
    return bool(root) and context.refuse(root, TOO_QUICKLY, "UNPROCESSABLE")


def _field(context: FaultContext, *, after: bool) -> bool:
    root = context.pick()
    return bool(root) and context.refuse(root, WENT_WRONG, None, after=after)


def _blank_head(context: FaultContext) -> bool:
    """A replica doesn't know the new branch yet."""
    if not context.is_graphql:
        problem = {"resource": "PullRequest", "field": "head", "code": "invalid"}
        return context.answer(Answer(422, Refused("Validation Failed", errors=[problem]).body()))
    root = context.pick("createPullRequest")
    return bool(root) and context.refuse(root, _no_head, "UNPROCESSABLE")


def _no_head(arguments: dict[str, Any]) -> str:
    head, base = arguments["input"]["headRefName"], arguments["input"]["baseRefName"]
    nothing = f"No commits between {base} and {head}"
    return f"Head sha can't be blank, Base sha can't be blank, {nothing}, Head ref must be a branch"


def _unresolved_node(context: FaultContext) -> bool:
    """A replica doesn't know the new pull request yet."""
    if context.is_graphql:
        wanted = [(root, root.input[key]) for root in context.mutations for key in ON_PULLS if root.input.get(key)]
        new = [(root, id_) for root, id_ in wanted if any(id_ == PullRequest(pull).id for pull in _new_pulls(context))]
        return bool(new) and context.refuse(new[0][0], _unresolved(new[0][1]), "NOT_FOUND")
    path = PULL_PATH.fullmatch(context.about.operation)
    pull = next((each for each in _new_pulls(context) if path and each.number == int(path[1])), None)
    if not pull:
        return False
    problem = _unresolved(PullRequest(pull).id)
    return context.answer(Answer(422, Refused("Validation Failed", errors=[problem]).body()))


def _unresolved(id_: str) -> str:
    return f"Could not resolve to a node with the global id of '{id_}'."


def _new_pulls(context: FaultContext) -> list[Stored]:
    pulls = context.repository.pulls if context.repository else []
    return [each for each in pulls if context.hub.clock() - each.created_at < SETTLING]


def _base_moved(context: FaultContext) -> bool:
    repository = context.repository
    if not repository or repository.archived or repository.is_empty:
        return False
    bases = {pull.base for pull in repository.pulls if pull.state == "OPEN" and repository.head(pull.base)}
    base = context.dice.choice(sorted(bases or {repository.default_branch}))
    context.storm.moves[repository.full_name] += 1
    number = context.storm.moves[repository.full_name]
    repository.commit({f"storm/{number}.txt": f"{context.storm.seed} {number}\n".encode()}, base, "Move on")
    return True


def _branch_deleted(context: FaultContext) -> bool:
    repository = context.repository
    ours = [name for name in repository.branches() if name.startswith(context.storm.prefix)] if repository else []
    if not repository or not ours or repository.archived:
        return False
    repository.delete_branch(context.dice.choice(sorted(ours)))
    return True


def _is_mutation(context: FaultContext) -> bool:
    return bool(context.mutations)


def _mutates(*names: str) -> Callable[[FaultContext], bool]:
    return lambda context: any(each.name in names for each in context.mutations)


def _opens_pull(context: FaultContext) -> bool:
    return context.about[:2] == ("POST", "/pulls") or _mutates("createPullRequest")(context)


def _changes_pull(context: FaultContext) -> bool:
    if context.is_graphql:
        return any(root.input.get(key) for root in context.mutations for key in ON_PULLS)
    return context.request.writes and bool(PULL_PATH.fullmatch(context.about.operation))


def _writes_somewhere(context: FaultContext) -> bool:
    return context.request.writes and bool(context.about.repository)


def _both(name: str, fits: Callable[[FaultContext], Any], strike: Any) -> dict[str, Kind]:
    return {
        name: Kind(fits, lambda context: strike(context, after=False)),
        f"{name}_after": Kind(fits, lambda context: strike(context, after=True)),
    }


RANDOM_FAULTS: dict[str, Kind] = {
    **_both("error", _always, _error),
    **_both("lost", _always, _lost),
    **_both("cut", _always, _cut),
    **_both("malformed", _always, _malformed),
    "limited": Kind(_always, _limited),
    "limited_graphql": Kind(lambda context: context.is_graphql, _limited_graphql),
    "too_quickly": Kind(_mutates(*CREATES), _too_quickly),
    **_both("field", _is_mutation, _field),
    "blank_head": Kind(_opens_pull, _blank_head),
    "unresolved_node": Kind(_changes_pull, _unresolved_node),
    "base_moved": Kind(_writes_somewhere, _base_moved),
    "branch_deleted": Kind(_writes_somewhere, _branch_deleted),
}
