"""Trees of a target: queries for their entries and for texts in them, and whole subtrees by REST."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from broadcast.git.objects import TREE, Entry, tree_id
from broadcast.github.client import ApiError, GitHub, Scope
from broadcast.github.questions import Question, quote
from broadcast.github.validation import Malformed, present, reading

MAX_LEVELS = 5  # directory levels listed in one query


def select_trees(owner: str, name: str, oids: Mapping[str, int]) -> Question:
    """The entries of trees, with as many levels below each as `oids` says."""
    fields = [
        f"tree{at}: object(oid: {quote(oid)}) {{ ... on Tree {{ oid {_entries(min(levels, MAX_LEVELS))} }} }}"
        for at, (oid, levels) in enumerate(oids.items())
    ]
    return Question(owner, name, " ".join(fields))


def read_trees(answer: Mapping[str, Any]) -> dict[str, dict[str, Entry]]:
    """Every tree in a `select_trees` answer: oid → name → entry."""
    found: dict[str, dict[str, Entry]] = {}
    for tree in answer.values():
        if isinstance(tree, dict) and tree.get("entries") is not None:
            _collect(tree["oid"], tree["entries"], found)
    return found


def _collect(oid: str, entries: list[dict[str, Any]], found: dict[str, dict[str, Entry]]) -> None:
    found[oid] = {str(entry["name"]): read_entry(entry) for entry in entries}
    for entry in entries:
        below = (entry.get("object") or {}).get("entries")
        if below is not None:
            _collect(entry["oid"], below, found)


def _entries(levels: int) -> str:
    below = f" object {{ ... on Tree {{ {_entries(levels - 1)} }} }}" if levels > 1 else ""
    return f"entries {{ name mode type oid{below} }}"


def read_entry(found: Mapping[str, Any]) -> Entry:
    """What a tree says of one name."""
    # A directory's mode is not documented beyond "Entry file mode."; its type is certain.
    return Entry(TREE if found["type"] == "tree" else int(found["mode"]), str(found["oid"]))


def select_texts(owner: str, name: str, commit: str, paths: Sequence[str]) -> Question:
    """The texts of files in a commit."""
    fields = " ".join(
        f"file{at}: file(path: {quote(path)}) {{ object {{ ... on Blob {{ text isTruncated }} }} }}"
        for at, path in enumerate(paths)
    )
    return Question(owner, name, f"commit: object(oid: {quote(commit)}) {{ ... on Commit {{ oid {fields} }} }}")


def read_texts(answer: Mapping[str, Any], paths: Sequence[str]) -> dict[str, bytes | None]:
    """The texts in a `select_texts` answer: empty where there is no file, None of one that is cut or no text."""
    commit = answer.get("commit")
    if not commit:
        return dict.fromkeys(paths)
    found = {path: (commit.get(f"file{at}") or {}).get("object") or {} for at, path in enumerate(paths)}
    return {path: _whole_text(blob) if "text" in blob else b"" for path, blob in found.items()}


def _whole_text(blob: Mapping[str, Any]) -> bytes | None:
    text = blob["text"]
    return text.encode() if isinstance(text, str) and not blob.get("isTruncated") else None


def list_subtree(github: GitHub, full_name: str, oid: str, scope: Scope) -> dict[str, dict[str, Entry]]:
    """List the tree `oid` and all below it by REST: listings by tree oid. Raises Throttled, Unreachable.

    Where that is too much, the tree alone; without it where GitHub can't list it (docs: Git trees, "Get a tree": at
    most 100,000 entries or 7 MB, then `truncated`). Each listing is checked by its oid, because a redirect to a renamed
    repository may lose `?recursive=1`, and directories would seem to be empty.
    """
    path = f"/repos/{full_name}/git/trees/{oid}"
    try:
        with reading():
            answer = github.get(f"{path}?recursive=1", scope)
            if not answer["truncated"]:
                return _directories(oid, answer["tree"])
            answer = github.get(path, scope)
            entries = {str(row["path"]): _rest_entry(row) for row in answer["tree"]}
    except (ApiError, Malformed):
        return {}
    return {} if answer["truncated"] else {oid: entries}


def _directories(oid: str, rows: list[dict[str, Any]]) -> dict[str, dict[str, Entry]]:
    directories: dict[str, dict[str, Entry]] = {"": {}}
    directories |= {row["path"]: {} for row in rows if row["type"] == "tree"}
    oids = {"": oid} | {row["path"]: str(present(row, "sha")) for row in rows if row["type"] == "tree"}
    for row in rows:
        parent, _, name = row["path"].rpartition("/")
        directories[parent][name] = _rest_entry(row)
    return {oids[path]: entries for path, entries in directories.items() if tree_id(entries) == oids[path]}


def _rest_entry(row: dict[str, Any]) -> Entry:
    return Entry(int(row["mode"], 8), str(present(row, "sha")))
