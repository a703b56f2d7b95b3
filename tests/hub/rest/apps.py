"""REST, "GitHub Apps": what an App learns of itself by its assertion, and the tokens of its installations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.hub.accounts.apps import NOT_COVERED, Assertion
from tests.hub.errors import Refused, forbidden, not_found
from tests.hub.rest import present, present_apps
from tests.hub.rest.paging import links, page
from tests.hub.rest.routing import Call, Reply, route

if TYPE_CHECKING:
    from tests.hub.accounts.apps import App, Installation
    from tests.hub.git.repository import Repository
    from tests.hub.hub import Hub

MOST_CHOSEN = 500  # docs: create an installation access token for an app
TOO_MANY = "Too many repositories were requested."  # the documentation has the number, not the words
NOT_INSTALLED = (
    "You must authenticate with an installation access token in order to list repositories for an installation."
)


def _app(call: Call) -> App:
    assert isinstance(call.token, Assertion)
    assert call.token.app
    return call.token.app


def _of_account(call: Call, login: str, *types: str) -> Reply:
    app = _app(call)
    found = next((each for each in call.hub.apps.of(app) if each.owner.login.lower() == login.lower()), None)
    if not found or found.owner.type not in types:
        raise not_found()
    return 200, present_apps.installation(call.hub, found)


@route("GET", "/app", by_app=True)
def get_app(call: Call) -> Reply:
    return 200, present_apps.app(call.hub, _app(call))


@route("GET", "/app/installations", by_app=True)
def list_installations(call: Call) -> Reply:
    found = call.hub.apps.of(_app(call))
    return 200, [present_apps.installation(call.hub, each) for each in page(call, found)], links(call, len(found))


@route("GET", "/app/installations/{id}", by_app=True)
def get_installation(call: Call) -> Reply:
    return 200, present_apps.installation(call.hub, _installation(call))


@route("GET", "/orgs/{org}/installation", by_app=True)
def organization_installation(call: Call) -> Reply:
    return _of_account(call, call["org"], "Organization")


@route("GET", "/users/{username}/installation", by_app=True)
def user_installation(call: Call) -> Reply:
    return _of_account(call, call["username"], "User", "Organization")


@route("GET", "/{repo}/installation", by_app=True)
def repository_installation(call: Call) -> Reply:
    app, repository = _app(call), call.repository
    found = next((each for each in call.hub.apps.of(app) if each.covers(repository)), None)
    if not found:
        raise not_found()
    return 200, present_apps.installation(call.hub, found)


@route("POST", "/app/installations/{id}/access_tokens", by_app=True)
def create_token(call: Call) -> Reply:
    installation = _installation(call)
    chosen = _chosen(call, installation)
    token = call.hub.apps.token(installation, chosen, call.body.get("permissions"))
    return 201, present_apps.token(call.hub, token, chosen)


def _installation(call: Call) -> Installation:
    found = next((each for each in call.hub.apps.of(_app(call)) if str(each.id) == call["id"]), None)
    if not found:
        raise not_found()
    return found


def _chosen(call: Call, installation: Installation) -> list[Repository] | None:
    """By name, without the owner's, or by id; None where the request doesn't choose."""
    names, ids = call.body.get("repositories"), call.body.get("repository_ids")
    if not names and not ids:  # an empty list chooses nothing: framna-dk/framna-docs #146
        return None
    if len(names or ()) + len(ids or ()) > MOST_CHOSEN:
        raise Refused(TOO_MANY)
    found = [_named(call.hub, f"{installation.owner.login}/{name}") for name in names or ()]
    found += [call.hub.repositories.get(number) for number in ids or ()]
    if not all(found):
        raise Refused(NOT_COVERED)
    return [each for each in found if each]


def _named(hub: Hub, full_name: str) -> Repository | None:
    """A name that a repository once had is none: twentyhq/twenty #24196."""
    found = hub.find(full_name)
    renamed = found and found.full_name.lower() != full_name.lower()
    return None if renamed and hub.unknowns.token_by_old_name == "refused" else found


@route("GET", "/installation/repositories")
def list_repositories(call: Call) -> Reply:
    """`total_count` counts what is left out of the rows too."""
    token = call.token
    if not token.is_app:
        raise forbidden(NOT_INSTALLED)
    found = [each for each in call.hub.repositories.values() if token.reaches(each) and token.lists(each)]
    largest = call.hub.installation_page
    rows = [present.repository(each, token) for each in page(call, found, largest) if not each.left_out]
    named = token.chosen is not None or token.repositories is not None
    chosen = named or bool(token.installation and token.installation.selection == "selected")
    selection = "selected" if chosen else "all"
    body = {"total_count": len(found), "repository_selection": selection, "repositories": rows}
    return 200, body, links(call, len(found), largest)


@route("DELETE", "/installation/token")
def revoke_token(call: Call) -> Reply:
    if not call.token.installation:
        raise forbidden(NOT_INSTALLED)
    call.token.expired = True
    return 204, None
