"""A target as GitHub shows it: the query for a repository, its branches and their entries, and its answer as values."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from broadcast.config.names import is_same
from broadcast.config.targets import Target
from broadcast.git.objects import TREE, Entry
from broadcast.github.questions import Question, quote
from broadcast.observe import opt_outs
from broadcast.observe.state import Branch, Located, Milestone, Scratch, State, Superseded
from broadcast.observe.trees import read_entry

OTHERS = 50  # open pull requests among which those of an older tool are looked for
MILESTONES = 10  # whose titles hold the one that is wanted
OPT_OUTS = (".broadcastignore", ".github/.broadcastignore")

_REPOSITORY = "id nameWithOwner isArchived isDisabled viewerPermission visibility"
_OTHER = "id number headRefName baseRefName isCrossRepository"
_OPT_OUT = (
    "fragment optOut on Commit { "
    + " ".join(
        f"optOut{at}: file(path: {quote(path)}) {{ mode object {{ ... on Blob {{ oid text byteSize }} }} }}"
        for at, path in enumerate(OPT_OUTS)
    )
    + " }"
)


class Details(NamedTuple):
    """What else to ask: for a pull request besides its content, and for the content itself."""

    labels: Sequence[str]
    milestone: str
    auto_merge: bool
    others: bool  # the open pull requests of other tools
    probes: Sequence[str] = ()  # paths of the base whose presence matters
    facts: bool = False  # about the repository, for templates


def select_repository(
    owner: str, name: str, *, base: str | None, branches: tuple[str, str], roots: Sequence[str], details: Details
) -> Question:
    """Select the repository, its base, our branch and our scratch branch, and the ids of labels and milestone.

    The base and our branch come with their entries at `roots`, the base also with its opt-out files.
    """
    fragment = _at_fragment(roots)
    spread = f"...{next(iter(fragment))}"
    base_field = f"ref(qualifiedName: {quote('refs/heads/' + base)})" if base else "defaultBranchRef"
    ours, scratch = (f"ref(qualifiedName: {quote('refs/heads/' + branch)})" for branch in branches)
    fields = [
        _REPOSITORY,
        f"base: {base_field} {{ name target {{ {spread} ...optOut {_probes(details.probes)} }} }}",
        f"ours: {ours} {{ name target {{ {spread} }} }}",
        f"scratch: {scratch} {{ target {{ oid ... on Commit {{ message }} }} }}",
        *(f"label{at}: label(name: {quote(label)}) {{ id }}" for at, label in enumerate(details.labels)),
    ]
    if details.milestone:
        search = f"query: {quote(details.milestone)}, states: [OPEN], first: {MILESTONES}"
        fields.append(f"milestones({search}) {{ nodes {{ id number title }} }}")
    if details.others:
        page = f"states: [OPEN], orderBy: {{field: CREATED_AT, direction: DESC}}, first: {OTHERS}"
        fields.append(f"others: pullRequests({page}) {{ nodes {{ {_OTHER} }} }}")
    if details.facts:
        fields.append("defaultBranchRef { name } repositoryTopics(first: 100) { nodes { topic { name } } }")
    if details.auto_merge:
        fields.append("viewerDefaultMergeMethod autoMergeAllowed")
    return Question(owner, name, " ".join(fields), {**fragment, "optOut": _OPT_OUT})


def _probes(paths: Sequence[str]) -> str:
    fields = " ".join(f"probe{at}: file(path: {quote(path)}) {{ type }}" for at, path in enumerate(paths))
    return f"... on Commit {{ {fields} }}" if fields else ""


def select_paths(owner: str, name: str, commits: Mapping[str, tuple[str, Sequence[str]]]) -> Question:
    """Select the entries of commits at some paths; `commits` maps alias → commit oid, paths."""
    fragments: dict[str, str] = {}
    fields = []
    for alias, (oid, asked) in commits.items():
        fragment = _at_fragment(asked)
        fragments |= fragment
        fields.append(f"{alias}: object(oid: {quote(oid)}) {{ ...{next(iter(fragment))} }}")
    return Question(owner, name, " ".join(fields), fragments)


def _at_fragment(roots: Sequence[str]) -> dict[str, str]:
    fields = [f"at{at}: file(path: {quote(root)}) {{ mode type oid }}" for at, root in enumerate(roots) if root != "."]
    name = "at_" + hashlib.sha256("\0".join(roots).encode()).hexdigest()[:8]
    return {name: f"fragment {name} on Commit {{ oid tree {{ oid }} {' '.join(fields)} }}"}


def read_repository(
    data: dict[str, Any], target: Target, root_paths: Sequence[str], probes: Sequence[str], supersedes: Sequence[str],
    inside: Container[str] = (),
) -> State:  # fmt: skip
    """Read the answer to `select_repository`.

    `supersedes` are branch prefixes of an older tool; what is `inside` of directories was asked for with the roots.
    """
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
        base=_branch(data["base"], root_paths, target.base, inside),
        ours=_branch(data["ours"], root_paths, target.branch, inside),
        labels={name: label["id"] for name, label in labels.items() if label},
        milestone=_milestone((milestones or {}).get("nodes") or [], target.settings.pr_milestone),
        hides_milestones=milestones is None,
        allows_auto_merge=data.get("autoMergeAllowed") is not False,
        merge_method=data.get("viewerDefaultMergeMethod") or "MERGE",
        scratch=read_scratch(data.get("scratch"), target.scratch),
        superseded=tuple(_superseded(data, target, supersedes)),
        present=frozenset(path for at, path in enumerate(probes) if commit.get(f"probe{at}")),
        default_branch=(data.get("defaultBranchRef") or {}).get("name") or ("" if target.base else _name(data["base"])),
        topics=tuple(node["topic"]["name"] for node in topics if node),
        opt_outs=_opt_outs(commit),
        opaque=_opaque(commit),
        delivery=target.settings.delivery,
    )


def _name(ref: dict[str, Any] | None) -> str:
    return str((ref or {}).get("name") or "")


def _branch(
    ref: dict[str, Any] | None, root_paths: Sequence[str], name: str | None, inside: Container[str]
) -> Branch | None:
    if not ref or not ref.get("target"):
        return None
    head = read_located(ref["target"], root_paths)
    found = {path: head.entries.pop(path) for path in root_paths if path in inside}
    return Branch(name or ref["name"], head._replace(inside=found))


def read_scratch(ref: dict[str, Any] | None, name: str) -> Scratch | None:
    """Read a ref with its last commit; None where there is no such branch."""
    ref = ref or {}
    found = ref.get("target")
    return Scratch(name, found["oid"], found.get("message") or "", contained=read_ahead(ref) == 0) if found else None


def read_ahead(ref: dict[str, Any]) -> int | None:
    """Read how many commits of a branch the base lacks; None where GitHub doesn't compare them."""
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
    texts = {path: opt_outs.read_text(entry) for path, entry in _opting(commit).items()}
    return {path: text for path, text in texts.items() if text != ""}


def _opaque(commit: dict[str, Any]) -> dict[str, str]:
    return {
        path: entry["object"]["oid"]
        for path, entry in _opting(commit).items()
        if opt_outs.read_text(entry) is None and not opt_outs.is_link(entry)
        if entry["object"]["byteSize"] <= opt_outs.MAX_BYTES
    }


def _opting(commit: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The files that opt out; a directory of that name is none."""
    found = {path: commit.get(f"optOut{at}") or {} for at, path in enumerate(OPT_OUTS)}
    return {path: entry for path, entry in found.items() if entry.get("object")}


def read_located(target: Mapping[str, Any], roots: Sequence[str]) -> Located:
    """Read one commit in the answer to `select_repository` or `select_paths`; `roots` are the paths asked for."""
    entries: dict[str, Entry | None] = {}
    for at, root in enumerate(roots):
        found = target.get(f"at{at}")
        entries[root] = read_entry(found) if found else None
    if "." in entries:
        entries["."] = Entry(TREE, target["tree"]["oid"])
    return Located(target["oid"], target["tree"]["oid"], entries)
