"""Restrictions of an organization on tokens: FORBIDDEN in GraphQL, 403 in REST.

The words are those of git-town #4609 and fullsend #3368 (classic), mislav/hub #3363 (fine-grained), NixOS/org #247
(lifetime), GitHawkApp/GitHawk #2165 (OAuth), jasperapp/jasper #187 (SAML).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.hub.errors import Refused

if TYPE_CHECKING:
    from tests.hub.hub import Hub
    from tests.hub.models import Token, User

SAML = (
    "Resource protected by organization SAML enforcement. "
    "You must grant your Personal Access token access to this organization."
)
ADDRESS = (
    "Although you appear to have the correct authorization credentials, the `{}` organization has an IP allow list "
    "enabled, and your IP address is not permitted to access this resource."
)
OAUTH = (
    "Although you appear to have the correct authorization credentials, the `{}` organization has enabled OAuth App "
    "access restrictions, meaning that data access to third-parties is limited. For more information on these "
    "restrictions, including how to enable this app, visit "
    "https://docs.github.com/articles/restricting-access-to-your-organization-s-data/"
)
FORBIDDEN = {
    "classic": (
        "`{}` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or a personal "
        "access token with fine-grained permissions."
    ),
    "fine-grained": (
        "`{}` forbids access via a personal access token with fine-grained permissions. Please use a GitHub App, OAuth "
        "App, or a personal access token (classic)."
    ),
}
LIFETIME = (
    "The '{}' organization forbids access via a fine-grained personal access tokens if the token's lifetime is greater "
    "than {} days. Please adjust your token's lifetime at the following URL: "
    "https://github.com/settings/personal-access-tokens/{}"
)


def admit(hub: Hub, account: User, token: Token) -> None:
    """May this token come to what the account owns?"""
    login = account.login
    if account.ip_allow_list:
        raise closed(ADDRESS.format(login))
    if token.kind in account.forbidden_tokens:
        raise closed(FORBIDDEN[token.kind].format(login))
    if token.kind == "classic" and account.oauth_restricted:
        raise closed(OAUTH.format(login))
    longest = account.longest_lifetime
    if token.kind == "fine-grained" and longest and token.lifetime and token.lifetime > longest:
        raise closed(LIFETIME.format(login, longest, token.user.id))
    if account.saml:
        check_saml(hub, login, account.id, token)


def check_saml(hub: Hub, owner: str, number: int, token: Token) -> None:
    if token.kind == "classic":
        refusal = closed(SAML, saml=True)
        url = f"{hub.url}/orgs/{owner}/sso?authorization_request=A{number}"
        refusal.headers["x-github-sso"] = f"required; url={url}"
        raise refusal


def closed(message: str, *, saml: bool = False) -> Refused:
    return Refused(message, kind="FORBIDDEN", status=403, extensions={"saml_failure": saml})
