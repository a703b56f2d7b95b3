"""Draw mutants: one small change each, by mutmut's operators, from the modules under test."""

from __future__ import annotations

import difflib
import hashlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators


class Mutant(NamedTuple):
    """A module's text with one change; `first` and `last` are the lines of the changed statement, from 1."""

    path: str
    first: int
    last: int
    source: str

    @property
    def diff(self) -> str:
        """What is changed: the removed and the added lines."""
        lines = difflib.unified_diff(Path(self.path).read_text("utf-8").splitlines(), self.source.splitlines(), n=0)
        return "\n".join(line for line in lines if line[:1] in "+-" and line[:3] not in {"+++", "---"})


class Change(NamedTuple):
    """One possible mutant, before its text is written; `rank` decides whether it is drawn."""

    rank: bytes
    path: str
    span: tuple[int, int]
    node: cst.CSTNode
    mutated: cst.CSTNode
    module: cst.Module

    def mutant(self) -> Mutant:
        """The module's text with this change."""
        changed = cst.ensure_type(self.module.deep_replace(self.node, self.mutated), cst.Module)
        return Mutant(self.path, *self.span, changed.code)


def draw(paths: Iterable[Path], count: int, seed: str) -> list[Mutant]:
    """`count` mutants, the same ones for the same seed; editing one function doesn't change the draw in others."""
    pool = sorted((change for path in paths for change in changes(path, seed)), key=lambda change: change.rank)
    compiled = (change.mutant() for change in pool)
    return [mutant for _, mutant in zip(range(count), filter(_compiles, compiled), strict=False)]


def changes(path: Path, seed: str) -> list[Change]:
    """Every change that the operators make in a module."""
    wrapper = MetadataWrapper(cst.parse_module(path.read_text("utf-8")))
    finder = Finder(str(path), wrapper.module, seed)
    wrapper.visit(finder)
    return finder.found


class Finder(cst.CSTVisitor):
    """Collects the changes inside a module's functions, as mutmut does. Types and decorators stay as they are."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, path: str, module: cst.Module, seed: str) -> None:
        super().__init__()
        self.found: list[Change] = []
        self._path, self._module, self._seed = path, module, seed
        self._scopes: list[str] = []
        self._functions = 0
        self._statements: list[cst.CSTNode] = []
        self._same: Counter[str] = Counter()

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Annotation | cst.Decorator | cst.Import | cst.ImportFrom | cst.FormattedStringText):
            return False
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self._scopes.append(node.name.value)
            self._functions += isinstance(node, cst.FunctionDef)
        if isinstance(node, cst.SimpleStatementLine):
            self._statements.append(node)
        self._collect(node)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, cst.FunctionDef | cst.ClassDef):
            self._scopes.pop()
            self._functions -= isinstance(original_node, cst.FunctionDef)
        if isinstance(original_node, cst.SimpleStatementLine):
            self._statements.pop()

    def _collect(self, node: cst.CSTNode) -> None:
        operators = mutation_operators if self._functions and not _is_prose(node) else ()
        mutated = [one for kind, operator in operators if isinstance(node, kind) for one in operator(node)]
        if not mutated:
            return
        place = self.get_metadata(PositionProvider, self._statements[-1] if self._statements else node)
        before = self._module.code_for_node(node)
        for one in mutated:
            rank = self._rank(f"{before} → {self._module.code_for_node(one)}")
            self.found.append(Change(rank, self._path, (place.start.line, place.end.line), node, one, self._module))

    def _rank(self, change: str) -> bytes:
        name = "\n".join((self._seed, self._path, ".".join(self._scopes), change))
        self._same[name] += 1
        return hashlib.sha256(f"{name}\n{self._same[name]}".encode()).digest()


def _is_prose(node: cst.CSTNode) -> bool:
    """Whether it is a text for people: no test checks wording for its own sake."""
    return (
        isinstance(node, cst.SimpleString)
        and isinstance(node.evaluated_value, str)
        and " " in node.evaluated_value.strip()
    )


def _compiles(mutant: Mutant) -> bool:
    try:
        compile(mutant.source, mutant.path, "exec")
    except (SyntaxError, ValueError):
        return False
    return True
