"""Values for templates: another tool's as our `vars`, with the truth and the text that JavaScript gives them (pure)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from broadcast.config.values import Flag, Table, Value, scalar
from broadcast.config.values import Number as Written
from broadcast.config.yaml_reader import Place
from broadcast.migrate.document import Document, Number
from broadcast.snapshot.templates import FACTS

Vars = dict[str, Any]  # texts, booleans, Number, lists and mappings of them
MAX_NAME = 100
MAX_EXACT = 1e21  # from there on JavaScript writes an exponent
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DATE = re.compile(r"\d{4}-\d\d?-\d\d?([Tt ].*)?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ESCAPED = re.compile(r"[&<>\"'\\]")  # by tools that make HTML


def variables(doc: Document, values: Any, place: Place, rewrite: Callable[[str, str], str]) -> Vars:
    """The values of a mapping as ours; `rewrite` is the remedy where a name has to change."""
    found: Vars = {}
    for key, value in values.items() if isinstance(values, dict) else ():
        name = re.sub(r"\W", "_", key, flags=re.ASCII)
        name = name if _NAME.fullmatch(name) and name not in FACTS else f"_{name}"
        if len(key) > MAX_NAME:
            doc.note(place, "template", f"has a name of {len(key)} characters", "it was left out; give it a short one")
            continue
        if name != key:
            doc.note(place, key, "a value for templates", rewrite(key, name))
        found[name] = _converted(doc, value, key, place)
    return found


def _converted(doc: Document, value: Any, path: str, place: Place) -> Any:
    if isinstance(value, dict | list) and not value:
        kind = "list" if isinstance(value, list) else "mapping"
        doc.note(place, path, f"an empty {kind} counted as true in conditions", "it counts as false now")
    if isinstance(value, dict):
        return {
            key: _converted(doc, one, f"{path}.{key}", place)
            for key, one in value.items()
            if _is_short(doc, key, place)
        }
    if isinstance(value, list):
        return [_converted(doc, one, path, place) for one in value]
    if isinstance(value, Number):
        return _number(doc, value, path, place)
    if isinstance(value, str) and _DATE.fullmatch(value):
        did, instead = "without quotes it was a date, which printed as `Wed Jan 01 2020 …`", "it prints as written now"
        doc.note(place, path, did, instead)
    if isinstance(value, str) and _CONTROL.search(value):
        doc.note(place, path, "holds control characters", "they were left out")
        return _CONTROL.sub("", value)
    return "" if value is None else value  # nothing prints as nothing and is false, like an empty text


def _is_short(doc: Document, key: str, place: Place) -> bool:
    if len(key) <= MAX_NAME and not _CONTROL.search(key):
        return True
    doc.note(place, "template", "has a name that is too long, or holds control characters", "it was left out")
    return False


def _number(doc: Document, value: Number, path: str, place: Place) -> Any:
    text = printed(value)
    if text != str(value):
        doc.note(
            place,
            path,
            f"the number {value} printed as {text}",
            f"it still does; write '{value}' to keep it",
        )
    return Number(text) if isinstance(scalar(text), Written) else text


def printed(number: Number) -> str:
    """A number as JavaScript prints it."""
    text = number.text.lower()
    if text.lstrip("+-").startswith((".inf", ".nan")):
        return "NaN" if "nan" in text else f"{'-' if text.startswith('-') else ''}Infinity"
    value = float(int(text, 0)) if text.startswith(("0o", "0x")) else float(text)
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value.is_integer() and abs(value) < MAX_EXACT:
        return str(_whole(value))
    return re.sub(r"e([+-])0*", r"e\1", repr(value)).removesuffix(".0")


def _whole(value: float) -> int:
    """The shortest digits that mean it, and zeros."""
    digits, _, exponent = repr(value).partition("e")
    whole, _, rest = digits.partition(".")
    moved = int(exponent or 0) - len(rest)
    return int(whole + rest) * 10**moved if moved >= 0 else int(value)


def frozen(value: Any) -> Value:
    """A value as the config reads it."""
    if isinstance(value, bool):
        return Flag("true" if value else "false")
    if isinstance(value, Number):
        return Written(value.text)
    if isinstance(value, Mapping):
        return Table(tuple((str(key), frozen(one)) for key, one in value.items()))
    return tuple(frozen(one) for one in value) if isinstance(value, list) else str(value)


def needs_escape(value: Any) -> bool:
    """Whether a text in a value has characters that mean something in HTML."""
    if isinstance(value, Mapping):
        return any(map(needs_escape, value.values()))
    return any(map(needs_escape, value)) if isinstance(value, list) else bool(_ESCAPED.search(str(value)))
