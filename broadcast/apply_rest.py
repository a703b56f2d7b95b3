"""The REST way: the git-data API, for modes, symlinks and large changes, and where GraphQL can't do it."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from broadcast.api.client import GitHub
from broadcast.drift import Change
from broadcast.work import CLOSING, Interrupted, Work, Written

CHUNK_ENTRIES = 100  # a tree request is cut off after some ten seconds; no number is documented
CHUNK_BYTES = 2 * 1024 * 1024


def create(github: GitHub, work: Work) -> Written:
    """A commit, then the branch on it, then the pull request."""
    body = {"ref": f"refs/heads/{work.branch}", "sha": commit(github, work)}
    github.write("POST", f"{_git(work)}/refs", body, work.scope)
    return _open(github, work)


def rebuild(github: GitHub, work: Work) -> Written:
    """A new commit on the base, then our branch moved onto it if it still is where it was seen."""
    made = commit(github, work)
    ref = _ref(work.branch)
    seen = github.get(f"{_git(work)}/ref/{ref}", work.scope)["object"]["sha"]
    if work.state.ours is None or seen != work.state.ours.head.oid:
        raise Interrupted("our branch moved in the meantime")
    github.write("PATCH", f"{_git(work)}/refs/{ref}", {"sha": made, "force": True}, work.scope)
    _delete_scratch(github, work)
    return describe(github, work) if work.plan.pull else _open(github, work)


def propose(github: GitHub, work: Work) -> Written:
    """The pull request alone, for a branch that an interrupted run finished."""
    return _open(github, work)


def describe(github: GitHub, work: Work) -> Written:
    """Only the text."""
    return _edit(github, work, {"title": work.texts.title, "body": work.texts.body})


def close(github: GitHub, work: Work) -> Written:
    """Mark it as closed by us, say why, delete the branch."""
    closed = _edit(github, work, {"state": "closed", "body": work.closed_body})
    path = f"/repos/{work.state.full_name}/issues/{work.pull.number}/comments"
    github.write("POST", path, {"body": CLOSING}, work.scope)
    github.write("DELETE", f"{_git(work)}/refs/{_ref(work.branch)}", None, work.scope)
    return closed


def commit(github: GitHub, work: Work) -> str:
    """The oid of a commit on top of the base with the plan's changes; no branch points at it yet.

    No author is sent: GitHub signs such commits of Apps (docs: signature verification for bots).
    """
    entries = [_entry(github, work, change) for change in work.plan.changes]
    tree = work.base.head.tree
    for chunk in _chunks(entries):
        tree = github.write("POST", f"{_git(work)}/trees", {"base_tree": tree, "tree": chunk}, work.scope)["sha"]
    body = {"message": work.texts.message, "tree": tree, "parents": [work.base.head.oid]}
    return str(github.write("POST", f"{_git(work)}/commits", body, work.scope)["sha"])


def _open(github: GitHub, work: Work) -> Written:
    body = {
        "title": work.texts.title,
        "body": work.texts.body,
        "head": work.branch,
        "base": work.base.name,
        "draft": work.texts.draft,
    }
    return _written(github.write("POST", f"/repos/{work.state.full_name}/pulls", body, work.scope))


def _edit(github: GitHub, work: Work, body: dict[str, str]) -> Written:
    return _written(github.write("PATCH", f"/repos/{work.state.full_name}/pulls/{work.pull.number}", body, work.scope))


def _delete_scratch(github: GitHub, work: Work) -> None:
    if work.state.scratch:
        github.write("DELETE", f"{_git(work)}/refs/{_ref(work.scratch)}", None, work.scope)


def _written(pull: dict[str, Any]) -> Written:
    return Written(pull["node_id"], pull["number"], pull["html_url"])


def _ref(branch: str) -> str:
    """A branch in an address: its slashes must be encoded."""
    return quote(f"heads/{branch}", safe="")


def _git(work: Work) -> str:
    return f"/repos/{work.state.full_name}/git"


def _entry(github: GitHub, work: Work, change: Change) -> dict[str, Any]:
    entry: dict[str, Any] = {"path": change.path, "type": "blob"}
    if change.after is None:
        return {**entry, "mode": "100644", "sha": None}
    entry["mode"] = f"{change.after.mode:o}"
    oid = change.after.oid
    if oid in work.uploaded or (change.before is not None and change.before.oid == oid):
        return {**entry, "sha": oid}  # the content is there already
    content = work.contents[change.path]
    if (text := _text(content)) is not None:
        return {**entry, "content": text}
    body = {"content": base64.b64encode(content).decode(), "encoding": "base64"}
    work.uploaded.add(github.write("POST", f"{_git(work)}/blobs", body, work.scope)["sha"])
    return {**entry, "sha": oid}


def _text(content: bytes) -> str | None:
    """`content` for inline use: a tree request takes nothing but UTF-8 text, and not too much of it."""
    if len(content) > CHUNK_BYTES or b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def _chunks(entries: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    chunk: list[dict[str, Any]] = []
    size = 0
    for entry in entries:
        weight = len(str(entry.get("content", "")).encode())
        if chunk and (len(chunk) >= CHUNK_ENTRIES or size + weight > CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(entry)
        size += weight
    if chunk:
        yield chunk
