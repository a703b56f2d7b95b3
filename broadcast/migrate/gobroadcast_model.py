"""go-broadcast's own answer to which files of a directory it sends, apart from our reading of its config (pure).

Its exclusion engine makes an expression of a pattern; here the same is a set of positions in the pattern that moves
along the path, so that no pattern makes it slow.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from broadcast.config.format import WrittenConfig
from broadcast.config.format_entries import WrittenMapping
from broadcast.config.yaml_reader import Place
from broadcast.migrate.model import SourceList

ENGINE = (
    ".git/", ".git/**", "**/.git/", "**/.git/**", "node_modules/", "node_modules/**", "**/node_modules/",
    "**/node_modules/**", ".DS_Store", "**/.DS_Store", "Thumbs.db", "**/Thumbs.db", "*.tmp", "*.temp", "**/*.tmp",
    "**/*.temp", ".env", ".env.*", "**/.env", "**/.env.*",
)  # fmt: skip
CONFIG = ("*.out", "*.test", "*.exe", "**/.DS_Store", "**/tmp/*", "**/.git")

FEW = 3  # stars that a regular expression may have
_ONE, _NAME, _ANY = range(3)  # any character; any text without a slash; any text


class _Expression(NamedTuple):
    """A pattern of its engine."""

    negated: bool
    folder: bool
    whole: bool  # it begins with a slash: the whole path
    parts: tuple[str | int, ...]

    def matches(self, path: str) -> bool:
        """Whether it matches the path, or the beginning of it up to a slash."""
        if (regex := _regex(self.parts, whole=self.whole)) is not None:
            return regex.fullmatch(path) is not None
        at = self._rest({0})
        if self._ends(at, path, 0):
            return True
        for place, char in enumerate(path):
            at = self._rest(self._moved(at, char))
            if char == "/" and not self.whole:
                at |= self._rest({0})
            if self._ends(at, path, place + 1):
                return True
        return False

    def _ends(self, at: set[int], path: str, place: int) -> bool:
        is_last = place == len(path)
        return len(self.parts) in at and (is_last or (not self.whole and path[place] == "/"))

    def _moved(self, at: set[int], char: str) -> set[int]:
        moved = set()
        for one in at:
            part = self.parts[one] if one < len(self.parts) else ""
            if part == _ANY or (part == _NAME and char != "/"):
                moved.add(one)
            elif part in (_ONE, char):
                moved.add(one + 1)
        return moved

    def _rest(self, at: set[int]) -> set[int]:
        """The positions, and those behind texts that may be empty."""
        for place, part in enumerate(self.parts):
            if place in at and part in (_NAME, _ANY):
                at.add(place + 1)
        return at


def sent(
    written: WrittenConfig, source: str, listing: SourceList, emptied: frozenset[Place]
) -> dict[str, dict[str, str]]:
    """Target → destination → source of what the enabled groups of `source` send.

    Files are written before directories, both in their order, so that the last one counts; deletions are one of them.
    """
    files = {one.id: one.files for one in written.file_lists}
    directories = {one.id: one.directories for one in written.directory_lists}
    known: dict[object, list[str]] = {}
    found: dict[str, dict[str, str]] = {}
    for group in written.groups:
        if group.source.repo.lower() != source.lower() or not group.enabled:
            continue
        for target in group.targets:
            label = f"{target.repo}@{target.branch}" if target.branch else target.repo
            have = found.setdefault(label.lower(), {})
            for one in _united(target.file_list_refs, files, target.files):
                _apply(one, have, {one.dest: one.src} if listing.is_file(one.src) else {})
            own = [id(one) for one in target.directories if one.place not in emptied]
            for one in _united(target.directory_list_refs, directories, target.directories):
                exclude = one.exclude or (CONFIG if id(one) in own else ())
                _apply(one, have, _of_directory(one, exclude, listing, known))
    return found


def _united(
    refs: Sequence[str], lists: Mapping[str, Sequence[WrittenMapping]], own: Sequence[WrittenMapping]
) -> Sequence[WrittenMapping]:
    if not refs:
        return own
    by_dest: dict[str, WrittenMapping] = {}
    for one in [*(one for ref in refs for one in lists.get(ref, ())), *own]:
        by_dest[one.dest] = one
    return [by_dest[dest] for dest in sorted(by_dest)]


def _apply(one: WrittenMapping, have: dict[str, str], new: Mapping[str, str]) -> None:
    if not one.delete:
        have |= {posixpath.normpath(dest): posixpath.normpath(src) for dest, src in new.items()}
        return
    gone = posixpath.normpath(one.dest)
    for dest in [dest for dest in have if dest == gone or dest.startswith(f"{gone}/")]:
        del have[dest]


def _of_directory(
    one: WrittenMapping, exclude: Sequence[str], listing: SourceList, known: dict[object, list[str]]
) -> dict[str, str]:
    src = posixpath.normpath(one.src.strip("/") or ".")
    if one.delete or not listing.is_directory(src):
        return {}
    key = (src, tuple(exclude), tuple(one.include_only), one.include_hidden)
    if key not in known:
        sifter = Sifter(exclude, one.include_only, hidden=one.include_hidden)
        known[key] = list(sifter.sent(listing.below(src)))
    places = {path: path if one.preserve_structure else posixpath.basename(path) for path in known[key]}
    return {
        posixpath.join(one.dest.strip("/") or ".", place): posixpath.join(src, path) for path, place in places.items()
    }


class Sifter:
    """Which files of a directory go-broadcast sends; paths are relative to the directory."""

    def __init__(self, exclude: Sequence[str], include_only: Sequence[str], *, hidden: bool) -> None:
        self._excludes = [_expression(one) for one in (*ENGINE, *exclude) if one]
        self._includes = [_expression(one) for one in include_only if one]
        self._hidden = hidden
        self._entered: dict[str, bool] = {"": True}

    def sent(self, paths: Iterable[str]) -> Iterator[str]:
        """Those of the paths that are sent."""
        for path in paths:
            if not (self._hidden or not any(name.startswith(".") for name in path.split("/"))):
                continue
            if self._enters(path.rpartition("/")[0]) and not self._is_excluded([path], folder=False):
                yield path

    def _enters(self, folder: str) -> bool:
        if folder not in self._entered:
            above = self._enters(folder.rpartition("/")[0])
            self._entered[folder] = above and not self._is_excluded([folder, f"{folder}/"], folder=True)
        return self._entered[folder]

    def _is_excluded(self, forms: Sequence[str], *, folder: bool) -> bool:
        def match(one: _Expression) -> bool:
            return (folder or not one.folder) and any(one.matches(form) for form in forms)

        if self._includes:
            return not any(map(match, self._includes)) or any(match(one) for one in self._excludes if not one.negated)
        return next((not one.negated for one in reversed(self._excludes) if match(one)), False)


@cache
def _regex(parts: tuple[str | int, ...], *, whole: bool) -> re.Pattern[str] | None:
    """The same as a regular expression; None where that could take long."""
    if sum(isinstance(part, int) and part != _ONE for part in parts) > FEW:
        return None
    wild = {_ONE: ".", _NAME: "[^/]*", _ANY: ".*"}
    body = "".join(wild[part] if isinstance(part, int) else re.escape(part) for part in parts)
    return re.compile(body if whole else f"(?:.*/)?(?:{body})(?:/.*)?", re.DOTALL)


@cache
def _expression(pattern: str) -> _Expression:
    negated = pattern.startswith("!")
    text = pattern[1:] if negated else pattern
    folder = text.endswith("/")
    text = text[:-1] if folder else text
    whole = pattern.startswith("/")
    text = text.removeprefix("/") if whole else text
    parts: list[str | int] = []
    while text:
        length = 2 if text.startswith("**") else 1
        token, text = text[:length], text[length:]
        parts.append({"**": _ANY, "*": _NAME, "?": _ONE}.get(token, token))
    return _Expression(negated, folder, whole, tuple(parts))
