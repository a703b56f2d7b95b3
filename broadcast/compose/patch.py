"""Patches that `git apply` takes: headers, lines and binary contents (pure; git-diff(1), "generating patch text")."""

from __future__ import annotations

import zlib
from base64 import b85encode
from collections.abc import Iterable
from typing import NamedTuple

from broadcast.compose.diff import hunks
from broadcast.compose.lines import split
from broadcast.compose.unified import grouped
from broadcast.git.objects import Entry

_NONE = "0" * 40
_UNENDED = "\n\\ No newline at end of file\n"
_WIDTH = 52  # bytes in a line of a binary patch
_ESCAPES = {ord(char): f"\\{name}" for char, name in zip('\a\b\t\n\v\f\r"\\', 'abtnvfr"\\', strict=True)}
_TYPE = 0o170000  # inode(7), the bits of the mode that say what a file is


class Lines(NamedTuple):
    """What separates two texts."""

    added: int
    removed: int
    text: str  # hunks, each line with its end


def of_texts(old: str, new: str) -> Lines:
    """The hunks between two texts, whole."""
    before, after = split(old), split(new)
    found = hunks(before, after)
    added = sum(one.new_end - one.new_start for one in found)
    removed = sum(one.end - one.start for one in found)
    return Lines(added, removed, "".join(grouped(before, after, found, _line)))


def of_content(new: bytes) -> str:
    """The binary patch that makes this content of any other; the index line says of which."""
    packed = zlib.compress(new, 9)
    rows = (packed[at : at + _WIDTH] for at in range(0, len(packed), _WIDTH))
    lines = (f"{_size(len(row))}{b85encode(row, pad=True).decode()}\n" for row in rows)
    return f"GIT binary patch\nliteral {len(new)}\n{''.join(lines)}\n"


def file_patch(path: str, before: Entry | None, after: Entry | None, body: str) -> str:
    """The patch of one file; `body` from `of_texts` or `of_content`, which alone can make a link of a file."""
    if before and after and before.mode & _TYPE != after.mode & _TYPE:
        return file_patch(path, before, None, of_content(b"")) + file_patch(path, None, after, body)
    return "".join(f"{line}\n" for line in _header(path, before, after, body)) + body


def quoted(name: str) -> str:
    """A name as git writes it (git-config(1), core.quotePath)."""
    parts = (_ESCAPES.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}") for byte in name.encode())
    spelled = "".join(parts)
    return spelled if spelled == name else f'"{spelled}"'


def _header(path: str, before: Entry | None, after: Entry | None, body: str) -> Iterable[str]:
    old, new = quoted(f"a/{path}"), quoted(f"b/{path}")
    yield f"diff --git {old} {new}"
    if before is None and after:
        yield f"new file mode {after.mode:06o}"
    elif after is None and before:
        yield f"deleted file mode {before.mode:06o}"
    elif before and after and before.mode != after.mode:
        yield f"old mode {before.mode:06o}"
        yield f"new mode {after.mode:06o}"
    oids = [one.oid if one else _NONE for one in (before, after)]
    if oids[0] != oids[1]:
        mode = f" {after.mode:06o}" if before and after and before.mode == after.mode else ""
        yield f"index {oids[0]}..{oids[1]}{mode}"
    if body.startswith("@@"):
        end = "\t" if " " in path else ""  # as git ends a name with a space
        yield f"--- {f'{old}{end}' if before else '/dev/null'}"
        yield f"+++ {f'{new}{end}' if after else '/dev/null'}"


def _line(sign: str, line: str) -> str:
    return f"{sign}{line}" if line.endswith("\n") else f"{sign}{line}{_UNENDED}"


def _size(count: int) -> str:
    """The number of bytes in a line, as a letter."""
    return chr(ord("A") + count - 1) if count <= 26 else chr(ord("a") + count - 27)
