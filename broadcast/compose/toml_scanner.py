"""Reads TOML into statements: a header of a table, a key with its value, or a line without either (pure).

The standard library's parser reads each document first, so that this one only has to find the pieces of valid text.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any, Literal, NamedTuple

from broadcast.compose.parts import Unmergeable
from broadcast.compose.scanner import DEPTH, Scanner
from broadcast.compose.spelled import Spelled
from broadcast.compose.tree import Leaf, Node, written

_QUOTED = re.compile(r'"(?:[^"\\\n]++|\\.)*+"?|\'[^\'\n]*+\'?')  # closed or not, so that each character is read once
_DOTTED = re.compile(r"[\w-]++(?:[ \t]*+\.[ \t]*+[\w-]++)*+")
_STRING = re.compile(
    r'"""(?:[^"\\]++|\\[\s\S]|"(?!""))*+""""{0,2}'
    r"|'''(?:[^']++|'(?!''))*+''''{0,2}"
    r'|"(?:[^"\\\n]++|\\.)*+"'
    r"|'[^'\n]*+'"
)
_BARE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9][^\s,\]}#]*+|[^\s,\]}#]++")
_KEY_PART = re.compile(r"[A-Za-z0-9_-]++")
_BLANKS = re.compile(r"[ \t]*+")
_REST = re.compile(r"[ \t]*+(?:#[^\n]*+)?(?:\r?\n)?")
_PLACE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")
_SIMPLE: dict[str, Any] = {"true": True, "false": False}


class Statement(NamedTuple):
    """One statement's pieces."""

    kind: Literal["blank", "table", "item", "pair"]
    after: str  # the rest of its line, with the line break; a blank statement is all in here
    lead: str = ""
    key: str = ""  # with the brackets of a header
    names: tuple[str, ...] = ()
    colon: str = ""
    value: Node | None = None

    def text(self) -> str:
        """The statement as it is written."""
        return self.lead + self.key + self.colon + (written(self.value) if self.value else "") + self.after


def _refuse_long_keys(text: str) -> None:
    """Raise Unmergeable for keys of very many names, which the standard library reads in quadratic time."""
    if any(key[0].count(".") > DEPTH for key in _DOTTED.finditer(_QUOTED.sub("q", text))):
        raise Unmergeable(f"it nests deeper than {DEPTH} levels", "nest it less")


def parsed(text: str) -> dict[str, Any]:
    """What the standard library reads; raises Unmergeable where the document is broken."""
    _refuse_long_keys(text)
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        found = _PLACE.search(message)
        line, column = (int(found[1]), int(found[2])) if found and found[1] else (text.count("\n") + 1, 0)
        reason = message[: found.start()] if found else message
        raise Unmergeable(
            f"this isn't valid TOML: {reason}", "correct the TOML there", line=line, column=column
        ) from None
    except RecursionError:
        raise Unmergeable("it nests too deeply", "nest it less") from None
    except ValueError as error:  # an integer with thousands of digits
        raise Unmergeable(f"a value can't be read: {error}", "correct the TOML there") from None


def statements(text: str) -> list[Statement]:
    """The statements of a valid document, which make up its whole text; it has no byte order mark."""
    scanner = TomlScanner(text)
    found = []
    while scanner.at < len(text):
        found.append(scanner.statement())
    return found


class TomlScanner(Scanner):
    """Reads one valid document."""

    space = re.compile(r"(?:[ \t\r\n]++|#[^\n]*+)*+")
    same_line = re.compile(r"(?:[ \t]++|#[^\r\n]*+)*+")
    colon = "="
    kind = "TOML"

    def statement(self) -> Statement:
        """The statement that begins here, to the end of its line."""
        lead = self.matched(_BLANKS)
        first = self.text[self.at : self.at + 1]
        if first == "[":
            return self._header(lead)
        if first in ("", "#", "\n", "\r"):
            return Statement("blank", lead + self._rest())
        key, names = self.key()
        colon = self.matched(_BLANKS) + self.expected("=") + self.matched(_BLANKS)
        value = self.value()
        rest = self._rest()
        return Statement("pair", rest, lead=lead, key=key, names=names, colon=colon, value=value)

    def key(self) -> tuple[str, tuple[str, ...]]:
        """A key's text, also of a dotted one, and its names."""
        start, names = self.at, []
        while True:
            names.append(self._name())
            end = self.at
            self.matched(_BLANKS)
            if not self.text.startswith(".", self.at):
                self.at = end
                return self.text[start:end], tuple(names)
            self.at += 1
            self.matched(_BLANKS)

    def leaf(self) -> Leaf:
        """A scalar."""
        text = self.matched(_STRING) or self.matched(_BARE)
        if text[:1] in ("'", '"'):
            return Leaf(text, _string(text))
        if text in _SIMPLE:
            return Leaf(text, _SIMPLE[text])
        return Leaf(text, Spelled(_loaded(text), text))

    def _header(self, lead: str) -> Statement:
        start = self.at
        is_item = self.text.startswith("[[", start)
        self.at += 2 if is_item else 1
        self.matched(_BLANKS)
        names = self.key()[1]
        self.matched(_BLANKS)
        self.expected("]]" if is_item else "]")
        key = self.text[start : self.at]
        return Statement("item" if is_item else "table", self._rest(), lead, key, names)

    def _name(self) -> str:
        quoted = self.matched(_STRING)
        return _string(quoted) if quoted else self.matched(_KEY_PART)

    def _rest(self) -> str:
        start = self.at
        rest = self.matched(_REST)
        if not rest and start < len(self.text):
            raise self.failure("this line can't be read")
        return rest


def _string(text: str) -> str:
    if text[1:2] == text[0] and len(text) > 2:
        return str(_loaded(text))
    return text[1:-1] if text[0] == "'" or "\\" not in text else str(_loaded(text))


def _loaded(text: str) -> Any:
    return tomllib.loads("v=" + text)["v"]
