"""Root fields of a GraphQL document: a repository with its fields, or a page of a search (pure)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from broadcast.errors import Failure


class Asked(Protocol):
    """One root field of a query."""

    @property
    def selection(self) -> str:
        """The field with its arguments and its selection, without an alias."""

    @property
    def label(self) -> str:
        """How messages name it."""

    @property
    def fragments(self) -> Mapping[str, str]:
        """Name → definition, for those that the selection spreads."""

    @property
    def lighter(self) -> Asked | None:
        """The same without what it can do without; None where it is already that."""


class Question(Struct, frozen=True):
    """One repository, and what to ask of it."""

    owner: str
    name: str
    fields: str  # a GraphQL selection on Repository
    fragments: Mapping[str, str] = field(default_factory=dict)
    extra: str = ""  # more fields, which are given up as soon as an answer breaks

    @property
    def selection(self) -> str:
        """The repository with its fields."""
        fields = f"{self.fields} {self.extra}".rstrip()
        return f"repository(owner: {quote(self.owner)}, name: {quote(self.name)}) {{ {fields} }}"

    @property
    def lighter(self) -> Question | None:
        """The question without its extra fields."""
        return replace(self, extra="") if self.extra else None

    @property
    def label(self) -> str:
        """owner/name."""
        return f"{self.owner}/{self.name}"


class Search(Struct, frozen=True):
    """One page of a search for pull requests (docs: searching issues and pull requests)."""

    query: str
    fields: str  # a GraphQL selection on PullRequest
    after: str = ""  # the cursor of the page before
    fragments: Mapping[str, str] = field(default_factory=dict)

    @property
    def selection(self) -> str:
        """The search with its page."""
        after = f", after: {quote(self.after)}" if self.after else ""
        arguments = f"query: {quote(self.query)}, type: ISSUE, first: 100{after}"
        page = "pageInfo { hasNextPage endCursor }"
        return f"search({arguments}) {{ {page} nodes {{ ... on PullRequest {{ {self.fields} }} }} }}"

    @property
    def label(self) -> str:
        """The query itself."""
        return f"the search for {self.query!r}"

    @property
    def lighter(self) -> None:
        """A search asks for nothing that it can do without."""


class Reply(Struct, frozen=True):
    """`data` is what was asked for; None says `failure` is why not."""

    data: dict[str, Any] | None
    failure: Failure | None = None


def document(questions: Sequence[Asked]) -> str:
    """The GraphQL document that asks all of them; the alias of the n-th is `qn`."""
    fragments = {name: text for question in questions for name, text in question.fragments.items()}
    asked = "\n".join(f"q{at}: {one.selection}" for at, one in enumerate(questions))
    return "query {\nrateLimit { cost }\n" + asked + "\n}\n" + "\n".join(fragments.values())


def quote(text: str) -> str:
    """`text` as a GraphQL string."""
    return json.dumps(text, ensure_ascii=False)
