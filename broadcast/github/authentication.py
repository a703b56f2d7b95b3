"""What a client needs to know of its credentials (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from github.Auth import Auth


class Authentication(Protocol):
    """Who we are there."""

    @property
    def made_at(self) -> float | None:
        """When the token of now was made, in seconds since the epoch; None where nothing is known of it."""

    @property
    def is_personal(self) -> bool:
        """Whether it may reach the repositories of any owner."""

    @property
    def author(self) -> str:
        """The search qualifier for what we opened (docs: searching issues and pull requests, "Search by author")."""

    @property
    def refusal(self) -> tuple[str, str]:
        """What a final 401 means for these credentials, and what to do about it."""

    def auth(self) -> Auth:
        """The authentication to use now; another object when the last one has ended."""
