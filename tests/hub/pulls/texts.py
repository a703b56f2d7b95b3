"""Length limits of titles, bodies and comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.hub.errors import invalid

if TYPE_CHECKING:
    from tests.hub.unknowns import Unknowns

TITLE, BODY, TITLE_BYTES = 256, 65_536, 1024
WORDS = "{} is too long (maximum is {} characters)"


def check_texts(unknowns: Unknowns, title: str | None, body: str | None, resource: str = "PullRequest") -> None:
    """The words are the same where it is bytes that count."""
    by_bytes = unknowns.title_limit == "1024 bytes"
    if title and (len(title.encode()) > TITLE_BYTES if by_bytes else len(title) > TITLE):
        raise invalid(resource, "title", "custom", WORDS.format("Title", TITLE))
    if body and len(body) > BODY:
        raise invalid(resource, "body", "custom", WORDS.format("Body", BODY))
