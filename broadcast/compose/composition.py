"""What the parts of a shared file make of what a target has there (pure)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import TYPE_CHECKING, Literal, NamedTuple

from broadcast.compose import blocks, keys
from broadcast.compose.comments import comment_of
from broadcast.compose.keys import Value
from broadcast.compose.lines import is_binary, is_utf8
from broadcast.compose.parts import Block, BlockRemoval, Fault, Keys, Merge, Part, Unmergeable
from broadcast.git.objects import blob_id

if TYPE_CHECKING:
    from broadcast.compose.merge import Conflict


MAX_NAMES = 8  # of keys that messages list


class Piece(NamedTuple):
    """A part with what it needs of the source."""

    part: Part
    body: bytes = b""  # the source's file, rendered; empty where the part is taken out
    base: bytes | None = None  # of a merge: the version of the source's file that the target had last
    label: str = ""  # of a block: words in its first line


class State(NamedTuple):
    """What becomes of one part."""

    identity: str  # what the source wants it to be
    present: str  # the same of what the target has; empty where it has none of it
    is_changed: bool
    held: Literal["", "conflict", "no_base", "kept"] = ""  # why it isn't changed though the source differs
    conflicts: tuple[Conflict, ...] = ()
    problem: Unmergeable | None = None  # why it can't be put in; it changes nothing then
    names: tuple[str, ...] = ()  # of the first keys that change
    more_names: int = 0


class Composition(NamedTuple):
    """A target's file with the source's parts in it."""

    path: str
    before: bytes | None  # None: the target has no such file
    pieces: tuple[Piece, ...]
    content: bytes | None  # None: there is to be none
    states: tuple[State, ...]  # one for each piece

    def without(self, left_out: Collection[str]) -> Composition:
        """The same without the parts of these identities."""
        kept = (piece for piece, one in zip(self.pieces, self.states, strict=True) if one.identity not in left_out)
        return compose(self.path, self.before, tuple(kept))


def compose(path: str, before: bytes | None, pieces: tuple[Piece, ...]) -> Composition:
    """Put each piece into `before`, in order; one that can't be put in leaves the file to the others."""
    content, states = before, []
    for piece in pieces:
        try:
            content, state = _put(path, content, piece)
        except Unmergeable as error:
            state = State("", "", is_changed=False, problem=error)
        except Exception as error:  # a bug of ours with a stranger's file must not stop the other targets
            why = Unmergeable(f"unexpected {type(error).__name__}: {error}", "please report this, with the file")
            state = State("", "", is_changed=False, problem=why)
        states.append(state)
    return Composition(path, before, pieces, content, tuple(states))


def _put(path: str, before: bytes | None, piece: Piece) -> tuple[bytes | None, State]:
    if before is None and not isinstance(piece.part, BlockRemoval) and not piece.part.create:
        return None, State("", "", is_changed=False)
    match piece.part:
        case Merge():
            return _merged(before, piece, piece.part)
        case Block():
            return _with_block(path, before, piece, piece.part)
        case BlockRemoval():
            return _without_block(path, before, piece.part)
        case Keys():
            return _with_keys(path, before, piece, piece.part)


def _with_block(path: str, before: bytes | None, piece: Piece, block: Block) -> tuple[bytes, State]:
    after = blocks.put(before, piece.body, block, path, piece.label)
    had = None if before is None else blocks.present(before, block.id, path, block.comment)
    present = "" if had is None else block_identity(block.id, had)
    return after, State(block_identity(block.id, blocks.normalised(piece.body)), present, is_changed=after != before)


def _without_block(path: str, before: bytes | None, block: BlockRemoval) -> tuple[bytes | None, State]:
    gone = removal_identity(block.id)
    if before is None:
        return None, State(gone, gone, is_changed=False)
    after = blocks.taken_out(before, block, path, block.comment)
    had = blocks.present(before, block.id, path, block.comment)
    return after, State(gone, gone if had is None else block_identity(block.id, had), is_changed=after != before)


def _with_keys(path: str, before: bytes | None, piece: Piece, wanted: Keys) -> tuple[bytes, State]:
    from broadcast.compose import documents  # noqa: PLC0415  its libraries take long to load

    source, text = _text(piece.body, "source"), _text(before or b"", "target")
    kind = documents.format_of(path, source)
    if kind is None:
        remedy = (
            "use `mode: block`" if comment_of(path) else "give it a name that says what it is, or use `mode: merge`"
        )
        raise Unmergeable("by its name it is no JSON, YAML or TOML, which `mode: keys` is for", remedy, fault="config")
    values = documents.source_value(source, kind)
    had = keys.present(kind.load(text), values, wanted) if text.strip() else {"keys": {}, "removed": []}
    present = _keys_identity(documents.canonical(had), wanted) if any(had.values()) else ""
    identity = keys_identity(values, wanted)
    after = documents.merged(text, source, wanted, kind).encode()
    state = State(identity, present, is_changed=after != before)
    if after == before or before is None:
        return after, state
    names = documents.changed(text, source, wanted, kind)
    return after, state._replace(names=names[:MAX_NAMES], more_names=max(0, len(names) - MAX_NAMES))


def _text(content: bytes, whose: Fault) -> str:
    if is_binary(content) or not is_utf8(content):
        raise Unmergeable(f"the {whose}'s file is no text in UTF-8", "convert it, or leave it out", fault=whose)
    return content.decode()


def _merged(before: bytes | None, piece: Piece, wanted: Merge) -> tuple[bytes | None, State]:
    identity = merge_identity(blob_id(piece.body))
    had = before if piece.base is None else piece.base  # whatever people made of it since
    present = "" if before is None else merge_identity(blob_id(had or b""))
    if before in (None, piece.base, piece.body):
        return piece.body, State(identity, present, is_changed=before != piece.body)
    if piece.base is None:
        return before, State(identity, present, is_changed=False, held="no_base")
    if any(map(is_binary, (before or b"", piece.base, piece.body))):
        held: Literal["", "kept"] = "" if piece.base == piece.body else "kept"
        return before, State(identity, present, is_changed=False, held=held)
    from broadcast.compose.merge import merged  # noqa: PLC0415  hardly a run needs it

    found = merged(piece.base, piece.body, before or b"")
    if not found.conflicts or wanted.on_conflict == "ours":
        content = found.content if not found.conflicts else found.resolved_ours
        return content, State(identity, present, is_changed=content != before)
    if wanted.on_conflict == "fail":
        line = found.conflicts[0].line
        reason = "the source and the target both changed the same lines"
        raise Unmergeable(reason, "merge them by hand, or choose another `on_conflict`", line=line)
    return before, State(identity, present, is_changed=False, held="conflict", conflicts=found.conflicts)


def removal_identity(block: str) -> str:
    """The identity of a block that is taken out."""
    return f"no block {block}"


def merge_identity(oid: str) -> str:
    """The identity of a merge of the source's file with this blob id."""
    return f"merge {oid}"


def block_identity(block: str, body: bytes) -> str:
    """The identity of a block with this body, as `blocks.normalised` writes it."""
    return f"block {block} {hashlib.sha256(body).hexdigest()}"


def keys_identity(values: Value, wanted: Keys) -> str:
    """The identity of these values at the source's keys."""
    from broadcast.compose import documents  # noqa: PLC0415  its libraries take long to load

    return _keys_identity(documents.canonical({"keys": values, "removed": []}), wanted)


def _keys_identity(held: str, wanted: Keys) -> str:
    options = f"{wanted.lists} {wanted.remove} {wanted.only_if_present}\n"
    return f"keys {hashlib.sha256((options + held).encode()).hexdigest()}"
