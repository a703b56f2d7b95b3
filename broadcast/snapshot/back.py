"""The way back of one target: what it should hold again, and what the source's later commits sent it.

Nothing here knows what the target holds: `observe/rollbacks.py` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from broadcast.compose.composition import Piece, compose
from broadcast.compose.parts import Block, BlockRemoval
from broadcast.config.targets import Target
from broadcast.errors import FileUnavailable
from broadcast.snapshot.content import RenderError
from broadcast.snapshot.snapshot import Shared, Snapshot, pair
from broadcast.snapshot.time_limit import Check

if TYPE_CHECKING:
    from broadcast.snapshot.render import Facts, Renderer


class Later(NamedTuple):
    """What a later commit of the source sends to the target."""

    target: Target  # as the config named it then
    snapshot: Snapshot
    renderer: Renderer


class Back(Struct, frozen=True):
    """Where a target's snapshot goes back to, and from where."""

    commit: str  # of the source, 40 hex digits
    target: Target  # as the config named it then: its values fill the templates
    is_later: Callable[[str], bool]  # whether a commit of the source isn't contained in that one
    later: Mapping[str, Later]  # by commit
    sent: Mapping[str, frozenset[str]] = {}  # path → the hashes of what later commits send there
    by_commit: Mapping[str, frozenset[str]] = {}  # the hashes of all that a commit sends
    wholes: Mapping[str, str] = {}  # the hash of a part → that of a file with nothing but the part


def leading_back(to: Snapshot, later: Iterable[Snapshot]) -> Snapshot:
    """`to`, in which the files and blocks of later commits are removed that it doesn't have."""
    extra, blocks = set[str](), dict[str, dict[str, Block]]()
    for one in later:
        extra |= {*one.paths} - {*to.paths}
        for path, parts in one.shared.items():
            found = {part.id: part for shared in parts if isinstance(part := shared.part, Block)}
            blocks.setdefault(path, {}).update(found)
    shared = {path: _without_blocks(to, path, found) for path, found in blocks.items() if path not in to.files}
    shared = {path: parts for path, parts in shared.items() if parts}
    removals = to.removals | (extra - shared.keys())
    return replace(to, removals=removals, shared={**to.shared, **shared})


def _without_blocks(to: Snapshot, path: str, blocks: Mapping[str, Block]) -> tuple[Shared, ...]:
    parts = to.shared.get(path, ())
    kept = {one.part.id for one in parts if isinstance(one.part, Block | BlockRemoval)}
    gone = (Shared(BlockRemoval(block.id, block.comment)) for name, block in blocks.items() if name not in kept)
    return (*gone, *parts)


def with_sent(back: Back, facts: Facts, check: Check) -> Back:
    """`back` with the hashes of what the later commits send to the target with these properties."""
    sent, by_commit, wholes = dict[str, frozenset[str]](), dict[str, frozenset[str]](), dict[str, str]()
    for commit, one in back.later.items():
        snapshot = one.renderer.at(one.target, one.snapshot, facts, check)
        found = {path: frozenset({pair(path, file.mode, file.oid)}) for path, file in snapshot.files.items()}
        for path, parts in snapshot.shared.items():
            check()
            hashes = _parts(path, parts, one.renderer)
            wholes |= hashes
            found[path] = frozenset(hashes)
        found |= {path: frozenset({pair(path, 0, "")}) for path in snapshot.removals}
        by_commit[commit] = frozenset().union(*found.values())
        for path, hashes_there in found.items():
            sent[path] = sent.get(path, frozenset()) | hashes_there
    return replace(back, sent=sent, by_commit=by_commit, wholes=wholes)


def _parts(path: str, parts: Iterable[Shared], renderer: Renderer) -> dict[str, str]:
    """The hash of each part of a shared file → that of a file that is the source's as it is."""
    found = {}
    for one in parts:
        try:
            body = renderer.contents(one.wanted) if one.wanted else b""
        except (FileUnavailable, RenderError):
            continue
        part = one.part if isinstance(one.part, BlockRemoval) else replace(one.part, create=True)
        (state,) = compose(path, None, (Piece(part, body),)).states
        if state.identity:
            whole = pair(path, one.wanted.mode, one.wanted.oid) if one.wanted else pair(path, 0, "")
            found[pair(path, 0, state.identity)] = whole
    return found
