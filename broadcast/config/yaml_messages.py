"""Messages for mistakes in YAML: the expected type, the value found, and how to write it (pure)."""

from __future__ import annotations

from typing import Any

import yaml
from msgspec import inspect

MAX_SCALAR = 100  # characters of a number or date; what is longer is none

_KINDS = {"int": "a whole number", "float": "a number", "bool": "true or false", "timestamp": "a date"}


def tag_of(node: yaml.Node) -> str:
    """The type in YAML: str, int, null …, or an explicit tag."""
    return str(node.tag).rsplit(":", 1)[-1]


def value_of(node: yaml.ScalarNode) -> Any:
    """The value of a scalar; its text if its tag is wrong or the number too long."""
    if len(node.value) > MAX_SCALAR:
        return node.value
    try:
        return yaml.constructor.SafeConstructor().construct_object(node)
    except (ValueError, LookupError, yaml.YAMLError):
        return node.value


def wanted(options: tuple[inspect.Type, ...]) -> str:
    """The expected type in words."""
    words = (_describe(one) for one in options if not isinstance(one, inspect.NoneType))
    return " or ".join(dict.fromkeys(words))


def shown(node: yaml.Node) -> str:
    """The value found in words."""
    if str(node.tag).startswith("!"):
        return f"the YAML tag {node.tag}"
    if isinstance(node, yaml.ScalarNode):
        short = node.value if len(node.value) <= 80 else f"{node.value[:79]}…"
        return "empty" if tag_of(node) == "null" else repr(short)
    return "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"


def takes_text(kind: inspect.Type) -> bool:
    """Whether a text is allowed."""
    return isinstance(kind, inspect.StrType) or (
        isinstance(kind, inspect.StructType) and hasattr(kind.cls, "from_text")
    )


def type_remedy(node: yaml.Node, options: tuple[inspect.Type, ...]) -> str:
    """The remedy for a value of the wrong type."""
    if not isinstance(node, yaml.ScalarNode):
        return ""
    if node.tag.startswith("!"):
        return f"quote it: '{node.tag}{' ' if node.value else ''}{node.value}' (an unquoted ! starts a YAML tag)"
    if tag_of(node) in _KINDS and any(map(takes_text, options)):
        return f"YAML reads {node.value} as {_KINDS[tag_of(node)]}; put it in quotes"
    if any(isinstance(option, inspect.ListType) for option in options):
        return "write it as a list: [ … ], or one `- item` a line"
    is_plain = any(isinstance(option, inspect.IntType | inspect.BoolType | inspect.LiteralType) for option in options)
    return "write it without quotes" if node.style in ("'", '"') and is_plain else ""


def yaml_remedy(message: str, line: str, column: int) -> str:
    """The remedy for a syntax error, by the parser's message and the text."""
    start = line[column - 1 : column]
    if "\\t" in message or "\t" in line:
        return "YAML takes spaces for indentation, never tabs"
    if "tag" in message and "!" in line:
        return "quote it: a text that starts with ! must stand in quotes"
    if "undefined alias" in message or "while scanning an alias" in message:
        return "quote a text that starts with *"
    if "cannot start any token" in message and start in ("@", "`", "%"):
        return f"quote a text that starts with {start}"
    if "mapping values are not allowed" in message:
        return "check the indentation, and quote texts that hold `: `"
    if "another document" in message:
        return "a config is one document; remove what follows this ---"
    return "check the indentation, the brackets and the quotes around here"


def _describe(kind: Any) -> str:
    if isinstance(kind, inspect.LiteralType):
        return " or ".join(repr(value) if isinstance(value, str) else str(value) for value in kind.values if value)
    if isinstance(kind, inspect.StructType):
        return "text or a mapping" if takes_text(kind) else "a mapping"
    words: dict[type[Any], str] = {
        inspect.ListType: "a list",
        inspect.DictType: "a mapping",
        inspect.IntType: "a whole number",
        inspect.BoolType: "true or false",
        inspect.DateType: "a date",
    }
    return words.get(type(kind), "text")


def named(key: str) -> str:
    """A key as messages name it; empty for the whole config."""
    return repr(str(key)) if key else "the config"


def example(key: str) -> str:
    """The remedy for a key that is missing."""
    return f"add `{'version: 1' if key == 'version' else f'{key}:'}`"
