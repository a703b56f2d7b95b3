"""One HTTP request to GitHub, with the phase and target it counts for (pure)."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

_OPENS = re.compile(r"\bcreatePullRequest\b")


class Scope(NamedTuple):
    """What a call is for."""

    phase: str
    target: str = ""  # "" when it serves many


class Request(NamedTuple):
    """What is sent, and how its answer is taken."""

    kind: str  # of ledger.KINDS
    verb: str
    path: str
    body: object  # None, or what JSON can hold
    scope: Scope
    may_be_absent: bool = False  # whether a 404 is an answer

    @property
    def opens(self) -> bool:
        """Whether it opens a pull request: a document of GraphQL, or a call of REST."""
        if isinstance(self.body, dict) and "query" in self.body:
            return _OPENS.search(str(self.body["query"])) is not None
        return self.verb == "POST" and self.path.endswith("/pulls")

    @property
    def size(self) -> int:
        """Bytes of the body as JSON, all of it ASCII; counted piece by piece, for it may be large."""
        return sum(map(len, json.JSONEncoder().iterencode(self.body))) if self.body is not None else 0
