"""Repositories that the config's selectors match: an owner's repositories, a hundred a call."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from broadcast.config.selectors import SelectedRepository, Selector
from broadcast.errors import Failure, UsageError
from broadcast.github.client import GitHub, Scope
from broadcast.github.client_pool import ClientPool
from broadcast.github.refusals import advice
from broadcast.github.retry import tries
from broadcast.github.token_retry import FRESH, SETTLED, WAITS
from broadcast.github.validation import present, reading, validate

log = logging.getLogger(__name__)

PAGE = 100
MAX_PAGES = 1_000
SELECTED_FIELDS = (
    "id name owner { login } isArchived isFork visibility primaryLanguage { name } "
    "repositoryTopics(first: 20) { nodes { topic { name } } }"
)
REPOSITORIES = f"""
query Repositories($owner: String!, $after: String, $archived: Boolean, $fork: Boolean) {{
  repositoryOwner(login: $owner) {{
    repositories(
      first: 100, after: $after, isArchived: $archived, isFork: $fork, ownerAffiliations: [OWNER],
      orderBy: {{field: NAME, direction: ASC}}
    ) {{
      pageInfo {{ hasNextPage endCursor }}
      nodes {{ {SELECTED_FIELDS} }}
    }}
  }}
}}"""


class Incomplete(Failure):
    """A listing that lacks some of what is there; what it lacks must not be taken for dropped."""


def find(
    selectors: Iterable[Selector], clients: ClientPool
) -> tuple[dict[Selector, Sequence[SelectedRepository]], dict[Selector, Failure]]:
    """The repositories of each selector, and why others have no answer. Raises UsageError."""
    wanted = list(dict.fromkeys(selectors))
    owners = {owner.lower(): owner for selector in wanted for owner in selector.owners}
    listed: dict[str, Sequence[SelectedRepository] | Failure] = {}
    for key, owner in owners.items():
        asking = [selector for selector in wanted if key in map(str.lower, selector.owners)]
        listed[key] = _listed(owner, asking, clients)
    found: dict[Selector, Sequence[SelectedRepository]] = {}
    failures: dict[Selector, Failure] = {}
    for selector in wanted:
        answers = [listed[owner.lower()] for owner in selector.owners]
        failure = next((answer for answer in answers if isinstance(answer, Failure)), None)
        if failure:
            failures[selector] = failure
            continue
        everything = (one for answer in answers if not isinstance(answer, Failure) for one in answer)
        found[selector] = [one for one in everything if selector.means(one)]
        log.info("%s selects %s", selector, _joined([f"{one.owner}/{one.name}" for one in found[selector]]))
    return found, failures


def _joined(names: Sequence[str]) -> str:
    return f"{len(names)} repositories: {', '.join(names)}" if names else "no repository"


def _listed(owner: str, selectors: Sequence[Selector], clients: ClientPool) -> Sequence[SelectedRepository] | Failure:
    try:
        github = clients.reader(owner)
        return _whole(github, owner, selectors, is_partial=clients.is_partial(owner))
    except UsageError:
        raise
    except Failure as failure:
        return failure


def _whole(
    github: GitHub, owner: str, selectors: Sequence[Selector], *, is_partial: bool
) -> Sequence[SelectedRepository]:
    """The whole listing; a young token may not see private repositories yet, and gets some tries. Raises Failure."""
    for is_last in tries(github.pace.pause, WAITS):
        found: Sequence[SelectedRepository] = ()
        failure: Incomplete | None = None
        try:
            with reading():
                found = _found(github, owner, selectors, is_partial=is_partial)
        except Incomplete as error:
            failure = error
        is_young = github.age < (FRESH if not found else 0 if any(map(_is_private, found)) else SETTLED)
        if is_last or not is_young:
            break
    if failure:
        raise failure
    return found


def _is_private(repository: SelectedRepository) -> bool:
    return repository.visibility != "public"


def _found(
    github: GitHub, owner: str, selectors: Sequence[Selector], *, is_partial: bool
) -> Sequence[SelectedRepository]:
    if is_partial:  # an App that was installed for some repositories sees all that are public
        return [_read_rest(row) for row in _installed(github, owner)]
    return [read_selected(node) for node in _owned(github, owner, selectors)]


def _owned(github: GitHub, owner: str, selectors: Sequence[Selector]) -> Iterable[Mapping[str, Any]]:
    variables: dict[str, Any] = {
        "owner": owner, "after": None,
        "archived": None if any(selector.archived for selector in selectors) else False,
        "fork": None if any(selector.forks for selector in selectors) else False,
    }  # fmt: skip
    for _ in range(MAX_PAGES):
        page = _page(github, owner, variables)
        yield from page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        variables = {**variables, "after": page["pageInfo"]["endCursor"]}


def _page(github: GitHub, owner: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """A hundred repositories. Any error counts, because a repository that is missing would be taken for dropped."""
    answer = github.query(REPOSITORIES, variables, Scope("targets"))
    validate(answer.data)
    listing = (answer.data.get("repositoryOwner") or {}).get("repositories")
    refused = [error for error in answer.errors if error["path"] != ["rateLimit"]]
    if not listing and all(error["type"] == "NOT_FOUND" for error in refused):
        raise Incomplete(f"there is no owner {owner} that this token can see", "check the login, and the token")
    if not listing or refused or None in listing["nodes"]:
        words = str(refused[0]["message"]) if refused else "one of them is null"
        known = advice(words)
        remedy = known.remedy if known else "see what the token may read there, then run again"
        raise Incomplete(f"the listing of {owner}'s repositories is incomplete: {words}", remedy)
    return dict(listing)


def _installed(github: GitHub, owner: str) -> Iterable[Mapping[str, Any]]:
    """Docs: GitHub Apps, "List repositories accessible to the app installation". A short page isn't always the last."""
    rows: dict[int, Mapping[str, Any]] = {}
    for number in range(1, MAX_PAGES):
        page = github.get(f"/installation/repositories?per_page={PAGE}&page={number}", Scope("targets"))
        rows |= {row["id"]: row for row in page["repositories"]}
        if len(rows) >= page["total_count"]:
            return rows.values()
        if not page["repositories"]:
            break
    counts = f"GitHub counts {page['total_count']}, and shows {len(rows)}"
    raise Incomplete(f"the listing of {owner}'s repositories is incomplete: {counts}", "run again later")


def read_selected(node: Mapping[str, Any]) -> SelectedRepository:
    """A repository in an answer that was asked for `SELECTED_FIELDS`."""
    topics = (node.get("repositoryTopics") or {}).get("nodes") or []
    return SelectedRepository(
        owner=node["owner"]["login"],
        name=present(node, "name"),
        id=node["id"],
        archived=node["isArchived"],
        fork=node["isFork"],
        visibility=str(node["visibility"]).lower(),
        language=(node.get("primaryLanguage") or {}).get("name") or "",
        topics=frozenset(topic["topic"]["name"] for topic in topics if topic),
    )


def _read_rest(row: Mapping[str, Any]) -> SelectedRepository:
    visibility = row.get("visibility") or ("private" if row["private"] else "public")
    return SelectedRepository(
        owner=present(row["owner"], "login"),
        name=present(row, "name"),
        id=present(row, "node_id"),
        archived=row.get("archived", False),
        fork=row["fork"],
        visibility=visibility,
        language=row.get("language") or "",
        topics=frozenset(row.get("topics") or ()),
    )
