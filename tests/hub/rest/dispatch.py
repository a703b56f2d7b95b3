"""REST: finding the route, and the checks that come before all of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from tests.hub.accounts import rights, scopes
from tests.hub.accounts.apps import UNDECODED, Assertion
from tests.hub.errors import ARCHIVED, BLOCKED, DOCS, EMPTY, MIGRATING, Refused, forbidden, not_found, unauthorized
from tests.hub.rest import (  # noqa: F401  (they add their routes)
    administration,
    apps,
    checks,
    contents,
    git,
    issues,
    organizations,
    pulls,
    repos,
)
from tests.hub.rest.routing import ROUTES, Call, Reply, Route

if TYPE_CHECKING:
    from tests.hub.faults.requests import Request
    from tests.hub.hub import Hub
    from tests.hub.models import Token


def answer(hub: Hub, token: Token, request: Request) -> Reply:
    return scopes.told(token, _answer(hub, token, request))


def _answer(hub: Hub, token: Token, request: Request) -> Reply:
    path, _, query = request.path.partition("?")
    path = _by_id(hub, path)
    method = "GET" if request.method == "HEAD" else request.method
    for each in ROUTES:
        match = each.pattern.fullmatch(path)
        if match and each.method == method:
            parameters = {name: unquote(value) for name, value in match.groupdict().items()}
            call = Call(hub, token, request, parameters, dict(parse_qsl(query, keep_blank_values=True)))
            return _guarded(call, each, path)
    hub.unimplemented.append(f"{request.method} {path}")
    message = f"The hub does not implement {request.method} {path}: add it to tests/hub/rest*.py"
    return 501, {"message": message, "documentation_url": DOCS, "status": "501"}


def _by_id(hub: Hub, path: str) -> str:
    """Where the redirect of a renamed repository leads: /repositories/{id}."""
    match = re.match(r"/repositories/(\d+)(.*)", path)
    repository = match and hub.repositories.get(int(match[1]))
    return f"/repos/{repository.full_name}{match[2]}" if match and repository else path


def _guarded(call: Call, each: Route, path: str) -> Reply:
    try:
        _identify(call, each)
        if "owner" in call.parameters:
            moved = _enter(call, each, path)
            if moved:
                return moved
        if call.request.method in {"GET", "HEAD"}:
            return each.handler(call)
        with call.hub.lock:
            return each.handler(call)
    except Refused as refusal:
        return refusal.status, refusal.body(), refusal.headers


def _identify(call: Call, each: Route) -> None:
    """An App's assertion is good for what is the App's own, and nothing else is."""
    if isinstance(call.token, Assertion):
        if call.token.problem:
            raise call.token.problem
        if not each.by_app:
            raise unauthorized()
    elif each.by_app:
        raise unauthorized(UNDECODED)


def _enter(call: Call, each: Route, path: str) -> Reply | None:
    """May this token do this here? Found, moved, readable, writable, not archived, not empty: in this order."""
    repository = call.hub.find(f"{call['owner']}/{call['name']}")
    if not repository or not (each.by_app or call.token.may("read", repository)):
        raise not_found()
    if repository.full_name.lower() != f"{call['owner']}/{call['name']}".lower():
        rest = "/".join(path.split("/")[4:])
        target = f"{call.hub.url}/repositories/{repository.id}" + (f"/{rest}" if rest else "")
        status = 301 if each.method == "GET" else 307  # octokit/fixtures, rename-repository
        return status, {"message": "Moved Permanently", "url": target, "documentation_url": DOCS}, {"Location": target}
    call._repository = repository
    if each.by_app:
        return None
    repository.admit(call.token)
    level, needed = "read" if each.method == "GET" else "write", rights.of_route(each.pattern.pattern, each.method)
    if not call.token.may(level, repository, needed):
        raise rights.lacking(call.token, repository, level, needed)
    if level == "write" and repository.archived:
        raise forbidden(ARCHIVED)
    if level == "write" and repository.locked:
        raise forbidden(MIGRATING)
    if repository.disabled:
        raise Refused(BLOCKED, kind="FORBIDDEN", status=int(call.hub.unknowns.blocked_status))
    if "/git/" in each.pattern.pattern and not each.empty_ok and repository.is_empty:
        raise Refused(EMPTY, status=409)
    return None
