"""YAML text to typed values: every mistake at once, each with its line and column (pure).

The types are msgspec structs. PyYAML's node graph keeps the places that plain loading loses, and shows the traps
that loading hides: duplicate keys, `on:` read as true, `1.10` read as 1.1.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import msgspec
import yaml
from msgspec import inspect

from broadcast.errors import Problem

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS = {
    "str": "text",
    "int": "a whole number",
    "bool": "true or false",
    "seq": "a list",
    "map": "a mapping",
}
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)")


class Place(NamedTuple):
    """Where in its file something stands; both count from 1."""

    line: int = 0
    column: int = 0


class Text(str):
    """A text that knows where in its file it was written."""

    place = Place()

    @classmethod
    def at(cls, text: str, place: Place) -> Text:
        """`text`, as it stands at `place`."""
        placed = cls(text)
        placed.place = place
        return placed


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """A value that knows where in its file it was written."""

    place: Place = Place()


class Reader:
    """Reads one YAML document; collects problems instead of raising them."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.lines = text.splitlines()
        self.problems: list[Problem] = []
        self._open: set[int] = set()
        self._visits = 0
        self.root = self._compose(text)

    def problem(self, place: Place, message: str, remedy: str = "") -> None:
        """Note one problem at `place`."""
        line = self.lines[place.line - 1] if 0 < place.line <= len(self.lines) else ""
        excerpt = f"{line}\n{' ' * (place.column - 1)}^" if line and len(line) <= 200 else ""
        self.problems.append(Problem(self.file, place.line, place.column, message, remedy, excerpt))

    def read(self, type_: type[Any]) -> Any:
        """The document as a `type_`, or None when it can't be one; look at `problems`."""
        if self.root is None:
            if not self.problems:
                self.problem(Place(1, 1), "the file is empty", "start with `version: 1`, `targets:` and `files:`")
            return None
        return self._value(self.root, inspect.type_info(type_), "")

    def _compose(self, text: str) -> yaml.Node | None:
        try:
            loader = _Loader(text)
            try:
                return loader.get_single_node()  # type: ignore[no-any-return]
            finally:
                loader.dispose()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
            message = " ".join(filter(None, [error.context, error.problem]))
            self.problem(place, f"this isn't valid YAML: {message}", _yaml_remedy(message, self._line(place)))
        except yaml.reader.ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            self.problem(Place(line, 1), f"this isn't valid YAML: {error.reason}", "remove the odd character")
        except RecursionError:
            self.problem(Place(1, 1), "the YAML is nested too deeply", "a config needs a few levels only")
        return None

    def _line(self, place: Place) -> str:
        return self.lines[place.line - 1] if 0 < place.line <= len(self.lines) else ""

    def _value(self, node: yaml.Node, kind: inspect.Type, key: str) -> Any:
        return self._once(node, partial(self._typed, node, kind, key))

    def _once(self, node: yaml.Node, read: Callable[[], Any]) -> Any:
        self._visits += 1
        if id(node) in self._open or self._visits > 100_000:  # an anchor inside itself, or aliases that explode
            self.problem(place_of(node), "this alias makes the document endless", "write the values out")
            return None
        self._open.add(id(node))
        try:
            return read()
        finally:
            self._open.discard(id(node))

    def _typed(self, node: yaml.Node, kind: inspect.Type, key: str) -> Any:
        kind = kind.type if isinstance(kind, inspect.Metadata) else kind
        options = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
        for option in options:
            if _fits(node, option):
                return self._build(node, option, key)
        wanted = " or ".join(dict.fromkeys(_describe(option) for option in options))
        self.problem(place_of(node), f"{_name(key)} must be {wanted}, not {_shown(node)}", _type_remedy(node, options))
        return None

    def _build(self, node: Any, kind: inspect.Type, key: str) -> Any:
        if isinstance(kind, inspect.StructType):
            return self._shorthand(node, kind) if isinstance(node, yaml.ScalarNode) else self._struct(node, kind)
        if isinstance(kind, inspect.ListType):
            items = (self._value(item, kind.item_type, key) for item in node.value)
            return [item for item in items if item is not None]
        if isinstance(kind, inspect.DictType):
            return self._texts(node)
        if isinstance(kind, inspect.AnyType):
            return node
        value = _scalar(node)
        if isinstance(kind, inspect.StrType):
            return Text.at(value, place_of(node))
        if isinstance(kind, inspect.IntType) and not _DECIMAL.fullmatch(node.value):
            self.problem(place_of(node), f"YAML reads {node.value} as {value}", "write a plain decimal number")
            return None
        if isinstance(kind, inspect.LiteralType) and value not in kind.values:
            allowed = [str(item) for item in kind.values]
            self.problem(place_of(node), f"{_name(key)} can't be {value!r}", did_you_mean(str(value), allowed))
            return None
        if isinstance(kind, inspect.IntType) and kind.ge is not None and value < kind.ge:
            self.problem(place_of(node), f"{_name(key)} must be at least {kind.ge}, not {value}")
            return None
        return value

    def _shorthand(self, node: yaml.ScalarNode, kind: inspect.StructType) -> Any:
        try:
            return kind.cls.from_text(node.value, place_of(node))  # type: ignore[attr-defined]
        except ValueError as error:
            self.problem(place_of(node), str(error))
            return None

    def _texts(self, node: yaml.MappingNode) -> dict[str, str]:
        """Names and their values, these as they are written: 1.10 stays 1.10."""
        found: dict[str, str] = {}
        for key, value_node in self._items(node).items():
            if isinstance(value_node, yaml.ScalarNode) and _tag(value_node) != "null":
                found[key] = Text.at(value_node.value, place_of(value_node))
            else:
                self.problem(place_of(value_node), f"{key!r} must be a text, not {_shown(value_node)}")
        return found

    def _items(self, node: yaml.MappingNode) -> dict[Text, yaml.Node]:
        """The keys of a mapping and their values; those that `<<` merges in don't override."""
        own: dict[Text, yaml.Node] = {}
        merged: list[yaml.Node] = []
        for key_node, value_node in node.value:
            key = Text.at(str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?", place_of(key_node))
            if _tag(key_node) == "merge":
                merged += value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]
            elif key in own:
                first = place_of(own[key]).line
                self.problem(key.place, f"the key {key!r} is here twice", f"line {first} has it too; keep one")
            else:
                own[key] = value_node
        for other in merged:
            if isinstance(other, yaml.MappingNode):
                own = (self._once(other, partial(self._items, other)) or {}) | own
            else:
                self.problem(place_of(other), f"<< must name a mapping, not {_shown(other)}", "give it an anchor")
        return own

    def _struct(self, node: yaml.MappingNode, kind: inspect.StructType) -> Any:
        fields = {field.encode_name: field for field in kind.fields if field.name != "place"}
        seen = self._items(node)
        for key in seen:
            is_anchorage = node is self.root and key.startswith("x-")  # a place to define anchors
            if key not in fields and not is_anchorage:
                self.problem(key.place, f"unknown key {key!r}", did_you_mean(key, list(fields)))
        missing = [name for name, field in fields.items() if field.required and name not in seen]
        for name in missing:
            self.problem(place_of(node), f"the key {name!r} is missing here", f"add `{name}:`")
        known = {
            fields[key].name: self._value(value, fields[key].type, key) for key, value in seen.items() if key in fields
        }
        values = {name: value for name, value in known.items() if value is not None}
        if any(field.required and field.name not in values for field in kind.fields):
            return None
        return kind.cls(**values, place=place_of(node))


def place_of(node: yaml.Node) -> Place:
    """Where `node` starts."""
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


def did_you_mean(word: str, allowed: list[str]) -> str:
    """A remedy that offers the nearest allowed words."""
    close = difflib.get_close_matches(word.lower().replace("-", "_"), allowed, n=1, cutoff=0.6)
    listed = ", ".join(allowed)
    return f"did you mean {close[0]!r}? Allowed: {listed}" if close else f"allowed: {listed}"


def _fits(node: yaml.Node, kind: inspect.Type) -> bool:
    if isinstance(kind, inspect.StructType):
        is_text = isinstance(node, yaml.ScalarNode) and _tag(node) == "str"
        return isinstance(node, yaml.MappingNode) or (is_text and hasattr(kind.cls, "from_text"))
    if isinstance(kind, inspect.ListType):
        return isinstance(node, yaml.SequenceNode)
    if isinstance(kind, inspect.DictType):
        return isinstance(node, yaml.MappingNode)
    if not isinstance(node, yaml.ScalarNode) or isinstance(kind, inspect.AnyType):
        return isinstance(kind, inspect.AnyType)
    if isinstance(kind, inspect.LiteralType):
        return _tag(node) == type(kind.values[0]).__name__
    tags = {
        inspect.StrType: "str",
        inspect.IntType: "int",
        inspect.BoolType: "bool",
        inspect.NoneType: "null",
    }
    return _tag(node) == tags.get(type(kind), "str")


def _scalar(node: yaml.ScalarNode) -> Any:
    constructor = yaml.constructor.SafeConstructor()
    try:
        return constructor.construct_object(node)
    except (ValueError, yaml.YAMLError):
        return node.value


def _tag(node: yaml.Node) -> str:
    return str(node.tag).rsplit(":", 1)[-1]


def _describe(kind: inspect.Type) -> str:
    if isinstance(kind, inspect.LiteralType):
        return " or ".join(repr(value) if isinstance(value, str) else str(value) for value in kind.values)
    if isinstance(kind, inspect.StructType | inspect.DictType):
        return _WORDS["map"]
    words = {
        inspect.ListType: "seq",
        inspect.IntType: "int",
        inspect.BoolType: "bool",
        inspect.NoneType: "null",
    }
    return _WORDS.get(words.get(type(kind), "str"), "nothing")


def _name(key: str) -> str:
    return repr(key) if key else "the config"


def _shown(node: yaml.Node) -> str:
    if isinstance(node, yaml.ScalarNode):
        return "empty" if _tag(node) == "null" else repr(node.value)
    return "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"


def _type_remedy(node: yaml.Node, options: tuple[inspect.Type, ...]) -> str:
    if isinstance(node, yaml.ScalarNode) and node.tag.startswith("!"):
        return f"quote it: '{node.tag}{' ' if node.value else ''}{node.value}' (an unquoted ! starts a YAML tag)"
    text = any(isinstance(option, inspect.StrType | inspect.StructType) for option in options)
    if isinstance(node, yaml.ScalarNode) and text and _tag(node) != "null":
        return f"YAML reads {node.value} as a {_tag(node)}; put it in quotes"
    if isinstance(node, yaml.ScalarNode) and any(isinstance(option, inspect.ListType) for option in options):
        return "write it as a list: [ … ], or one `- item` a line"
    return ""


def _yaml_remedy(message: str, line: str) -> str:
    if "\\t" in message or "\t" in line:
        return "YAML takes spaces for indentation, never tabs"
    if "tag" in message and "!" in line:
        return "quote it: a text that starts with ! must stand in quotes"
    if "while scanning an alias" in message:
        return "quote a text that starts with *"
    if "mapping values are not allowed" in message:
        return "check the indentation, and quote texts that hold `: `"
    return "check the indentation, the brackets and the quotes around here"
