"""Read and fill templates, the text of which has no `\\r`; places are numbers of characters, from 0 (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import TracebackType
from typing import Any, NamedTuple

from jinja2 import TemplateSyntaxError, meta, nodes

from broadcast.config.delimiters import DEFAULT, Delimiters
from broadcast.snapshot.sandbox import MAX_CHARACTERS, NoTextError, Sandbox, UnknownNameError

# What templates know besides the vars.
FACTS = {
    "target": ("owner", "name", "full_name", "default_branch", "base", "topics", "properties"),
    "source": ("owner", "name", "full_name"),
}


class TemplateError(Exception):
    """A template can't be read or filled."""

    def __init__(self, reason: str, place: int, remedy: str = "", unknown: str = "") -> None:
        super().__init__(reason)
        self.reason, self.place, self.remedy = reason, place, remedy
        self.unknown = unknown  # the name that has no value


class Used(NamedTuple):
    """The names that a template uses."""

    names: frozenset[str]  # facts as target.owner
    certain: tuple[tuple[int, str], ...]  # place and name of those that are read whatever the values are; no facts


def used(text: str, delimiters: Delimiters) -> Used:
    """What a template uses. Raises TemplateError, also for expressions that no template would have."""
    tree = _parsed(text, delimiters)
    try:
        found = _undeclared(tree)
    except Exception as error:  # what it can't make sense of: a filter that doesn't exist, too many brackets
        raise TemplateError(_message(error), _place(error)) from error
    for expression in _printed(tree):
        _refuse_code(expression, found, delimiters)
    asked = [fact for subject in FACTS.keys() & found for fact in _facts(tree, subject)]
    return Used(frozenset({*found, *asked} - FACTS.keys()), _certain(tree, found - FACTS.keys()))


def fill(text: str, values: Mapping[str, Any], delimiters: Delimiters) -> str:
    """The text of a template with these values; facts are named as in `used`. Raises TemplateError."""
    given: dict[str, Any] = {subject: {} for subject in FACTS}
    for name, value in values.items():
        subject, dot, attribute = name.partition(".")
        (given[subject] if dot else given)[attribute if dot else name] = value
    return _generated(text, given, delimiters)


def _generated(text: str, given: Mapping[str, Any], delimiters: Delimiters) -> str:
    tree = _parsed(text, delimiters)
    pieces, size, template = [], 0, None
    try:
        template = Sandbox(delimiters).from_string(text)
        for piece in template.generate(given):
            size += len(piece)
            if size > MAX_CHARACTERS:
                raise OverflowError("the rendered text is far too large")
            pieces.append(piece)
    except Exception as error:  # whatever a template's own expressions come to
        line = _python_line(error.__traceback__)
        place = template.get_corresponding_lineno(line) - 1 if template and line else _place(error)
        unknown = error.name if isinstance(error, UnknownNameError) else ""
        remedy = _for_no_text(_message(error), delimiters) if isinstance(error, NoTextError) else ""
        raise TemplateError(_message(error), _read(tree, unknown, place), remedy, unknown) from error
    return "".join(pieces)


def _python_line(trace: TracebackType | None) -> int:
    """The line of a template's Python in a traceback; 0 if it has none."""
    line = 0
    while trace:
        line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == "<template>" else line
        trace = trace.tb_next
    return line


def _parsed(text: str, delimiters: Delimiters) -> nodes.Template:
    try:
        return _parser(delimiters).parse(text)
    except (TemplateSyntaxError, RecursionError, ValueError) as error:
        raise TemplateError(_message(error), _place(error)) from error


@lru_cache(maxsize=64)
def _parser(delimiters: Delimiters) -> Sandbox:
    return Sandbox(delimiters)


def _read(tree: nodes.Template, name: str, place: int) -> int:
    """Where a name is first read at a place or after it; the place itself if it isn't."""
    names = (node for node in _walked(tree) if isinstance(node, nodes.Name) and node.name == name)
    return min((node.lineno - 1 for node in names if node.lineno > place), default=place)


def _place(error: Exception) -> int:
    return int(getattr(error, "lineno", None) or 0) - 1


def _message(error: Exception) -> str:
    what = "it is nested too deeply" if isinstance(error, RecursionError) else getattr(error, "message", None)
    return str(what or error).partition("\n")[0]


def _for_no_text(message: str, delimiters: Delimiters) -> str:
    joined = "join its items, as with `| join(', ')`; " if "a list" in message else ""
    return joined + delimiters.own_code


# What a template uses


def _walked(tree: nodes.Node) -> Iterator[nodes.Node]:
    left = [tree]
    while left:
        node = left.pop()
        yield node
        left += node.iter_child_nodes()


def _printed(tree: nodes.Template) -> Iterable[nodes.Expr]:
    """The expressions of all `[[ … ]]`."""
    outputs = (node for node in _walked(tree) if isinstance(node, nodes.Output))
    return (one for node in outputs for one in node.nodes if not isinstance(one, nodes.TemplateData))


def _refuse_code(expression: nodes.Expr, undeclared: set[str], delimiters: Delimiters) -> None:
    """Raise TemplateError for an expression that is a constant, or that can't have a text."""
    reason = ""
    if isinstance(expression, nodes.Const) and expression.value in delimiters.marks:
        return
    if not any(isinstance(node, nodes.Name) and node.name != "range" for node in _walked(expression)):
        reason = "this is a constant: it is the same for every target"
    elif isinstance(expression, nodes.Name) and expression.name in FACTS.keys() & undeclared:
        reason = f"{expression.name} has {', '.join(FACTS[expression.name])}, but no text of its own"
    elif isinstance(expression, nodes.List | nodes.Tuple | nodes.Dict):
        kind = "a mapping" if isinstance(expression, nodes.Dict) else "a list"
        reason = f"this is {kind}, no text, number or boolean"
    if reason:
        raise TemplateError(reason, expression.lineno - 1, _for_no_text(reason, delimiters))


def _undeclared(tree: nodes.Template) -> set[str]:
    """The names that no part of the template defines; Jinja's own function takes the cube of an expression's depth."""
    generator = meta.TrackingCodeGenerator(_parser(DEFAULT))
    generator.optimizer = None
    generator.visit(tree)
    return generator.undeclared_identifiers


def _certain(tree: nodes.Template, undeclared: set[str]) -> tuple[tuple[int, str], ...]:
    """The first place of each name that is read outside of conditions and loops, and needs a value there."""
    found: dict[str, int] = {}
    wanted = undeclared - {node.name for node in _walked(tree) if isinstance(node, nodes.Name) and node.ctx != "load"}
    left: list[nodes.Node] = [tree]
    while left:
        node = left.pop()
        if isinstance(node, nodes.Name) and node.name in wanted:
            found[node.name] = min(found.get(node.name, node.lineno), node.lineno)
        left += _always_read(node)
    return tuple(sorted((place - 1, name) for name, place in found.items()))


def _always_read(node: nodes.Node) -> Iterable[nodes.Node]:
    """The parts of a node that are read whatever the values are."""
    if isinstance(node, nodes.If | nodes.CondExpr):
        return (node.test,)
    if isinstance(node, nodes.For):
        return (node.iter,)
    if isinstance(node, nodes.And | nodes.Or):
        return (node.left,)
    if isinstance(node, nodes.Compare):  # a < b < c ends at the first that doesn't hold
        return (node.expr, node.ops[0])
    may_lack = isinstance(node, nodes.Filter | nodes.Test) and node.name in _OPTIONAL
    return (one for one in node.iter_child_nodes() if not (may_lack and isinstance(one, nodes.Name)))


_OPTIONAL = frozenset({"d", "default", "defined", "undefined"})


def _facts(tree: nodes.Template, subject: str) -> Iterable[str]:
    """Facts read as `subject.name` or `subject['name']`; all of them if `subject` is used as a whole."""
    asked: dict[nodes.Node, object] = {node.node: node.attr for node in tree.find_all(nodes.Getattr)}
    asked |= {node.node: node.arg.value for node in tree.find_all(nodes.Getitem) if isinstance(node.arg, nodes.Const)}
    for node in tree.find_all(nodes.Name):
        if node.name == subject:
            names = [asked[node]] if node in asked else FACTS[subject]
            if names[0] not in FACTS[subject]:
                reason = f"{subject} has {', '.join(FACTS[subject])}, but no {names[0]}"
                raise TemplateError(reason, node.lineno - 1)
            yield from (f"{subject}.{name}" for name in names)
