"""Pull requests that the config no longer asks for: found by search, proved by their marker (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from broadcast.api.batch import Rider, quote
from broadcast.config import Config
from broadcast.errors import Failure
from broadcast.observe import Sight, Sights
from broadcast.pullrequest import branch_name
from broadcast.settings import Settings, settings_of
from broadcast.targets import Target
from broadcast.yamlreader import Place

MAX_HITS = 100  # a page; the longest untouched come first, and what was dropped is never touched
MAX_OWNERS = 20


def search(config: Config, source: str, targets: Iterable[Target]) -> str:
    """The selection that asks for open pull requests from branches that begin like ours.

    Docs: searching issues and pull requests, "Search by branch name".
    """
    owners = sorted({source.partition("/")[0].lower(), *(target.owner.lower() for target in targets)})
    where = " ".join(f"user:{owner}" for owner in owners) if len(owners) <= MAX_OWNERS else ""
    heads = " ".join(f"head:{branch}" for branch in _branches(config)[:1])
    query = f"is:pr is:open archived:false {heads} {where} sort:updated-asc".replace("  ", " ")
    return (
        f"dropped: search(query: {quote(query)}, type: ISSUE, first: {MAX_HITS}) {{ nodes {{ ... on PullRequest {{ "
        "headRefName baseRefName isCrossRepository repository { id name owner { login } } } } }"
    )


def unasked(rider: Rider | None, sights: Sights, everything: Iterable[Target], config: Config) -> list[Target]:
    """The hits that no target of the config accounts for, as targets that should hold nothing of ours."""
    names = {(target.full_name.lower(), target.branch) for target in everything} | set(_named(config))
    ids = {(sight.state.repository_id, one.branch) for one, sight in sights.items() if isinstance(sight, Sight)}
    found: dict[tuple[str, str], Target] = {}
    for hit in _nodes(rider):
        repository, branch = hit["repository"], str(hit["headRefName"])
        target = _target(hit, config)
        known = (repository["id"], branch) in ids or (target.full_name.lower(), branch) in names
        known = known or _is_held_back(target, config)
        if not known and not hit["isCrossRepository"] and _is_like_ours(branch, config):
            found[repository["id"], branch] = target
    return list(found.values())


def is_ours(sight: Sight | Failure, config: Config) -> bool:
    """Whether there is an open pull request that this very config made."""
    pulls = sight.state.pulls if isinstance(sight, Sight) else ()
    return any(pull.state == "OPEN" and pull.marker is not None and pull.marker.config == config.file for pull in pulls)


def _nodes(rider: Rider | None) -> list[dict[str, Any]]:
    nodes = (rider.data or {}).get("nodes") if rider else None
    return [node for node in nodes or [] if node and node.get("repository")]


def _target(hit: dict[str, Any], config: Config) -> Target:
    repository, branch = hit["repository"], str(hit["headRefName"])
    base = str(hit["baseRefName"]) if branch not in _branches(config) else None
    return Target(
        repository["owner"]["login"], repository["name"], base, branch, (), (), Settings(), Place(0, 0), dropped=True
    )


def _named(config: Config) -> Iterable[tuple[str, str]]:
    """Every repository that the config names, with our branch there; those of disabled groups too."""
    for spec in config.targets:
        prefix = settings_of([spec.said]).branch_prefix
        yield f"{spec.owner}/{spec.name}".lower(), branch_name(prefix, config.id, spec.base)


def _is_held_back(target: Target, config: Config) -> bool:
    """Whether a selector of a disabled group may mean it: nobody has asked what that finds."""
    selectors = (spec.selector for spec in config.targets if spec.selector and not spec.enabled)
    return any(selector.may_mean(target.owner, target.name) for selector in selectors)


def _is_like_ours(branch: str, config: Config) -> bool:
    return any(branch == one or branch.startswith(f"{one}@") for one in _branches(config))


def _branches(config: Config) -> list[str]:
    """Our branches without a base's name, the default prefix first."""
    prefixes = [Settings().branch_prefix, *(settings_of([spec.said]).branch_prefix for spec in config.targets)]
    return [branch_name(prefix, config.id, None) for prefix in dict.fromkeys(prefixes)]
