"""What templates may use of Jinja: nothing that makes more than it is given without being counted."""

from __future__ import annotations

from typing import Any

from jinja2 import nodes
from jinja2.runtime import LoopContext

NODES = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Assign, nodes.With, nodes.Scope,
    nodes.Name, nodes.Const, nodes.List, nodes.Tuple, nodes.Dict, nodes.Pair, nodes.Keyword,
    nodes.Call, nodes.Filter, nodes.Test, nodes.Getattr, nodes.Getitem, nodes.Slice,
    nodes.Compare, nodes.Operand, nodes.CondExpr, nodes.And, nodes.Or, nodes.Not, nodes.Neg, nodes.Pos,
    nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Concat,
)  # fmt: skip
LINEAR = frozenset({  # filters
    "abs", "capitalize", "count", "d", "default", "dictsort", "first", "float", "int", "items", "last", "length",
    "list", "lower", "max", "min", "reverse", "sort", "string", "title", "truncate", "unique", "upper", "wordcount",
})  # fmt: skip
MULTIPLYING = frozenset({  # filters and methods
    "batch", "center", "indent", "join", "ljust", "lstrip", "map", "reject", "rejectattr", "replace", "rjust", "round",
    "rstrip", "select", "selectattr", "strip", "tojson", "trim", "zfill",
})  # fmt: skip
TESTED = frozenset({
    "!=", "<", "<=", "==", ">", ">=", "boolean", "defined", "divisibleby", "eq", "equalto", "even", "false", "float",
    "ge", "greaterthan", "gt", "in", "integer", "iterable", "le", "lessthan", "lower", "lt", "mapping", "ne", "none",
    "number", "odd", "sequence", "string", "true", "undefined", "upper",
})  # fmt: skip
METHODS: dict[type[Any], frozenset[str]] = {
    str: frozenset({
        "capitalize", "center", "count", "endswith", "find", "isalnum", "isalpha", "isdigit", "islower", "isupper",
        "join", "ljust", "lower", "lstrip", "removeprefix", "removesuffix", "replace", "rjust", "rsplit", "rstrip",
        "split", "splitlines", "startswith", "strip", "title", "upper", "zfill",
    }),
    list: frozenset({"count", "index"}),
    tuple: frozenset({"count", "index"}),
    dict: frozenset({"get", "items", "keys", "values"}),
    LoopContext: frozenset({
        "changed", "cycle", "first", "index", "index0", "last", "length", "nextitem", "previtem", "revindex",
        "revindex0",
    }),
}  # fmt: skip
_CALLABLE = frozenset().union(*METHODS.values())


def refused(node: nodes.Node) -> str:
    """The name of a node that templates may not use; empty if they may."""
    if isinstance(node, nodes.For) and node.recursive:
        return "a recursive loop"
    if isinstance(node, nodes.Call):
        called = node.node
        if isinstance(called, nodes.Getattr):
            return "" if called.attr in _CALLABLE else f"the method {called.attr!r}"
        name = called.name if isinstance(called, nodes.Name) else "a value as a function"
        return "" if name == "range" else name
    return "" if isinstance(node, NODES) else _NAMES.get(type(node), type(node).__name__.lower())


_NAMES: dict[type[nodes.Node], str] = {
    nodes.AssignBlock: "set without =", nodes.CallBlock: "call", nodes.FilterBlock: "filter as a block",
    nodes.FromImport: "import", nodes.NSRef: "set of an attribute", nodes.Pow: "**",
    nodes.ScopedEvalContextModifier: "autoescape",
}  # fmt: skip
