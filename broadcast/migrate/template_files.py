"""Templates of other tools in our language: what a file reads, what it lacks, and whether ours renders it (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import jinja2
from jinja2 import meta, nodes

from broadcast.config.delimiters import NUNJUCKS, Delimiters
from broadcast.git import paths
from broadcast.git.ignore import Excludes
from broadcast.migrate.model import MigratedEntry, SourceList
from broadcast.migrate.values import Vars, frozen
from broadcast.snapshot.content import Recipe, RenderError, render
from broadcast.snapshot.templates import FACTS

Path = tuple[str, ...]  # user.name is ("user", "name")
MAX_SIZE = 1_000_000  # characters of a file that is read
_TAG = re.compile(r"\{[{%#]")
_GITHUB = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
_GUARDS = ("d", "default", "defined", "undefined")


class Reads(NamedTuple):
    """The values that a template reads."""

    needed: frozenset[Path]
    guarded: frozenset[Path]  # only where it asks whether they are there


def texts(entry: MigratedEntry, listing: SourceList) -> dict[str, str]:
    """Path → text of the files that an entry sends, without those that aren't text."""
    if not entry.directory:
        found = [entry.src]
    else:
        own = Excludes(entry.exclude)
        found = [paths.join(entry.src, path) for path in listing.below(entry.src) if not own.match(path)]
    read = {path: listing.text(path) for path in found}
    return {path: text for path, text in read.items() if text is not None and len(text) <= MAX_SIZE}


def is_nunjucks(text: str) -> bool:
    """Whether Nunjucks would change a text."""
    return bool(_TAG.search(text))


def loses_expressions(text: str) -> bool:
    """Whether GitHub's own expressions are in it, which Nunjucks took for its own."""
    return bool(_GITHUB.search(text))


def reads(text: str) -> Reads | None:
    """What a template of Nunjucks reads; None if Jinja can't parse it."""
    tree = _parsed(text)
    try:
        return _reads(tree, meta.find_undeclared_variables(tree)) if tree else None
    except (jinja2.TemplateError, RecursionError, ValueError):
        return None


def _parsed(text: str) -> nodes.Template | None:
    blanked = _GITHUB.sub(lambda found: " " * len(found[0]), text)
    environment = jinja2.Environment(autoescape=True)  # it only parses
    try:
        return environment.parse(blanked)
    except (jinja2.TemplateError, RecursionError, ValueError):
        return None


def differences(text: str) -> list[tuple[int, str, str]]:
    """What has another meaning in JavaScript: line, what it did there, and what to write instead."""
    tree = _parsed(text)
    left: list[nodes.Node] = [tree] if tree else []
    found = []
    while left:
        node = left.pop()
        if isinstance(node, nodes.For) and isinstance(node.target, nodes.Tuple) and _path(node.iter):
            name = ".".join(_path(node.iter))
            found.append((node.lineno, f"went through the keys and values of {name}", f"write {name}.items()"))
        elif isinstance(node, nodes.Compare) and any(_is_loose(one) for one in node.ops):
            did = "compared 0, '0', '' and false as equal"
            found.append((node.lineno, did, "write `if name` or `if not name` where that matters"))
        left += node.iter_child_nodes()
    return sorted(set(found))


def _is_loose(operand: nodes.Operand) -> bool:
    """Whether a comparison for equality is with a value that JavaScript takes for others."""
    value = getattr(operand.expr, "value", None) if isinstance(operand.expr, nodes.Const) else None
    return operand.op in ("eq", "ne") and (isinstance(value, bool) or value in ("", 0))


def _reads(tree: nodes.Template, unknown: set[str]) -> Reads:
    needed: set[Path] = set()
    guarded: set[Path] = set()
    left: list[nodes.Node] = [tree]
    while left:
        node = left.pop()
        if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Getattr):
            left += [node.node.node, *node.args, *node.kwargs]
            continue
        if isinstance(node, nodes.Filter | nodes.Test) and node.name in _GUARDS and _path(node.node):
            guarded.add(_path(node.node))
            left += node.args
            continue
        path = _path(node)
        if path and path[0] in unknown:
            needed.add(path)
        elif not path:
            left += node.iter_child_nodes()
    return Reads(frozenset(needed), frozenset(path for path in guarded - needed if path[0] in unknown))


def _path(node: Any) -> Path:
    """What an expression reads: a name, or what is in it; empty for others."""
    parts: list[str] = []
    while isinstance(node, nodes.Getattr | nodes.Getitem):
        key = node.attr if isinstance(node, nodes.Getattr) else getattr(node.arg, "value", None)
        if not isinstance(key, str):
            return ()
        parts.append(key)
        node = node.node
    return (node.name, *reversed(parts)) if isinstance(node, nodes.Name) and node.ctx == "load" else ()


def completed(values: Vars, needed: Iterable[Path]) -> Vars:
    """The values with an empty text for each that is read and has none, which prints as nothing and is false, too."""
    made: Vars = _copied(values)
    for path in sorted(needed):  # user before user.name
        if path[0] in FACTS or path[0] == "range":
            continue
        inside: Any = made
        for part in path[:-1]:
            inside = inside.setdefault(part, {}) if isinstance(inside, dict) else None
        if isinstance(inside, dict):
            inside.setdefault(path[-1], "")
    return made


def _copied(value: Any) -> Any:
    return {key: _copied(one) for key, one in value.items()} if isinstance(value, Mapping) else value


def trouble(text: str, values: Vars, delimiters: Delimiters = NUNJUCKS) -> str:
    """Why we can't render it with these values; empty if we can."""
    return outcome(text, values, delimiters)[1]


def outcome(text: str, values: Vars, delimiters: Delimiters) -> tuple[str, str]:
    """What we render of it with these values; or why we can't."""
    given = tuple((name, frozen(value)) for name, value in values.items())
    facts = tuple((f"{subject}.{fact}", fact) for subject, known in FACTS.items() for fact in known)
    try:
        made = render(text.encode("utf-8", "replace"), Recipe((*given, *facts), delimiters=delimiters))
    except RenderError as error:
        return "", str(error)
    return made.decode("utf-8", "replace"), ""
