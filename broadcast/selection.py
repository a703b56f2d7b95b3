"""Which repositories the selectors of a config mean: an owner's repositories, a hundred a call."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from broadcast.api import queries
from broadcast.api.client import GitHub, Scope
from broadcast.api.clients import Clients
from broadcast.api.shapes import present, reading, refuse_odd
from broadcast.errors import Failure, UsageError
from broadcast.selectors import Repository, Selector

log = logging.getLogger(__name__)

PAGE = 100
MAX_PAGES = 1_000


def find(
    selectors: Iterable[Selector], clients: Clients
) -> tuple[dict[Selector, Sequence[Repository]], dict[Selector, Failure]]:
    """What each selector finds, and those that nobody could answer. Raises UsageError."""
    wanted = list(dict.fromkeys(selectors))
    owners = {owner.lower(): owner for selector in wanted for owner in selector.owners}
    listed: dict[str, Sequence[Repository] | Failure] = {}
    for key, owner in owners.items():
        asking = [selector for selector in wanted if key in map(str.lower, selector.owners)]
        listed[key] = _listed(owner, asking, clients)
    found: dict[Selector, Sequence[Repository]] = {}
    failures: dict[Selector, Failure] = {}
    for selector in wanted:
        answers = [listed[owner.lower()] for owner in selector.owners]
        failure = next((answer for answer in answers if isinstance(answer, Failure)), None)
        if failure:
            failures[selector] = failure
            continue
        everything = (one for answer in answers if not isinstance(answer, Failure) for one in answer)
        found[selector] = [one for one in everything if selector.means(one)]
        log.info("%s selects %s", selector, _told([f"{one.owner}/{one.name}" for one in found[selector]]))
    return found, failures


def _told(names: Sequence[str]) -> str:
    return f"{len(names)} repositories: {', '.join(names)}" if names else "no repository"


def _listed(owner: str, selectors: Sequence[Selector], clients: Clients) -> Sequence[Repository] | Failure:
    try:
        github = clients.of(owner)
        with reading():
            return _found(github, owner, selectors, is_partial=clients.is_partial(owner))
    except UsageError:
        raise
    except Failure as failure:
        return failure


def _found(github: GitHub, owner: str, selectors: Sequence[Selector], *, is_partial: bool) -> Sequence[Repository]:
    if is_partial:  # an App that was installed for some repositories sees all that are public
        return [_of_rest(row) for row in _installed(github)]
    return [_of_graphql(node) for node in _owned(github, owner, selectors)]


def _owned(github: GitHub, owner: str, selectors: Sequence[Selector]) -> Iterable[Mapping[str, Any]]:
    variables: dict[str, Any] = {
        "owner": owner, "after": None,
        "archived": None if any(selector.archived for selector in selectors) else False,
        "fork": None if any(selector.forks for selector in selectors) else False,
    }  # fmt: skip
    for _ in range(MAX_PAGES):
        data = github.query(queries.REPOSITORIES, variables, Scope("targets")).data
        refuse_odd(data)
        if not data.get("repositoryOwner"):
            raise Failure(f"there is no owner {owner} that this token can see", "check the login, and the token")
        page = data["repositoryOwner"]["repositories"]
        yield from filter(None, page["nodes"])
        if not page["pageInfo"]["hasNextPage"]:
            return
        variables = {**variables, "after": page["pageInfo"]["endCursor"]}


def _installed(github: GitHub) -> Iterable[Mapping[str, Any]]:
    for page in range(1, MAX_PAGES):
        rows = github.get(f"/installation/repositories?per_page={PAGE}&page={page}", Scope("targets"))["repositories"]
        yield from rows
        if len(rows) < PAGE:
            return


def _of_graphql(node: Mapping[str, Any]) -> Repository:
    topics = (node.get("repositoryTopics") or {}).get("nodes") or []
    return Repository(
        node["owner"]["login"], present(node, "name"), node["id"], node["isArchived"], node["isFork"],
        str(node["visibility"]).lower(), (node.get("primaryLanguage") or {}).get("name") or "",
        frozenset(topic["topic"]["name"] for topic in topics if topic),
    )  # fmt: skip


def _of_rest(row: Mapping[str, Any]) -> Repository:
    visibility = row.get("visibility") or ("private" if row["private"] else "public")
    return Repository(
        present(row["owner"], "login"), present(row, "name"), present(row, "node_id"), row.get("archived", False),
        row["fork"], visibility, row.get("language") or "", frozenset(row.get("topics") or ()),
    )  # fmt: skip
