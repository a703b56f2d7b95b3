"""Jinja2 for templates that must neither reach out nor fill the memory: `[[ name ]]`, `[% if %]`, `[%# comment #%]`.

What templates may use are short lists; everything else is refused. And all that they do is counted in steps, by the
size of what it is done with, before it is done: so nothing takes long, whatever grows in which way.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, Undefined, nodes, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace
from jinja2.visitor import NodeTransformer

from broadcast.snapshot.template_cost import (
    MAX_CHARACTERS,
    STEPS_A_CALL,
    Rounds,
    check_growth,
    check_operation,
    steps_of,
    steps_of_text,
)

__all__ = ["FILTERS", "MAX_CHARACTERS", "TESTS", "Rounds", "environment"]

FILTERS = frozenset({
    "abs", "batch", "capitalize", "center", "count", "d", "default", "dictsort", "first", "float", "format", "indent",
    "int", "items", "join", "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "replace",
    "reverse", "round", "select", "selectattr", "sort", "string", "sum", "title", "tojson", "trim", "truncate",
    "unique", "upper", "wordcount",
})  # fmt: skip
TESTS = frozenset({
    "!=", "<", "<=", "==", ">", ">=", "boolean", "defined", "divisibleby", "eq", "equalto", "even", "false", "float",
    "ge", "greaterthan", "gt", "in", "integer", "iterable", "le", "lessthan", "lower", "lt", "mapping", "ne", "none",
    "number", "odd", "sequence", "string", "true", "undefined", "upper",
})  # fmt: skip
_METHODS: dict[type[Any], frozenset[str]] = {
    str: frozenset({
        "capitalize", "center", "count", "endswith", "find", "isalnum", "isalpha", "isdigit", "islower", "isupper",
        "join", "ljust", "lower", "lstrip", "removeprefix", "removesuffix", "replace", "rjust", "rsplit", "rstrip",
        "split", "splitlines", "startswith", "strip", "title", "upper", "zfill",
    }),
    list: frozenset({"count", "index"}),
    tuple: frozenset({"count", "index"}),
    dict: frozenset({"get", "items", "keys", "values"}),
}  # fmt: skip
_KNOWN = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.NSRef, nodes.Const, nodes.If, nodes.For,
    nodes.Assign, nodes.AssignBlock, nodes.With, nodes.Macro, nodes.CallBlock, nodes.FilterBlock, nodes.Call,
    nodes.Filter, nodes.Test, nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Compare, nodes.Operand, nodes.CondExpr,
    nodes.BinExpr, nodes.UnaryExpr, nodes.Concat, nodes.List, nodes.Tuple, nodes.Dict, nodes.Pair, nodes.Keyword,
)  # fmt: skip
_COUNTED, _WEIGHED = "counted", "weighed"  # filters of ours


class Sandbox(ImmutableSandboxedEnvironment):
    """Refuses, with OverflowError, what makes much out of little."""

    intercepted_binops = frozenset({"+", "-", "*", "**", "%", "/", "//"})

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        _refuse_unknown(tree)
        return _Counting().visit(tree)  # type: ignore[no-any-return]  # jinja2 says Any

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may have it: a few methods of plain values, and what loops and namespaces are for."""
        if isinstance(obj, Namespace | LoopContext | Macro):
            return super().is_safe_attribute(obj, attr, value)
        return any(isinstance(obj, kind) and attr in names for kind, names in _METHODS.items())

    def wrap_str_format(self, value: Any) -> None:
        """`format` of a text can be as large as any of its fields says, so there is none."""

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Multiply, raise or format."""
        _spend(context, left, right)
        check_operation(operator, left, right)
        return super().call_binop(context, operator, left, right)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call a method or function."""
        bound = getattr(obj, "__wrapped__", obj)
        subject, name = getattr(bound, "__self__", None), getattr(bound, "__name__", "")
        if not (isinstance(subject, str | list | tuple | dict | LoopContext | Undefined) or _is_ours(obj)):
            raise SecurityError(f"{name or type(obj).__name__!r} can't be called in a template")
        loops = [*args] if isinstance(obj, LoopContext) else []
        _spend(context, subject, *args, *kwargs.values(), *loops, more=STEPS_A_CALL)
        check_growth(name, (subject, *args, *kwargs.values()))
        return _plain(context, super().call(context, obj, *args, **kwargs))


def environment() -> Sandbox:
    """`{{ }}` and `${{ }}` belong to others."""
    made = Sandbox(
        block_start_string="[%", block_end_string="%]", variable_start_string="[[", variable_end_string="]]",
        comment_start_string="[%#", comment_end_string="#%]", undefined=StrictUndefined, autoescape=False,
        keep_trailing_newline=True, trim_blocks=True, lstrip_blocks=True, finalize=_written,
    )  # fmt: skip
    made.globals = {name: made.globals[name] for name in ("range", "dict", "namespace")}
    escape = made.filters["escape"]
    made.filters = {name: _bounded(function) for name, function in made.filters.items() if name in FILTERS}
    made.filters |= dict.fromkeys(("e", "escape"), _bounded(lambda value: str(escape(value))))
    made.filters |= {_COUNTED: _counted, _WEIGHED: _weighed}
    made.tests = {name: test for name, test in made.tests.items() if name in TESTS}
    return made


def _refuse_unknown(tree: nodes.Node) -> None:
    left: list[nodes.Node] = [tree]
    while left:
        node = left.pop()
        if not isinstance(node, _KNOWN):
            what = type(node).__name__.lower()
            raise TemplateSyntaxError(f"no loader or extension is here, so there is no {what!r}", node.lineno)
        left += node.iter_child_nodes()


class _Counting(NodeTransformer):
    """Has everything counted that Jinja would do by itself: loops, comparisons, slices, and the text in loops."""

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802  Jinja's name
        steps = nodes.Const(1 + _text_steps(node))
        self.generic_visit(node)
        node.iter = nodes.Filter(node.iter, _COUNTED, [steps], [], None, None, lineno=node.lineno)
        return node

    def visit_Macro(self, node: nodes.Macro) -> nodes.Macro:  # noqa: N802  Jinja's name
        steps = nodes.Const(_text_steps(node))
        self.generic_visit(node)
        spent = nodes.Filter(nodes.Const(""), _WEIGHED, [steps], [], None, None, lineno=node.lineno)
        node.body = [nodes.Output([spent], lineno=node.lineno), *node.body]
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Expr:  # noqa: N802  Jinja's name
        """`~` becomes a sum, which is looked at before it is made."""
        self.generic_visit(node)
        texts: list[nodes.Expr] = [
            nodes.Filter(one, "string", [], [], None, None, lineno=node.lineno) for one in node.nodes
        ]
        return functools.reduce(lambda left, right: nodes.Add(left, right, lineno=node.lineno), texts)

    def visit_Compare(self, node: nodes.Compare) -> nodes.Compare:  # noqa: N802  Jinja's name
        self.generic_visit(node)
        node.expr = _weighing(node.expr)
        for operand in node.ops:
            operand.expr = _weighing(operand.expr)
        return node

    def visit_Test(self, node: nodes.Test) -> nodes.Test:  # noqa: N802  Jinja's name
        self.generic_visit(node)
        if node.name not in ("defined", "undefined"):
            node.node, node.args = _weighing(node.node), [_weighing(one) for one in node.args]
        return node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Getitem:  # noqa: N802  Jinja's name
        self.generic_visit(node)
        if isinstance(node.arg, nodes.Slice):
            node.node = _weighing(node.node)
        else:
            node.arg = _weighing(node.arg)
        return node

    def visit_Pair(self, node: nodes.Pair) -> nodes.Pair:  # noqa: N802  Jinja's name
        self.generic_visit(node)
        node.key = _weighing(node.key)
        return node


def _weighing(node: nodes.Expr) -> nodes.Expr:
    if isinstance(node, nodes.Const):
        return node
    return nodes.Filter(node, _WEIGHED, [], [], None, None, lineno=node.lineno)


def _text_steps(node: nodes.Node) -> int:
    return steps_of_text(sum(len(one.data) for one in node.find_all(nodes.TemplateData)))


@pass_context
def _counted(context: Context, items: Any, steps: int) -> Any:
    found = items if hasattr(items, "__len__") else _plain(context, items)
    _rounds(context).spend(len(found) * steps)
    return found


@pass_context
def _weighed(context: Context, value: Any, steps: int = 0) -> Any:
    _spend(context, value, more=steps)
    return value


@pass_context
def _written(context: Context, value: Any) -> Any:
    """A value that becomes text."""
    _spend(context, value)
    if not isinstance(value, str | int | float | list | tuple | dict | range | Undefined | None):
        raise SecurityError(f"a {type(value).__name__} is no text")
    return value


def _spend(context: Context, *values: Any, more: int = 0) -> None:
    rounds = _rounds(context)
    rounds.spend(more + 1)
    for value in values:
        rounds.spend(steps_of(value, rounds.left))


def _rounds(context: Context) -> Rounds:
    rounds = context.parent.get("range")
    return rounds if isinstance(rounds, Rounds) else Rounds()


def _is_ours(obj: Any) -> bool:
    return obj in (dict, Namespace) or isinstance(obj, Macro | LoopContext | Rounds | Undefined)


def _plain(context: Context, result: Any) -> Any:
    """A result that is counted, too; what would only be made later is made now."""
    views: tuple[type[Any], ...] = (Iterator, type({}.keys()), type({}.values()), type({}.items()))
    if isinstance(result, views) and not isinstance(result, LoopContext):
        most = _rounds(context).left + 1
        result = list(itertools.islice(result, most))
    _spend(context, result)
    return result


def _bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    passes = getattr(function, "jinja_pass_arg", None)

    @pass_context
    @functools.wraps(function)
    def checked(context: Context, *args: Any, **kwargs: Any) -> Any:
        given = [_plain(context, one) for one in args]
        _spend(context, *kwargs.values())
        check_growth(function.__name__, (*given, *kwargs.values()))
        first = {"context": context, "eval_context": context.eval_ctx, "environment": context.environment}
        before = [first[passes.name]] if passes else []
        return _plain(context, function(*before, *given, **kwargs))

    return checked
