"""Writes by REST (git-data API): modes, symlinks, large changes, and where GraphQL can't do it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, TypeVar
from urllib.parse import quote

from broadcast.apply import identity
from broadcast.apply.ref_updates import Move, address, swap
from broadcast.apply.task import Passing, Task, Written
from broadcast.errors import Failure
from broadcast.github.client import GitHub
from broadcast.github.validation import present
from broadcast.observe.change import Change
from broadcast.observe.swaps import has_swaps
from broadcast.ownership import REBUILD_LABEL

_Item = TypeVar("_Item")

CHUNK_ENTRIES = 100  # a tree request is cut off after some ten seconds; no number is documented
CHUNK_BYTES = 2 * 1024 * 1024
UNSIGNED = "the commit isn't signed: GitHub signs what needs REST (modes, symlinks, much at once) for GitHub Apps only"


def create(github: GitHub, work: Task) -> Written:
    """A commit, then the branch on it, then the pull request."""
    body = {"ref": f"refs/heads/{work.branch}", "sha": commit(github, work)}
    github.write("POST", f"{_git(work)}/refs", body, work.scope)
    return _open(github, work)


def rebuild(github: GitHub, work: Task) -> Written:
    """A new commit on the base, then our branch moved onto it if it still is where it was seen."""
    move(github, work, commit(github, work))
    return describe(github, work) if work.plan.pull else _open(github, work)


def move(github: GitHub, work: Task, made: str) -> None:
    """Put our branch at a new commit, and delete the scratch branches."""
    moves = [Move(work.branch, work.ours.head.oid, made)]
    swap(github, work.state, moves, work.scope, work.plan.leftovers, by_rest=work.refs_by_rest)


def append(github: GitHub, work: Task) -> Written:
    """Where a rule forbids force pushes: append a merge of the base with exactly the plan's tree."""
    made = commit(github, work, work.ours.head.oid)
    github.write("PATCH", address(work.state, work.branch), {"sha": made, "force": False}, work.scope)
    delete_scratch(github, work)
    return describe(github, work) if work.plan.pull else _open(github, work)


def propose(github: GitHub, work: Task) -> Written:
    """The pull request alone, for a branch that an interrupted run finished."""
    return _open(github, work)


def describe(github: GitHub, work: Task) -> Written:
    """Only the text, and a label that asked for it."""
    moved = {} if work.pull.base == work.base.name else {"base": work.base.name}
    done = _edit(github, work, {"title": work.texts.title, "body": work.texts.body, **moved})
    if work.pull.rebuild_label:
        take_rebuild_label(github, work)
    return done


def take_rebuild_label(github: GitHub, work: Task) -> None:
    """Remove the label that asked for a rebuild; one that is gone already is no error."""
    path = f"/repos/{work.state.full_name}/issues/{work.pull.number}/labels/{quote(REBUILD_LABEL, safe='')}"
    try:
        github.write("DELETE", path, None, work.scope, repeatable=True)
    except Failure as failure:
        if "Label does not exist" not in failure.message:
            note = f"the label {REBUILD_LABEL} stays: {failure.message}; take it away, or every run rebuilds"
            work.notes.append(note)


def close(github: GitHub, work: Task) -> Written:
    """Mark it as closed by us, say why, delete the branch."""
    closed = _edit(github, work, {"state": "closed", "body": work.closed_body})
    path = f"/repos/{work.state.full_name}/issues/{work.pull.number}/comments"
    github.write("POST", path, {"body": work.texts.closing}, work.scope)
    gone = [Move(work.branch, work.ours.head.oid)]
    swap(github, work.state, gone, work.scope, work.plan.leftovers, by_rest=work.refs_by_rest)
    return closed


def commit(github: GitHub, work: Task, *before: str) -> str:
    """The oid of a commit of the plan's changes on the base, and on what comes `before` it; no branch points at it yet.

    Without an author, GitHub signs such commits for Apps only, with one for no one (docs: signature verification for
    bots). The committer is the author, too, unless another one is sent (docs: create a commit).
    """
    tree, changes = work.base.head.tree, work.plan.changes
    first = [change for change in changes if change.after is None] if has_swaps(changes) else []  # then the way is free
    rest = [change for change in changes if change not in first]
    parts = (chunks((_entry(github, work, change) for change in part), _weight) for part in (first, rest))
    for chunk in chain.from_iterable(parts):
        tree = str(present(_post(github, work, "trees", {"base_tree": tree, "tree": chunk}), "sha"))
    body: dict[str, Any] = {"message": work.texts.message, "tree": tree, "parents": [*before, work.base.head.oid]}
    author = work.texts.author
    made = _post(github, work, "commits", body | ({"author": identity.by_rest(author)} if author else {}))
    if author is None and (made.get("verification") or {}).get("verified") is False:
        work.notes.append(UNSIGNED)
    work.notes.extend(identity.mistaken(work.texts.signer, made.get("author")))
    return str(present(made, "sha"))


def _post(github: GitHub, work: Task, kind: str, body: object) -> dict[str, Any]:
    """A git object; made twice, one of them is never seen."""
    made: dict[str, Any] = github.write("POST", f"{_git(work)}/{kind}", body, work.scope, repeatable=True)
    return made


def _open(github: GitHub, work: Task) -> Written:
    body = {
        "title": work.texts.title,
        "body": work.texts.body,
        "head": work.branch,
        "base": work.base.name,
        "draft": work.texts.draft,
    }
    return _written(github.write("POST", f"/repos/{work.state.full_name}/pulls", body, work.scope))


def _edit(github: GitHub, work: Task, body: dict[str, str]) -> Written:
    path = f"/repos/{work.state.full_name}/pulls/{work.pull.number}"
    edited = github.write("PATCH", path, body, work.scope, repeatable=True)
    if edited["state"] != body.get("state", "open"):
        raise Passing("the pull request was closed in the meantime")
    return _written(edited)


def delete_scratch(github: GitHub, work: Task) -> None:
    """Where an earlier try has left some."""
    swap(github, work.state, [], work.scope, work.plan.leftovers, by_rest=work.refs_by_rest)


def _written(pull: dict[str, Any]) -> Written:
    return Written(present(pull, "node_id"), present(pull, "number"), present(pull, "html_url"))


def _git(work: Task) -> str:
    return f"/repos/{work.state.full_name}/git"


def _entry(github: GitHub, work: Task, change: Change) -> dict[str, Any]:
    entry: dict[str, Any] = {"path": change.path, "type": "blob"}
    if change.after is None:
        return {**entry, "mode": "100644", "sha": None}
    entry["mode"] = f"{change.after.mode:o}"
    oid = change.after.oid
    if oid in work.uploaded or (change.before is not None and change.before.oid == oid):
        return {**entry, "sha": oid}  # the content is there already
    content = _packed(work.read(change.after))
    if "encoding" not in content:
        return {**entry, **content}
    work.uploaded.add(str(present(_post(github, work, "blobs", content), "sha")))
    return {**entry, "sha": oid}


def _packed(content: bytes) -> dict[str, str]:
    """`content` as a tree takes it, or, with its encoding, as a blob does."""
    text = _text(content)
    if text is not None:
        return {"content": text}
    return {"content": base64.b64encode(content).decode(), "encoding": "base64"}


def _text(content: bytes) -> str | None:
    """`content` for inline use: a tree request takes nothing but UTF-8 text, and not too much of it."""
    if len(content) > CHUNK_BYTES or b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def _weight(entry: dict[str, Any]) -> int:
    return len(str(entry.get("content", "")).encode())


def is_inline(content: bytes) -> bool:
    """Whether a tree request takes this content as it is."""
    return _text(content) is not None


def chunks(items: Iterable[_Item], weight: Callable[[_Item], int]) -> Iterator[list[_Item]]:
    """The entries of each tree request; `weight` counts the bytes of one entry."""
    chunk: list[_Item] = []
    size = 0
    for item in items:
        more = weight(item)
        if chunk and (len(chunk) >= CHUNK_ENTRIES or size + more > CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(item)
        size += more
    if chunk:
        yield chunk
