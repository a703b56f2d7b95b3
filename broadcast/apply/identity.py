"""Who the commits are by, who signs them off, and who else made them: authors and trailers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from broadcast.config.settings import Settings, author_of
from broadcast.errors import Failure
from broadcast.github.client import ApiError, GitHub, Scope
from broadcast.github.validation import Malformed, present, reading
from broadcast.observe.touches import Author

if TYPE_CHECKING:
    from broadcast.apply.description import Background
    from broadcast.plan.plan import Plan, Step
    from broadcast.runner.context import Context

MAX_CO_AUTHORS = 20
WITHOUT_COMMIT: frozenset[Step] = frozenset({"propose", "describe", "close"})  # steps that write, but make none
_ADDRESS = re.compile(r"[^\s<>()\"',;:@\\]{1,64}@[A-Za-z0-9.-]{1,190}")
_VIEWER = "query Viewer { viewer { login databaseId } }"
_SCOPE = Scope("identity")


class Signers:
    """The accounts of tokens, as GitHub records them in commits; each is asked for once. Threads may share it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock, self._known = Lock(), dict[object, Author]()

    def signing(self, background: Background, github: GitHub, settings: Settings, plan: Plan) -> Background:
        """The background with who signs the commit off, asked for only where one is made. Raises Failure."""
        if plan.step in WITHOUT_COMMIT:
            return background
        return background._replace(signer=self.of(github, settings))

    def of(self, github: GitHub, settings: Settings) -> Author | None:
        """Who signs a commit off; None where none is to be signed off. Raises Failure."""
        if not settings.sign_off:
            return None
        return author_named(settings) or self._account(github)

    def _account(self, github: GitHub) -> Author:
        credentials = github.credentials
        with self._lock:
            key = credentials.author if credentials.author.startswith("author:app/") else credentials
            if key not in self._known:
                self._known[key] = self._asked(github)
            return self._known[key]

    def _asked(self, github: GitHub) -> Author:
        """An App's token may not ask for its user, and GraphQL tells no address without a scope for it."""
        try:
            with reading():
                if github.credentials.is_personal:
                    return self._person(github.get("/user", _SCOPE))
                answer = github.query(_VIEWER, {}, _SCOPE)
                if refusal := next((error for error in answer.errors), None):
                    raise ApiError(403, str(refusal.get("message", "")))
                return self._bot(answer.data["viewer"])
        except (ApiError, Malformed) as failure:
            why = f"sign_off: GitHub doesn't say whose token this is: {failure.message}"
            raise Failure(why, "name the author in commit_author") from failure

    def _person(self, user: dict[str, Any]) -> Author:
        login = str(present(user, "login"))
        return Author(
            str(user.get("name") or login), str(user.get("email") or self._hidden(present(user, "id"), login)), login
        )

    def _bot(self, viewer: dict[str, Any]) -> Author:
        login = str(present(viewer, "login"))
        return Author(login, self._hidden(present(viewer, "databaseId"), login), login)

    def _hidden(self, number: object, login: str) -> str:
        """The address of an account that hides its own (docs: setting your commit email address)."""
        host = urlsplit(self._context.server_url).hostname or "github.com"
        return f"{number}+{login}@users.noreply.{host}"


def author_named(settings: Settings) -> Author | None:
    """The author that the config names."""
    named = author_of(settings.commit_author)
    return Author(*named) if named else None


def by_rest(author: Author) -> dict[str, str]:
    """An author as `POST git/commits` takes one."""
    return {"name": author.name, "email": author.email}


def signed_off(signer: Author | None) -> list[str]:
    """The trailer of who signs off, as a check compares it with the commit's author."""
    return [f"Signed-off-by: {_shown(signer)} <{signer.email}>"] if signer else []


def mistaken(signer: Author | None, made: Mapping[str, Any] | None) -> list[str]:
    """A warning where GitHub recorded another author than the one who signed off; `made` is the commit's author."""
    found = (str((made or {}).get("name") or ""), str((made or {}).get("email") or ""))
    if signer is None or not all(found) or found == (_shown(signer), signer.email):
        return []
    return [f"{signer.email} signed off, but GitHub recorded {found[0]} <{found[1]}>: set commit_author to one of them"]


def co_authors(authors: Iterable[Author], most: int = MAX_CO_AUTHORS) -> list[str]:
    """A trailer for each author; one whose name or address could be read as something else has none."""
    found = dict.fromkeys(authors)
    return list(dict.fromkeys(filter(None, map(_co_author, found))))[:most]


def others(authors: Iterable[Author], own: Author | None) -> list[Author]:
    """People among authors, each address once, without the author of the commit itself."""
    by_address = dict[str, Author]()
    for one in authors:
        if not one.is_bot:
            by_address.setdefault(one.email.lower(), one)
    return [one for address, one in by_address.items() if own is None or address != own.email.lower()]


def _co_author(author: Author) -> str:
    name = _shown(author)
    return f"Co-authored-by: {name} <{author.email}>" if name and _ADDRESS.fullmatch(author.email) else ""


def _shown(author: Author) -> str:
    """A name as a trailer can have it, or else the login."""
    name = " ".join("".join(char if char.isprintable() and char not in "<>" else " " for char in author.name).split())
    return (name or author.login)[:100]
