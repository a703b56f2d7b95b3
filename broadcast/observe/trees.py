"""The questions about what git keeps (trees, blobs, history), as GraphQL selections, and their answers as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from broadcast.git.objects import TREE, Entry
from broadcast.github.questions import Question, quote

ADDED = 20  # commits of our branch that are compared


MAX_LEVELS = 5  # directory levels listed in one query


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
    found[oid] = {str(entry["name"]): entry_of(entry) for entry in entries}
    for entry in entries:
        below = (entry.get("object") or {}).get("entries")
        if below is not None:
            _collect(entry["oid"], below, found)


def _entries(levels: int) -> str:
    below = f" object {{ ... on Tree {{ {_entries(levels - 1)} }} }}" if levels > 1 else ""
    return f"entries {{ name mode type oid{below} }}"


def entry_of(found: Mapping[str, Any]) -> Entry:
    """What a tree says of one name."""
    # A directory's mode is not documented beyond "Entry file mode."; its type is certain.
    return Entry(TREE if found["type"] == "tree" else int(found["mode"]), str(found["oid"]))


def texts_at(owner: str, name: str, commit: str, paths: Sequence[str]) -> Question:
    """The texts of files in a commit."""
    fields = " ".join(
        f"file{at}: file(path: {quote(path)}) {{ object {{ ... on Blob {{ text isTruncated }} }} }}"
        for at, path in enumerate(paths)
    )
    return Question(owner, name, f"commit: object(oid: {quote(commit)}) {{ ... on Commit {{ oid {fields} }} }}")


def read_texts(answer: Mapping[str, Any], paths: Sequence[str]) -> dict[str, bytes | None]:
    """The texts in a `texts_at` answer: empty where there is no file, None of one that is cut or no text."""
    commit = answer.get("commit")
    if not commit:
        return dict.fromkeys(paths)
    found = {path: (commit.get(f"file{at}") or {}).get("object") or {} for at, path in enumerate(paths)}
    return {path: _whole_text(blob) if "text" in blob else b"" for path, blob in found.items()}


def _whole_text(blob: Mapping[str, Any]) -> bytes | None:
    text = blob["text"]
    return text.encode() if isinstance(text, str) and not blob.get("isTruncated") else None


def added(owner: str, name: str, base: str, branch: str) -> Question:
    """The commits that a branch has and its base hasn't, with their trees and their parents'."""
    node = "oid tree { oid } parents(first: 2) { nodes { oid tree { oid } } }"
    head = f"compare(headRef: {quote(branch)}) {{ commits(first: {ADDED}) {{ totalCount nodes {{ {node} }} }} }}"
    return Question(owner, name, f"base: ref(qualifiedName: {quote('refs/heads/' + base)}) {{ {head} }}")
