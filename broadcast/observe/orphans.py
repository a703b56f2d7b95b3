"""Pull requests that the config no longer asks for: found by search, and closed only if their marker is ours."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from broadcast.config.model import Config
from broadcast.config.selectors import SelectedRepository
from broadcast.config.settings import Settings, settings_of
from broadcast.config.targets import Target
from broadcast.config.yaml_reader import Place
from broadcast.errors import Failure
from broadcast.github import batch
from broadcast.github.client import GitHub, Scope
from broadcast.github.questions import Reply, Search
from broadcast.observe.selection import SELECTED_FIELDS, read_selected
from broadcast.observe.state import Observation, Observations
from broadcast.ownership import branch_name

MAX_PAGES = 10  # of a hundred; GitHub shows no more than 1,000 hits of a search
_FIELDS = f"headRefName baseRefName isCrossRepository repository {{ {SELECTED_FIELDS} }}"


class Hits(NamedTuple):
    """The pull requests that no target of the config accounts for."""

    targets: list[Target]  # they should hold nothing of ours
    kept: list[str]  # warnings: repositories that a selector means, though its listing hasn't got them


def searches(config: Config, owners: Mapping[str, bool], author: str, *, anywhere: bool) -> list[Search]:
    """Searches for open pull requests from branches that begin like ours, one for each owner and branch prefix.

    `owners` says of each whether the config names it; elsewhere, only what we opened counts, and `author` is the
    qualifier for that. With `anywhere` we are also searched for without an owner, for one that has just left the
    config. Two `user:` side by side would find nothing, and none would search all of GitHub (docs: searching issues
    and pull requests; the changelog of 2025-03-06 on advanced search).
    """
    where = [f"user:{owner}" if owners[owner] else f"user:{owner} {author}" for owner in sorted(owners)]
    where += [author] if anywhere else []
    common = "is:pr is:open archived:false"
    return [
        Search(f"{common} {place} head:{branch} sort:updated-asc", _FIELDS)
        for branch in _branches(config)
        for place in where
    ]


class SearchResults(NamedTuple):
    """The hits of searches, and what kept others from being seen."""

    nodes: list[dict[str, Any]]
    warnings: list[str]


def results(github: GitHub, wanted: Sequence[Search], replies: Sequence[Reply], scope: Scope) -> SearchResults:
    """All hits, page by page; `replies` has the first pages. What isn't found stays open, so a part is enough."""
    found = SearchResults([], [])
    for _ in range(MAX_PAGES):
        pages = [one for one in map(_page, wanted, replies, [found] * len(wanted)) if one]
        if not pages:
            break
        wanted = pages
        try:
            replies = batch.ask(github, wanted, scope)
        except Failure as failure:
            found.warnings.append(failure.message)
            break
    return found


def _page(search: Search, reply: Reply, found: SearchResults) -> Search | None:
    """Take one page; the search for the next one."""
    nodes = (reply.data or {}).get("nodes")
    if not isinstance(nodes, list):
        found.warnings.append(reply.failure.message if reply.failure else f"{search.label} has no answer")
        return None
    found.nodes.extend(node for node in nodes if node)
    if None in nodes:
        found.warnings.append(f"{search.label} shows only a part of its hits")
    return next_page(search, reply.data or {})


def next_page(search: Search, data: Mapping[str, Any]) -> Search | None:
    """The search for what comes after a page; None after the last one."""
    page = data.get("pageInfo") or {}
    return Search(search.query, search.fields, str(page["endCursor"])) if page.get("hasNextPage") else None


def unasked(
    nodes: Iterable[Mapping[str, Any]], observations: Observations, everything: Sequence[Target], config: Config,
    *, listed: Container[str] = (), now: float = 0.0,
) -> Hits:  # fmt: skip
    """What of the hits belongs to no target of the config; `listed` are all repositories that selectors tested."""
    names = {(target.full_name.lower(), target.branch) for target in everything} | set(_named(config))
    ids = {
        (observation.state.repository_id, one.branch)
        for one, observation in observations.items()
        if isinstance(observation, Observation)
    }
    found: dict[tuple[str, str], Target] = {}
    kept: dict[str, None] = {}
    for hit in nodes:
        target, key = _target(hit, config), (hit["repository"]["id"], str(hit["headRefName"]))
        is_known = key in ids or (target.full_name.lower(), target.branch) in names or _is_held_back(target, config)
        if is_known or hit["isCrossRepository"] or not _is_like_ours(target.branch, config):
            continue
        if line := _selecting_line(read_selected(hit["repository"], now), config, listed):
            kept[
                f"{target.full_name} isn't in its owner's listing, though line {line} selects it; "
                "its pull request stays open"
            ] = None
        else:
            found[key] = target
    return Hits(list(found.values()), list(kept))


def is_ours(observation: Observation | Failure, config: Config) -> bool:
    """Whether there is an open pull request that this very config made, and that the token may close."""
    pulls = observation.state.pulls if isinstance(observation, Observation) else ()
    return any(pull.state == "OPEN" and pull.marker is not None and pull.marker.config == config.file for pull in pulls)


def _target(hit: Mapping[str, Any], config: Config) -> Target:
    repository, branch = hit["repository"], str(hit["headRefName"])
    base = str(hit["baseRefName"]) if branch not in _branches(config) else None
    return Target(
        owner=repository["owner"]["login"],
        name=repository["name"],
        base=base,
        branch=branch,
        mappings=(),
        removals=(),
        settings=Settings(),
        place=Place(0, 0),
        dropped=True,
    )


def _selecting_line(found: SelectedRepository, config: Config, listed: Container[str]) -> int:
    """The line of the selector that means a repository now; 0 where none does.

    A search has no custom properties and no teams: what was listed with them was judged by them.
    """
    is_judged = found.full_name.lower() in listed
    selecting = ((one.place.line, one.selector) for one in config.targets if one.enabled and one.selector)
    fitting = (line for line, one in selecting if one.means(found) and not (one.looks_further and is_judged))
    return next(fitting, 0)


def _named(config: Config) -> Iterable[tuple[str, str]]:
    """Every repository that the config names, with our branch there; those of disabled groups too."""
    for spec in (spec for spec in config.targets if not spec.adds):
        prefix = settings_of([spec.said]).branch_prefix
        yield f"{spec.owner}/{spec.name}".lower(), branch_name(prefix, config.id, spec.base)


def _is_held_back(target: Target, config: Config) -> bool:
    """Whether a selector of a disabled group may mean it: what that finds wasn't asked."""
    selectors = (spec.selector for spec in config.targets if spec.selector and not spec.enabled)
    return any(selector.may_mean(target.owner, target.name) for selector in selectors)


def _is_like_ours(branch: str, config: Config) -> bool:
    return any(branch == one or branch.startswith(f"{one}@") for one in _branches(config))


def _branches(config: Config) -> list[str]:
    """Our branches without a base's name, the default prefix first."""
    prefixes = [Settings().branch_prefix, *(settings_of([spec.said]).branch_prefix for spec in config.targets)]
    return [branch_name(prefix, config.id, None) for prefix in dict.fromkeys(prefixes)]
