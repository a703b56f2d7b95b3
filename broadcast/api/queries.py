"""The questions Broadcast asks, as GraphQL selections, and their answers as values."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from broadcast.api.batch import Question, quote
from broadcast.gitobject import TREE, Entry

HISTORY = 20  # commits of our branch that are looked at
PULLS = 5  # open, and closed, pull requests of our branch that are looked at
OTHERS = 50  # open pull requests among which those of an older tool are looked for
MILESTONES = 10  # whose titles hold the one that is wanted
VERSIONS = 100  # of one file of the source that are looked at
LOG = 100  # commits of the source that are looked at
MAX_LEVELS = 5  # directory levels listed in one query

_REPOSITORY = "id nameWithOwner isArchived isDisabled viewerPermission"
OPT_OUTS = (".broadcastignore", ".github/.broadcastignore")
EVENTS = 50  # of labelling, assigning and asking for reviews that are looked at

_PULL = """
fragment pull on PullRequest {
  id number url state title body isDraft isCrossRepository mergeable headRefOid headRefName baseRefName
  createdAt updatedAt closedAt isInMergeQueue
}"""
_OPEN_PULL = """
fragment openPull on PullRequest { labels(first: 100) { nodes { id name } } autoMergeRequest { enabledAt } }"""
_PAST_PULL = """
fragment pastPull on PullRequest {
  closing: timelineItems(itemTypes: [CLOSED_EVENT], last: 1) { nodes { ... on ClosedEvent { actor { login } } } }
}"""
_GIVEN = "LABELED_EVENT, ASSIGNED_EVENT, MILESTONED_EVENT, REVIEW_REQUESTED_EVENT"
_DECORATION = f"""
fragment decoration on PullRequest {{
  timelineItems(itemTypes: [{_GIVEN}], first: {EVENTS}) {{ nodes {{
    ... on LabeledEvent {{ label {{ name }} }}
    ... on MilestonedEvent {{ milestoneTitle }}
    ... on AssignedEvent {{ assignee {{ ... on User {{ login }} }} }}
    ... on ReviewRequestedEvent {{ requestedReviewer {{ __typename ... on User {{ login }} }} }}
  }} }}
}}"""
_LINEAGE = f"""
fragment lineage on Commit {{
  history(first: {HISTORY}) {{ nodes {{
    oid message authoredDate committedDate author {{ name email user {{ login }} }}
    parents(first: 2) {{ nodes {{ oid }} }}
  }} }}
}}"""

_OTHER = "id number headRefName baseRefName isCrossRepository"
_OPT_OUT = (
    "fragment optOut on Commit { "
    + " ".join(
        f"optOut{at}: file(path: {quote(path)}) {{ object {{ ... on Blob {{ text }} }} }}"
        for at, path in enumerate(OPT_OUTS)
    )
    + " }"
)


class Located(NamedTuple):
    """What one commit has at the paths that were asked for."""

    oid: str
    tree: str
    entries: dict[str, Entry | None]


class Wishes(NamedTuple):
    """What else is to be known: for a pull request besides its content, and for the content itself."""

    labels: Sequence[str]
    milestone: str
    auto_merge: bool
    others: bool  # the open pull requests of other tools
    probes: Sequence[str] = ()  # paths of the base whose presence matters
    facts: bool = False  # about the repository, for templates


def look(
    owner: str, name: str, base: str | None, branches: tuple[str, str], roots: Sequence[str], wishes: Wishes
) -> Question:
    """The repository, its base, our branch and our scratch branch, and the ids of what is wished for.

    Of the base and our branch it tells what stands at `roots`, of the base also the files that opt out.
    """
    fragment = _at_fragment(roots)
    spread = f"...{next(iter(fragment))}"
    base_field = f"ref(qualifiedName: {quote('refs/heads/' + base)})" if base else "defaultBranchRef"
    ours, scratch = (f"ref(qualifiedName: {quote('refs/heads/' + branch)})" for branch in branches)
    fields = [
        _REPOSITORY,
        f"base: {base_field} {{ name target {{ {spread} ...optOut {_probes(wishes.probes)} }} }}",
        f"ours: {ours} {{ name target {{ {spread} }} }}",
        f"scratch: {scratch} {{ target {{ oid }} }}",
        *(f"label{at}: label(name: {quote(label)}) {{ id }}" for at, label in enumerate(wishes.labels)),
    ]
    if wishes.milestone:
        search = f"query: {quote(wishes.milestone)}, states: [OPEN], first: {MILESTONES}"
        fields.append(f"milestones({search}) {{ nodes {{ id number title }} }}")
    if wishes.others:
        page = f"states: [OPEN], orderBy: {{field: CREATED_AT, direction: DESC}}, first: {OTHERS}"
        fields.append(
            f"others: pullRequests({page}) {{ nodes {{ id number headRefName baseRefName isCrossRepository }} }}"
        )
    if wishes.facts:
        fields.append("defaultBranchRef { name } repositoryTopics(first: 100) { nodes { topic { name } } }")
    if wishes.auto_merge:
        fields.append("viewerDefaultMergeMethod")
    return Question(owner, name, " ".join(fields), {**fragment, "optOut": _OPT_OUT})


def _probes(paths: Sequence[str]) -> str:
    fields = " ".join(f"probe{at}: file(path: {quote(path)}) {{ type }}" for at, path in enumerate(paths))
    return f"... on Commit {{ {fields} }}" if fields else ""


def had(owner: str, name: str, base: str, paths: Sequence[str]) -> Question:
    """Whether a branch ever had these paths."""
    fields = " ".join(
        f"had{at}: history(first: 1, path: {quote(path)}) {{ nodes {{ oid }} }}" for at, path in enumerate(paths)
    )
    ref = f"ref(qualifiedName: {quote('refs/heads/' + base)})"
    return Question(owner, name, f"base: {ref} {{ target {{ ... on Commit {{ {fields} }} }} }}")


def last(owner: str, name: str, commit: str, paths: Sequence[str]) -> Question:
    """Who changed these paths last, as a commit has them."""
    fields = " ".join(
        f"last{at}: history(first: 1, path: {quote(path)}) {{ nodes {{ oid author {{ name user {{ login }} }} }} }}"
        for at, path in enumerate(paths)
    )
    return Question(owner, name, f"commit: object(oid: {quote(commit)}) {{ ... on Commit {{ {fields} }} }}")


def versions(owner: str, name: str, commit: str, paths: Sequence[str]) -> Question:
    """What a repository once had at these paths; of its default branch where no commit is given."""
    fields = " ".join(
        f"past{at}: history(first: {VERSIONS}, path: {quote(path)}) "
        f"{{ nodes {{ file(path: {quote(path)}) {{ oid }} }} }}"
        for at, path in enumerate(paths)
    )
    where = f"oid: {quote(commit)}" if commit else 'expression: "HEAD"'
    return Question(owner, name, f"commit: object({where}) {{ ... on Commit {{ {fields} }} }}")


def log(owner: str, name: str, commit: str, paths: Sequence[str]) -> Question:
    """The latest commits of a repository, and which of them touch these paths."""
    whole = "nodes { oid messageHeadline author { name user { login } } parents(first: 3) { nodes { oid } } }"
    fields = " ".join(
        f"touch{at}: history(first: {LOG}, path: {quote(path)}) {{ nodes {{ oid }} }}" for at, path in enumerate(paths)
    )
    at = f"... on Commit {{ history(first: {LOG}) {{ {whole} }} {fields} }}"
    return Question(owner, name, f"commit: object(oid: {quote(commit)}) {{ {at} }}")


def located(target: Mapping[str, Any], roots: Sequence[str]) -> Located:
    """The part of a `look` answer that tells of one commit."""
    entries: dict[str, Entry | None] = {}
    for at, root in enumerate(roots):
        found = target.get(f"at{at}")
        entries[root] = _entry(found) if found else None
    if "." in entries:
        entries["."] = Entry(TREE, target["tree"]["oid"])
    return Located(target["oid"], target["tree"]["oid"], entries)


def at_paths(owner: str, name: str, commits: Mapping[str, tuple[str, Sequence[str]]]) -> Question:
    """What commits have at some paths, each under its alias: alias → commit oid, paths."""
    fragments: dict[str, str] = {}
    fields = []
    for alias, (oid, asked) in commits.items():
        fragment = _at_fragment(asked)
        fragments |= fragment
        fields.append(f"{alias}: object(oid: {quote(oid)}) {{ ...{next(iter(fragment))} }}")
    return Question(owner, name, " ".join(fields), fragments)


def pulls(owner: str, name: str, branch: str, base: str, *, decorated: bool) -> Question:
    """The pull requests from our branch, open and closed, the latest commits on it, and how it stands to its base.

    With `decorated` also who was given which label, task or review on the open ones.
    """
    spread = "...pull ...openPull ...decoration" if decorated else "...pull ...openPull"
    fragments = {"pull": _PULL, "openPull": _OPEN_PULL, "pastPull": _PAST_PULL, "lineage": _LINEAGE}
    head = f"headRefName: {quote(branch)}, orderBy: {{field: CREATED_AT, direction: DESC}}, first: {PULLS}"
    fields = (
        f"open: pullRequests({head}, states: [OPEN]) {{ nodes {{ {spread} }} }} "
        f"past: pullRequests({head}, states: [CLOSED, MERGED]) {{ nodes {{ ...pull ...pastPull }} }} "
        f"ours: ref(qualifiedName: {quote('refs/heads/' + branch)}) {{ target {{ oid ...lineage }} "
        f"compare(headRef: {quote(base)}) {{ behindBy }} }}"
    )
    return Question(owner, name, fields, fragments | ({"decoration": _DECORATION} if decorated else {}))


def people(names: Sequence[str]) -> str:
    """The document that asks for the node ids of users (login) and teams (org/slug)."""
    fields = []
    for at, name in enumerate(names):
        org, slash, slug = name.partition("/")
        team = f"organization(login: {quote(org)}) {{ team(slug: {quote(slug)}) {{ id }} }}"
        fields.append(f"u{at}: {team if slash else f'user(login: {quote(name)}) {{ id }}'}")
    return "query { " + " ".join(fields) + " }"


def people_ids(names: Sequence[str], answer: Mapping[str, Any]) -> dict[str, str | None]:
    """The ids in a `people` answer; None for those that GitHub doesn't show."""
    ids: dict[str, str | None] = {}
    for at, name in enumerate(names):
        found = answer.get(f"u{at}") or {}
        ids[name] = (found.get("team") or {}).get("id") if "/" in name else found.get("id")
    return ids


REPOSITORIES = """
query Repositories($owner: String!, $after: String, $archived: Boolean, $fork: Boolean) {
  repositoryOwner(login: $owner) {
    repositories(
      first: 100, after: $after, isArchived: $archived, isFork: $fork, ownerAffiliations: [OWNER],
      orderBy: {field: NAME, direction: ASC}
    ) {
      pageInfo { hasNextPage endCursor }
      nodes {
        id name owner { login } isArchived isFork visibility primaryLanguage { name }
        repositoryTopics(first: 20) { nodes { topic { name } } }
      }
    }
  }
}"""


GIVEN = """
query Given($ids: [ID!]!) {
  nodes(ids: $ids) { ... on PullRequest {
    id labels(first: 100) { nodes { id } } assignees(first: 20) { nodes { id } }
  } }
}"""


def given(answer: Mapping[str, Any]) -> dict[str, tuple[list[str], list[str]]]:
    """What pull requests have in a `GIVEN` answer: id → ids of labels, of assignees."""
    nodes = filter(None, answer.get("nodes") or [])
    return {str(node["id"]): (_ids(node["labels"]), _ids(node["assignees"])) for node in nodes}


def _ids(connection: Mapping[str, Any]) -> list[str]:
    return [one["id"] for one in connection["nodes"] if one]


def trees(owner: str, name: str, oids: Mapping[str, int]) -> Question:
    """The entries of trees, with as many levels below each as `oids` says."""
    fields = [
        f"tree{at}: object(oid: {quote(oid)}) {{ ... on Tree {{ oid {_entries(min(levels, MAX_LEVELS))} }} }}"
        for at, (oid, levels) in enumerate(oids.items())
    ]
    return Question(owner, name, " ".join(fields))


def blobs(owner: str, name: str, oids: Sequence[str]) -> Question:
    """The contents of blobs."""
    fields = " ".join(
        f"blob{at}: object(oid: {quote(oid)}) {{ ... on Blob {{ oid text isBinary isTruncated byteSize }} }}"
        for at, oid in enumerate(oids)
    )
    return Question(owner, name, fields)


def texts(answer: Mapping[str, Any], most: int) -> dict[str, str | None]:
    """Every text in a `blobs` answer: oid → text; None for what is binary, cut short, or larger than `most` bytes."""
    found = (blob for blob in answer.values() if isinstance(blob, dict) and "byteSize" in blob)
    return {
        str(blob["oid"]): None
        if blob["isBinary"] or blob["isTruncated"] or blob["byteSize"] > most or blob["text"] is None
        else str(blob["text"])
        for blob in found
    }


def listings(answer: Mapping[str, Any]) -> dict[str, dict[str, Entry]]:
    """Every tree in a `trees` answer: oid → name → entry."""
    found: dict[str, dict[str, Entry]] = {}
    for tree in answer.values():
        if isinstance(tree, dict) and tree.get("entries") is not None:
            _collect(tree["oid"], tree["entries"], found)
    return found


def _collect(oid: str, entries: list[dict[str, Any]], found: dict[str, dict[str, Entry]]) -> None:
    found[oid] = {str(entry["name"]): _entry(entry) for entry in entries}
    for entry in entries:
        below = (entry.get("object") or {}).get("entries")
        if below is not None:
            _collect(entry["oid"], below, found)


def _entries(levels: int) -> str:
    below = f" object {{ ... on Tree {{ {_entries(levels - 1)} }} }}" if levels > 1 else ""
    return f"entries {{ name mode type oid{below} }}"


def _entry(found: Mapping[str, Any]) -> Entry:
    # A directory's mode is not documented beyond "Entry file mode."; its type is certain.
    return Entry(TREE if found["type"] == "tree" else int(found["mode"]), str(found["oid"]))


def _at_fragment(roots: Sequence[str]) -> dict[str, str]:
    fields = [f"at{at}: file(path: {quote(root)}) {{ mode type oid }}" for at, root in enumerate(roots) if root != "."]
    name = "at_" + hashlib.sha256("\0".join(roots).encode()).hexdigest()[:8]
    return {name: f"fragment {name} on Commit {{ oid tree {{ oid }} {' '.join(fields)} }}"}
