"""Jinja2 for templates that must neither reach out nor fill the memory: `[[ name ]]`, `[% if %]`, `[%# comment #%]`."""

from __future__ import annotations

import functools
import itertools
import math
import re
from collections.abc import Callable, Iterable
from typing import Any

from jinja2 import StrictUndefined, nodes, pass_context
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

MAX_CHARACTERS = 40 * 1024 * 1024  # of a text
MAX_NUMBER = 1_000_000  # a width, a count
MAX_POWER = 1_000
MAX_ITEMS = 1_000_000  # of a list
MAX_BITS = 4_096  # of a number
MAX_ROUNDS = 100_000  # of all `range()` in one template together
MAX_STEPS = 1_000_000  # rounds of all loops in one rendering
STEPS_A_CALL = 10
_BY_SIZE = ("join", "do_join", "replace", "do_replace", "do_wordwrap")  # as large as their arguments multiplied
_BY_NUMBER = ("do_indent", "expandtabs", "do_tojson")  # … and a width

_COUNTED = "counted"
_WIDE = re.compile(r"[%:][^%:{}a-zA-Z]*(?:\*|\d{5})")  # in a format: a width that is a text's length


class Sandbox(ImmutableSandboxedEnvironment):
    """Refuses, with OverflowError, what makes much out of little."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        return _Counting().visit(super()._parse(source, name, filename))  # type: ignore[no-any-return]  # jinja2 says Any

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Multiply, raise or format."""
        sizes = [len(one) for one in (left, right) if isinstance(one, str | list | tuple)]
        numbers = [one for one in (left, right) if isinstance(one, int)]
        if operator == "**" and max(map(abs, numbers), default=0) > MAX_POWER:
            raise OverflowError("this power is far too large")
        if operator == "*" and sizes and numbers and sizes[0] * numbers[0] > MAX_CHARACTERS:
            raise OverflowError("this multiplication is far too large")
        if operator == "*" and sum(one.bit_length() for one in numbers) > MAX_BITS:
            raise OverflowError("this number is far too large")
        if operator == "+" and sum(sizes) > (MAX_CHARACTERS if isinstance(left, str) else MAX_ITEMS):
            raise OverflowError("this sum is far too large")
        if operator == "%" and isinstance(left, str):
            _check_format(left)
        return super().call_binop(context, operator, left, right)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call a method or function."""
        _spend(context, STEPS_A_CALL + sum(_size(one) for one in args if isinstance(obj, LoopContext)))
        _check_numbers((*args, *kwargs.values()))
        bound = getattr(obj, "__wrapped__", obj)
        _check_growth(getattr(bound, "__name__", ""), (getattr(bound, "__self__", None), *args, *kwargs.values()))
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
    made.filters[_COUNTED] = _counted
    return made


class Rounds:
    """`range` for one rendering, which counts its steps; loops inside of loops use up the same rounds."""

    def __init__(self) -> None:
        self._left, self._steps = MAX_ROUNDS, MAX_STEPS

    def __call__(self, *args: int) -> range:
        """A range."""
        found = range(*args)
        self._left -= len(found)
        if self._left < 0:
            raise OverflowError(f"its ranges are too long: more than {MAX_ROUNDS} in all")
        return found

    def spend(self, steps: int) -> None:
        """So many more. Raises OverflowError where that is too many."""
        self._steps -= steps
        if self._steps < 0:
            raise OverflowError(f"it takes too long: more than {MAX_STEPS} steps")


class _Counting(NodeTransformer):
    """Makes loops count their rounds, and `~` a sum, which is looked at before it is made."""

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802  Jinja's name
        self.generic_visit(node)
        node.iter = nodes.Filter(node.iter, _COUNTED, [], [], None, None, lineno=node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Expr:  # noqa: N802  Jinja's name
        self.generic_visit(node)
        texts: list[nodes.Expr] = [
            nodes.Filter(one, "string", [], [], None, None, lineno=node.lineno) for one in node.nodes
        ]
        return functools.reduce(lambda left, right: nodes.Add(left, right, lineno=node.lineno), texts)


@pass_context
def _counted(context: Context, items: Any) -> Any:
    found = items if hasattr(items, "__len__") else list(itertools.islice(items, MAX_STEPS + 1))
    _spend(context, len(found))
    return found


def _spend(context: Context, steps: int) -> None:
    rounds = context.parent.get("range")
    if isinstance(rounds, Rounds):
        rounds.spend(steps)


def _bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        _check_numbers((*args, *kwargs.values()))
        _check_growth(function.__name__, (*args, *kwargs.values()))
        if function.__name__ == "do_format":
            _check_format(args[0])
        return function(*args, **kwargs)

    return checked


def _check_numbers(values: Iterable[Any]) -> None:
    if any(isinstance(one, int) and abs(one) > MAX_NUMBER for one in values):
        raise OverflowError("this number is far too large")


def _check_growth(name: str, values: Iterable[Any]) -> None:
    values = list(values)
    sizes = [size for one in values if (size := _size(one))] if name in _BY_SIZE + _BY_NUMBER else []
    numbers = [one for one in values if isinstance(one, int) and one > 0] if name in _BY_NUMBER else []
    if math.prod([*sizes, *numbers]) > MAX_CHARACTERS:
        raise OverflowError("the text that this makes is far too large")
    if name == "do_sum" and any(isinstance(one, list | tuple | str) for one in values[2:]):
        raise OverflowError("only numbers can be summed up")


def _size(value: Any) -> int:
    return len(value) if isinstance(value, str | list | tuple | range | dict) else 0


def _check_format(text: Any) -> None:
    if _WIDE.search(str(text)):
        raise OverflowError("this width is far too large")
