"""Shared files: what a target should hold depends on what it holds (pure, but for what it reads of the source).

Takes a snapshot whose shared files are parts, and what a commit has at their paths; returns the snapshot with those
files in it, and names what has to be read before that can be said.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from msgspec.structs import replace

from broadcast.compose.composition import Composition, Piece, State, compose, merge_identity
from broadcast.compose.parts import Merge, Unmergeable
from broadcast.errors import FileError, FileUnavailable
from broadcast.git.objects import EXECUTABLE, REGULAR, SYMLINK, Entry, blob_id, with_files
from broadcast.observe.bases import Base, Bases, Needs, Past
from broadcast.observe.contents import Contents
from broadcast.observe.drift import obstacle
from broadcast.snapshot.content import RenderError
from broadcast.snapshot.render import Renderer
from broadcast.snapshot.snapshot import Shared, Snapshot, Wanted
from broadcast.snapshot.time_limit import Check, unchecked


class Composed(NamedTuple):
    """A snapshot for one commit of a target."""

    snapshot: Snapshot
    needs: Needs = Needs()  # what isn't known yet; files that need it count as being in step


class _File(NamedTuple):
    """One shared file of one commit."""

    wanted: Wanted | None = None  # None: there is to be none
    errors: tuple[FileError, ...] = ()
    needs: Needs = Needs()


class Composer:
    """Composes each distinct file once for the whole fleet. Threads may share an instance."""

    def __init__(self, renderer: Renderer, contents: Contents, bases: Bases, source: str) -> None:
        self._renderer, self._contents, self._bases, self._source = renderer, contents, bases, source
        self._made: dict[tuple[object, ...], Composition] = {}
        self._bodies: dict[str, bytes] = {}  # of the source's files, by blob id
        self._snapshots: dict[tuple[object, ...], Snapshot] = {}

    def at(
        self, snapshot: Snapshot, entries: Mapping[str, Entry | None], past: Past, check: Check = unchecked
    ) -> Composed:
        """`snapshot` for a commit that has `entries` at the shared paths. Calls `check` and raises what it raises."""
        if not snapshot.shared:
            return Composed(snapshot)
        found = dict[str, _File]()
        for path, parts in snapshot.shared.items():
            check()
            found[path] = self._file(path, parts, entries.get(path), past)
        own = {path: file.wanted for path, file in found.items() if file.wanted}
        errors = tuple(error for file in found.values() for error in file.errors)
        return Composed(self._snapshot(snapshot.raw, own, errors), Needs.all(file.needs for file in found.values()))

    def file(self, raw: Snapshot, path: str, entry: Entry | None, past: Past) -> Composition | None:
        """What becomes of one file; None where that isn't known."""
        found = self._file(path, raw.shared[path], entry, past)
        return found.wanted.composition if found.wanted and found.needs == Needs() else None

    def version(self, raw: Snapshot, path: str, sides: tuple[Entry | None, Entry | None], past: Past) -> str:
        """The identity of a merge that made the second file of the first one, whatever the source holds now."""
        (one, *others), (before, after) = raw.shared[path], sides
        if others or not isinstance(one.part, Merge) or one.wanted is None or after is None:
            return ""
        base = self._bases.of(path, one.wanted, before, past).content
        old = self._contents.get(before.oid) if before else None
        for oid, body in self._bases.texts(one.wanted):
            made = compose(path, old.data if old else None, (Piece(one.part, body, base),)).content
            if made is not None and blob_id(made) == after.oid:
                return merge_identity(oid)
        return ""

    def _snapshot(self, raw: Snapshot, own: Mapping[str, Wanted], errors: tuple[FileError, ...]) -> Snapshot:
        key = (raw, errors, tuple((path, one.mode, one.oid, id(one.composition)) for path, one in own.items()))
        if key not in self._snapshots:
            files = dict(sorted({**raw.files, **own}.items()))
            tree = with_files(raw.tree, {path: file.entry for path, file in own.items()})
            self._snapshots[key] = replace(raw, files=files, tree=tree, errors=(*raw.errors, *errors), origin=raw)
        return self._snapshots[key]

    def _file(self, path: str, parts: tuple[Shared, ...], entry: Entry | None, past: Past) -> _File:
        try:
            return self._looked_at(path, parts, entry, past)
        except Exception as error:  # a bug of ours with a stranger's file must not stop the other targets
            why = FileError(path, f"unexpected {type(error).__name__}: {error}", "please report this, with the file")
            return _File(_kept(entry, parts), (why,))

    def _looked_at(self, path: str, parts: tuple[Shared, ...], entry: Entry | None, past: Past) -> _File:
        kept = _kept(entry, parts)
        if entry and all(isinstance(one.part, Merge) and one.wanted and one.wanted.oid == entry.oid for one in parts):
            return _File(kept)  # in step, whatever it holds
        if entry is None:
            return self._composed(path, parts, None, self._pieces(path, parts, None, past))
        if entry.mode not in (REGULAR, EXECUTABLE):
            return _File(kept, (obstacle(path, entry),))
        before = self._contents.get(entry.oid)
        if before is None:
            return _File(kept, needs=Needs(blobs=frozenset({entry.oid})))
        pieces = self._pieces(path, parts, entry, past)
        if before.data is None and not isinstance(pieces, Needs | FileError):
            return self._opaque(path, parts, entry, past)
        return self._composed(path, parts, entry, pieces)

    def _pieces(
        self, path: str, parts: tuple[Shared, ...], entry: Entry | None, past: Past
    ) -> tuple[Piece, ...] | FileError | Needs:
        """The parts with what they need of the source; else why that can't be had, or what it takes."""
        needs, pieces = list[Needs](), list[Piece]()
        try:
            for one in parts:
                merges = one.wanted if isinstance(one.part, Merge) else None
                base = self._bases.of(path, merges, entry, past) if merges else Base()
                needs.append(base.needs)
                body = self._body(one.wanted) if one.wanted else b""
                pieces.append(Piece(one.part, body, base.content, f"managed by {self._source}"))
        except (FileUnavailable, RenderError) as error:
            return FileError(path, str(error), "fix the source's file")
        missing = Needs.all(needs)
        return missing if missing != Needs() else tuple(pieces)

    def _body(self, wanted: Wanted) -> bytes:
        if wanted.oid not in self._bodies:
            self._bodies[wanted.oid] = self._renderer.contents(wanted)
        return self._bodies[wanted.oid]

    def _composed(
        self, path: str, parts: tuple[Shared, ...], entry: Entry | None, pieces: tuple[Piece, ...] | FileError | Needs
    ) -> _File:
        kept = _kept(entry, parts)
        if isinstance(pieces, Needs):
            return _File(kept, needs=pieces)
        if isinstance(pieces, FileError):
            return _File(kept, (pieces,))
        content = self._contents.get(entry.oid) if entry else None
        key = (path, entry.oid if entry else "", pieces)
        if key not in self._made:
            self._made[key] = compose(path, content.data if content else None, pieces)
        made = self._made[key]
        stated = zip(parts, made.states, strict=True)
        errors = tuple(_error(path, part, problem) for part, one in stated if (problem := one.problem))
        if made.content is None:
            return _File(None, errors)
        sent = [one.wanted for one in parts if one.wanted]
        mode = entry.mode if entry else sent[0].mode if sent else REGULAR
        return _File(_wanted(Entry(mode, blob_id(made.content)), parts, made), errors)

    def _opaque(self, path: str, parts: tuple[Shared, ...], entry: Entry, past: Past) -> _File:
        """A file of the target whose content can't be read: a merge replaces it where it is a version of ours."""
        kept, why = _kept(entry, parts), self._contents.get(entry.oid)
        first = parts[0].wanted
        if not isinstance(parts[0].part, Merge) or first is None:
            reason = f"the target's file {why.problem if why else 'is not known'}"
            return _File(
                kept, (FileError(path, reason, "make it a smaller text in UTF-8 there, or send it elsewhere"),)
            )
        if entry.oid in (first.oid, self._bases.of(path, first, entry, past).oid):
            return _File(replace(first, mode=entry.mode))
        state = State(merge_identity(first.oid), merge_identity(entry.oid), is_changed=False, held="kept")
        return _File(_wanted(entry, parts[:1], Composition(path, None, (), b"", (state,))))


def _kept(entry: Entry | None, parts: tuple[Shared, ...]) -> Wanted | None:
    """What a target has, as something to leave alone; None for what is no file."""
    is_file = entry is not None and entry.mode in (REGULAR, EXECUTABLE, SYMLINK)
    return _wanted(entry, parts, None) if is_file and entry else None


def _wanted(entry: Entry, parts: tuple[Shared, ...], composition: Composition | None) -> Wanted:
    sent = [one.wanted for one in parts if one.wanted]
    return Wanted(
        mode=entry.mode, oid=entry.oid, source=sent[0].source if sent else "",
        required=any(one.required for one in sent), mapping=sent[0].mapping if sent else None, composition=composition,
        parts=parts if composition else (),
    )  # fmt: skip


def _error(path: str, part: Shared, problem: Unmergeable) -> FileError:
    column = f", column {problem.column}" if problem.column > 1 else ""
    where = f"line {problem.line}{column}: " if problem.line else ""
    if problem.fault == "source" and part.wanted:
        where = ":".join([part.wanted.source, *(str(one) for one in (problem.line, problem.column) if one), " "])
    return FileError(path, f"{where}{problem.reason}", problem.remedy)
