"""Many files by their directories, so that few lines name them (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from broadcast.markdown import counted

FEW = 3  # files that are named one by one
MOST = 5  # directories
_DEEPEST = 6  # directories within each other
_LONGEST = 60  # characters of one name in words


class Folder(NamedTuple):
    """Files that are named together."""

    name: str  # of the directory that holds them all; empty: several, or the top
    paths: Sequence[str]


def by_directory(paths: Iterable[str]) -> list[Folder]:
    """The files in at most MOST folders, by directories as deep as that allows; the smallest share the last one."""
    found, depth = _folders(paths, _DEEPEST), _DEEPEST
    while len(found) > MOST and depth > 1:
        depth -= 1
        found = _folders((path for one in found for path in one.paths), depth)
    named = [one for one in found if one.name]
    if len(found) > MOST:
        named = sorted(named, key=lambda one: -len(one.paths))[: MOST - 1]
    kept = {one.name for one in named}
    rest = [path for one in found if one.name not in kept for path in one.paths]
    return [*(Folder(_common(one.paths), one.paths) for one in named), *([Folder("", rest)] if rest else ())]


def in_words(paths: Sequence[str]) -> str:
    """The names of a few files; of many, their directories and the number in each."""
    folders = by_directory(paths)
    if len(paths) <= FEW:
        return ", ".join(paths)
    if len(folders) == 1 and not folders[0].name:
        return counted(len(paths), "file")
    return ", ".join(map(_folder_in_words, folders))


def _folder_in_words(one: Folder) -> str:
    if len(one.paths) == 1:
        return _short(one.paths[0])
    where = f"{_short(one.name)}/" if one.name else "elsewhere"
    return f"{where} ({counted(len(one.paths), 'file')})"


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST // 2]}…{name[-_LONGEST // 2 :]}"


def _common(paths: Iterable[str]) -> str:
    """The directory that holds all of these."""
    shared = list[str]()
    for parts in zip(*(path.split("/")[:-1] for path in paths), strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return "/".join(shared)


def _folders(paths: Iterable[str], depth: int) -> list[Folder]:
    found: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        found["/".join(path.split("/", depth)[:-1])].append(path)
    return [Folder(*one) for one in found.items()]
