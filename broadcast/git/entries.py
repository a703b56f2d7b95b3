"""Find index entries by path (pure)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter

from broadcast.git.index import IndexEntry
from broadcast.git.objects import GITLINK, TREE

PATH = attrgetter("path")


def key(path: str) -> bytes:
    """A path of the config as the index writes it, without "." and a trailing "/"."""
    plain = path.rstrip("/").removeprefix("./")
    return b"" if plain == "." else plain.encode()


def text(entry: IndexEntry) -> str:
    """The path of an entry; bytes that aren't UTF-8 are escaped."""
    return entry.path.decode("utf-8", "backslashreplace")


def span(entries: Sequence[IndexEntry], at: bytes) -> Sequence[IndexEntry]:
    """The entry of a file, or all entries of a directory."""
    if not at:
        return entries
    start = bisect_left(entries, at, key=PATH)
    end = bisect_left(entries, at + b"\0", start, key=PATH)
    if start == end:  # no file of that name; "0" is the byte after "/"
        start = bisect_left(entries, at + b"/", start, key=PATH)
        end = bisect_left(entries, at + b"0", start, key=PATH)
    return entries[start:end]


def tracks(entries: Sequence[IndexEntry], folder: bytes) -> bool:
    """Whether there are entries in a directory, or a submodule or an unreadable entry at it or above."""
    if span(entries, folder):
        return True
    parts = folder.split(b"/")
    above = (span(entries, b"/".join(parts[:count])) for count in range(1, len(parts)))
    return any(len(found) == 1 and found[0].mode in (GITLINK, TREE) for found in above)
