"""Values of `vars`: texts, numbers, true and false, lists and mappings; hashable, as they are written (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct

_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?")
FLAGS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


class Number(Struct, frozen=True):
    """A number as it is written: 1.10 is no 1.1."""

    text: str


class Flag(Struct, frozen=True):
    """True or false as it is written."""

    text: str


class Table(Struct, frozen=True):
    """A mapping."""

    items: tuple[tuple[str, Value], ...]


Value: TypeAlias = "str | Number | Flag | Table | tuple[Value, ...]"


def scalar(text: str) -> Value:
    """The value of a scalar without quotes: only plain decimals are numbers, only true and false are booleans."""
    if text in FLAGS:
        return Flag(text)
    return Number(text) if _NUMBER.fullmatch(text) else text


def texts_in(value: Value) -> str:
    """All texts in a value, one after the other."""
    left: list[Value] = [value]
    found: list[str] = []
    while left:
        one = left.pop()
        if isinstance(one, Table):
            left += [part for pair in one.items for part in pair]
        elif isinstance(one, tuple):
            left += one
        else:
            found.append(one if isinstance(one, str) else one.text)
    return "".join(found)


def merged(below: Mapping[str, Value], above: Mapping[str, Value]) -> dict[str, Value]:
    """`above` on top of `below`: mappings are merged key by key, of all else the upper one counts."""
    made = dict(below)
    for name, value in above.items():
        under = made.get(name)
        if isinstance(value, Table) and isinstance(under, Table):
            made[name] = Table(tuple(merged(dict(under.items), dict(value.items)).items()))
        else:
            made[name] = value
    return made
