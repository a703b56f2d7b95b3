"""Resolve names of commits: gitrevisions(7)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from broadcast.git.commits import Commit, commit_of
from broadcast.git.directory import GitDirectory
from broadcast.git.object_store import Objects
from broadcast.git.packs import Unsound

_NAME = re.compile(r"(?P<name>[^~^:\s\\?*\[\x00-\x20\x7f]+?)(?P<steps>(?:\^\d{0,9}|~\d{0,9}|\^\{(?:commit)?\})*)")
_STEP = re.compile(r"([~^])(?:(\d+)|(\{))?")
_ODD = re.compile(r"(?:^|/)\.|\.\.|//|@\{|\.lock(?:/|$)|[/.]$|^/")  # git-check-ref-format(1): no ref's name has these
_PLACES = ("refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD")
_OF_ITS_OWN = re.compile(r"[A-Z_]*HEAD")  # beside refs/: HEAD, ORIG_HEAD
_DIGITS = re.compile(r"[0-9a-f]{4,40}")
_MOST = 100  # objects whose ids begin alike


def commit_named(git: GitDirectory, objects: Objects, name: str) -> Commit:
    """The commit that a branch, a tag, an id or its beginning names, or one of these with ^ and ~.

    Raises KeyError where there is none, Unsound, UnreadableIndex, OSError where what is there can't be read.
    """
    said = _NAME.fullmatch(name)
    if not said or _ODD.search(said["name"]):  # what else gitrevisions(7) knows: paths in commits, reflogs
        raise KeyError(name)
    commit = commit_of(objects, _id(git, objects, said["name"]))
    for kind, count, brace in _STEP.findall(said["steps"]):
        for parent in () if brace else _way(kind, int(count or 1)):
            commit = commit_of(objects, _parent(commit, parent))
    return commit


def _way(kind: str, count: int) -> Iterator[int]:
    """The parents to follow: ~3 is the first parent three times, ^3 is the third parent, ^0 the commit itself."""
    if kind == "~":
        yield from (1 for _ in range(count))
    elif count:
        yield count


def _parent(commit: Commit, number: int) -> str:
    if number > len(commit.parents):
        raise KeyError(commit.oid)
    return commit.parents[number - 1]


def _id(git: GitDirectory, objects: Objects, name: str) -> str:
    """The id of a name, in git's order: full id, pseudoref, ref, abbreviated id."""
    if len(name) == 40 and _DIGITS.fullmatch(name):
        return name
    own = ["HEAD"] if name == "@" else [name] if _OF_ITS_OWN.fullmatch(name) or name.startswith("refs/") else []
    for place in (*own, *(place.format(name) for place in _PLACES)):
        if oid := git.named(place.encode("utf-8", "surrogateescape"))[1]:
            return oid
    return _whole(objects, name) if _DIGITS.fullmatch(name) else _missing(name)


def _whole(objects: Objects, digits: str) -> str:
    """The only commit with this abbreviated id; blobs and trees may share it."""
    found = {oid for oid in objects.starting(digits, _MOST) if _is_commit(objects, oid)}
    return found.pop() if len(found) == 1 else _missing(digits)


def _is_commit(objects: Objects, oid: str) -> bool:
    try:
        return bool(objects.read(oid, "commit", "tag"))
    except (KeyError, Unsound):
        return False


def _missing(name: str) -> str:
    raise KeyError(name)
