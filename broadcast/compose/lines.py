"""The lines of a file as they stand, with their line ends, and lines put between them (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

BOM = "\N{BYTE ORDER MARK}"


def text_of(content: bytes) -> str:
    """A file's text; bytes that aren't UTF-8 come back as they were from `bytes_of`."""
    return content.decode("utf-8", "surrogateescape")


def bytes_of(lines: Iterable[str]) -> bytes:
    """The file that these lines make up."""
    return "".join(lines).encode("utf-8", "surrogateescape")


def split(text: str) -> list[str]:
    r"""The lines of a text, each with its line end; only `\n` ends one."""
    *whole, last = text.split("\n")
    return [f"{line}\n" for line in whole] + ([last] if last else [])


def end_of(line: str) -> str:
    """What ends this line."""
    if line.endswith("\r\n"):
        return "\r\n"
    return "\n" if line.endswith("\n") else ""


def usual_end(lines: Sequence[str]) -> str:
    r"""What ends most lines; `\n` where as many end either way."""
    crlf = sum(line.endswith("\r\n") for line in lines)
    return "\r\n" if crlf * 2 > sum(line.endswith("\n") for line in lines) else "\n"


def inserted(lines: Sequence[str], at: int, new: Sequence[str], end: str) -> list[str]:
    """The lines with others between them; a file without a final newline stays one."""
    ended = [f"{line}{end}" for line in new]
    if ended and 0 < at == len(lines) and not end_of(lines[-1]):
        return [*lines[:-1], lines[-1] + end, *ended[:-1], new[-1]]
    return [*lines[:at], *ended, *lines[at:]]


def is_binary(content: bytes) -> bool:
    """Whether this is no text: it holds a NUL, as UTF-16 does too."""
    return b"\0" in content


def is_utf8(content: bytes) -> bool:
    """Whether these bytes are text in UTF-8."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
