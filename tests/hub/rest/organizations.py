"""REST: custom properties of an organization's repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.hub.accounts.rights import inaccessible, reads_properties
from tests.hub.errors import not_found
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
