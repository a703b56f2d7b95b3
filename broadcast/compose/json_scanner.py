"""Reads JSON, also with comments, trailing commas and what else JSON5 allows (pure)."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation

from broadcast.compose.scanner import Scanner
from broadcast.compose.spelled import Spelled
from broadcast.compose.tree import Leaf

_BLANK = " \\t\\f\\v\\u00a0\\ufeff"
_COMMENT = r"//[^\n\r]*+|/\*(?:[^*]++|\*(?!/))*+\*/"
_STRING = re.compile(r'"(?:[^"\\\n\r]++|\\(?:\r\n|[\s\S]))*+"' + r"|'(?:[^'\\\n\r]++|\\(?:\r\n|[\s\S]))*+'")
_NAME = re.compile(r"[^\W\d][\w$]*+|\$[\w$]*+")
_WORD = re.compile(r"[\w$.+-]++")
_NUMBER = re.compile(r"[+-]?(?:(?:0|[1-9][0-9]*+)(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?")
_HEX = re.compile(r"([+-]?)0[xX]([0-9a-fA-F]++)")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|[\s\S]))")
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0", "\n": "", "\r\n": "", "\r": ""}
_LITERALS = {"true": True, "false": False, "null": None}
_LONGEST = 1000  # characters of a number
_SHOWN = 40  # characters of a text that can't be read


class JsonScanner(Scanner):
    """Reads one document."""

    space = re.compile(rf"(?:[{_BLANK}\n\r\u2028\u2029]++|{_COMMENT})*+")
    same_line = re.compile(rf"(?:[{_BLANK}]++|{_COMMENT})*+")
    colon = ":"
    kind = "JSON"

    def key(self) -> tuple[str, tuple[str, ...]]:
        """A key's text, and its name."""
        if self.text[self.at : self.at + 1] in ('"', "'"):
            text, value = self._string()
            return text, (value,)
        name = self.matched(_NAME)
        if not name:
            raise self.failure(f"{self._here()} where a key is expected")
        return name, (name,)

    def leaf(self) -> Leaf:
        """A string, a number, or a word."""
        if self.text[self.at : self.at + 1] in ('"', "'"):
            return Leaf(*self._string())
        start = self.at
        word = self.matched(_WORD)
        if word in _LITERALS:
            return Leaf(word, _LITERALS[word])
        number = _number(word)
        if number is None:
            self.at = start
            here = f"{word[:_SHOWN]} stands" if word else self._here()
            raise self.failure(f"{here} where a value is expected")
        return Leaf(word, Spelled(number, word))

    def _here(self) -> str:
        return f"{self.text[self.at]!r} stands" if self.at < len(self.text) else "the file ends"

    def _string(self) -> tuple[str, str]:
        text = self.matched(_STRING)
        if not text:
            raise self.failure("a string has no end on its line")
        if "\\" not in text:
            return text, text[1:-1]
        try:
            value = json.loads(text, strict=False)
        except ValueError:  # one of the escapes that only JSON5 has, or the other quotes
            value = _ESCAPE.sub(_unescaped, text[1:-1])
            value = value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
        return text, value


def _unescaped(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else _ESCAPED.get(found[3], found[3])


def _number(word: str) -> Decimal | None:
    if len(word) > _LONGEST:
        return None
    if found := _HEX.fullmatch(word):
        return Decimal(int(found[1] + found[2], 16))
    if word.lstrip("+-") not in ("Infinity", "NaN") and not _NUMBER.fullmatch(word):
        return None
    try:
        return Decimal(word)
    except InvalidOperation:  # its exponent has more than 18 digits
        return None
