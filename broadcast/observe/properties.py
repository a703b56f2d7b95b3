"""Custom properties that an organization gives its repositories, a hundred repositories a call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from broadcast.config.properties import Held
from broadcast.errors import Failure
from broadcast.github.client import ApiError, GitHub, Scope
from broadcast.github.refusals import is_about_rights
from broadcast.github.validation import present, reading

MAX_PAGES = 1_000
REMEDY = (
    "give the token the organization permission Custom properties: read; a classic token the scope read:org, "
    "as a member of the organization"
)


class Hidden(Failure):
    """The token may not see an organization's custom properties."""


def properties_of(github: GitHub, owner: str, scope: Scope) -> dict[str, Mapping[str, Held]]:
    """Of each repository of an owner, by its name in lower case, the properties with their values.

    A property without a value has an empty tuple. A user's repositories have no properties. Raises Failure.
    """
    try:
        with reading():
            return {present(row, "repository_name").lower(): read(row) for row in _rows(github, owner, scope)}
    except ApiError as refusal:
        if refusal.status == 404 and _is_user(github, owner, scope):
            return {}
        if refusal.status == 404 or (refusal.status == 403 and not _has_other_cause(refusal)):
            raise Hidden(f"the custom properties of {owner} can't be read: {refusal.message}", REMEDY) from refusal
        raise


def read(row: Mapping[str, Any]) -> dict[str, Held]:
    """The values in a row of "List custom property values for organization repositories"."""
    return {present(one, "property_name"): held(one["value"]) for one in row["properties"]}


def held(value: Any) -> Held:
    """A property's value: a text, several, or null."""
    if isinstance(value, str):
        return value
    several = [] if value is None else value
    if not isinstance(several, list) or not all(isinstance(one, str) for one in several):
        raise TypeError(f"a property's value is {str(value)[:80]!r}")
    return tuple(several)


def _rows(github: GitHub, owner: str, scope: Scope) -> Iterable[Mapping[str, Any]]:
    for number in range(1, MAX_PAGES):
        page = github.page(f"/orgs/{quote(owner)}/properties/values?per_page=100&page={number}", scope)
        yield from page.data
        if page.is_last:
            break


def _has_other_cause(refusal: ApiError) -> bool:
    """Whether its words are known, and about something else than rights."""
    return bool(refusal.remedy) and not is_about_rights(refusal.message)


def _is_user(github: GitHub, owner: str, scope: Scope) -> bool:
    """Whether it is no organization, which could have properties that the token can't see."""
    return bool(github.get(f"/users/{quote(owner)}", scope)["type"] == "User")
