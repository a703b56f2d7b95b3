"""Merges the keys of one document into another, whatever their format, and proves the result (pure)."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from importlib import import_module
from typing import Protocol, cast

from broadcast.compose.keys import Edit, Value, applied, edits, is_same, name_of
from broadcast.compose.parts import Keys, Unmergeable
from broadcast.compose.spelled import Spelled

_JSON = (".json", ".jsonc", ".json5", ".code-workspace", ".code-snippets", ".webmanifest", ".jsonld", ".geojson")
_JSON_NAMES = (".babelrc", ".swcrc", ".jshintrc", ".bowerrc", ".czrc", ".watchmanconfig", ".arcconfig")
_JSON_LOCKS = ("Pipfile.lock", "composer.lock", "flake.lock", "deno.lock", "bun.lock")
_TOML_NAMES = ("Pipfile", "Cargo.lock", "poetry.lock", "uv.lock", "pdm.lock")
_YAML = (".yml", ".yaml", ".cff")
_YAML_NAMES = (".clang-format", ".clang-tidy", ".clangd", ".yamllint", ".gemrc")
_TOOLS = (
    "commitlint",
    "eslint",
    "lintstaged",
    "markdownlint",
    "mocha",
    "nyc",
    "prettier",
    "release",
    "remark",
    "stylelint",
)
_EITHER = tuple(f".{tool}rc" for tool in _TOOLS)  # JSON or YAML, as their text shows


class Format(Protocol):
    """What a module for one kind of documents offers."""

    def load(self, text: str) -> Value:
        """The document's value; raises Unmergeable where it is broken."""

    def apply(self, text: str, edits: Sequence[Edit]) -> str:
        """The document after edits; only the lines of changed keys differ."""


def format_of(path: str, text: str = "") -> Format | None:
    """The format of a file; its name says it, or for a few names its text. None: it is none of JSON, YAML and TOML."""
    name = posixpath.basename(path)
    ending = posixpath.splitext(name)[1].lower()
    if ending in _JSON or name in (*_JSON_NAMES, *_JSON_LOCKS):
        return _module("json_keys")
    if ending == ".toml" or name in _TOML_NAMES:
        return _module("toml_keys")
    if name in _EITHER:
        return _module("json_keys" if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "/") else "yaml_keys")
    return _module("yaml_keys") if ending in _YAML or name in _YAML_NAMES else None


def source_value(text: str, format: Format) -> Value:  # noqa: A002 # what it is
    """The value of the source's document; raises Unmergeable where it is broken."""
    try:
        return format.load(text)
    except Unmergeable as error:
        reason = f"the source can't be read: {error.reason}"
        raise Unmergeable(reason, error.remedy, line=error.line, column=error.column, fault="source") from None
    except RecursionError:
        raise Unmergeable("the source nests too deeply", "nest it less", fault="source") from None


def merged(before: str, source: str, keys: Keys, format: Format) -> str:  # noqa: A002 # what it is
    """The target's document with the source's keys; raises Unmergeable where that can't be."""
    try:
        return _merged(before, source, keys, format)
    except RecursionError:
        raise Unmergeable("it nests too deeply", "nest it less") from None


def changed(before: str, source: str, keys: Keys, format: Format) -> tuple[str, ...]:  # noqa: A002 # what it is
    """The names of the keys that a merge changes."""
    found = edits(format.load(before), source_value(source, format), keys)
    return tuple(dict.fromkeys(name_of(edit.place) for edit in found))


def parsed(text: str, path: str) -> Value:
    """The value of a file; raises Unmergeable where it is broken or of no format with keys."""
    kind = format_of(path, text)
    if kind is None:
        raise Unmergeable(f"{path} is no JSON, YAML or TOML file by its name", "name a file with one of their endings")
    try:
        return kind.load(text)
    except RecursionError:
        raise Unmergeable("it nests too deeply", "nest it less") from None


def canonical(value: Value) -> str:
    """One text for all documents that say the same: keys are sorted, and numbers are spelled in one way."""
    if isinstance(value, Spelled):
        return canonical(value.value)
    if isinstance(value, Mapping):
        pairs = sorted((str(key), canonical(item)) for key, item in value.items())
        return "{" + ",".join(f"{json.dumps(key)}:{item}" for key, item in pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(canonical, value)) + "]"
    if value is None or isinstance(value, bool | str):
        return json.dumps(value)
    return _number(value) if isinstance(value, int | float | Decimal) else _tagged(value)


def _module(name: str) -> Format:
    return cast(Format, import_module(f"broadcast.compose.{name}"))


def _merged(before: str, source: str, keys: Keys, kind: Format) -> str:
    target = kind.load(before)
    wanted = source_value(source, kind)
    changes = edits(target, wanted, keys)
    if not changes:
        return before
    expected = applied(target, changes)
    if not before.strip("\ufeff \t\r\n") and is_same(expected, wanted):
        return source  # with its comments and layout
    after = kind.apply(before, changes)
    if not _proves(after, expected, kind):
        raise Unmergeable("it can't be changed without reformatting it", "make this change by hand")
    return after


def _proves(text: str, expected: Value, kind: Format) -> bool:
    """Whether a document that we wrote says what it has to."""
    try:
        return is_same(kind.load(text), expected)
    except Unmergeable:
        return False


def _number(value: float | Decimal) -> str:
    """A number; 1.0 is 1 in formats that know numbers of one kind only."""
    if isinstance(value, int):
        return str(Decimal(value)) if abs(value) < 10**15 else _exact(Decimal(value))
    if isinstance(value, float):
        return repr(value) if abs(value) < float("inf") else _tagged(value)
    return _exact(value) if value.is_finite() else _tagged(float(value))


def _exact(value: Decimal) -> str:
    sign, digits, exponent = value.as_tuple()
    text = "".join(map(str, digits))
    short = text.rstrip("0")
    power = int(exponent) + len(text) - len(short)
    if not short.lstrip("0"):
        return "0"
    number = ("-" if sign else "") + short.lstrip("0")
    return f"{number}e{power}" if power < 0 or power > 15 else number + "0" * power


def _tagged(value: object) -> str:
    """What JSON has no spelling for."""
    if isinstance(value, datetime) and value.tzinfo:
        value = value.astimezone(UTC)
    text = value.isoformat() if isinstance(value, date | time) else repr(value)
    return json.dumps({"": [type(value).__name__, text]}, separators=(",", ":"))
