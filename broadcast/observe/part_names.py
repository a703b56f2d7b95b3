"""What of a shared file changes, in words: its blocks and keys by name (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from broadcast.compose.composition import State
from broadcast.compose.parts import Block, BlockRemoval, Keys
from broadcast.observe.change import Change
from broadcast.snapshot.snapshot import Shared


def parts_in_words(change: Change, spell: Callable[[str], str] = str) -> str:
    """Such as "block python, keys a.b, c and 3 more"; empty for whole files. `spell` writes a name."""
    if change.after is None or change.after.composition is None:
        return ""
    is_there = change.before is not None
    stated = zip(change.after.parts, change.after.composition.states, strict=True)
    named = (_in_words(one, state, spell, is_there=is_there) for one, state in stated if state.is_changed)
    return ", ".join(filter(None, named))


def _in_words(one: Shared, state: State, spell: Callable[[str], str], *, is_there: bool) -> str:
    match one.part:
        case Block(id=name):
            return f"block {spell(name)}"
        case BlockRemoval(id=name):
            return f"without block {spell(name)}"
        case Keys():
            return " ".join(["keys", _listed(map(spell, state.names), state.more_names)]).rstrip()
        case _:
            return "merge" if is_there else ""


def _listed(names: Iterable[str], more: int) -> str:
    return ", ".join(names) + (f" and {more} more" if more else "")
