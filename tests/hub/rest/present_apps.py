"""REST's JSON of GitHub Apps, their installations and tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.hub.git.ids import node_id
from tests.hub.rest.present import repository, user, when

if TYPE_CHECKING:
    from tests.hub.accounts.apps import App, Installation
    from tests.hub.git.repository import Repository
    from tests.hub.hub import Hub
    from tests.hub.models import Token, User


def app(hub: Hub, each: App) -> dict[str, Any]:
    url = f"{hub.url}/apps/{each.slug}"
    installations = hub.apps.of(each)
    permissions = {name: level for one in installations for name, level in one.permissions.items()}
    return {
        "id": each.id,
        "slug": each.slug,
        "node_id": node_id("A", each.id),
        "client_id": each.client_id,
        "owner": user(hub, each.owner),
        "name": each.slug,
        "description": None,
        "external_url": url,
        "html_url": url,
        "created_at": when(each.created_at),
        "updated_at": when(each.created_at),
        "permissions": permissions,
        "events": [],
        "installations_count": len(installations),
    }


def installation(hub: Hub, each: Installation) -> dict[str, Any]:
    suspended = when(hub.clock()) if each.suspended else None
    return {
        "id": each.id,
        "account": _account(hub, each),
        "repository_selection": each.selection,
        "access_tokens_url": f"{hub.url}/app/installations/{each.id}/access_tokens",
        "repositories_url": f"{hub.url}/installation/repositories",
        "html_url": f"{hub.url}/organizations/{each.owner.login}/settings/installations/{each.id}",
        "app_id": each.app.id,
        "app_slug": each.app.slug,
        "client_id": each.app.client_id,
        "target_id": each.owner.id,
        "target_type": each.owner.type,
        "permissions": each.permissions,
        "events": [],
        "created_at": when(each.created_at),
        "updated_at": when(each.created_at),
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": user(hub, each.app.owner) if suspended else None,
        "suspended_at": suspended,
    }


def _account(hub: Hub, each: Installation) -> dict[str, Any] | None:
    """May be null or an enterprise, which has no login: "installation" in GitHub's OpenAPI description."""
    if each.anonymous:
        return None
    return enterprise(hub, each.owner) if each.owner.type == "Enterprise" else user(hub, each.owner.login)


def enterprise(hub: Hub, account: User) -> dict[str, Any]:
    return {
        "id": account.id,
        "node_id": node_id("E", account.id),
        "slug": account.login,
        "name": account.login,
        "html_url": f"{hub.url}/enterprises/{account.login}",
        "avatar_url": f"{hub.url}/avatars/{account.id}",
        "created_at": when(hub.clock()),
        "updated_at": when(hub.clock()),
        **dict.fromkeys(("description", "website_url")),
    }


def token(hub: Hub, each: Token, chosen: list[Repository] | None) -> dict[str, Any]:
    """The repositories are named only where the request has chosen them."""
    assert each.installation
    answer = {
        "token": each.value,
        "expires_at": when(each.expires_at),
        "permissions": each.permissions,
        "repository_selection": each.installation.selection if chosen is None else "selected",
    }
    return answer if chosen is None else answer | {"repositories": [repository(one, each) for one in chosen]}
