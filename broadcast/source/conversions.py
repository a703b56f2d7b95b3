"""Undo the conversions of a checkout, to find the blob of a file: gitattributes(5) (pure)."""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from collections.abc import Iterator
from hashlib import sha256

from broadcast.git.objects import blob_id

_IDENT = re.compile(rb"\$Id:[^$\n]*\$")
_ENCODINGS = ((BOM_UTF32_LE, "utf-32"), (BOM_UTF32_BE, "utf-32"), (BOM_UTF16_LE, "utf-16"), (BOM_UTF16_BE, "utf-16"))
# Git LFS's specification: the keys of a pointer are sorted, but for version, which comes first.
_POINTER = re.compile(
    rb"version https://(?:git-lfs\.github\.com|hawser\.github\.com)/spec/v1\n"
    rb"(?:[a-z0-9.-]+ .*\n)*?oid sha256:([0-9a-f]{64})\nsize (\d{1,19})\n(?:[a-z0-9.-]+ .*\n)*"
)
MAX_POINTER = 1024  # bytes, as the specification has it


def original(content: bytes, oid: str) -> bytes | None:
    """The content of the blob `oid` from which a checkout makes `content`; None if it doesn't."""
    return next((form for form in _forms(content) if blob_id(form) == oid), None)


def is_smudged(content: bytes, pointer: bytes) -> bool:
    """Whether `content` is the object of a Git LFS pointer."""
    found = pointed(pointer)
    return found is not None and found == (sha256(content).hexdigest(), len(content))


def pointed(content: bytes) -> tuple[str, int] | None:
    """The digest and size in a Git LFS pointer; None if it is none."""
    if len(content) >= MAX_POINTER or not (match := _POINTER.fullmatch(content)):
        return None
    return match[1].decode(), int(match[2])


def _forms(content: bytes) -> Iterator[bytes]:
    for text in (content, *_decoded(content)):
        lines = text.replace(b"\r\n", b"\n")
        yield text
        yield lines
        if b"$Id:" in text:
            yield _IDENT.sub(b"$Id$", text)
            yield _IDENT.sub(b"$Id$", lines)


def _decoded(content: bytes) -> Iterator[bytes]:
    for mark, encoding in _ENCODINGS:
        if content.startswith(mark):
            try:
                yield content.decode(encoding).encode()
            except UnicodeError:
                return
