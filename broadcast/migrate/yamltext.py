"""Write readable YAML: short values on one line, everything else in blocks (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from broadcast.migrate.comments import Commented

WIDTH = 100

_PLAIN = re.compile(r"[A-Za-z0-9_./](?:[A-Za-z0-9_./@*+~()-]| (?=[A-Za-z0-9_./]))*")
_BLOCK = re.compile(r"(?! )[^\n]*\S(?:\n+[^\n]*\S)*\n?")  # what `|` keeps as it is
_ALWAYS_BLOCK = ("files", "directories")
_UNPRINTABLE = re.compile(r"[^\t\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")  # in YAML
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


def write(config: Mapping[str, Any], comment: str, kept: Iterable[str] = ()) -> str:
    """The text of a config below a `comment`, and below comments that are kept as they are."""
    return "".join(f"{line}\n" for line in (*commented(comment), *map(_kept, kept), *_mapping(config, 0)))


def commented(text: str) -> list[str]:
    """The lines of a comment: each begins with `#`, whatever the text; control characters are escaped."""
    return [_kept(f" {line}") for line in text.splitlines()]


def _kept(text: str) -> str:
    """A comment on one line, with this behind its sign."""
    line = " ".join(text.splitlines())
    return f"#{_UNPRINTABLE.sub(lambda found: _escaped(found[0]), line)}".rstrip()


def _mapping(values: Mapping[str, Any], indent: int) -> list[str]:
    return [line for key, value in values.items() for line in _member(key, value, indent)]


def _member(key: str, value: Any, indent: int) -> list[str]:
    lead = f"{' ' * indent}{scalar(key)}:"
    if isinstance(value, list) and any(isinstance(item, Commented) for item in value):
        return [lead, *(line for item in value for line in _item(item, indent + 2))]
    if isinstance(value, str) and "\n" in value and value.isprintable() is False and _is_block(value):
        body = [f"{' ' * (indent + 2)}{line}" if line else "" for line in value.removesuffix("\n").split("\n")]
        return [f"{lead} |{'' if value.endswith(chr(10)) else '-'}", *body]
    short = f"{lead} {flow(value)}"
    if not isinstance(value, list | dict) or not value:
        return [short]
    if isinstance(value, dict):
        return [short] if len(short) <= WIDTH and _is_short(value) else [lead, *_mapping(value, indent + 2)]
    if key not in _ALWAYS_BLOCK and len(short) <= WIDTH and not any(isinstance(item, dict) for item in value):
        return [short]
    return [lead, *(line for item in value for line in _item(item, indent + 2))]


def _item(value: Any, indent: int) -> list[str]:
    if isinstance(value, Commented):
        return _with_comments(value, indent)
    short = f"{' ' * indent}- {flow(value)}"
    if not isinstance(value, dict) or (len(short) <= WIDTH and _is_short(value)):
        return [short]
    first, *rest = _mapping(value, indent + 2)
    return [f"{' ' * indent}- {first.lstrip()}", *rest]


def _with_comments(item: Commented, indent: int) -> list[str]:
    """The lines of an item with its comments; a single one beside it stays there if the item is one line."""
    lines, before = _item(item.value, indent), [*item.before, *item.beside]
    if len(lines) == len(item.beside) == 1:
        before, lines = list(item.before), [f"{lines[0]} {_kept(item.beside[0])}"]
    above, below = ([f"{' ' * indent}{_kept(one)}" for one in texts] for texts in (before, item.after))
    return [*above, *lines, *below]


def _is_short(value: Mapping[str, Any]) -> bool:
    return not any(key in _ALWAYS_BLOCK or (isinstance(one, str) and "\n" in one) for key, one in value.items())


def _is_block(text: str) -> bool:
    return bool(_BLOCK.fullmatch(text)) and all(char.isprintable() or char == "\n" for char in text)


def flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value) if isinstance(value, str) else str(value).lower()  # a boolean, or a number as written


def scalar(text: str) -> str:
    """A text, in quotes if YAML would misread it."""
    if _PLAIN.fullmatch(text) and yaml.safe_load(f"[{text}]") == [text]:
        return text
    return '"' + "".join(_ESCAPES.get(char) or _escaped(char) for char in text) + '"'


def in_short(text: str, most: int = 60) -> str:
    """A text of any length on one line, for a sentence."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _escaped(char: str) -> str:
    if char.isprintable():
        return char
    return f"\\U{ord(char):08x}" if ord(char) > 0xFFFF else f"\\u{ord(char):04x}"
