"""Read another tool's YAML file: values with places, problems and notes (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, cast

import yaml
from msgspec import Struct

from broadcast.config.yaml_reader import Place, Reader, Text, node_place
from broadcast.errors import ConfigError, Problem
from broadcast.migrate.comments import Anchor

Schema = Mapping[str, Any]  # key → str, bool, object (anything), [schema], (word, word, …) or another Schema
MAX_DEPTH, MAX_NODES = 50, 100_000

# YAML 1.2's core schema, which JavaScript's libraries read: there, `no` and `1:30` are texts.
_NULL, _TRUE, _FALSE = {"", "~", "null", "Null", "NULL"}, {"true", "True", "TRUE"}, {"false", "False", "FALSE"}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")

CONSEQUENCES = ("the target was left out", "the group was left out")  # of what other notes say
_REMEDY = "name a repository, and what it is sent"
_LEFT_OUT = ("left out; ", "left out: ")


class Note(NamedTuple):
    """A key or behaviour of the old config without an equivalent here."""

    file: str
    line: int  # 0: the file as a whole
    key: str
    did: str  # what it did
    instead: str  # what to do instead

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.key}: {self.did} → {self.instead}"


class Document:
    """One YAML document; collects problems and notes while it is read. Raises ConfigError when it isn't YAML."""

    def __init__(self, text: str, file: str, *, merges: bool = True) -> None:
        self.file = file
        self.source_text = text
        self._notes: dict[Note, None] = {}
        self.anchors: dict[Anchor, None] = {}
        self._reader = Reader(text, file)
        self._merges = merges  # whether `<<` means anything to that tool
        if self._reader.root is None and not self._reader.problems:
            self._reader.problem(Place(1, 1), "the file is empty", "name the config of the tool to migrate from")
        self.check()
        self.root = cast("yaml.Node", self._reader.root)
        self._refuse_endless()
        self.check()

    def problem(self, place: Place, message: str, remedy: str = "") -> None:
        """Add a problem that makes the file unusable."""
        self._reader.problem(place, message, remedy)

    def note(self, place: Place, key: str, did: str, instead: str) -> None:
        """Add a note on what has no equivalent here."""
        self._notes[Note(self.file, place.line, str(key), did, instead)] = None

    def note_in(self, note: Note) -> None:
        """Add a note on another file."""
        self._notes[note] = None

    def anchor(self, place: Place, end: int, *key: str) -> None:
        """Say where an item of the new config stands in this one, so that its comments go with it."""
        self.anchors[Anchor(place, end, key)] = None

    @property
    def notes(self) -> list[Note]:
        """The notes so far, each once."""
        return list(self._notes)

    def check(self) -> None:
        """Raise ConfigError with all problems so far, if there are any."""
        if self._reader.problems:
            raise self._reader.refusal()

    def mapping(self, node: yaml.Node, name: str) -> dict[Text, yaml.Node]:
        """The keys of a mapping with their places, and their values; empty for other nodes."""
        if not isinstance(node, yaml.MappingNode):
            self._wrong(node, name, "a mapping")
            return {}
        own: dict[Text, yaml.Node] = {}
        merged: dict[Text, yaml.Node] = {}
        for key_node, value_node in node.value:
            key = Text.at(key_node.value if isinstance(key_node, yaml.ScalarNode) else "?", node_place(key_node))
            if key == "<<" and self._merges:
                merged |= self._merged(value_node)
            elif key in own:
                self.problem(key.place, f"the key {key!r} is used twice", "keep one")
            else:
                own[key] = value_node
        return own | {key: value for key, value in merged.items() if key not in own}

    def _merged(self, node: yaml.Node) -> dict[Text, yaml.Node]:
        several = node.value if isinstance(node, yaml.SequenceNode) else [node]
        return {key: value for one in reversed(several) for key, value in self.mapping(one, "<<").items()}

    def sequence(self, node: yaml.Node, name: str) -> list[yaml.Node]:
        """The items of a list; empty for other nodes."""
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        self._wrong(node, name, "a list")
        return []

    def text(self, node: yaml.Node, name: str) -> Text:
        """A text with its place; empty for other nodes."""
        found = plain(node)
        if isinstance(found, str):
            return Text.at(found, node_place(node))
        self._wrong(node, name, "text")
        return Text()

    def read(self, node: yaml.Node, schema: Any, name: str, unknown: str = "") -> Any:
        """Return the value of `node` by `schema`; note each unknown key, with `unknown` as its consequence."""
        if isinstance(schema, Mapping):
            return self._keys(node, schema, name, unknown)
        if isinstance(schema, list):
            return [self.read(item, schema[0], name, unknown) for item in self.sequence(node, name)]
        if schema is str:
            return self.text(node, name)
        value = plain(node)
        if schema is bool and not isinstance(value, bool):
            self._wrong(node, name, "true or false")
        if isinstance(schema, tuple) and value not in schema:
            self._wrong(node, name, " or ".join(schema))
        return value

    def _keys(self, node: yaml.Node, schema: Schema, name: str, unknown: str) -> dict[Text, Any]:
        found = self.mapping(node, name)
        for key in found:
            if key not in schema:
                self.note(key.place, key, unknown, "it was left out; remove it")
        return {key: self.read(value, schema[key], key, unknown) for key, value in found.items() if key in schema}

    def _wrong(self, node: yaml.Node, name: str, wanted: str) -> None:
        shown = repr(node.value) if isinstance(node, yaml.ScalarNode) else _kind(node)
        is_scalar = isinstance(node, yaml.ScalarNode)
        is_empty = is_scalar and not node.value
        remedy = f"write {wanted}, or remove the key" if is_empty else f"write {wanted}"
        remedy = "put it in quotes" if is_scalar and not is_empty and wanted == "text" else remedy
        self.problem(
            node_place(node), f"{name} must be {wanted}, not {shown if shown != repr('') else 'empty'}", remedy
        )

    def _refuse_endless(self) -> None:
        """Raise ConfigError if aliases make the document endless or too large."""
        left, seen = [(self.root, 0)], 0
        while left:
            node, depth = left.pop()
            seen += 1
            if depth > MAX_DEPTH or seen > MAX_NODES:
                self.problem(node_place(node), "the YAML is nested too deeply, or its aliases make it endless")
                return
            if isinstance(node, yaml.MappingNode):
                left += [(child, depth + 1) for pair in node.value for child in pair]
            elif isinstance(node, yaml.SequenceNode):
                left += [(child, depth + 1) for child in node.value]


def plain(node: yaml.Node) -> Any:
    """The value of a node in YAML 1.2; keys are texts, numbers stay as written."""
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): plain(value) for key, value in node.value if isinstance(key, yaml.ScalarNode)}
    if isinstance(node, yaml.SequenceNode):
        return [plain(item) for item in node.value]
    text = cast("str", node.value)
    if getattr(node, "style", None):  # quoted, or a block
        return text
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    return Number(text) if _INTEGER.fullmatch(text) or _FLOAT.fullmatch(text) else text


class Number(Struct, frozen=True):
    """A number as written: 1.10 stays 1.10."""

    text: str

    def __bool__(self) -> bool:
        return any(char in "123456789abcdefABCDEFiI" for char in self.text.split("e")[0])

    def __str__(self) -> str:
        return self.text


def place_of_key(values: Iterable[Text], key: str, otherwise: Place) -> Place:
    """The place of `key` in a mapping from `Document.read`."""
    return next((one.place for one in values if one == key), otherwise)


def _kind(node: yaml.Node) -> str:
    return "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"


def nothing_left(file: str, notes: Iterable[Note]) -> ConfigError:
    """The error where no target is left: a problem for each note on what was left out, or for each with a place."""
    placed = [note for note in notes if note.line]
    causes = [note for note in placed if note.instead.startswith(_LEFT_OUT)]
    lost = [note for note in placed if note.instead == CONSEQUENCES[0]]
    told = causes or lost or placed
    problems = [Problem(one.file, one.line, 1, f"{one.key}: {one.did}", _remedy_of(one)) for one in told]
    failure = ConfigError(problems or [Problem(file, 1, 1, "it names no target that is sent anything", _REMEDY)])
    failure.message = f"nothing of {file} can be migrated"
    return failure


def _remedy_of(note: Note) -> str:
    cut = next((note.instead.removeprefix(one) for one in _LEFT_OUT if note.instead.startswith(one)), note.instead)
    return "" if cut in CONSEQUENCES else cut
