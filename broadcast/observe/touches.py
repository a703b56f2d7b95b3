"""Who changed files of a target since ours were there, and what stood there: the query and its answer as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any, NamedTuple

from broadcast.github.questions import Question, quote

TOUCHES, AUTHORS = 20, 5  # commits of one file, and authors of one commit, that are looked at
_BOT = "[bot]"


class Author(NamedTuple):
    """Who made a commit."""

    name: str
    email: str
    login: str = ""  # empty where the address belongs to no account

    @property
    def shown(self) -> str:
        """The login, or the name in the commit."""
        return self.login or self.name

    @property
    def is_bot(self) -> bool:
        """Whether this is an App's account."""
        return any(one.endswith(_BOT) for one in (self.name, self.login, self.email.partition("@")[0]))


class Touch(NamedTuple):
    """A commit that changed a file."""

    oid: str  # of the file's blob after it; empty where it deleted the file
    message: str
    authors: tuple[Author, ...]


def select_touches(owner: str, name: str, commit: str, paths: Sequence[str]) -> Question:
    """The latest commits that changed each of these paths."""
    who = f"authors(first: {AUTHORS}) {{ nodes {{ name email user {{ login }} }} }}"
    fields = " ".join(
        f"touch{at}: history(first: {TOUCHES}, path: {quote(path)}) "
        f"{{ nodes {{ message {who} file(path: {quote(path)}) {{ oid }} }} }}"
        for at, path in enumerate(paths)
    )
    return Question(owner, name, f"commit: object(oid: {quote(commit)}) {{ ... on Commit {{ {fields} }} }}")


def read_touches(data: Mapping[str, Any], paths: Sequence[str]) -> dict[str, tuple[Touch, ...]]:
    """The answer to `select_touches`: path → its commits, the newest first."""
    commit = data.get("commit") or {}
    found = {path: (commit.get(f"touch{at}") or {}).get("nodes") or [] for at, path in enumerate(paths)}
    return {path: tuple(_touch(node) for node in nodes if node) for path, nodes in found.items()}


def people_since(touches: Iterable[Touch], base: str, ours: Set[str]) -> tuple[Author, ...]:
    """The authors of the commits above the one that has the blob `base`, or that carries a trailer of ours; no bots."""
    found: dict[Author, None] = {}
    for touch in touches:
        if (base and touch.oid == base) or not ours.isdisjoint(touch.message.splitlines()):
            break
        found |= dict.fromkeys(one for one in touch.authors if not one.is_bot)
    return tuple(found)


def _touch(node: Mapping[str, Any]) -> Touch:
    authors = tuple(read_actor(one) for one in (node.get("authors") or {}).get("nodes") or [] if one)
    return Touch(str((node.get("file") or {}).get("oid") or ""), str(node["message"]), authors)


def read_actor(one: Mapping[str, Any]) -> Author:
    """One author of a commit in an answer."""
    login = (one.get("user") or {}).get("login")
    return Author(str(one.get("name") or ""), str(one.get("email") or ""), str(login or ""))
