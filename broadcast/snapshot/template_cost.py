"""What a template may cost: steps by the size of what it works on, and bounds of what it makes (pure)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

MAX_CHARACTERS = 40 * 1024 * 1024  # of a whole text
MAX_VALUE = 4 * 1024 * 1024  # characters of one value on the way
MAX_ITEMS = 1_000_000  # of a list
MAX_WIDTH = 1_000  # of an indentation or a column
MAX_NUMBER = 1_000_000  # in a call
MAX_POWER = 1_000
MAX_BITS = 4_096  # of a number
MAX_ROUNDS = 100_000  # of all `range()` in one template together
MAX_STEPS = 1_000_000  # of one rendering
STEPS_A_CALL = 10
CHARACTERS_A_STEP = 64

_BY_SIZE = ("join", "do_join")  # as large as their arguments multiplied
_BY_WIDTH = ("do_indent", "do_tojson")  # … and a width
_WIDTHS = (*_BY_WIDTH, "do_center", "center", "ljust", "rjust", "zfill", "do_truncate", "do_batch", "do_round")
_WIDE = re.compile(r"%[^%a-zA-Z]*(?:\*|\d{4})")  # a width that is a text's length
_DIGITS = re.compile(r"\d+")


class Rounds:
    """`range` for one rendering, which counts its steps; loops inside of loops use up the same rounds."""

    def __init__(self) -> None:
        self._left, self.left = MAX_ROUNDS, MAX_STEPS

    def __call__(self, *args: int) -> range:
        """A range."""
        found = range(*args)
        length = len(found) if abs(found.start) + abs(found.stop) < 2**62 else MAX_ROUNDS + 1
        self._left -= length
        if self._left < 0:
            raise OverflowError(f"its ranges are too long: more than {MAX_ROUNDS} in all")
        return found

    def spend(self, steps: int) -> None:
        """So many more. Raises OverflowError where that is too many."""
        self.left -= steps
        if self.left < 0:
            raise OverflowError(f"it takes too long: more than {MAX_STEPS} steps")


def steps_of(value: Any, most: int) -> int:
    """What it takes to go through a value with all that is in it; no more than `most` and one are counted."""
    steps, left = 0, [value]
    while left and steps <= most:
        one = left.pop()
        if isinstance(one, str):
            steps += steps_of_text(len(one))
        elif isinstance(one, list | tuple | dict | range):
            steps += 1
            if len(one) + steps > most:
                return most + 1
            left += [*one.keys(), *one.values()] if isinstance(one, dict) else one if not isinstance(one, range) else ()
            steps += len(one) if isinstance(one, range) else 0
        else:
            steps += 1
    return steps


def steps_of_text(characters: int) -> int:
    """What it takes to go through a text."""
    return 1 + characters // CHARACTERS_A_STEP


def check_operation(operator: str, left: Any, right: Any) -> None:
    """Raise OverflowError for an operation that makes too much."""
    numbers = [one for one in (left, right) if isinstance(one, int)]
    sized = [one for one in (left, right) if isinstance(one, str | list | tuple)]
    if operator == "**" and max(map(abs, numbers), default=0) > MAX_POWER:
        raise OverflowError("this power is far too large")
    if operator in "*+-" and not sized and sum(one.bit_length() for one in numbers) > MAX_BITS:
        raise OverflowError("this number is far too large")
    if operator == "*" and sized and numbers:
        _check_size(sized[0], len(sized[0]) * max(numbers), "multiplication")
    if operator == "+" and sized:
        _check_size(sized[0], sum(map(len, sized)), "sum")
    if operator == "%" and isinstance(left, str):
        _check_format(left, right if isinstance(right, tuple) else (right,))


def _check_size(kind: Any, size: int, what: str) -> None:
    if size > (MAX_VALUE if isinstance(kind, str) else MAX_ITEMS):
        raise OverflowError(f"this {what} is far too large")


def check_growth(name: str, values: Sequence[Any]) -> None:
    """Raise OverflowError for a call of a filter or method that makes too much; `values` begin with its subject."""
    most = MAX_WIDTH if name in _WIDTHS else MAX_NUMBER
    if any(isinstance(one, int) and abs(one) > most for one in values):
        raise OverflowError("this number is far too large")
    sizes = [size for one in values if (size := _size(one))] if name in _BY_SIZE + _BY_WIDTH else []
    numbers = [one for one in values if isinstance(one, int) and one > 0] if name in _BY_WIDTH else []
    if math.prod([*sizes, *numbers]) > MAX_VALUE or _replaced(name, values) > MAX_VALUE:
        raise OverflowError("the text that this makes is far too large")
    if name == "do_sum" and any(isinstance(one, list | tuple | str) for one in values[1:]):
        raise OverflowError("only numbers can be summed up")
    if name == "do_format":
        _check_format(str(values[0]), values[1:])


def _replaced(name: str, values: Sequence[Any]) -> int:
    if name not in ("replace", "do_replace"):
        return 0
    text, old, new = [str(one) for one in values[:3]] if len(values) >= 3 else ("", "", "")
    return len(text) + (text.count(old) + 1) * len(new)


def _check_format(text: str, values: Iterable[Any]) -> None:
    """As many fields, each as wide as the widest that is asked for and the longest value."""
    if _WIDE.search(text):
        raise OverflowError("this width is far too large")
    longest = 0
    for value in values:
        plain = [*value.values()] if isinstance(value, dict) else [value]
        if any(isinstance(one, list | tuple | dict) for one in plain):
            raise OverflowError("only texts and numbers can be formatted; of others it can be too large")
        longest = max([longest, *(10 * len(one) if isinstance(one, str) else MAX_BITS for one in plain)])
    width = max((int(digits) for digits in _DIGITS.findall(text) if len(digits) < 4), default=0)
    if text.count("%") * (width + longest) > MAX_VALUE:
        raise OverflowError("the text that this makes is far too large")


def _size(value: Any) -> int:
    return len(value) if isinstance(value, str | list | tuple | range | dict) else 0
