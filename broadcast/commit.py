"""A commit through the REST git-data API: modes, symlinks and large changes, which createCommitOnBranch can't do."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from typing import Any

from broadcast.api.client import GitHub, Scope
from broadcast.api.queries import Located
from broadcast.drift import Change

CHUNK_ENTRIES = 100  # a tree request is cut off after some ten seconds; no number is documented
CHUNK_BYTES = 2 * 1024 * 1024


def commit_by_rest(
    github: GitHub,
    full_name: str,
    base: Located,
    changes: Sequence[Change],
    contents: dict[str, bytes],
    message: str,
    scope: Scope,
) -> str:
    """The oid of a commit on top of `base` with these changes; no branch points at it yet.

    No author is sent: GitHub signs such commits of Apps (docs: signature verification for bots).
    """
    repository = f"/repos/{full_name}/git"
    entries = [_entry(github, repository, change, contents, scope) for change in changes]
    tree = base.tree
    for chunk in _chunks(entries):
        tree = github.write("POST", f"{repository}/trees", {"base_tree": tree, "tree": chunk}, scope)["sha"]
    made = github.write(
        "POST", f"{repository}/commits", {"message": message, "tree": tree, "parents": [base.oid]}, scope
    )
    return str(made["sha"])


def _entry(github: GitHub, repository: str, change: Change, contents: dict[str, bytes], scope: Scope) -> dict[str, Any]:
    entry = {"path": change.path, "type": "blob"}
    if change.after is None:
        return {**entry, "mode": "100644", "sha": None}
    entry["mode"] = f"{change.after.mode:o}"
    if change.before is not None and change.before.oid == change.after.oid:
        return {**entry, "sha": change.after.oid}  # the content is there already; only the mode differs
    content = contents[change.path]
    if (text := _text(content)) is not None:
        return {**entry, "content": text}
    body = {"content": base64.b64encode(content).decode(), "encoding": "base64"}
    return {**entry, "sha": github.write("POST", f"{repository}/blobs", body, scope)["sha"]}


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
