"""REST: an organization's repositories, those of its teams, and custom properties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.hub.accounts.rights import inaccessible, reads_properties, reads_teams
from tests.hub.errors import not_found
from tests.hub.rest import present
from tests.hub.rest.paging import links, page
from tests.hub.rest.routing import Call, Reply, route

if TYPE_CHECKING:
    from tests.hub.git.repository import Repository

PROPERTIES = ("organization_custom_properties",)


@route("GET", "/orgs/{org}/properties/values")
def list_property_values(call: Call) -> Reply:
    """Of every repository that the token can read, whether or not it has values."""
    _check_organization(call)
    if not reads_properties(call.token) and call.hub.unknowns.properties_hidden != "shown":
        raise (
            inaccessible(call.token, "read", PROPERTIES)
            if call.hub.unknowns.properties_hidden == "403"
            else not_found()
        )
    found = _repositories(call)
    return 200, [_values(each) for each in page(call, found)], links(call, len(found))


@route("GET", "/orgs/{org}/repos")
def list_repositories(call: Call) -> Reply:
    _check_organization(call)
    found = _repositories(call)
    return 200, [_row(call, each) for each in page(call, found)], links(call, len(found))


@route("GET", "/orgs/{org}/teams/{slug}/repos")
def list_team_repositories(call: Call) -> Reply:
    _check_organization(call)
    team = call.hub.users.get(f"{call['org']}/{call['slug']}".lower())
    if not team or team.type != "Team":
        raise not_found()
    if not reads_teams(call.token):
        raise inaccessible(call.token, "read", ("members",))
    found = [each for each in _repositories(call) if each.full_name.lower() in team.repositories]
    return 200, [_row(call, each) for each in page(call, found)], links(call, len(found))


def _row(call: Call, repository: Repository) -> dict[str, Any]:
    shown = call.hub.unknowns.properties_listed == "shown"
    more = {"custom_properties": dict(repository.properties)} if shown else {}
    return present.repository(repository, call.token) | more


def _check_organization(call: Call) -> None:
    found = call.hub.users.get(call["org"].lower())
    if not found or found.type != "Organization":
        raise not_found()


def _repositories(call: Call) -> list[Repository]:
    """Those of the organization that the token can read."""
    own = (each for each in call.hub.repositories.values() if each.owner.lower() == call["org"].lower())
    return [each for each in own if call.token.may("read", each) and call.token.lists(each)]


def _values(repository: Repository) -> dict[str, Any]:
    rows = [{"property_name": name, "value": value} for name, value in repository.properties.items()]
    return {
        "repository_id": repository.id,
        "repository_name": repository.name,
        "repository_full_name": repository.full_name,
        "properties": rows,
    }
