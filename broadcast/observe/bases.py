"""The base of a three-way merge: the version of the source's file that a target had last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from broadcast.compose.composition import merge_identity
from broadcast.git.objects import EXECUTABLE, REGULAR, Entry, blob_id
from broadcast.observe.contents import Contents
from broadcast.snapshot.content import Recipe, RenderError, render
from broadcast.snapshot.snapshot import Wanted, pair

MAX_RENDERED = 20  # versions of a template that are rendered to find the one that a target had

Versions = Mapping[str, tuple[str, ...]]  # path of the source → the blobs that it had there, the newest first


class Needs(NamedTuple):
    """What has to be read first."""

    blobs: frozenset[str] = frozenset()  # of the target
    pulls: bool = False  # of the target
    past: frozenset[str] = frozenset()  # paths of the target: every blob that it had there
    versions: frozenset[str] = frozenset()  # paths of the source
    texts: frozenset[str] = frozenset()  # blobs of the source

    @classmethod
    def all(cls, those: Iterable[Needs]) -> Needs:
        """All of several needs."""
        found = cls()
        for one in those:
            found = Needs(
                found.blobs | one.blobs, found.pulls or one.pulls, found.past | one.past,
                found.versions | one.versions, found.texts | one.texts,
            )  # fmt: skip
        return found


class Past(NamedTuple):
    """What a target says of its past."""

    merged: Mapping[str, int] | None = {}  # pair → the last pull request of ours that brought it; None: not asked yet
    had: Mapping[str, tuple[str, ...]] = {}  # path → the blobs that it had there, the newest first


class Base(NamedTuple):
    """The version, or what has to be read before it is known; neither: there is none."""

    oid: str = ""  # of the blob that the target had
    content: bytes | None = None
    needs: Needs = Needs()


class Bases:
    """Finds the bases of merges by what pull requests brought, else by the target's own history."""

    def __init__(self, versions: Versions, contents: Contents) -> None:
        self._versions, self._contents = versions, contents

    def of(self, path: str, wanted: Wanted, entry: Entry | None, past: Past) -> Base:
        """The base for what a target has at `path`; none is looked for where nothing is to be merged."""
        if entry is None or entry.oid == wanted.oid:
            return Base()
        known = self._versions.get(wanted.source)
        if known is None:
            return Base(needs=Needs(versions=frozenset({wanted.source})))
        sent = self._rendered(wanted, known[:MAX_RENDERED]) if wanted.recipe != Recipe() else dict.fromkeys(known)
        if isinstance(sent, Base):
            return sent
        oid, needs = (entry.oid, Needs()) if entry.oid in sent else _last(path, list(sent), past)
        if not oid:
            return Base(needs=needs)
        if (content := sent[oid]) is not None:
            return Base(oid, content)
        found = self._contents.once(oid)
        return Base(oid, found.data) if found else Base(needs=Needs(texts=frozenset({oid})))

    def texts(self, wanted: Wanted) -> Iterable[tuple[str, bytes]]:
        """What a target got of the newest versions, by its blob, as far as that is known."""
        known = self._versions.get(wanted.source, ())[:MAX_RENDERED]
        if wanted.recipe == Recipe():
            found = {oid: content.data for oid in known if (content := self._contents.once(oid))}
        else:
            made = self._rendered(wanted, known)
            found = {} if isinstance(made, Base) else made
        return [(oid, content) for oid, content in found.items() if content is not None]

    def _rendered(self, wanted: Wanted, versions: Iterable[str]) -> dict[str, bytes | None] | Base:
        """What the target would have got of each version, by its blob; a Base where some aren't read yet."""
        found = {oid: self._contents.once(oid) for oid in versions}
        if missing := frozenset(oid for oid, content in found.items() if content is None):
            return Base(needs=Needs(texts=missing))
        made: dict[str, bytes | None] = {}
        for content in found.values():
            try:
                text = render(content.data or b"", wanted.recipe) if content else b""
            except RenderError:
                continue  # it had other names
            made.setdefault(blob_id(text), text)
        return made


def _last(path: str, sent: list[str], past: Past) -> tuple[str, Needs]:
    """What a target had last of what was sent, which the source may have gone back from; else what must be known."""
    merged = past.merged
    if merged is None:
        return "", Needs(pulls=True)
    brought = {oid: max(merged.get(pair, 0) for pair in _pairs(path, oid)) for oid in sent}
    last = max(sent, key=brought.__getitem__, default="")
    if last and brought[last]:
        return last, Needs()
    if path not in past.had:
        return "", Needs(past=frozenset({path}))
    return next((oid for oid in past.had[path] if oid in brought), ""), Needs()


def _pairs(path: str, oid: str) -> Iterable[str]:
    """How a pull request may have brought it: by a merge, or as a whole file before."""
    return (pair(path, 0, merge_identity(oid)), pair(path, REGULAR, oid), pair(path, EXECUTABLE, oid))
