"""The parts of PyGithub that send our requests; imported late: runs without GitHub start in half the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from github.Auth import AppAuth, Auth
    from github.Requester import Requester


def load() -> None:
    """Import PyGithub, and make it use connections with a time and size limit."""
    from broadcast.github import transport

    transport.install()


def token(value: str) -> Auth:
    """Authentication by a token."""
    from github.Auth import Token

    return Token(value)


def app(client_id: str, key: str) -> AppAuth:
    """Authentication as a GitHub App; `key` is a PEM."""
    from github.Auth import AppAuth

    return AppAuth(client_id, key)


def requester(auth: Auth, api_url: str, user_agent: str, timeout: int) -> Requester:
    """A requester without retries or pauses of its own; `timeout` in seconds."""
    from github import Github

    client = Github(
        auth=auth, base_url=api_url, user_agent=user_agent, timeout=timeout, retry=None,
        seconds_between_requests=0, seconds_between_writes=0,
    )  # fmt: skip
    return client.requester
