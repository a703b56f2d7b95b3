"""The questions about repositories, pull requests and people, as GraphQL selections, and their answers as values."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from broadcast.git.objects import TREE, Entry
from broadcast.github.questions import Question, quote
from broadcast.observe.state import Located
from broadcast.observe.trees import entry_of

OTHERS = 50  # open pull requests among which those of an older tool are looked for
MILESTONES = 10  # whose titles hold the one that is wanted

_REPOSITORY = "id nameWithOwner isArchived isDisabled viewerPermission visibility"
OPT_OUTS = (".broadcastignore", ".github/.broadcastignore")


_ARMED = "AUTO_MERGE_ENABLED_EVENT, AUTO_SQUASH_ENABLED_EVENT, AUTO_REBASE_ENABLED_EVENT, AUTO_MERGE_DISABLED_EVENT"
ARMING = ("AutoMergeEnabledEvent", "AutoSquashEnabledEvent", "AutoRebaseEnabledEvent", "AutoMergeDisabledEvent")


_OTHER = "id number headRefName baseRefName isCrossRepository"
_OPT_OUT = (
    "fragment optOut on Commit { "
    + " ".join(
        f"optOut{at}: file(path: {quote(path)}) {{ mode object {{ ... on Blob {{ oid text byteSize }} }} }}"
        for at, path in enumerate(OPT_OUTS)
    )
    + " }"
)


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
        f"scratch: {scratch} {{ target {{ oid ... on Commit {{ message }} }} }}",
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
        fields.append("viewerDefaultMergeMethod autoMergeAllowed")
    return Question(owner, name, " ".join(fields), {**fragment, "optOut": _OPT_OUT})


def _probes(paths: Sequence[str]) -> str:
    fields = " ".join(f"probe{at}: file(path: {quote(path)}) {{ type }}" for at, path in enumerate(paths))
    return f"... on Commit {{ {fields} }}" if fields else ""


def located(target: Mapping[str, Any], roots: Sequence[str]) -> Located:
    """The part of a `look` answer that tells of one commit."""
    entries: dict[str, Entry | None] = {}
    for at, root in enumerate(roots):
        found = target.get(f"at{at}")
        entries[root] = entry_of(found) if found else None
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


def people(names: Sequence[str], *, me: bool = True) -> str:
    """The document that asks for the node ids of users (login) and teams (org/slug), and with `me` who we are."""
    fields = ["viewer { login }"] if me else []
    for at, name in enumerate(names):
        org, slash, slug = name.partition("/")
        team = f"organization(login: {quote(org)}) {{ team(slug: {quote(slug)}) {{ id }} }}"
        fields.append(f"u{at}: {team if slash else f'user(login: {quote(name)}) {{ id }}'}")
    return "query { " + " ".join(fields) + " }"


def viewer(answer: Mapping[str, Any]) -> str:
    """Our login in a `people` answer."""
    return str((answer.get("viewer") or {}).get("login") or "")


def people_ids(names: Sequence[str], answer: Mapping[str, Any]) -> dict[str, str | None]:
    """The ids in a `people` answer; None for those that GitHub doesn't show."""
    ids: dict[str, str | None] = {}
    for at, name in enumerate(names):
        found = answer.get(f"u{at}") or {}
        ids[name] = (found.get("team") or {}).get("id") if "/" in name else found.get("id")
    return ids


def _at_fragment(roots: Sequence[str]) -> dict[str, str]:
    fields = [f"at{at}: file(path: {quote(root)}) {{ mode type oid }}" for at, root in enumerate(roots) if root != "."]
    name = "at_" + hashlib.sha256("\0".join(roots).encode()).hexdigest()[:8]
    return {name: f"fragment {name} on Commit {{ oid tree {{ oid }} {' '.join(fields)} }}"}
