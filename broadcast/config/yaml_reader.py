"""Read YAML into typed values; collect every mistake with its line and column (pure).

The types are msgspec structs. PyYAML's node graph keeps the places that plain loading loses, and shows the traps
that loading hides: duplicate keys, `on:` read as true, `1.10` read as 1.1. The messages are in `yaml_messages`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import yaml
from msgspec import inspect

from broadcast.config.values import Table, Value, scalar
from broadcast.config.yaml_messages import example, named, shown, tag_of, type_remedy, value_of, wanted, yaml_remedy
from broadcast.config.yaml_places import Place, Placed, Text, node_place
from broadcast.config.yaml_types import blank, fits
from broadcast.errors import ConfigError, Problem, did_you_mean, excerpt, nearest

__all__ = ["Place", "Placed", "Reader", "Text", "did_you_mean", "node_place"]

MAX_DEPTH = 100  # the C loader calls itself, and a config needs a few levels
MAX_VALUES = 300_000  # that aliases and merges may make of a short text
MAX_PROBLEMS = 100  # of a document; nothing more is read then
MAX_MESSAGE = 1_000  # characters

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # YAML 1.1
_UNPRINTABLE = yaml.reader.Reader.NON_PRINTABLE
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_kind: Callable[[Any], inspect.Type] = cache(inspect.type_info)


class _Endless(Exception):
    """A document that aliases make endless or very large."""

    def __init__(self, node: yaml.Node) -> None:
        super().__init__()
        self.node = node


class Reader:
    """Reads one YAML document; collects problems instead of raising them."""

    def __init__(self, text: str, file: str) -> None:
        text = text.removeprefix("\ufeff")
        self.file = file
        self.lines = _BREAK.split(text)
        self.problems: list[Problem] = []
        self._reported: set[tuple[Place, str]] = set()
        self._open: set[int] = set()
        self._left = MAX_VALUES + len(text)
        self._tried: set[tuple[Place, str]] = set()
        self.ignored: list[Text] = []  # unknown keys where those are no mistake
        self.root = self._compose(text)

    def problem(self, place: Place, message: str, remedy: str = "") -> None:
        """Add a problem at `place`, once. Raises ConfigError if there are too many."""
        message = message[:MAX_MESSAGE]
        if (place, message) in self._reported:
            return
        self._reported.add((place, message))
        self.problems.append(
            Problem(
                file=self.file,
                line=place.line,
                column=place.column,
                message=message,
                remedy=remedy,
                excerpt=excerpt(self._line(place), place.column),
            )
        )
        if len(self.problems) == MAX_PROBLEMS:
            end = Problem(
                file=self.file,
                line=len(self.lines),
                column=1,
                message=f"only the first {MAX_PROBLEMS} mistakes are shown",
                remedy="",
                excerpt="",
            )
            raise ConfigError([*self.refusal().problems, end])

    def refusal(self) -> ConfigError:
        """A ConfigError with all problems so far, by place."""
        return ConfigError(sorted(self.problems, key=lambda problem: (problem.line, problem.column)))

    def tried(self, place: Place, *keys: str) -> bool:
        """Whether the mapping at `place` has one of these keys, misspelt or invalid: that is already reported."""
        return any((place, key) in self._tried for key in keys)

    def read(self, type_: type[Any]) -> Any:
        """The document as a `type_`, with placeholders for missing values; None if unreadable. See `problems`."""
        if self.root is None:
            if not self.problems:
                self.problem(Place(1, 1), "the file is empty", "start with `version: 1`, `targets:` and `files:`")
            return None
        try:
            return self._value(self.root, _kind(type_), "")
        except _Endless as error:
            self.problem(node_place(error.node), "this alias makes the document endless", "write the values out")
        except RecursionError:
            self._too_deep(Place(1, 1))
        return None

    def _compose(self, text: str) -> yaml.Node | None:
        try:
            if not self._is_deep(text):
                return yaml.compose(text, _Loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
            message = " ".join(filter(None, [error.context, error.problem]))
            remedy = yaml_remedy(message, self._line(place), place.column)
            self.problem(place, f"this isn't valid YAML: {message}", remedy)
        except yaml.reader.ReaderError as error:
            bad = _UNPRINTABLE.search(text)
            before = _BREAK.split(text[: bad.start()] if bad else "")
            place = Place(len(before), len(before[-1]) + 1)
            self.problem(place, f"this isn't valid YAML: {error.reason}", "remove this character")
        return None

    def _is_deep(self, text: str) -> bool:
        depth = 0
        for event in yaml.parse(text, _Loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                self._too_deep(node_place(event))
                return True
        return False

    def _too_deep(self, place: Place) -> None:
        self.problem(place, "the YAML is nested too deeply", "a config needs a few levels only")

    def _line(self, place: Place) -> str:
        return self.lines[place.line - 1] if 0 < place.line <= len(self.lines) else ""

    def _value(self, node: yaml.Node, kind: inspect.Type, key: str) -> Any:
        return self._once(node, partial(self._typed, node, kind, key))

    def _once(self, node: yaml.Node, read: Callable[[], Any]) -> Any:
        self._left -= 1
        if id(node) in self._open or self._left < 0:  # an anchor inside itself, or aliases that explode
            raise _Endless(node)
        self._open.add(id(node))
        try:
            return read()
        finally:
            self._open.discard(id(node))

    def _typed(self, node: Any, kind: inspect.Type, key: str) -> Any:
        kind = kind.type if isinstance(kind, inspect.Metadata) else kind
        options = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
        option = next((option for option in options if fits(node, option)), None)
        if option is None:
            self._mistyped(node, options, key)
            return None
        if isinstance(option, inspect.StructType):
            return self._shorthand(node, option) if isinstance(node, yaml.ScalarNode) else self._struct(node, option)
        if isinstance(option, inspect.ListType):
            items = (self._value(item, option.item_type, key) for item in node.value)
            return [item for item in items if item is not None]
        if isinstance(option, inspect.DictType):
            is_nested = isinstance(option.value_type, inspect.AnyType)
            return self._nested(node, key) if is_nested else self._texts(node, option.value_type)
        return node if isinstance(option, inspect.AnyType) else self._scalar(node, option, options, key)

    def _mistyped(self, node: yaml.Node, options: Sequence[inspect.Type], key: str) -> None:
        message = f"{named(key)} must be {wanted(tuple(options))}, not {shown(node)}"
        self.problem(node_place(node), message, type_remedy(node, tuple(options)))

    def _scalar(self, node: Any, kind: inspect.Type, options: Sequence[inspect.Type], key: str) -> Any:
        place, value = node_place(node), value_of(node)
        if isinstance(kind, inspect.DateType):
            return Text.at(node.value, place)
        if isinstance(kind, inspect.StrType):
            if _CONTROL.search(node.value):
                self.problem(place, f"{named(key)} can't hold control characters", "remove them")
                return None
            return Text.at(value, place)
        if isinstance(kind, inspect.IntType) and not _DECIMAL.fullmatch(node.value):
            self.problem(place, f"YAML reads {node.value[:40]} as {str(value)[:40]}", "write a plain decimal number")
        elif isinstance(kind, inspect.LiteralType) and value not in kind.values:
            allowed = [str(item) for item in kind.values]
            given = value if isinstance(value, int) else shown(node)
            self.problem(place, f"{named(key)} can't be {given}", did_you_mean(str(value), allowed))
        elif isinstance(kind, inspect.IntType) and kind.ge is not None and value < kind.ge:
            self.problem(place, f"{named(key)} must be at least {kind.ge}, not {value}")
        elif isinstance(kind, inspect.IntType) and kind.le is not None and value > kind.le:
            self.problem(place, f"{named(key)} must be at most {kind.le}, not {value}")
        elif isinstance(kind, inspect.BoolType) and not isinstance(value, bool):
            self._mistyped(node, options, key)
        else:
            return value
        return None

    def _shorthand(self, node: yaml.ScalarNode, kind: inspect.StructType) -> Any:
        try:
            return kind.cls.from_text(node.value, node_place(node))  # type: ignore[attr-defined]  # asked only where there is one
        except ValueError as error:
            self.problem(node_place(node), str(error))
            return None

    def _texts(self, node: yaml.MappingNode, kind: inspect.Type) -> dict[str, Any]:
        """Names and their values as written: 1.10 stays 1.10. Where `kind` says so, a value may be a list."""
        may_be_list = isinstance(kind, inspect.UnionType)
        found: dict[str, Any] = {}
        for key, one in self._items(node).items():
            if may_be_list and isinstance(one, yaml.SequenceNode):
                items = [self._text(item, key, is_choice=True) for item in one.value]
                found |= {} if None in items else {key: items}
            elif (text := self._text(one, key, is_choice=may_be_list)) is not None:
                found[key] = text
        return found

    def _text(self, node: yaml.Node, key: str, *, is_choice: bool) -> Text | None:
        """A scalar as written; where it is one of several that somebody else names, `True` is `true`."""
        place, is_tagged = node_place(node), str(node.tag).startswith("!")
        if not isinstance(node, yaml.ScalarNode) or tag_of(node) == "null" or is_tagged:
            self._mistyped(node, (inspect.StrType(),), key)
            return None
        if not is_choice or tag_of(node) != "bool":
            return Text.at(node.value, place)
        if node.value.lower() not in ("true", "false"):
            read = str(value_of(node)).lower()
            self.problem(place, f"YAML reads {node.value} as {read}", f"write {read}, or put {node.value} in quotes")
        return Text.at(node.value.lower(), place)

    def _nested(self, node: yaml.MappingNode, key: str) -> dict[str, Value]:
        """Names and their values, which may be nested."""
        made = {name: self._once(one, partial(self._any, one, name)) for name, one in self._items(node).items()}
        return {name: value for name, value in made.items() if value is not None}

    def _any(self, node: Any, key: str) -> Value | None:
        if str(node.tag).startswith("!") or tag_of(node) == "null":
            self._mistyped(node, (inspect.StrType(),), key)
            return None
        if isinstance(node, yaml.MappingNode):
            return Table(tuple(self._nested(node, key).items()))
        if isinstance(node, yaml.SequenceNode):
            items = [self._once(one, partial(self._any, one, key)) for one in node.value]
            return tuple(item for item in items if item is not None)
        return Text.at(node.value, node_place(node)) if node.style else scalar(node.value)

    def _items(self, node: yaml.MappingNode) -> dict[Text, yaml.Node]:
        """The keys and values of a mapping; keys merged by `<<` don't override."""
        self._left -= len(node.value)
        own: dict[Text, yaml.Node] = {}
        merged: list[yaml.Node] = []
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self.problem(node_place(key_node), f"a key must be text, not {shown(key_node)}", "check the brackets")
                continue
            key = Text.at(key_node.value, node_place(key_node))
            if tag_of(key_node) == "merge":
                merged += value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]
            elif key in own:
                first = node_place(own[key]).line
                self.problem(key.place, f"the key {key!r} is used twice", f"line {first} has it too; keep one")
            else:
                own[key] = value_node
        for other in merged:
            if isinstance(other, yaml.MappingNode):
                for key, value_node in self._once(other, partial(self._items, other)).items():
                    own.setdefault(key, value_node)
            else:
                self.problem(node_place(other), f"<< must name a mapping, not {shown(other)}", "give it an anchor")
        return own

    def _struct(self, node: yaml.MappingNode, kind: inspect.StructType) -> Any:
        place = node_place(node)
        fields = {field.encode_name: field for field in kind.fields if field.name != "place"}
        seen = self._items(node)
        for key in (key for key in seen if key not in fields):
            is_anchorage = node is self.root and key.startswith("x-")  # a place to define anchors
            if not kind.cls.__struct_config__.forbid_unknown_fields:
                self.ignored.append(key)
            elif not is_anchorage:
                self._unknown(key, place, list(fields))
        values = {}
        for key in [key for key in seen if key in fields]:
            value = self._value(seen[key], fields[key].type, key)
            if value is None or (isinstance(value, list) and len(value) < len(seen[key].value)):
                self._tried.add((place, key))
            if value is not None:
                values[fields[key].name] = value
        for name in [name for name, field in fields.items() if field.required and name not in seen]:
            if not self.tried(place, name):
                self.problem(place, f"the key {name!r} is missing", example(name))
            self._tried.add((place, name))
        lacking = (field for field in fields.values() if field.required and field.name not in values)
        return kind.cls(**{field.name: blank(field.type) for field in lacking}, **values, place=place)

    def _unknown(self, key: Text, place: Place, known: list[str]) -> None:
        self.problem(key.place, f"unknown key {key!r}", did_you_mean(key, known, page="docs/config.md"))
        self._tried.add((place, nearest(key, known)))
