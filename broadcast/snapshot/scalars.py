"""Values of `vars` as templates see them: what the config writes as a number or boolean prints as written (pure)."""

from __future__ import annotations

import operator
from typing import Any

from broadcast.config.values import FLAGS, Flag, Number, Table, Value


def thawed(value: Value) -> Any:
    """The value that a template works with."""
    if isinstance(value, Number):
        return Numeral(value.text)
    if isinstance(value, Flag):
        return Truth(value.text)
    if isinstance(value, Table):
        return {name: thawed(one) for name, one in value.items}
    return [thawed(one) for one in value] if isinstance(value, tuple) else value


class Numeral(str):
    """A text that compares and computes with numbers as the number that it writes."""

    __slots__ = ()
    __hash__ = str.__hash__

    @property
    def value(self) -> int | float:
        """The number."""
        text = str(self)  # else int() would ask __index__
        return float(text) if "." in text else int(text)

    def __bool__(self) -> bool:
        return self.value != 0

    def __eq__(self, other: object) -> bool:
        return self.value == other if _is_number(other) else str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __index__(self) -> int:
        return operator.index(self.value)  # type: ignore[arg-type]  # a float raises the TypeError that it should

    def __neg__(self) -> int | float:
        return -self.value

    def __abs__(self) -> int | float:
        return abs(self.value)

    def __round__(self, digits: int = 0) -> float:
        return round(self.value, digits)


class Truth(str):
    """A text such as `False` that counts as the boolean, and prints as itself."""

    __slots__ = ()
    __hash__ = str.__hash__

    @property
    def value(self) -> bool:
        """The boolean."""
        return FLAGS[self]

    def __bool__(self) -> bool:
        return self.value

    def __eq__(self, other: object) -> bool:
        return self.value is other if isinstance(other, bool) else str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other


def boolean_of(value: Any) -> Any:
    """The boolean that a text stands for; other values as they are."""
    return value.value if isinstance(value, Truth) else value


def number_of(value: Any) -> Any:
    """The number that a numeral stands for; other values as they are."""
    return value.value if isinstance(value, Numeral) else value


def plain(value: Any) -> Any:
    """A value without what is ours, for JSON: a decimal that JSON would write in another way stays a text."""
    if isinstance(value, Numeral):
        return value.value if repr(value.value) == value else str(value)
    if isinstance(value, Truth):
        return value.value
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list | tuple) else value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _define(name: str, swapped: str = "", of_texts: Any = None) -> None:
    """Give numerals an operator that works with numbers, and maybe another with texts."""
    operation = getattr(operator, name)

    def forwards(self: Numeral, other: Any) -> Any:
        if isinstance(other, Numeral) or _is_number(other):
            return operation(self.value, number_of(other))
        return of_texts(self, other) if of_texts else NotImplemented

    def backwards(self: Numeral, other: Any) -> Any:
        return operation(other, self.value) if _is_number(other) else NotImplemented

    setattr(Numeral, f"__{name}__", forwards)
    if swapped:
        setattr(Numeral, swapped, backwards)


for _name in ("lt", "le", "gt", "ge"):
    _define(_name, of_texts=getattr(str, f"__{_name}__"))
for _name in ("sub", "mul", "mod", "truediv", "floordiv"):
    _define(_name, f"__r{_name}__")
_define("add", "__radd__", str.__add__)
