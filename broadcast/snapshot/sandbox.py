"""Jinja2 with a short list of what templates may use, and with a limit of steps: `[[ name ]]`, `[% if %]`.

Every `lineno` in its nodes and errors is a place in the text: the number of a character, from 1.

The lists in `allowed` hold only what makes no more than it is given, so nothing grows faster than it is counted: each
value counts by its size whenever it is read or made, and each turn of a loop. The few functions that multiply (`join`,
`replace`, `center` …) are refused before the call if the product of their arguments is too large. There is nothing that
defines functions, includes or changes variables from inside of a loop.
"""

from __future__ import annotations

import functools
import itertools
import json
import math
import sys
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, cast

from jinja2 import StrictUndefined, TemplateSyntaxError, Undefined, nodes, pass_context
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.filters import FILTERS
from jinja2.lexer import TokenStream
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS
from jinja2.utils import missing
from jinja2.visitor import NodeTransformer

from broadcast.config.delimiters import DEFAULT, Delimiters
from broadcast.errors import nearest
from broadcast.snapshot.allowed import LINEAR, METHODS, MULTIPLYING, TESTED, refused
from broadcast.snapshot.marks_of_ejs import unescaped
from broadcast.snapshot.scalars import boolean_of, number_of, plain

MAX_CHARACTERS = 40 * 1024 * 1024  # of the rendered text
MAX_STEPS = 1_000_000  # of one rendering
MAX_PRODUCT = 1_000_000  # of the sizes that one call multiplies
MAX_BITS = 4_096  # of a number
CHARACTERS_PER_STEP = 64

_COUNTED = (
    nodes.Name, nodes.Const, nodes.List, nodes.Tuple, nodes.Dict, nodes.Call, nodes.Filter, nodes.Getattr,
    nodes.Getitem, nodes.BinExpr, nodes.Concat,
)  # fmt: skip
_WEIGH, _LOOP = " weigh", " loop"  # filters of ours, which no template can name
_LAZY: tuple[type[Any], ...] = (Iterator, type({}.keys()), type({}.values()), type({}.items()))


class UnknownNameError(UndefinedError):
    """A template uses a name that has no value."""

    def __init__(self, message: str, name: str) -> None:
        super().__init__(message)
        self.name = name


class NoTextError(TypeError):
    """An expression has a value that has no text."""


class _Undefined(StrictUndefined):
    """Raises UnknownNameError where it stands for a name, UndefinedError where it stands for an attribute."""

    __slots__ = ()

    def __init__(
        self, hint: str | None = None, obj: Any = missing, name: str | None = None, exc: Any = UndefinedError
    ) -> None:
        raised: Any = exc
        if isinstance(obj, dict) and isinstance(name, str):
            close = nearest(name, [str(one) for one in obj])
            hint = f"the mapping has no {name!r}" + (f"; did you mean {close}?" if close else "")
        if obj is missing and hint is None and name is not None:
            raised = functools.partial(UnknownNameError, name=name)
        super().__init__(hint, obj, name, raised)


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment of one rendering. Raises OverflowError, SecurityError and TemplateSyntaxError."""

    intercepted_binops = frozenset({"*", "%"})

    def __init__(self, delimiters: Delimiters = DEFAULT) -> None:
        (variable, end), (block, end_of_block), (comment, end_of_comment) = delimiters.pairs
        super().__init__(
            block_start_string=block, block_end_string=end_of_block, variable_start_string=variable,
            variable_end_string=end, comment_start_string=comment, comment_end_string=end_of_comment,
            undefined=_Undefined, autoescape=False, optimized=False,  # it takes the cube of an expression's depth
            keep_trailing_newline=True, trim_blocks=True, lstrip_blocks=True, finalize=_text,
        )  # fmt: skip
        self.filters = _filters()
        self.tests = {name: TESTS[name] for name in TESTED} | _TESTS
        self.policies["json.dumps_function"] = _dumped
        self.globals = {"range": self._range}
        self.left = MAX_STEPS
        self._unescaped = unescaped(variable, block)

    def spend(self, steps: int) -> None:
        """Count steps. Raises OverflowError if too many."""
        self.left -= steps
        if self.left < 0:
            raise OverflowError(f"it takes too long: more than {MAX_STEPS} steps")

    def weigh(self, value: Any) -> Any:
        """Count a value by its size; returns it, or a list of what is lazy. Raises OverflowError."""
        if isinstance(value, _LAZY) and not isinstance(value, LoopContext):
            value = list(itertools.islice(value, self.left + 1))
        left = [value]
        while left:
            one = left.pop()
            self.spend(1 + _size(one) // (CHARACTERS_PER_STEP if isinstance(one, str) else 1))
            left += one if isinstance(one, list | tuple) else [*one, *one.values()] if isinstance(one, dict) else ()
        return value

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether METHODS has it."""
        return any(isinstance(obj, kind) and attr in names for kind, names in METHODS.items())

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Compute `*` or `%`. Raises OverflowError and SecurityError."""
        left, right = number_of(left), number_of(right)
        if isinstance(left, str) and operator == "%":
            raise SecurityError("% can't be used for texts: put them together with ~")
        if operator == "*" and not (isinstance(left, int | float) and isinstance(right, int | float)):
            _check_product("", left, right)
        return super().call_binop(context, operator, left, right)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call a method or `range`. Raises OverflowError before a call that makes too much."""
        if getattr(obj, "__name__", "") in MULTIPLYING:
            _check_product(obj.__self__, *args, *kwargs.values())
        return super().call(context, obj, *args, **kwargs)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """An attribute; of a mapping rather its value than its method."""
        return obj[attribute] if isinstance(obj, dict) and attribute in obj else super().getattr(obj, attribute)

    def handle_exception(self, source: str | None = None) -> NoReturn:
        """Raise the exception as it is: Jinja would write a traceback as long as the template."""
        raise cast(BaseException, sys.exc_info()[1])

    def _range(self, *given: int) -> range:
        bounds = [number_of(one) for one in given]
        if any(abs(one) > MAX_STEPS for one in bounds):
            raise OverflowError("this range is too long")
        return range(*bounds)

    def _tokenize(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> TokenStream:
        tokens = _placed(self.lexer.tokeniter(source, name, filename, state), source)
        return TokenStream(self.lexer.wrap(tokens, name, filename), name, filename)

    def _parse(self, source: str, *args: Any, **kwargs: Any) -> nodes.Template:
        if self._unescaped and "raw" not in source:  # what is raw stays as it is
            source = self._unescaped.sub(self.variable_start_string, source)  # as long, so that places stay
        tree = super()._parse(source, *args, **kwargs)
        left: list[nodes.Node] = [tree]
        while left:
            node = left.pop()
            if name := refused(node):
                raise TemplateSyntaxError(
                    f"{name} can't be used in templates; docs/config.md lists what can", node.lineno
                )
            left += node.iter_child_nodes()
        return tree

    def _generate(self, source: nodes.Template, *args: Any, **kwargs: Any) -> str:
        return super()._generate(_Counting().visit(source), *args, **kwargs)


def _placed(tokens: Iterator[tuple[int, str, str]], text: str) -> Iterator[tuple[int, str, str]]:
    """Tokens with their places instead of their lines; `text` has no \\r."""
    place = 0
    try:
        for _, kind, value in tokens:
            place = text.index(value, place)  # between two tokens lies at most the space that Jinja strips
            yield place + 1, kind, value
            place += len(value)
    except TemplateSyntaxError as error:
        error.lineno = place + 1
        raise


class _Counting(NodeTransformer):
    """Counts each value that is read or made, and each turn of a loop."""

    def generic_visit(self, node: Any, *args: Any, **kwargs: Any) -> nodes.Node:
        super().generic_visit(node, *args, **kwargs)
        if isinstance(node, nodes.For):
            node.iter = _filtered(node.iter, _LOOP)
        is_read = isinstance(node, _COUNTED) and getattr(node, "ctx", "load") == "load"
        return _filtered(node, _WEIGH) if is_read else node


def _filtered(node: Any, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)


def _check_product(subject: Any, *args: Any) -> None:
    """Raise OverflowError if these sizes and numbers make too much when they are multiplied."""
    numbers = [abs(one) for one in map(number_of, args) if isinstance(one, int)]
    if math.prod(one for one in (_extent(subject), *map(_extent, args), *numbers) if one) > MAX_PRODUCT:
        raise OverflowError("the text or list that this makes is too large")


def _extent(value: Any) -> int:
    """Characters and items of a value, with all that it holds."""
    if isinstance(value, str | range):
        return len(value)
    items = value.items() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return sum(1 + _extent(one) for one in items)


def _size(value: Any) -> int:
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise OverflowError("this number is too large")
    return len(value) if isinstance(value, str | range) else 0


@functools.cache
def _filters() -> dict[str, Callable[..., Any]]:
    escape = FILTERS["escape"]
    made = {name: FILTERS[name] for name in LINEAR}
    made |= {name: _checked(FILTERS[name]) for name in MULTIPLYING & FILTERS.keys()}
    made |= dict.fromkeys(("e", "escape"), lambda value: str(escape(value)))
    return {**made, "sum": _sum, _WEIGH: _weighed, _LOOP: _looped}


def _checked(function: Callable[..., Any]) -> Callable[..., Any]:
    passes = getattr(function, "jinja_pass_arg", None)

    @pass_context
    @functools.wraps(function)
    def checked(context: Context, value: Any, *args: Any, **kwargs: Any) -> Any:
        _check_product(value, *args, *kwargs.values())
        given = {"context": context, "eval_context": context.eval_ctx, "environment": context.environment}
        first = [given[passes.name]] if passes else []
        return context.environment.weigh(function(*first, value, *args, **kwargs))  # type: ignore[attr-defined]  # ours

    return checked


def _sum(values: Any) -> Any:
    """Of numbers alone: to add up lists takes the square of their number."""
    return sum(values)


@pass_context  # without which Jinja would call them once, when it compiles
def _weighed(context: Context, value: Any) -> Any:
    return context.environment.weigh(value)  # type: ignore[attr-defined]  # ours


@pass_context
def _looped(context: Context, items: Any) -> Any:
    context.environment.spend(len(items) if hasattr(items, "__len__") else 1)  # type: ignore[attr-defined]  # ours
    return items


def _text(value: Any) -> Any:
    """The text of a value. Raises NoTextError for values that have none, such as lists and methods."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float | Undefined):
        raise NoTextError(f"this is {_KINDS.get(type(value), 'a method')}, no text, number or boolean")
    return value


_KINDS: dict[type[Any], str] = {
    dict: "a mapping", list: "a list", tuple: "a list", range: "a list", type(None): "nothing", LoopContext: "a loop",
}  # fmt: skip
_TESTS: dict[str, Callable[..., bool]] = {
    "boolean": lambda value: isinstance(boolean_of(value), bool),
    "false": lambda value: boolean_of(value) is False,
    "true": lambda value: boolean_of(value) is True,
    "float": lambda value: isinstance(number_of(value), float),
    "integer": lambda value: isinstance(number_of(value), int) and not isinstance(value, bool),
    "number": lambda value: isinstance(number_of(value), int | float),
}


def _dumped(value: Any, **how: Any) -> str:
    return json.dumps(plain(value), **how)
