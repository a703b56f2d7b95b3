"""What `.gitattributes` files say of paths: gitattributes(5), as far as bytes are converted by it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from errno import EFBIG

from broadcast.gitobject import REGULAR
from broadcast.globs import compiled
from broadcast.nofollow import read

MAX_BYTES = 256 * 1024  # of a file; each of its lines is asked about each path
MAX_LINE = 2_048  # bytes; git reads no longer one

Value = bytes | bool | None  # set, unset or set to something; None takes back what was said before
_Match = Callable[[str], object]
_Rules = Sequence[tuple[bool, _Match, Mapping[bytes, Value]]]
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*+)"')


class Attributes:
    """The attributes of one checkout, whose git directory is `common`; without one, nothing has any.

    Each file is read once.
    """

    def __init__(self, root: bytes, common: bytes | None) -> None:
        self._root = root
        self._common = common
        self._rules: dict[bytes, _Rules] = {}

    def of(self, path: bytes) -> Mapping[bytes, Value]:
        """gitattributes(5): deeper directories override higher ones, and info/attributes all."""
        if self._common is None:
            return {}
        found: dict[bytes, Value] = {}
        for base in (0, *(at + 1 for at, byte in enumerate(path) if byte == ord("/"))):
            _apply(self._load(self._root + b"/" + path[:base] + b".gitattributes"), path[base:], found)
        _apply(self._load(self._common + b"/info/attributes"), path, found)
        return {name: value for name, value in found.items() if value is not None}

    def _load(self, file: bytes) -> _Rules:
        if file not in self._rules:
            self._rules[file] = tuple(_parsed(_content(file)))
        return self._rules[file]


def _content(file: bytes) -> bytes:
    """Nothing where git, too, would read none; but to overlook what converts a file would send other bytes than git."""
    try:
        return read(file, REGULAR, MAX_BYTES)
    except OSError as error:
        if error.errno == EFBIG:
            raise OSError(EFBIG, f"{os.fsdecode(os.path.basename(file))} is over {MAX_BYTES // 1024} KiB") from None
    return b""


def _apply(rules: _Rules, path: bytes, found: dict[bytes, Value]) -> None:
    """Add what these rules say of a path, which is relative to where they stand."""
    text = path.decode("latin-1")  # git's patterns speak of bytes
    name = text.rpartition("/")[2]
    for is_name, match, values in rules:
        if match(name if is_name else text):
            found.update(values)


def _parsed(content: bytes) -> Iterator[tuple[bool, _Match, Mapping[bytes, Value]]]:
    for line in content.split(b"\n"):
        said = _split(line.strip(b" \t\r")) if len(line) <= MAX_LINE else None
        # A pattern can't be negated here; a line that defines a macro has none.
        if not said or said[0].startswith((b"#", b"!", b"[attr]")):
            continue
        pattern, *words = said
        with suppress(ValueError, re.error):  # git, too, takes a malformed pattern for one that matches nothing
            glob = compiled(pattern.decode("latin-1"))
            yield glob.is_name, re.compile(glob.regex, re.DOTALL).fullmatch, dict(_values(words))


def _split(line: bytes) -> list[bytes]:
    """The pattern, which may stand in quotes as C writes them, and the attributes."""
    quoted = _QUOTED.match(line)
    if not quoted:
        return line.split()
    pattern = re.sub(rb"\\(.)", rb"\1", quoted[1])
    return [pattern, *line[quoted.end() :].split()]


def _values(words: Sequence[bytes]) -> Iterator[tuple[bytes, Value]]:
    for word in words:
        name, equals, value = word.lstrip(b"-!").partition(b"=")
        yield name, value if equals else None if word.startswith(b"!") else not word.startswith(b"-")
        if word == b"binary":  # git's only built-in macro is -diff -merge -text
            yield b"text", False
