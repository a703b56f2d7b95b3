"""The parts of PyGithub that carry our calls. To load it is half of the start, so that waits until GitHub is asked."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from github.Auth import AppAuth, Auth
    from github.Requester import Requester


def load(*, signing: bool) -> None:
    """Import PyGithub without what it can do without, which is a fifth of it; `signing` is for GitHub Apps.

    requests would guess the encoding of an answer that doesn't tell, but JSON is UTF-8 (RFC 8259). PyJWT uses
    cryptography for keys, which a token hasn't.
    """
    modules: dict[str, Any] = sys.modules
    for name in ("charset_normalizer",) if signing else ("charset_normalizer", "cryptography"):
        modules.setdefault(name, None)  # an ImportError to who asks for it; both are prepared for that
    with warnings.catch_warnings(action="ignore"):  # requests warns of it
        from broadcast.github import transport
    transport.install()


def token(value: str) -> Auth:
    """A token's authentication."""
    from github.Auth import Token

    return Token(value)


def app(client_id: str, key: str) -> AppAuth:
    """A GitHub App's; `key` is a PEM."""
    from github.Auth import AppAuth

    return AppAuth(client_id, key)


def requester(auth: Auth, api_url: str, user_agent: str, timeout: int) -> Requester:
    """What sends requests, without retries or pauses of its own; `timeout` in seconds."""
    from github import Github

    client = Github(
        auth=auth, base_url=api_url, user_agent=user_agent, timeout=timeout, retry=None,
        seconds_between_requests=0, seconds_between_writes=0,
    )  # fmt: skip
    return client.requester
