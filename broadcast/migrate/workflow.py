"""Find the steps that run a tool: in a workflow, its composite actions, reusable workflows and matrices (pure)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice, product
from typing import NamedTuple

import yaml
from msgspec import Struct

from broadcast.config.yaml_reader import Place, Text, node_place
from broadcast.errors import ConfigError
from broadcast.migrate.document import Document, plain
from broadcast.migrate.model import SourceList

MAX_DEPTH = 5  # of actions and workflows within others
MAX_STEPS, MAX_COMBINATIONS = 200, 50
_EXPRESSION = re.compile(r"\$\{\{\s*((?:inputs|matrix|env|github)\.[\w.-]+)\s*\}\}")
_OUTPUT = r"steps\s*(?:\.\s*{0}|\[\s*'{0}'\s*\])\s*\.\s*outputs\s*(?:\.\s*([\w-]+)|\[\s*'([^'\]]+)'\s*\])"

Runs = Callable[[str, Collection[str]], bool]  # by `uses`, and the names of the inputs
Known = Mapping[str, str]  # inputs.name → what it stands for


class Step(Struct, frozen=True):
    """A step that runs a tool."""

    doc: Document  # the file in which it stands
    uses: Text
    id: str
    given: Mapping[Text, str]  # its inputs
    env: Mapping[Text, str]

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.uses.place

    @property
    def inputs(self) -> dict[str, Text]:
        """Its inputs by name in capitals, as GitHub passes them, each with the place of its key."""
        return {key.upper().replace(" ", "_"): Text.at(value, key.place) for key, value in self.given.items()}


class Output(NamedTuple):
    """An output of a step that is read."""

    line: int
    name: str


def steps(doc: Document, listing: SourceList, runs: Runs, source: str = "") -> list[Step]:
    """The steps of a workflow that run a tool, in their order; those that are alike once."""
    owner, _, name = source.partition("/")
    facts = {"github.repository": source, "github.repository_owner": owner, "github.event.repository.name": name}
    finder = _Finder(listing, runs)
    finder.workflow(doc, facts if source else {}, 0)
    unique = {(one.doc.file, one.place, tuple(one.given.items())): one for one in finder.found}
    return list(unique.values())


class _Finder:
    """Walks through a workflow and what it uses of the same repository."""

    def __init__(self, listing: SourceList, runs: Runs) -> None:
        self._listing, self._runs = listing, runs
        self.found: list[Step] = []

    def workflow(self, doc: Document, known: Known, depth: int) -> None:
        """Add the steps of all jobs."""
        for job in children(child(doc.root, "jobs")):
            for values in combinations(job):
                here = {**known, **values}
                if isinstance(uses := child(job, "uses"), yaml.ScalarNode):
                    self._reusable(str(uses.value), job, here, depth)
                self._steps(doc, [doc.root, job], child(job, "steps"), here, depth)

    def _steps(self, doc: Document, around: list[yaml.Node], nodes: yaml.Node | None, known: Known, depth: int) -> None:
        for step in nodes.value if isinstance(nodes, yaml.SequenceNode) else []:
            uses = child(step, "uses")
            if isinstance(uses, yaml.ScalarNode) and len(self.found) < MAX_STEPS:
                self._step(doc, [*around, step], Text.at(str(uses.value).strip(), node_place(uses)), known, depth)

    def _step(self, doc: Document, around: list[yaml.Node], uses: Text, known: Known, depth: int) -> None:
        env = {key: value for node in around for key, value in members(child(node, "env"))}
        known = {**known, **{f"env.{key}": value for key, value in env.items()}}
        given = {key: resolved(value, known) for key, value in members(child(around[-1], "with"))}
        if uses.startswith("./"):
            self._composite(uses, given, known, depth)
        elif self._runs(uses, [key.upper() for key in given]):
            name = child(around[-1], "id")
            env = {key: resolved(value, known) for key, value in env.items()}
            self.found.append(Step(doc, uses, str(name.value) if name else "", given, env))

    def _composite(self, uses: str, given: Mapping[Text, str], known: Known, depth: int) -> None:
        folder = posixpath.normpath(uses)
        for name in ("action.yml", "action.yaml"):
            doc = self._opened(posixpath.join(folder, name), depth)
            if doc:
                inputs = _inputs(child(doc.root, "inputs"), given)
                nodes = child(child(doc.root, "runs"), "steps")
                self._steps(doc, [], nodes, {**_facts(known), **inputs}, depth + 1)

    def _reusable(self, uses: str, job: yaml.Node, known: Known, depth: int) -> None:
        doc = self._opened(posixpath.normpath(uses), depth) if uses.startswith("./") else None
        if doc:
            given = {key: resolved(value, known) for key, value in members(child(job, "with"))}
            called = child(child(doc.root, "on"), "workflow_call")
            self.workflow(doc, {**_facts(known), **_inputs(child(called, "inputs"), given)}, depth + 1)

    def _opened(self, path: str, depth: int) -> Document | None:
        text = self._listing.text(path) if depth < MAX_DEPTH else None
        with suppress(ConfigError):
            return Document(text, path) if text else None
        return None


def _facts(known: Known) -> Known:
    return {name: value for name, value in known.items() if name.startswith("github.")}


def _inputs(declared: yaml.Node | None, given: Mapping[Text, str]) -> dict[str, str]:
    """What `inputs.name` stands for: what is given, else the default."""
    found = {str(key): "" for key, _ in pairs(declared)}
    for key, node in pairs(declared):
        default = child(node, "default")
        found[str(key)] = scalar_text(default) if default else ""
    lower = {key.lower(): value for key, value in given.items()}
    return {f"inputs.{name}": lower.get(name.lower(), value) for name, value in found.items()}


def combinations(job: yaml.Node) -> list[dict[str, str]]:
    """What `matrix.name` stands for in each run of a job; one empty answer where only GitHub knows."""
    matrix = child(child(job, "strategy"), "matrix")
    axes = [(str(key), node) for key, node in pairs(matrix) if key not in ("include", "exclude")]
    lists = [[_flat(f"matrix.{key}", item) for item in node.value] for key, node in axes
             if isinstance(node, yaml.SequenceNode)]  # fmt: skip
    made = [{name: value for one in chosen for name, value in one.items()}
            for chosen in islice(product(*lists), MAX_COMBINATIONS)]  # fmt: skip
    more = child(matrix, "include")
    items = more.value[:MAX_COMBINATIONS] if isinstance(more, yaml.SequenceNode) else []
    added = [_flat("matrix", item) for item in items]
    return [*(made if lists else []), *added] or [{}]


def _flat(name: str, node: yaml.Node) -> dict[str, str]:
    if isinstance(node, yaml.MappingNode):
        return {key: value for part, one in pairs(node) for key, value in _flat(f"{name}.{part}", one).items()}
    return {name: scalar_text(node)} if isinstance(node, yaml.ScalarNode) else {}


def resolved(value: str, known: Known) -> str:
    """A value with the expressions in it that are known from the files."""
    return _EXPRESSION.sub(lambda found: known.get(found[1], found[0]), value)


def outputs(step: Step) -> list[Output]:
    """The outputs of a step that its file reads, each with its line."""
    if not step.id:
        return []
    pattern = re.compile(_OUTPUT.format(re.escape(step.id)))
    lines = step.doc.source_text.splitlines()
    return [Output(at, found[1] or found[2]) for at, line in enumerate(lines, 1) for found in pattern.finditer(line)]


def name_of(uses: str) -> str:
    """`owner/name` of an action, in lower case, without its version."""
    return "/".join(uses.lower().partition("@")[0].strip().split("/")[:2])


def child(node: yaml.Node | None, key: str) -> yaml.Node | None:
    """The value of a key; None for others."""
    return next((value for name, value in pairs(node) if name == key), None)


def children(node: yaml.Node | None) -> list[yaml.Node]:
    """The values of a mapping."""
    return [value for _, value in pairs(node)]


def pairs(node: yaml.Node | None) -> Iterator[tuple[Text, yaml.Node]]:
    """The keys of a mapping with their places, and the values."""
    for key, value in node.value if isinstance(node, yaml.MappingNode) else []:
        if isinstance(key, yaml.ScalarNode):
            yield Text.at(key.value, node_place(key)), value


def members(node: yaml.Node | None) -> Iterable[tuple[Text, str]]:
    """The keys and texts of a mapping."""
    return [(key, scalar_text(value)) for key, value in pairs(node) if isinstance(value, yaml.ScalarNode)]


def scalar_text(node: yaml.Node) -> str:
    """The text of a scalar as GitHub passes it; empty for nothing."""
    return "" if plain(node) is None else str(node.value)
