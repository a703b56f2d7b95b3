"""Entries of an index, sorted by their paths, and what stands at a path of them (pure)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter

from broadcast.git.index import IndexEntry
from broadcast.git.objects import GITLINK, TREE

PATH = attrgetter("path")


def key(path: str) -> bytes:
    """Of a path as the config writes it, as the index does: "." and a final "/" are only for people."""
    plain = path.rstrip("/").removeprefix("./")
    return b"" if plain == "." else plain.encode()


def text(entry: IndexEntry) -> str:
    """The path of an entry; a byte that isn't UTF-8 is spelled out."""
    return entry.path.decode("utf-8", "backslashreplace")


def span(entries: Sequence[IndexEntry], at: bytes) -> Sequence[IndexEntry]:
    """The file of that name, or all that lies in the directory of that name."""
    if not at:
        return entries
    start = bisect_left(entries, at, key=PATH)
    end = bisect_left(entries, at + b"\0", start, key=PATH)
    if start == end:  # no file of that name; "0" is the byte after "/"
        start = bisect_left(entries, at + b"/", start, key=PATH)
        end = bisect_left(entries, at + b"0", start, key=PATH)
    return entries[start:end]


def tracks(entries: Sequence[IndexEntry], folder: bytes) -> bool:
    """Whether there is anything in a directory, or a submodule or what can't be read at it or above."""
    if span(entries, folder):
        return True
    parts = folder.split(b"/")
    above = (span(entries, b"/".join(parts[:count])) for count in range(1, len(parts)))
    return any(len(found) == 1 and found[0].mode in (GITLINK, TREE) for found in above)
