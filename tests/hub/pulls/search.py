"""Search for pull requests: parse a query, return the matches that the token may read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.hub.accounts.rights import PULLS
from tests.hub.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.hub.git.repository import Repository
    from tests.hub.hub import Hub
    from tests.hub.models import PullRequest, Token

RESULTS = 1000  # more than these are counted, but never shown
TERM = re.compile(r'(?P<not>-)?(?:(?P<name>[a-z-]+):)?(?P<value>"[^"]*"|\S+)')
OPERATORS = {"AND", "OR", "NOT"}  # of the advanced search
FIELDS = ("title", "body", "comments")
IS: dict[str, Callable[[PullRequest], bool]] = {
    "pr": lambda pull: True,
    "issue": lambda pull: False,
    "open": lambda pull: pull.state == "OPEN",
    "closed": lambda pull: pull.state != "OPEN",
    "merged": lambda pull: pull.state == "MERGED",
    "unmerged": lambda pull: pull.state != "MERGED",
    "draft": lambda pull: pull.draft,
    "private": lambda pull: pull.repository.private,
    "public": lambda pull: not pull.repository.private,
}


@dataclass
class Query:
    words: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)  # in:
    where: list[tuple[str, str]] = field(default_factory=list)  # org:, user:, repo:
    anywhere: bool = False  # any of these places will do, as servers without the advanced search have it
    nowhere: list[tuple[str, str]] = field(default_factory=list)  # those with a minus
    filters: list[tuple[bool, str, str]] = field(default_factory=list)  # negated, qualifier, value; all must hold
    sort: str = "created-desc"


def search_pulls(hub: Hub, token: Token, text: str) -> list[PullRequest]:
    query = parse(hub, text, token.login)
    readable = [each for each in hub.repositories.values() if token.may("read", each, PULLS) and each.admits(token)]
    repositories = [each for each in readable if _is_in(query, each)]
    found = [pull for each in repositories for pull in each.pulls if _matches(query, pull)]
    key, _, direction = query.sort.partition("-")
    found.sort(key=lambda pull: getattr(pull, f"{key}_at"))
    return found if direction == "asc" else found[::-1]


def parse(hub: Hub, text: str, me: str) -> Query:
    query = Query(anywhere=hub.unknowns.search_places == "or")
    for term in TERM.finditer(text):
        name, value = term["name"], term["value"].strip('"')
        if name is None and (term["value"] in OPERATORS or term["value"][0] in "()"):
            _refuse(hub, term["value"])
        elif name is None:
            query.words.append(value)
        elif name == "in":
            query.places.append(value)
        elif name in {"org", "user", "repo"}:
            (query.nowhere if term["not"] else query.where).append((name, (me if value == "@me" else value).lower()))
        elif name == "sort":
            query.sort = value
        elif name in FILTERS and (name != "is" or value in IS):
            query.filters.append((bool(term["not"]), name, me if value == "@me" else value))
        else:
            _refuse(hub, term[0])
    return query


def _refuse(hub: Hub, term: str) -> None:
    hub.unimplemented.append(f"search {term}")
    raise Refused(f"The hub does not implement {term}: add it to tests/hub/pulls/search.py")


def _is_in(query: Query, repository: Repository) -> bool:
    names = {"org": repository.owner.lower(), "repo": repository.full_name.lower()}
    names["user"] = names["org"]
    if any(names[kind] == value for kind, value in query.nowhere):
        return False
    fits = [names[kind] == value for kind, value in query.where]
    return not fits or (any if query.anywhere else all)(fits)


def _matches(query: Query, pull: PullRequest) -> bool:
    if any(FILTERS[name](pull, value) == negated for negated, name, value in query.filters):
        return False
    contents = {"title": pull.title, "body": pull.body, "comments": "\n".join(each.body for each in pull.comments)}
    searched = [_words(contents[place]) for place in query.places or FIELDS]
    return all(any(_has(words, _words(phrase)) for words in searched) for phrase in query.words)


def _words(text: str) -> list[str]:
    """The words of a text; GitHub indexes no punctuation."""
    return re.findall(r"\w+", text.lower())


def _has(words: list[str], phrase: list[str]) -> bool:
    return any(words[start : start + len(phrase)] == phrase for start in range(len(words) - len(phrase) + 1))


def _begins(branch: str, value: str) -> bool:
    """`head:` matches branches "beginning with the word", as the documentation says: more than one is to be expected."""
    branch, value = branch.lower(), value.lower()
    return branch.startswith(value) and not re.match(r"\w", branch[len(value) :])


def _author(pull: PullRequest, value: str) -> bool:
    login = f"{value.removeprefix('app/')}[bot]" if value.startswith("app/") else value
    return pull.author.lower() == login.lower()


FILTERS: dict[str, Callable[[PullRequest, str], bool]] = {
    "is": lambda pull, value: IS[value](pull),
    "type": lambda pull, value: value == "pr",
    "state": lambda pull, value: IS[value](pull),
    "draft": lambda pull, value: pull.draft == (value == "true"),
    "archived": lambda pull, value: pull.repository.archived == (value == "true"),
    "head": lambda pull, value: _begins(pull.head, value),
    "base": lambda pull, value: pull.base.lower() == value.lower(),
    "label": lambda pull, value: value.lower() in map(str.lower, pull.labels),
    "author": _author,
}
