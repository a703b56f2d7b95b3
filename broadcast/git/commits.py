"""Read commits: their trees, ancestors, authors and messages."""

from __future__ import annotations

import re
from heapq import heappop, heappush
from typing import NamedTuple

from broadcast.git.object_store import Objects
from broadcast.git.packs import Unsound

_HEADER = re.compile(rb"^(tree|parent|object) ([0-9a-f]{40})$", re.MULTILINE)
_TIME = re.compile(rb"^committer .*> (\d{1,15}) [+-]\d+$", re.MULTILINE)
_AUTHOR = re.compile(rb"^author (.*?) ?<([^>\n]*)>", re.MULTILINE)
_ENCODING = re.compile(
    rb"^encoding ((?:iso|latin|windows|cp|koi8|sjis|shift|euc|gb|big5|utf)[\w-]{1,20})$", re.MULTILINE
)
_MAX_TAGS = 10  # tags of tags
MAX_HEAD, MAX_MESSAGE = 8 * 1024, 64 * 1024  # bytes of a commit's headers, and of its message, that are read
MOST = 200_000  # commits that are looked at before one counts as no ancestor


class Commit(NamedTuple):
    """A commit: its tree and parents (git-cat-file(1))."""

    oid: str
    tree: str
    parents: tuple[str, ...]
    seconds: int  # when it was made, by the committer's clock


class CommitWords(NamedTuple):
    """What people wrote in a commit: its message, and who its author is."""

    message: str
    name: str
    email: str


def commit_of(objects: Objects, oid: str) -> Commit:
    """The commit with this id, or the commit of the tag with this id. Raises KeyError, Unsound."""
    for _ in range(_MAX_TAGS):
        kind, content = objects.read(oid, "commit", "tag")
        head = content.partition(b"\n\n")[0]
        said = [(name, value.decode()) for name, value in _HEADER.findall(head)]
        if kind == "commit":
            tree = next((value for name, value in said if name == b"tree"), "")
            if not tree:
                raise Unsound("it is a commit without a tree")
            time = _TIME.search(head)
            parents = tuple(value for name, value in said if name == b"parent")
            return Commit(oid, tree, parents, int(time[1]) if time else 0)
        oid = next((value for name, value in said if name == b"object"), "0" * 40)
    raise Unsound("it is a tag of tags without end")


def words_of(objects: Objects, oid: str) -> CommitWords:
    """The words of the commit with this id. Raises KeyError, Unsound."""
    head, _, message = objects.read(oid, "commit")[1].partition(b"\n\n")
    head = head[:MAX_HEAD]
    encoding, author = _ENCODING.search(head.lower()), _AUTHOR.search(head)
    name, email = author.groups() if author else (b"", b"")
    texts = (message[:MAX_MESSAGE], name, email)
    return CommitWords(*(_text(one, encoding[1].decode() if encoding else "utf-8") for one in texts))


def _text(written: bytes, encoding: str) -> str:
    """Text in the encoding that a commit names (git-commit(1), "Discussion"); UTF-8 where Python doesn't know it."""
    try:
        return written.decode(encoding, "replace")
    except (LookupError, UnicodeError):
        return written.decode("utf-8", "replace")


def is_ancestor(objects: Objects, old: Commit, new: Commit) -> bool:
    """Whether `old` is an ancestor of `new`; False if the history between them is missing.

    Those that were made before `old` are not asked for their parents: a clock that was wrong makes it no ancestor,
    which is the safe mistake.
    """
    todo, seen = [(-new.seconds, new.oid)], {new.oid}
    while todo and len(seen) < MOST:
        try:
            one = commit_of(objects, heappop(todo)[1])
        except (KeyError, Unsound):
            continue
        if one.oid == old.oid:
            return True
        for parent in one.parents if one.seconds >= old.seconds else ():
            if parent not in seen:
                seen.add(parent)
                heappush(todo, (-one.seconds, parent))
    return False
