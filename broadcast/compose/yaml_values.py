"""Values of YAML documents: how the core schema of YAML 1.2 reads them, and how they were spelled (pure).

They are plain values: texts, numbers, true, false, None, mappings and lists, and compare as such. What is no plain
value of Python keeps its tag (`Tagged`). Numbers and texts remember their spelling, collections whether they were
written with brackets, so that what is merged into another file looks as in the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from broadcast.compose.keys import Edit, Put, Value, comparable, is_same

MAX_DIGITS = 4_000  # of a whole number; Python refuses more than 4300
STANDARD = "tag:yaml.org,2002:"

_NULL = re.compile("(?:~|null|Null|NULL|)")
_BOOL = re.compile("(?:true|True|TRUE|false|False|FALSE)")
_INT = re.compile("[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)


class Spelling(NamedTuple):
    """How a scalar is written: without its tag; lines are parted by a line feed."""

    raw: str
    style: str  # `'`, `"`, `|`, `>`; empty: plain
    tag: str = ""


class Text(str):
    """A text with its spelling."""

    spelling: Spelling


class ComplexKey(str):
    """A key that is no text: what is written in the file."""


class Whole(int):
    """A whole number with its spelling."""

    spelling: Spelling


class Real(float):
    """A number with its spelling."""

    spelling: Spelling


class FlowMap(dict[str, Value]):
    """A mapping that is written with brackets."""


class FlowList(list[Value]):
    """A list that is written with brackets."""


class Tagged(NamedTuple):
    """A value with a tag that isn't one of the core schema; the tag as written is its `spelling.raw`."""

    tag: str
    value: Value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tagged) and self.tag == other.tag and is_same(self.value, other.value)

    def __hash__(self) -> int:
        return hash((self.tag, comparable(self.value)))


def spelled(value: Value, spelling: Spelling) -> Value:
    """The value with its spelling; true, false and null have one each."""
    kind = {str: Text, int: Whole, float: Real}.get(type(value))
    if kind is None:
        return value
    made = kind(value)
    made.spelling = spelling
    return made


def spelling_of(value: Value) -> Spelling | None:
    """The spelling of a value from a file."""
    return getattr(value, "spelling", None)


def scalar(text: str, spelling: Spelling, tag: str) -> Value:
    """The value of a scalar; `tag` is the full one, or empty."""
    if tag in {"", "!", f"{STANDARD}str"}:
        plain = not tag and not spelling.style
        return spelled(resolved(text) if plain else text, spelling)
    value = resolved(text)
    names = {type(None): "null", bool: "bool", int: "int", float: "float"}
    if tag == STANDARD + names.get(type(value), ""):
        return spelled(value, spelling)
    if tag == f"{STANDARD}float" and isinstance(value, int) and not isinstance(value, bool):
        return spelled(float(text), spelling)
    return Tagged(spelled(tag, Spelling(spelling.tag, "")), spelled(text, spelling._replace(tag="")))


def resolved(text: str) -> Value:
    """What a plain scalar means in the core schema."""
    if text[:1].isalpha() and text[0] not in "tTfFnN":  # the most frequent case
        return text
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    if _INT.fullmatch(text) and len(text) <= MAX_DIGITS:
        return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)
    if _FLOAT.fullmatch(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text


def changed(value: Value, edits: Iterable[Edit]) -> Value:
    """`value` with the edits made; shares with `value` what they don't touch."""
    below: list[Edit] = []
    for edit in edits:
        if edit.place:
            below.append(edit)
        elif isinstance(edit, Put):
            value, below = edit.value, []
    if not below:
        return value
    if isinstance(value, Mapping):
        return _changed_mapping(value, below)
    kind = FlowList if isinstance(value, FlowList) and value else list
    return kind(changed(value[at] if at is not None else None, some) for at, some in items_after(len(value), below))


def _changed_mapping(value: Mapping[str, Value], edits: Sequence[Edit]) -> Value:
    found = FlowMap(value) if isinstance(value, FlowMap) and value else dict(value)
    for key, some in by_key(edits).items():
        if is_dropped(some):
            found.pop(key, None)
        else:
            found[key] = changed(found.get(key), some)
    return found


def by_key(edits: Iterable[Edit]) -> dict[str, list[Edit]]:
    """The edits of each key of a mapping, with places below it."""
    found: dict[Any, list[Edit]] = {}
    for edit in edits:
        first, rest = edit.place[0], edit.place[1:]
        found.setdefault(first, []).append(edit._replace(place=rest))
    return found


def items_after(length: int, edits: Iterable[Edit]) -> list[tuple[int | None, list[Edit]]]:
    """The items of a list after the edits: the index that each had (None: new), and its own edits."""
    items: list[tuple[int | None, list[Edit]]] = [(at, []) for at in range(length)]
    for edit in edits:
        index, rest = int(edit.place[0]), edit.place[1:]
        if not rest and not isinstance(edit, Put):
            del items[index]
        elif index >= len(items):
            items.append((None, [edit._replace(place=rest)]))
        else:
            items[index][1].append(edit._replace(place=rest))
    return items


def is_dropped(edits: Sequence[Edit]) -> bool:
    """Whether the key that these edits are of goes."""
    whole = [edit for edit in edits if not edit.place]
    return bool(whole) and not isinstance(whole[-1], Put)
