"""Read the attributes of paths that convert content: gitattributes(5) (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress

from broadcast.git.globs import compiled

MAX_BYTES = 256 * 1024  # of a file; each of its lines is asked about each path
MAX_LINE = 2_048  # bytes; git ignores lines of this length and above

Value = bytes | bool | None  # set, unset or set to something; None takes back what was said before
_Words = Sequence[tuple[bytes, Value]]
_Match = Callable[[str], object]
_Rules = Sequence[tuple[bool, _Match, _Words]]
_MACRO = b"[attr]"
_INFO = b"\0"  # no directory has this name
_BINARY: Mapping[bytes, _Words] = {b"binary": [(b"text", False)]}  # git's own, as far as bytes are converted by it
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*+)"')


class Attributes:
    """The attributes of a repository; `read` returns a file by its path, `info` is its info/attributes.

    Each file is read once. What `read` raises is passed on.
    """

    def __init__(self, read: Callable[[bytes], bytes], info: bytes = b"") -> None:
        self._read, self._info = read, info
        self._rules: dict[bytes, _Rules] = {}
        self._macros: Mapping[bytes, _Words] = {}

    def of(self, path: bytes) -> Mapping[bytes, Value]:
        """gitattributes(5): deeper directories override higher ones, and info/attributes all."""
        said: list[tuple[bytes, Value]] = []
        for base in (0, *(at + 1 for at, byte in enumerate(path) if byte == ord("/"))):
            said += _matching(self._load(path[:base]), path[base:])
        said += _matching(self._load(_INFO), path)
        found: dict[bytes, Value] = {}
        self._fill(found, list(said))
        return {name: value for name, value in found.items() if value is not None}

    def _fill(self, found: dict[bytes, Value], said: list[tuple[bytes, Value]]) -> None:
        """The last attribute wins; a macro expands only if it is set in the end (git's fill_one())."""
        while said:
            name, value = said.pop()
            if name not in found:
                found[name] = value
                if value is True:
                    said += self._macros.get(name, ())

    def _load(self, folder: bytes) -> _Rules:
        if folder not in self._rules:
            content = self._info if folder == _INFO else self._read(folder + b".gitattributes")
            if not folder:  # macros may be defined here and in info/attributes, and count everywhere
                self._macros = {**_BINARY, **_macros(content), **_macros(self._info)}
            self._rules[folder] = tuple(_parsed(content))
        return self._rules[folder]


def _matching(rules: _Rules, path: bytes) -> Iterator[tuple[bytes, Value]]:
    """The attributes that these rules give to a path, relative to their directory."""
    text = path.decode("latin-1")  # git's patterns speak of bytes
    name = text.rpartition("/")[2]
    for is_name, match, words in rules:
        if match(name if is_name else text):
            yield from words


def _macros(content: bytes) -> dict[bytes, _Words]:
    lines = [words for words in _lines(content) if words[0].startswith(_MACRO)]
    return {words[0].removeprefix(_MACRO): _values(words[1:]) for words in lines}


def _parsed(content: bytes) -> Iterator[tuple[bool, _Match, _Words]]:
    for pattern, *words in _lines(content):
        if pattern.startswith((b"!", _MACRO)):  # a pattern can't be negated here
            continue
        with suppress(ValueError, re.error):  # git, too, takes a malformed pattern for one that matches nothing
            glob = compiled(pattern.decode("latin-1"))
            yield glob.is_name, re.compile(glob.regex, re.DOTALL).fullmatch, _values(words)


def _lines(content: bytes) -> Iterator[list[bytes]]:
    for line in content.split(b"\n"):
        words = _split(line.strip(b" \t\r")) if len(line) < MAX_LINE else None
        if words and not words[0].startswith(b"#"):
            yield words


def _split(line: bytes) -> list[bytes]:
    """(pattern, attributes); the pattern may be in C quotes."""
    quoted = _QUOTED.match(line)
    if not quoted:
        return line.split()
    pattern = re.sub(rb"\\(.)", rb"\1", quoted[1])
    return [pattern, *line[quoted.end() :].split()]


def _values(words: Sequence[bytes]) -> _Words:
    return [_value(word) for word in words]


def _value(word: bytes) -> tuple[bytes, Value]:
    name, equals, value = word.lstrip(b"-!").partition(b"=")
    return name, value if equals else None if word.startswith(b"!") else not word.startswith(b"-")
