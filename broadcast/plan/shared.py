"""Parts of shared files, in plans: their names, and those that are left as they are (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from broadcast.compose.parts import Block, Keys
from broadcast.observe.change import Change
from broadcast.plan.reason import Kind, Reason
from broadcast.snapshot.snapshot import Shared, Snapshot

if TYPE_CHECKING:
    from broadcast.compose.merge import Conflict

UNMERGED: tuple[Kind, ...] = ("conflict", "no_base")  # why a merge leaves a file, which people have to look at
MAX_CONFLICTS, MAX_LINES = 3, 5  # that are shown of one file, and of each version of one conflict

_KINDS: dict[str, Kind] = {"conflict": "conflict", "no_base": "no_base", "kept": "local_change"}


def named(change: Change, pair: str) -> str:
    """The path of a change, with the name of its part where the file is shared."""
    state = change.parts.get(pair)
    if state is None or not change.after or not change.after.composition:
        return change.path
    return f"{change.path}{label(change.after.parts[change.after.composition.states.index(state)])}"


def label(one: Shared) -> str:
    """What a part is called after its file's name."""
    match one.part:
        case Block() as block:
            return f" (block {block.id})"
        case Keys():
            return " (keys)"
        case _:
            return ""


def held(snapshot: Snapshot) -> Iterable[tuple[str, Reason]]:
    """What a merge leaves as the target has it though the source differs, and why."""
    for path in snapshot.shared:
        file = snapshot.files.get(path)
        for one in file.composition.states if file and file.composition else ():
            if one.held:
                yield path, Reason(_KINDS[one.held], text=_shown(one.conflicts))


def _shown(conflicts: Sequence[Conflict]) -> str:
    """Both versions of the lines that both sides changed."""
    shown = [f"line {one.line}: {_lines(one.theirs)} here, {_lines(one.ours)} in the source" for one in conflicts]
    more = len(shown) - MAX_CONFLICTS
    return "; ".join([*shown[:MAX_CONFLICTS], *([f"and {more} more"] if more > 0 else [])])


def _lines(lines: Sequence[str]) -> str:
    shown = " ⏎ ".join(line.strip() for line in lines[:MAX_LINES])
    more = " …" if len(lines) > MAX_LINES else ""
    return f"“{shown}{more}”" if lines else "nothing"
