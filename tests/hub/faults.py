"""The record of a request, and the faults that can meet it before or after its effect."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Request:
    method: str
    path: str  # with its query string, as it was sent
    kind: str  # "rest read", "rest write", "graphql query" or "graphql mutation"
    login: str | None = None
    document: str | None = None
    variables: dict[str, Any] | None = None
    body: Any = field(default=None, repr=False)
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    received_at: float = 0.0
    size: int = 0
    authorized: bool = False
    status: int | None = None


@dataclass
class Fault:
    match: Callable[[Request], bool]
    times: int
    status: int
    body: Any
    after_effect: bool
    headers: dict[str, str]

    def strikes(self, request: Request) -> bool:
        if self.times <= 0 or not self.match(request):
            return False
        self.times -= 1
        return True
