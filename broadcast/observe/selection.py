"""Repositories that the config's selectors match: an owner's repositories, a hundred a call."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from msgspec.structs import replace

from broadcast.config.properties import Held
from broadcast.config.selectors import SelectedRepository, Selector
from broadcast.errors import Failure, UsageError
from broadcast.github.client import ApiError, GitHub, Scope
from broadcast.github.client_pool import ClientPool
from broadcast.github.refusals import advice
from broadcast.github.retry import tries
from broadcast.github.token_retry import FRESH, SETTLED, WAITS
from broadcast.github.validation import present, reading, validate
from broadcast.observe.properties import held, properties_of

log = logging.getLogger(__name__)

SCOPE = Scope("targets")
PAGE = 100
MAX_PAGES = 1_000
SELECTED_FIELDS = (
    "id name owner { login } isArchived isFork isTemplate visibility pushedAt primaryLanguage { name } "
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


class Selection(NamedTuple):
    """What GitHub says to the selectors of a config."""

    found: dict[Selector, Sequence[SelectedRepository]]
    failures: dict[Selector, Failure]  # why others have no answer
    listed: frozenset[str]  # every repository of their owners, whether or not one is selected: owner/name in lower case
    properties: Mapping[str, Mapping[str, Held]] = {}  # of those among them whose custom properties were asked for


def find(selectors: Iterable[Selector], clients: ClientPool) -> Selection:
    """The repositories of each selector. Raises UsageError."""
    wanted = list(dict.fromkeys(selectors))
    owners = {owner.lower(): owner for selector in wanted for owner in selector.owners}
    listed: dict[str, Sequence[SelectedRepository] | Failure] = {}
    for key, owner in owners.items():
        asking = [selector for selector in wanted if key in map(str.lower, selector.owners)]
        listed[key] = _listed(owner, asking, clients)
    rows = [one for answer in listed.values() if not isinstance(answer, Failure) for one in answer]
    properties = {one.full_name.lower(): one.properties for one in rows if one.properties is not None}
    selection = Selection({}, {}, frozenset(one.full_name.lower() for one in rows), properties)
    for selector in wanted:
        answers = [listed[owner.lower()] for owner in selector.owners]
        everything = [one for answer in answers if not isinstance(answer, Failure) for one in answer]
        failure = next((answer for answer in answers if isinstance(answer, Failure)), None)
        failure = failure or _unknown_property(selector, everything)
        if failure:
            selection.failures[selector] = failure
            continue
        found = selection.found[selector] = [one for one in everything if selector.means(one)]
        log.info("%s selects %s", selector, _joined([one.full_name for one in found]))
    return selection


def _unknown_property(selector: Selector, everything: Sequence[SelectedRepository]) -> Failure | None:
    """Why a property that no repository has selects nothing: by mistake, all that it selected would be dropped."""
    known = {name.lower() for one in everything for name in one.properties or ()}
    missing = [name for name, _ in selector.properties if name.lower() not in known]
    if not missing:
        return None
    message = f"no repository of {', '.join(selector.owners)} has the custom property {missing[0]!r}"
    have = f"the properties there are {', '.join(sorted(known))}" if known else "the token sees no properties there"
    return Incomplete(message, f"check its name; {have}")


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
    now, needs_properties = github.now(), any(selector.properties for selector in selectors)
    found: Sequence[SelectedRepository] = ()
    if is_partial:  # an App that was installed for some repositories sees all that are public
        found = [_read_rest(row, now) for row in _installed(github, owner)]
    else:
        rows = _of_organization(github, owner) if needs_properties else None
        nodes = _owned(github, owner, selectors) if rows is None else ()
        found = [_read_rest(row, now) for row in rows or ()] or [read_selected(node, now) for node in nodes]
    if needs_properties and any(one.properties is None for one in found):
        values = properties_of(github, owner, SCOPE)
        found = [replace(one, properties=values.get(one.name.lower(), {})) for one in found]
    teams = dict.fromkeys(team.lower() for selector in selectors for team in selector.teams)
    return _with_teams(github, owner, found, teams) if teams else found


def _of_organization(github: GitHub, owner: str) -> list[Mapping[str, Any]] | None:
    """An organization's repositories by REST, which has custom properties; None for a user's account."""
    rows: list[Mapping[str, Any]] = []
    for number in range(1, MAX_PAGES):
        try:
            page = github.page(f"/orgs/{quote(owner)}/repos?type=all&per_page={PAGE}&page={number}", SCOPE)
        except ApiError as refusal:
            if refusal.status == 404:
                return None
            raise
        rows += page.data
        if page.is_last:
            break
    return rows


def _with_teams(
    github: GitHub, owner: str, found: Sequence[SelectedRepository], teams: Collection[str]
) -> Sequence[SelectedRepository]:
    having: dict[str, set[str]] = {}
    for team in teams:
        for name in _of_team(github, owner, team):
            having.setdefault(name.lower(), set()).add(team)
    return [replace(one, teams=frozenset(having.get(one.full_name.lower(), ()))) for one in found]


def _of_team(github: GitHub, owner: str, team: str) -> Iterable[str]:
    """The names of a team's repositories, those of the teams above it included. Raises Failure."""
    for number in range(1, MAX_PAGES):
        try:
            path = f"/orgs/{quote(owner)}/teams/{quote(team)}/repos?per_page={PAGE}&page={number}"
            page = github.page(path, SCOPE)
        except ApiError as refusal:
            if refusal.status not in (403, 404):
                raise
            remedy = "check the slug; give the token the organization permission Members: read, or the scope read:org"
            raise Incomplete(f"there is no team {owner}/{team} that this token can see", remedy) from refusal
        yield from (present(row, "full_name") for row in page.data)
        if page.is_last:
            break


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
    answer = github.query(REPOSITORIES, variables, SCOPE)
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
        page = github.get(f"/installation/repositories?per_page={PAGE}&page={number}", SCOPE)
        rows |= {row["id"]: row for row in page["repositories"]}
        if len(rows) >= page["total_count"]:
            return rows.values()
        if not page["repositories"]:
            break
    counts = f"GitHub counts {page['total_count']}, and shows {len(rows)}"
    raise Incomplete(f"the listing of {owner}'s repositories is incomplete: {counts}", "run again later")


def read_selected(node: Mapping[str, Any], now: float) -> SelectedRepository:
    """A repository in an answer that was asked for `SELECTED_FIELDS`; `now` in seconds since the epoch."""
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
        template=bool(node.get("isTemplate")),
        idle=_idle(node.get("pushedAt"), now),
    )


def _idle(pushed_at: str | None, now: float) -> float:
    """Seconds since the last push; without one, it never was."""
    return now - datetime.fromisoformat(pushed_at).timestamp() if pushed_at else float("inf")


def _read_rest(row: Mapping[str, Any], now: float) -> SelectedRepository:
    properties = row.get("custom_properties")
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
        properties=None if properties is None else {name: held(value) for name, value in properties.items()},
        template=bool(row.get("is_template")),
        idle=_idle(row.get("pushed_at"), now),
    )
