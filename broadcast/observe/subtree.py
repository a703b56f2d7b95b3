"""A whole subtree in one REST answer (docs: Git trees, "Get a tree": 100,000 entries or 7 MB, then `truncated`).

Every directory is held against its id: a redirect to a renamed repository may lose `?recursive=1`, and directories
would seem to be empty.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from broadcast.git.objects import Entry, tree_id
from broadcast.github.client import ApiError, GitHub, Scope
from broadcast.github.validation import Malformed, present, reading


class Found(NamedTuple):
    """Listings by tree oid, those that are whole; the tree asked for is among them unless GitHub could not list it."""

    listings: dict[str, dict[str, Entry]]


def listing(github: GitHub, full_name: str, oid: str, scope: Scope) -> Found:
    """The tree and all below it; where that is too much, the tree alone. Raises Throttled, Unreachable."""
    path = f"/repos/{full_name}/git/trees/{oid}"
    try:
        with reading():
            answer = github.get(f"{path}?recursive=1", scope)
            if not answer["truncated"]:
                return Found(_all(oid, answer["tree"]))
            answer = github.get(path, scope)
            entries = {str(row["path"]): _entry(row) for row in answer["tree"]}
    except (ApiError, Malformed):
        return Found({})
    return Found({}) if answer["truncated"] else Found({oid: entries})


def _all(oid: str, rows: list[dict[str, Any]]) -> dict[str, dict[str, Entry]]:
    directories: dict[str, dict[str, Entry]] = {"": {}}
    directories |= {row["path"]: {} for row in rows if row["type"] == "tree"}
    oids = {"": oid} | {row["path"]: str(present(row, "sha")) for row in rows if row["type"] == "tree"}
    for row in rows:
        parent, _, name = row["path"].rpartition("/")
        directories[parent][name] = _entry(row)
    return {oids[path]: entries for path, entries in directories.items() if tree_id(entries) == oids[path]}


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(int(row["mode"], 8), str(present(row, "sha")))
