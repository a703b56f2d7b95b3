"""Sets labels, assignees, milestone and reviewers of pull requests, several in one document.

What GitHub refuses is left out one by one and reported by name; the rest is set.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from broadcast.apply import requests, sending
from broadcast.apply.requests import ROUNDS, Fresh, What, Wish
from broadcast.apply.sending import LEFT_OUT, LeftOut, Mutation
from broadcast.apply.task import Unsupported
from broadcast.config.names import distinct, folded
from broadcast.config.targets import Target
from broadcast.errors import PASSING, Failure
from broadcast.github.client import ApiError, GitHub, Scope
from broadcast.github.questions import quote
from broadcast.github.validation import reading, validate

log = logging.getLogger(__name__)

_KINDS: dict[What, str] = {"label": "l", "assignee": "a", "milestone": "p", "reviewer": "r"}  # of mutations
_LATER = "a later run gives them where none arrived"


class MetadataWriter:
    """Collects pull requests and sends a document as soon as one is full."""

    def __init__(self, github: GitHub) -> None:
        self.github = github
        self.warnings: list[tuple[str, str]] = []  # target, text
        self._ids: dict[str, str] = {}  # login, or org/slug, without case → node id; empty: GitHub shows none
        self._me = ""  # the login that opens the pull requests; an App's ends in [bot]
        self._only_rest = False  # the server lacks one of the mutations
        self._waiting: list[Fresh] = []

    def add(self, fresh: Fresh) -> None:
        """Decorate this one, sooner or later."""
        if requests.count(fresh.target.settings):
            self._waiting.append(fresh)
        if sum(requests.count(one.target.settings) for one in self._waiting) >= sending.FULL:
            self.flush()

    def notes(self) -> Iterable[tuple[str, str]]:
        """Warnings, each with its target; those that wait are without anything yet."""
        yield from self.warnings
        yield from ((one.target.label, f"labels and reviewers may be missing; {_LATER}") for one in self._waiting)

    def flush(self) -> None:
        """Decorate all that wait; what GitHub refuses becomes a warning."""
        waiting, self._waiting = self._waiting, []
        try:
            with reading():
                self._ask_people(waiting)
            left = [wish for one in waiting for wish in requests.wishes(one, self._ids, self._me)]
            for one in waiting:
                self._warn_all(one.target, requests.missing(one, self._ids, self._me))
            for _ in range(ROUNDS):
                left = self._grant(left)
        except Failure as failure:
            for one in waiting:
                self.warn(one.target, f"labels and reviewers may be missing: {failure.message}; {_LATER}")

    def warn(self, target: Target, text: str) -> None:
        """Log it now, because the target's outcome may be reported already, and once more at the end."""
        self.warnings.append((target.label, text))
        log.warning("%s: %s", target.label, text, extra=PASSING)

    def _warn_all(self, target: Target, texts: Iterable[str]) -> None:
        for text in texts:
            self.warn(target, text)

    def _ask_people(self, waiting: Sequence[Fresh]) -> None:
        """Ids that aren't known yet, and who we are; for one team, GitHub refuses all to a token without read:org."""
        names = distinct(name for one in waiting for name in requests.everybody(one))
        unknown = [name for name in names if folded(name) not in self._ids]
        users = [name for name in unknown if "/" not in name]
        refusal = ""
        for asked, me in dict.fromkeys([((*unknown,), True), ((*users,), True), ((*users,), False)]):
            if not asked:
                break
            answer = self.github.query(select_people(asked, me=me), {}, Scope("apply"))
            validate(answer.data)
            if answer.data:
                self._me = read_viewer(answer.data) or self._me
                self._learn(unknown, read_people(asked, answer.data))
                return
            refusal = str(answer.errors[0]["message"]) if answer.errors else "no answer"
        if users:
            raise ApiError(200, f"GitHub doesn't show these people: {refusal}")
        self._learn(unknown, {})

    def _learn(self, names: Iterable[str], found: Mapping[str, str | None]) -> None:
        self._ids |= {folded(name): found.get(name) or "" for name in names}

    def _grant(self, asked: Sequence[Wish]) -> list[Wish]:
        """Try; returns what is to be tried again, without what was refused."""
        refused = [pair for pair in (*self._by_graphql(asked), *self._by_rest(asked)) if pair[1]]
        return [more for wish, reason in refused for more in self._without(wish, reason)]

    def _without(self, wish: Wish, reason: str) -> list[Wish]:
        """Warn of those who are to blame; returns what to try without them."""
        target = wish.fresh.target
        if sending.concerns_all(reason, wish.fresh.pull.id):
            self.warn(target, f"{wish.what} {', '.join(thing.name for thing in wish.things)}: {reason}; {_LATER}")
            return []
        blamed, left = requests.refused(wish, reason)
        if isinstance(reason, LeftOut):
            reason, left = LEFT_OUT, []
        self._warn_all(target, (requests.refusal_text(wish, thing, reason) for thing in blamed))
        return left

    def _by_graphql(self, asked: Sequence[Wish]) -> list[tuple[Wish, str]]:
        chosen = [wish for wish in asked if wish.has_ids and not self._only_rest]
        try:
            fields = [Mutation(_KINDS[wish.what], wish.fresh.pull.id, wish.input) for wish in chosen]
            return list(zip(chosen, sending.send(self.github, fields), strict=True))
        except Unsupported:  # nothing of it was done
            self._only_rest = True
            return []

    def _by_rest(self, asked: Sequence[Wish]) -> Iterable[tuple[Wish, str]]:
        """What GraphQL can't be asked for: REST takes names, makes labels, and says why not."""
        for wish in asked:
            if self._only_rest or not wish.has_ids:
                scope = Scope("apply", wish.fresh.target.label)
                yield wish, sending.post(self.github, wish.request, wish.fresh.pull.id, scope)


def select_people(names: Sequence[str], *, me: bool = True) -> str:
    """Select the node ids of users (login) and teams (org/slug), and with `me` our own login, as a document."""
    fields = ["viewer { login }"] if me else []
    for at, name in enumerate(names):
        org, slash, slug = name.partition("/")
        team = f"organization(login: {quote(org)}) {{ team(slug: {quote(slug)}) {{ id }} }}"
        fields.append(f"u{at}: {team if slash else f'user(login: {quote(name)}) {{ id }}'}")
    return "query { " + " ".join(fields) + " }"


def read_viewer(answer: Mapping[str, Any]) -> str:
    """Read our login in the answer to `select_people`; empty where it wasn't asked for."""
    return str((answer.get("viewer") or {}).get("login") or "")


def read_people(names: Sequence[str], answer: Mapping[str, Any]) -> dict[str, str | None]:
    """Read the ids in the answer to `select_people`; None for those that GitHub doesn't show."""
    ids: dict[str, str | None] = {}
    for at, name in enumerate(names):
        found = answer.get(f"u{at}") or {}
        ids[name] = (found.get("team") or {}).get("id") if "/" in name else found.get("id")
    return ids
