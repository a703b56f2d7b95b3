"""Reading files of a checkout, never through a symlink in the last place."""

# Paths in an index are bytes, which pathlib does not take.
# ruff: noqa: PTH115, PTH123

from __future__ import annotations

import os

from broadcast.gitobject import SYMLINK


def read(path: bytes, mode: int) -> bytes:
    """The content that git would see; a symlink in the last place is never followed."""
    if mode == SYMLINK:
        return os.readlink(path)
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        return file.read()
