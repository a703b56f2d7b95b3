"""Jinja2 for templates that must neither reach out nor fill the memory: `[[ name ]]`, `[% if %]`, `[%# comment #%]`."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from typing import Any

from jinja2 import StrictUndefined
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

MAX_CHARACTERS = 40 * 1024 * 1024  # of a text
MAX_NUMBER = 1_000_000  # a width, a count
MAX_POWER = 1_000
MAX_ROUNDS = 100_000  # of all `range()` in one template together

_WIDE = re.compile(r"[%:][^%:{}a-zA-Z]*(?:\*|\d{5})")  # in a format: a width that is a text's length


class Sandbox(ImmutableSandboxedEnvironment):
    """Refuses, with OverflowError, what makes much out of little."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Multiply, raise or format."""
        sizes = [len(one) for one in (left, right) if isinstance(one, str | list | tuple)]
        numbers = [one for one in (left, right) if isinstance(one, int)]
        if operator == "**" and max(map(abs, numbers), default=0) > MAX_POWER:
            raise OverflowError("this power is far too large")
        if operator == "*" and sizes and numbers and sizes[0] * numbers[0] > MAX_CHARACTERS:
            raise OverflowError("this multiplication is far too large")
        if operator == "%" and isinstance(left, str):
            _check_format(left)
        return super().call_binop(context, operator, left, right)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call a method or function."""
        _check_numbers((*args, *kwargs.values()))
        if getattr(obj, "__name__", "") in ("format", "format_map"):
            _check_format(getattr(getattr(obj, "__wrapped__", obj), "__self__", ""))
        return super().call(context, obj, *args, **kwargs)


def environment() -> Sandbox:
    """`{{ }}` and `${{ }}` belong to others."""
    made = Sandbox(
        block_start_string="[%", block_end_string="%]", variable_start_string="[[", variable_end_string="]]",
        comment_start_string="[%#", comment_end_string="#%]", undefined=StrictUndefined, autoescape=False,
        keep_trailing_newline=True, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.globals = {name: made.globals[name] for name in ("range", "dict", "namespace")}
    made.filters.update({name: _bounded(function) for name, function in made.filters.items()})
    return made


def limited_range() -> Callable[..., range]:
    """`range` for one rendering; loops inside of loops use up the same rounds."""
    left = MAX_ROUNDS

    def limited(*args: int) -> range:
        nonlocal left
        found = range(*args)
        left -= len(found)
        if left < 0:
            raise OverflowError(f"its ranges are too long: more than {MAX_ROUNDS} in all")
        return found

    return limited


def _bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        _check_numbers((*args, *kwargs.values()))
        if function.__name__ == "do_format":
            _check_format(args[0])
        return function(*args, **kwargs)

    return checked


def _check_numbers(values: Iterable[Any]) -> None:
    if any(isinstance(one, int) and abs(one) > MAX_NUMBER for one in values):
        raise OverflowError("this number is far too large")


def _check_format(text: Any) -> None:
    if _WIDE.search(str(text)):
        raise OverflowError("this width is far too large")
