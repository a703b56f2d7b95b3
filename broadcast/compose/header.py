"""A comment at the top of a file that says where the file comes from (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from broadcast.compose.comments import comment_of, commented
from broadcast.compose.lines import BOM, bytes_of, inserted, is_binary, is_utf8, split, text_of, usual_end
from broadcast.compose.prologue import length_of

_DOCUMENTED = (".cr", ".gemspec", ".go", ".rake", ".rb")  # what is declared right below a comment is documented by it


def with_header(content: bytes, text: str, path: str) -> bytes:
    """The file with `text` as comment lines at its top, below what has to stay first.

    The same bytes where it has them already, its kind has no comments, no place is safe, or it is empty or no UTF-8.
    """
    parts = _read(content, text, path)
    if parts is None:
        return content
    bom, lines, header, begin, at = parts
    if not lines or not header or at is None or _has(lines, header, at):
        return content
    apart = [""] if _is_glued(lines[at : at + 1], begin, path) else []
    return bytes_of([bom, *inserted(lines, at, [*header, *apart], usual_end(lines))])


def without_header(content: bytes, text: str, path: str) -> bytes:
    """The file without the lines that `with_header` adds; the same bytes where it has none of them."""
    parts = _read(content, text, path)
    if parts is None:
        return content
    bom, lines, header, begin, last = parts
    at = None if last is None or not header else _place(lines, header, last)
    if at is None:
        return content
    below = lines[at + len(header) :]
    if below and not below[0].strip() and _is_glued(below[1:2], begin, path):
        below = below[1:]
    return bytes_of([bom, *lines[:at], *below])


class _Parts(NamedTuple):
    bom: str
    lines: list[str]
    header: list[str]
    begin: str  # of a comment
    place: int | None  # before which line it goes; None: no place is safe


def _read(content: bytes, text: str, path: str) -> _Parts | None:
    """A file and the header for it; None where its kind has no comments, or it is no text."""
    comment = comment_of(path)
    if comment is None or is_binary(content) or not is_utf8(content):
        return None
    whole = text_of(content)
    bom = BOM if whole.startswith(BOM) else ""
    lines = split(whole.removeprefix(bom))
    header = [commented(line, comment) for line in text.strip().splitlines()]
    return _Parts(bom, lines, header, comment[0], length_of(lines, path))


def _has(lines: Sequence[str], header: list[str], last: int) -> bool:
    return _place(lines, header, last) is not None


def _place(lines: Sequence[str], header: list[str], last: int) -> int | None:
    """The line up to this one at which the header begins."""
    for at in range(last + 1):
        if lines[at : at + 1] and lines[at].rstrip() == header[0]:
            found = [line.rstrip() for line in lines[at : at + len(header)]]
            if found == header:
                return at
    return None


def _is_glued(below: Sequence[str], begin: str, path: str) -> bool:
    """Whether the line below would be read as one with the header: another comment, or what it would document."""
    if not below or not below[0].strip():
        return False
    signs = (begin, "/*") if begin == "//" else (begin,)
    return below[0].lstrip().startswith(signs) or path.lower().endswith(_DOCUMENTED)
