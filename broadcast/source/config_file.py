"""Read the config from the commit, not from disk."""

from __future__ import annotations

import os
import posixpath
from errno import EFBIG
from typing import TYPE_CHECKING

from broadcast.errors import FileUnavailable, UsageError
from broadcast.git import nofollow
from broadcast.git.objects import REGULAR, SYMLINK
from broadcast.git.paths import is_git_directory

if TYPE_CHECKING:
    from pathlib import Path

    from broadcast.source.checkout import Checkout

MAX_CONFIG = 4 * 1024 * 1024  # bytes


def read(checkout: Checkout, root: Path, config: str, *, dirty: bool = False) -> str:
    """The config's text; from disk without commits or with `dirty`. Raises UsageError."""
    path = posixpath.normpath(config)
    if path.startswith(("/", "../")) or path in ("..", "."):
        raise UsageError(f"the config {config} lies outside of the repository", "give a path inside it")
    if is_git_directory(path):
        raise UsageError(f"the config {config} lies in git's own directory, where credentials are", "move it out")
    content = _on_disk(root, path) if dirty or not checkout.repositories else _committed(checkout, root, path)
    if len(content) > MAX_CONFIG:
        raise UsageError(f"the config {config} is over {MAX_CONFIG // 1024**2} MiB", "split it, or use selectors")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise UsageError(f"{config} isn't UTF-8 text", "save it as UTF-8") from None


def _committed(checkout: Checkout, root: Path, path: str) -> bytes:
    listing = checkout.list(path)
    if listing.errors:
        error = listing.errors[0]
        raise UsageError(f"{path} {error.reason}", error.remedy)
    if checkout.exists(path) != "file":
        if os.path.lexists(root / path):
            remedy = "commit it; in a terminal, --allow-dirty takes it as it is"
            raise UsageError(f"the config {path} isn't committed", remedy)
        raise _missing(checkout, path)
    if listing.files[0].mode == SYMLINK:
        raise _link(path)
    try:
        return checkout.read(path)
    except FileUnavailable as failure:
        raise UsageError(f"the config {path} can't be read: {failure.message}", failure.remedy) from None


def _on_disk(root: Path, path: str) -> bytes:
    place = os.fsencode(root.resolve() / path)
    try:
        if any((root / part).is_symlink() for part in _above(path)):
            raise _link(path)
        return nofollow.read(place, REGULAR, MAX_CONFIG)
    except FileNotFoundError:
        raise _missing(None, path) from None
    except OSError as error:
        if error.errno == EFBIG:
            return bytes(MAX_CONFIG + 1)  # which is refused
        raise UsageError(f"{path} can't be read: {error.strerror}", "check the file") from None


def _above(path: str) -> list[str]:
    """The path, and every directory above it."""
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _link(path: str) -> UsageError:
    return UsageError(f"the config {path} is a symlink, or below one", "commit the file itself")


def _missing(checkout: Checkout | None, path: str) -> UsageError:
    remedy = f"create {path} (the README shows four lines that do), or set the input `config`"
    if checkout is None or not checkout.repositories:
        remedy += "; is there an actions/checkout step before this one?"
    return UsageError(f"there is no config at {path}", remedy)
