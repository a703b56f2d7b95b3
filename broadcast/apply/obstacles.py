"""What keeps a branch of ours from being made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from broadcast.config.targets import Target
from broadcast.errors import Failure
from broadcast.github import batch
from broadcast.github.client import GitHub, Scope
from broadcast.github.questions import Question, quote
from broadcast.observe.state import State

HEADS = "refs/heads/"


def blocking_branch(github: GitHub, state: State, target: Target, scope: Scope) -> str:
    """A branch that git can't keep beside ours, above its name or below it; empty where none is known."""
    above = list(_above(target.branch))
    below = [f"{target.branch}/", f"{target.scratch}/", f"{target.spare}/"]
    owner, _, name = state.full_name.partition("/")
    try:
        replies = batch.ask(github, [_refs(owner, name, above), _prefixes(owner, name, below)], scope)
    except Failure:
        return ""
    found = [reply.data or {} for reply in replies]
    exact = [ref["name"] for at in range(len(above)) if (ref := found[0].get(f"ref{at}"))]
    lists = (found[1].get(f"refs{at}") or {} for at in range(len(below)))
    longer = [
        f"{at}{node['name'].removeprefix(at)}" for at, refs in zip(below, lists, strict=True) for node in _nodes(refs)
    ]
    return str(next(iter([*exact, *longer]), ""))


def _nodes(refs: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [node for node in refs.get("nodes") or [] if node]


def _above(branch: str) -> Iterable[str]:
    parts = branch.split("/")
    return ("/".join(parts[:end]) for end in range(1, len(parts)))


def _refs(owner: str, name: str, branches: Sequence[str]) -> Question:
    fields = (f"ref{at}: ref(qualifiedName: {quote(HEADS + one)}) {{ name }}" for at, one in enumerate(branches))
    return Question(owner, name, " ".join(fields))


def _prefixes(owner: str, name: str, prefixes: Sequence[str]) -> Question:
    fields = (
        f"refs{at}: refs(refPrefix: {quote(HEADS + one)}, first: 1) {{ nodes {{ name }} }}"
        for at, one in enumerate(prefixes)
    )
    return Question(owner, name, " ".join(fields))
