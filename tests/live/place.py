"""Where the statements are tried: an address of the API, an owner, credentials, and the hub where it is ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import pytest

from tests.hub import Hub

API, OWNER, TOKEN, APP, KEY = (
    f"BROADCAST_LIVE_{name}" for name in ("API", "OWNER", "TOKEN", "CLIENT_ID", "PRIVATE_KEY")
)
IP_LISTED, BLOCKED = "BROADCAST_LIVE_IP_LISTED", "BROADCAST_LIVE_BLOCKED"
USAGE = f"""\
make live tries what docs/github.md says on a real GitHub. It makes private repositories broadcast-live-* and
removes them. Set:

  {API}          the address of the API: https://api.github.com, or https://HOST/api/v3
  {OWNER}        the account that the repositories are made in
  {TOKEN}        a token that may make and delete repositories there (classic: repo, workflow, delete_repo),
  {APP}, {KEY}
                              or the client id and the key of a GitHub App that is installed there, for all
                              repositories, with Administration, Contents, Issues, Pull requests and Workflows: write
                              and Members: read; both, to try everything
  {IP_LISTED}    optional: a repository, owner/name, behind an IP allow list
  {BLOCKED}      optional: a repository, owner/name, that GitHub has blocked
"""


@dataclass
class Place:
    """A GitHub, and what we have there."""

    api: str
    owner: str
    token: str = ""
    client_id: str = ""
    key: str = ""
    others: Mapping[str, str] = field(default_factory=dict)  # repositories in a state that we can't make
    hub: Hub | None = None
    lent: dict[str, Any] = field(default_factory=dict)  # tokens that an App has made, by their permissions

    @property
    def is_real(self) -> bool:
        """Whether it is a server of GitHub's."""
        return self.hub is None

    @property
    def graphql(self) -> str:
        """Where documents go: on GHES it is no part of v3."""
        return f"{self.api.removesuffix('/v3')}/graphql"

    @property
    def secrets(self) -> list[str]:
        """What must never be shown."""
        return [secret for secret in (self.token, self.key) if secret]

    def on_hub(self, action: Callable[[Hub], object]) -> None:
        """Bring about in the hub what a real GitHub does by itself."""
        if self.hub is not None:
            action(self.hub)

    def skip(self, reason: str) -> NoReturn:
        """Leave a statement out; the hub has no reason to."""
        if self.is_real:
            pytest.skip(reason)
        pytest.fail(f"nothing is skipped on the hub: {reason}")


def from_environment(variables: Mapping[str, str]) -> Place | None:
    """The real GitHub that the variables name; None where they don't."""
    token, client_id, key = (variables.get(name, "") for name in (TOKEN, APP, KEY))
    api, owner = (variables.get(name, "") for name in (API, OWNER))
    if not (api and owner and (token or (client_id and key))):
        return None
    others = {name: variables.get(name, "") for name in (IP_LISTED, BLOCKED)}
    return Place(api.rstrip("/"), owner, token, client_id, key.replace("\\n", "\n"), others)
