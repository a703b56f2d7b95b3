"""The targets of an old config as ours, and the files of the source (pure)."""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec import Struct, field

from broadcast.migrate.document import Note

Value = str | bool | tuple[str, ...]
Sent = dict[str, dict[str, str]]  # target → destination → source


class MigratedEntry(Struct, frozen=True):
    """One mapping of ours."""

    src: str
    dest: str
    directory: bool = False
    mode: str = "copy"
    exclude: tuple[str, ...] = ()
    default_excludes: bool = True
    include_hidden: bool = True
    template: bool = False
    delimiters: tuple[str, ...] = ()  # of values; or of values, blocks and comments
    include_only: tuple[str, ...] = ()
    header: str = ""


class MigratedTarget(Struct, frozen=True):
    """One target, with all that is sent to it."""

    repo: str
    branch: str
    entries: tuple[MigratedEntry, ...]
    remove: tuple[str, ...] = ()
    settings: tuple[tuple[str, Value], ...] = ()
    vars: tuple[tuple[str, Any], ...] = ()  # see values.Vars

    @property
    def label(self) -> str:
        """`owner/name` or `owner/name@branch`."""
        return f"{self.repo}@{self.branch}" if self.branch else self.repo


class Old(Struct, frozen=True):
    """A converted config of one tool."""

    tool: str
    targets: tuple[MigratedTarget, ...]
    supersedes: tuple[str, ...]
    sent: Sent  # by an independent model of that tool
    reasons: Mapping[tuple[str, str], str] = field(default_factory=dict)  # why (target, destination) isn't in there


class Migration(Struct, frozen=True):
    """An old config in our format."""

    tool: str
    file: str  # the old config
    text: str  # ours
    notes: tuple[Note, ...]  # what has no equal here
    old: Old | None = None  # None where our format reads the old one as it is


class SourceList:
    """The paths that git tracks in the source; empty means unknown."""

    def __init__(
        self, paths: Iterable[str] = (), links: Mapping[str, str] | None = None,
        read: Callable[[str], str | None] | None = None, programs: Iterable[str] = (),
    ) -> None:  # fmt: skip
        self._read = read
        self._paths = sorted(paths, key=str.encode)
        self._known = frozenset(self._paths)
        self.links = links or {}  # symlink → what it says
        self.programs = frozenset(programs)  # executable files

    def __bool__(self) -> bool:
        return bool(self._known)

    def text(self, path: str) -> str | None:
        """The text of a file; None if it isn't known, or is no text."""
        return self._read(path) if self._read and path in self._known else None

    def is_file(self, path: str) -> bool:
        """Whether there is a file of this name."""
        return path in self._known

    def is_directory(self, path: str) -> bool:
        """Whether there are files below it."""
        return bool(self._known) if path == "." else path not in self._known and bool(self.below(path))

    def below(self, directory: str) -> list[str]:
        """The files below a directory, relative to it."""
        if directory == ".":
            return list(self._paths)
        start = bisect_left(self._paths, f"{directory}/".encode(), key=str.encode)
        end = bisect_left(self._paths, f"{directory}0".encode(), key=str.encode)  # "0" is the byte after "/"
        return [path[len(directory) + 1 :] for path in self._paths[start:end]]

    def folders(self, directory: str) -> list[str]:
        """The directories below a directory, relative to it."""
        found = {parent for path in self.below(directory) for parent in parents(path)}
        return sorted(found)


def parents(path: str) -> list[str]:
    """The directories above `path`, the outermost first."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: at + 1]) for at in range(len(parts))]


def js_join(*parts: str) -> str:
    """Join paths like Node's path.join, which keeps a trailing slash."""
    joined = "/".join(filter(None, parts))
    normal = posixpath.normpath(joined)
    normal = f"/{normal.lstrip('/')}" if normal.startswith("//") else normal
    return f"{normal}/" if joined.endswith("/") and not normal.endswith("/") else normal


def united(
    targets: Iterable[MigratedTarget], settle: Callable[[MigratedTarget], MigratedTarget]
) -> tuple[MigratedTarget, ...]:
    """Merge targets that are the same at GitHub; `settle` resolves duplicates."""
    found: dict[tuple[str, str], MigratedTarget] = {}
    for one in targets:
        key = (one.repo.lower(), one.branch)
        found[key] = _both(found[key], one) if key in found else one
    return tuple(settle(one) for one in found.values())


def _both(first: MigratedTarget, second: MigratedTarget) -> MigratedTarget:
    values: dict[str, Value] = dict(first.settings)
    for key, value in second.settings:
        known = values.get(key)
        if isinstance(known, tuple) and isinstance(value, tuple):
            values[key] = tuple(dict.fromkeys((*known, *value)))
        else:
            values.setdefault(key, value)
    return MigratedTarget(
        repo=first.repo, branch=first.branch, entries=(*first.entries, *second.entries),
        remove=tuple(dict.fromkeys((*first.remove, *second.remove))), settings=tuple(values.items()),
        vars=tuple((dict(second.vars) | dict(first.vars)).items()),
    )  # fmt: skip
