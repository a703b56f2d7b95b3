"""REST routes: a method and a path, and the call that a handler gets."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.hub.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.hub.faults.requests import Request
    from tests.hub.git.repository import Repository
    from tests.hub.hub import Hub
    from tests.hub.models import Token

Reply = tuple[int, Any] | tuple[int, Any, dict[str, str]]


@dataclass
class Call:
    hub: Hub
    token: Token
    request: Request
    parameters: dict[str, str]
    query: dict[str, str]
    _repository: Repository | None = field(default=None)

    @property
    def repository(self) -> Repository:
        assert self._repository
        return self._repository

    @property
    def body(self) -> dict[str, Any]:
        return self.request.body if isinstance(self.request.body, dict) else {}

    @property
    def login(self) -> str:
        return self.token.login

    def __getitem__(self, name: str) -> str:
        return self.parameters[name]

    def given(self, *names: str) -> list[Any]:
        """Fields that the request can't go without."""
        missing = [name for name in names if self.body.get(name) is None]
        if missing:
            words = ", ".join(f'"{name}"' for name in missing)
            raise Refused(f"Invalid request.\n\n{words} wasn't supplied.")
        return [self.body[name] for name in names]


@dataclass
class Route:
    method: str
    pattern: re.Pattern[str]
    handler: Callable[[Call], Reply]
    empty_ok: bool
    by_app: bool  # which proves itself by a signed assertion


ROUTES: list[Route] = []


def route(
    method: str, path: str, *, empty_ok: bool = False, by_app: bool = False
) -> Callable[[Callable[[Call], Reply]], Callable[[Call], Reply]]:
    """`{name}` stands for one segment, `{name*}` for the rest of the path; `{repo}` means owner and name."""
    path = path.replace("{repo}", "repos/{owner}/{name}")
    pattern = re.sub(r"\{(\w+)\*\}", r"(?P<\1>.+)", path)
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)

    def add(handler: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
        ROUTES.append(Route(method, re.compile(pattern), handler, empty_ok, by_app))
        return handler

    return add
