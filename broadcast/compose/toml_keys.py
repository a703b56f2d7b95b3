"""Changes keys of TOML documents and leaves the rest as it is (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from broadcast.compose.keys import Drop, Edit, Place, Put, Value, applied, is_same
from broadcast.compose.parts import Unmergeable
from broadcast.compose.scanner import DEPTH
from broadcast.compose.style import Inline, newline_of
from broadcast.compose.toml_changes import Changes
from broadcast.compose.toml_scanner import parsed, statements
from broadcast.compose.toml_tables import tables, value_of


def load(text: str) -> Value:
    """The document's value. Raises Unmergeable where it is broken."""
    expected = parsed(text)
    if _depth(expected) > DEPTH:
        raise Unmergeable(f"it nests deeper than {DEPTH} levels", "nest it less")
    found = statements(text.removeprefix("\ufeff"))
    value = value_of(tables(found), found)
    if not is_same(value, expected):
        raise Unmergeable("it is TOML that can't be read in place", "write its tables in order")
    return value


def apply(text: str, edits: Sequence[Edit]) -> str:
    """The document after edits; only the lines of changed keys differ. Raises Unmergeable where that can't be."""
    if not edits:
        return text
    newline, body = newline_of(text), text.removeprefix("\ufeff")
    mark = text[: len(text) - len(body)]
    is_open = bool(body) and not body.endswith("\n")  # has no line break at its end
    body += newline if is_open else ""
    for is_drop, run in groupby(edits, key=lambda edit: isinstance(edit, Drop)):
        inner = list(run)
        before, body = body, _changed(body, inner, newline)
        if is_drop:
            body = _changed(body, _emptied(before, body, inner), newline)
    return mark + (body.removesuffix(newline) if is_open else body)


def _changed(text: str, edits: Sequence[Edit], newline: str) -> str:
    """The document after edits that are all drops, or all puts."""
    changes = Changes(text, newline)
    for edit in edits:
        changes.make(edit)
    return changes.text()


def _emptied(before: str, after: str, drops: Sequence[Edit]) -> list[Edit]:
    """What puts back the tables and lists that went with the last of their keys, though they stay."""
    wanted, found, changes = applied(load(before), drops), load(after), Changes(before, "")
    missing: dict[Place, Edit] = {}
    for place in dict.fromkeys(drop.place[:end] for drop in drops for end in range(1, len(drop.place))):
        is_covered = any(place[:end] in missing for end in range(len(place)))
        if not is_covered and _holds(wanted, place) and not _holds(found, place):
            value = _at(wanted, place)
            missing[place] = Put(place, Inline(value) if changes.is_dotted(place) else value)
    return list(missing.values())


def _holds(value: Value, place: Place) -> bool:
    try:
        _at(value, place)
    except (KeyError, IndexError):
        return False
    return True


def _at(value: Value, place: Place) -> Value:
    for key in place:
        value = value[key]
    return value


def _depth(value: Value) -> int:
    """How deep a value nests, counted level by level."""
    level, depth = [value], 0
    while level and depth <= DEPTH:
        inner = [item for one in level for item in (one.values() if isinstance(one, Mapping) else one)]
        level = [item for item in inner if isinstance(item, Mapping | list)]
        depth += 1
    return depth
