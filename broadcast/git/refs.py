"""Validate names of branches: git-check-ref-format(1) (pure)."""

from __future__ import annotations

import re

# git-check-ref-format(1)
_ILLEGAL = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//")


def is_legal_branch(name: str) -> bool:
    """Whether `name` is a valid branch name (git-check-ref-format(1) --branch)."""
    parts = name.split("/")
    return (
        bool(name)
        and not _ILLEGAL.search(name)
        and name not in ("@", "HEAD")
        and not name.startswith("-")
        and not name.endswith(".")
        and all(part and not part.startswith(".") and not part.endswith(".lock") for part in parts)
        and len(name.encode()) <= 240
    )
