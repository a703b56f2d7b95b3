"""Write values as YAML, spelled as in the file they come from (pure)."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import yaml

from broadcast.compose.keys import Value
from broadcast.compose.parts import Unmergeable
from broadcast.compose.yaml_values import ComplexKey, FlowList, FlowMap, Spelling, Tagged, resolved, spelling_of

_SAFE = re.compile(r"[A-Za-z_./][\w./@-]*(?: [\w./@-]+)*")  # plain anywhere
_LINES = re.compile("[\n\r\x85\u2028\u2029]")
_PLAIN_IN_FLOW = re.compile(r"[^,\[\]{}\n]*[^,\[\]{}\n:]")


class Style(NamedTuple):
    """How a file indents: nested mappings, and the dashes of a list below a key."""

    step: int = 2
    dash: int = 2


class Written(NamedTuple):
    """What follows a colon or dash: on its line, and the lines below."""

    first: str
    below: list[str]


def quoted(text: str) -> str:
    """A text without a spelling: plain where that is safe."""
    if _SAFE.fullmatch(text) and text.isascii() and isinstance(resolved(text), str):
        return text
    style = "'" if text.isprintable() and text.isascii() and "'" not in text else '"'
    made: str = yaml.dump(str(text), Dumper=yaml.SafeDumper, default_style=style, allow_unicode=True, width=sys.maxsize)
    return made.rstrip("\n")


def flow(value: Value, *, as_key: bool = False) -> str:
    """A value on one line, with brackets."""
    if isinstance(value, Tagged):
        return f"{_raw_tag(value)} {flow(value.value)}".rstrip()
    if isinstance(value, Mapping):
        return "{" + ", ".join(flow_pair(key, one) for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    spelling = spelling_of(value)
    if spelling is None:
        return _unspelled(value)
    if _fits_a_line(spelling) and (spelling.style or _PLAIN_IN_FLOW.fullmatch(spelling.raw)):
        return _with_tag(spelling, spelling.raw)
    return _with_tag(spelling, quoted(str(value)))


def flow_pair(key: str, value: Value) -> str:
    """A key with its value, between brackets."""
    return f"{written_key(key, in_flow=True)}: {flow(value)}"


def written_key(key: str, *, in_flow: bool = False) -> str:
    """A key. Raises Unmergeable if it is no text."""
    if isinstance(key, ComplexKey):
        raise Unmergeable(f"the key {str(key)[:80]!r} is no text", "write it with quotes")
    spelling = spelling_of(key)
    if spelling is None or spelling.tag or not spelling.raw or not _fits_a_line(spelling):
        return quoted(key)
    is_plain = spelling.style or not in_flow or _PLAIN_IN_FLOW.fullmatch(spelling.raw)
    return spelling.raw if is_plain and spelling.raw != "<<" else quoted(key)


def is_inline(value: Value) -> bool:
    """Whether a value stands on the line of its key: with brackets, or a plain or quoted scalar."""
    if isinstance(value, Tagged):
        return is_inline(value.value)
    if isinstance(value, Mapping | list):
        return not value or isinstance(value, FlowMap | FlowList)
    return _block_header(value) is None


def written(value: Value, column: int, style: Style, *, after_dash: bool = False, at: int | None = None) -> Written:
    """What follows the colon or dash of a key or item at `column`; `at` is the column of what is in it."""
    if isinstance(value, Tagged):
        first, below = written(value.value, column, style, at=column + 2 if at is None and after_dash else at)
        return Written(f"{_raw_tag(value)} {first}".rstrip(), below)
    if not is_inline(value):
        if isinstance(value, Mapping | list):
            return _collection(value, column, style, after_dash=after_dash, at=at)
        return _block_scalar(value, column, column + style.step)
    if isinstance(value, Mapping | list):
        return Written(flow(value), [])
    if value is None and not after_dash:
        return Written("", [])
    return Written(_inline_scalar(value, column + style.step), [])


def lines(value: Value, column: int, style: Style) -> list[str]:
    """The lines of a mapping or list whose keys or dashes stand at `column`."""
    found: list[str] = []
    if isinstance(value, Mapping):
        for key, one in value.items():
            found += key_lines(key, one, column, style)
    else:
        for one in value:
            found += item_lines(one, column, style)
    return found


def key_lines(key: str, value: Value, column: int, style: Style) -> list[str]:
    """The lines of a key with its value."""
    first, below = written(value, column, style)
    return [f"{' ' * column}{written_key(key)}: {first}".rstrip(" "), *below]


def item_lines(value: Value, column: int, style: Style) -> list[str]:
    """The lines of an item."""
    first, below = written(value, column, style, after_dash=True)
    return [f"{' ' * column}- {first}".rstrip(" "), *below]


def ends_in_block_scalar(value: Value) -> bool:
    """Whether the last line written belongs to a block scalar."""
    while not is_inline(value):
        if isinstance(value, Tagged):
            value = value.value
        elif isinstance(value, Mapping | list):
            value = value[next(reversed(value))] if isinstance(value, Mapping) else value[-1]
        else:
            return True
    return False


def _collection(value: Value, column: int, style: Style, *, after_dash: bool, at: int | None) -> Written:
    if at is None:
        at = column + (2 if after_dash else style.dash if isinstance(value, list) else style.step)
    made = lines(value, at, style)
    if after_dash:
        return Written(" " * (at - column - 2) + made[0].lstrip(" "), made[1:])
    return Written("", made)


def _raw_tag(value: Tagged) -> str:
    spelling = spelling_of(value.tag)
    return spelling.raw if spelling else f"!<{value.tag}>"


def _with_tag(spelling: Spelling, text: str) -> str:
    return f"{spelling.tag} {text}".rstrip(" ") if spelling.tag else text


def _unspelled(value: Value) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    return quoted(value) if isinstance(value, str) else repr(value)


def _fits_a_line(spelling: Spelling) -> bool:
    return spelling.style not in {"|", ">"} and not _LINES.search(spelling.raw)


def _inline_scalar(value: Value, column: int) -> str:
    spelling = spelling_of(value)
    if spelling is None:
        return _unspelled(value)
    if spelling.style in {"|", ">"}:
        return _with_tag(spelling, quoted(str(value)))
    if _LINES.search(spelling.raw.replace("\n", "")):
        return _with_tag(spelling, quoted(str(value)))
    first, *rest = spelling.raw.split("\n")
    bare = (line.lstrip(" \t") for line in rest)
    return _with_tag(spelling, "\n".join([first, *(" " * column + line if line else "" for line in bare)]))


def _block_header(value: Value) -> str | None:
    """The style and what happens to the last line break; None if the value isn't written as a block scalar."""
    spelling = spelling_of(value)
    if spelling is None or spelling.style not in {"|", ">"} or not isinstance(value, str):
        return None
    is_strange = _LINES.search(spelling.raw.replace("\n", "")) or value.endswith("\n\n") or not value.strip()
    if spelling.style == ">" and value.rstrip("\n") != value.rstrip():
        return None
    return None if is_strange else spelling.style + ("" if value.endswith("\n") else "-")


def _block_scalar(value: str, column: int, indented: int) -> Written:
    spelling, header = spelling_of(value), _block_header(value)
    if spelling is None or header is None:
        return Written(quoted(value), [])
    body = list(_body(value, spelling))
    head = body[: next(at for at, line in enumerate(body) if line.strip()) + 1]
    digit = str(indented - column) if any(line.startswith((" ", "\t")) for line in head) else ""
    first = _with_tag(spelling, header[0] + digit + header[1:])
    return Written(first, [f"{' ' * indented}{line}" if line else "" for line in body])


def _body(value: str, spelling: Spelling) -> Iterable[str]:
    """The lines of a block scalar without their indentation."""
    if spelling.style == "|":
        return value.removesuffix("\n").split("\n")
    raw = spelling.raw.split("\n")[1:]
    first = next(line for line in raw if line.strip(" "))
    extra = next(line for line in value.split("\n") if line.strip(" "))
    indent = len(first) - len(first.lstrip(" ")) - (len(extra) - len(extra.lstrip(" ")))
    return "\n".join(line[indent:] for line in raw).rstrip("\n").split("\n")
