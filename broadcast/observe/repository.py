"""GitHub's answers about one target, as values (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from broadcast.config.names import is_same
from broadcast.config.targets import Target
from broadcast.observe import opt_outs, queries
from broadcast.observe.state import Branch, Milestone, Scratch, State, Superseded


def state(
    data: dict[str, Any], target: Target, root_paths: Sequence[str], probes: Sequence[str], supersedes: Sequence[str]
) -> State:
    """The answer to `queries.look`; `supersedes` are branch prefixes of an older tool."""
    commit = (data["base"] or {}).get("target") or {}
    topics = (data.get("repositoryTopics") or {}).get("nodes") or []
    labels = {label: data[f"label{at}"] for at, label in enumerate(target.settings.pr_labels)}
    milestones = data.get("milestones")
    return State(
        repository_id=data["id"],
        full_name=data["nameWithOwner"],
        archived=data["isArchived"],
        disabled=bool(data.get("isDisabled")),
        permission=data.get("viewerPermission"),
        visibility=data.get("visibility") or "",
        base=_branch(data["base"], root_paths, target.base),
        ours=_branch(data["ours"], root_paths, target.branch),
        labels={name: label["id"] for name, label in labels.items() if label},
        milestone=_milestone((milestones or {}).get("nodes") or [], target.settings.pr_milestone),
        hides_milestones=milestones is None,
        allows_auto_merge=data.get("autoMergeAllowed") is not False,
        merge_method=data.get("viewerDefaultMergeMethod") or "MERGE",
        scratch=_scratch(data.get("scratch"), target.scratch),
        superseded=tuple(_superseded(data, target, supersedes)),
        present=frozenset(path for at, path in enumerate(probes) if commit.get(f"probe{at}")),
        default_branch=(data.get("defaultBranchRef") or {}).get("name") or ("" if target.base else _name(data["base"])),
        topics=tuple(node["topic"]["name"] for node in topics if node),
        opt_outs=_opt_outs(commit),
        opaque=_opaque(commit),
    )


def _name(ref: dict[str, Any] | None) -> str:
    return str((ref or {}).get("name") or "")


def _branch(ref: dict[str, Any] | None, root_paths: Sequence[str], name: str | None) -> Branch | None:
    if not ref or not ref.get("target"):
        return None
    return Branch(name or ref["name"], queries.located(ref["target"], root_paths))


def _scratch(ref: dict[str, Any] | None, name: str) -> Scratch | None:
    ref = ref or {}
    found = ref.get("target")
    return Scratch(name, found["oid"], found.get("message") or "", contained=_ahead(ref) == 0) if found else None


def _ahead(ref: dict[str, Any]) -> int | None:
    """How many commits of a branch the base lacks, which is compared with it."""
    behind = (ref.get("compare") or {}).get("behindBy")
    return None if behind is None else int(behind)


def _superseded(data: dict[str, Any], target: Target, prefixes: Sequence[str]) -> Iterable[Superseded]:
    base = target.base or (data["base"] or {}).get("name")
    for node in filter(None, (data.get("others") or {}).get("nodes") or []):
        ours = node["headRefName"] == target.branch or node["isCrossRepository"] or node["baseRefName"] != base
        if not ours and any(node["headRefName"].startswith(prefix) for prefix in prefixes):
            yield Superseded(node["id"], node["number"])


def _milestone(nodes: Iterable[dict[str, Any] | None], title: str) -> Milestone | None:
    """The one of that title; written exactly so, if two differ by case alone."""
    same = [node for node in filter(None, nodes) if is_same(node["title"], title)]
    best = next((node for node in same if node["title"] == title), same[0] if same else None)
    return Milestone(best["id"], best["number"]) if best else None


def _opt_outs(commit: dict[str, Any]) -> dict[str, str | None]:
    texts = {path: opt_outs.told(entry) for path, entry in _opting(commit).items()}
    return {path: text for path, text in texts.items() if text != ""}


def _opaque(commit: dict[str, Any]) -> dict[str, str]:
    return {
        path: entry["object"]["oid"]
        for path, entry in _opting(commit).items()
        if opt_outs.told(entry) is None and not opt_outs.is_link(entry)
        if entry["object"]["byteSize"] <= opt_outs.MAX_BYTES
    }


def _opting(commit: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The files that opt out; a directory of that name is none."""
    found = {path: commit.get(f"optOut{at}") or {} for at, path in enumerate(queries.OPT_OUTS)}
    return {path: entry for path, entry in found.items() if entry.get("object")}
