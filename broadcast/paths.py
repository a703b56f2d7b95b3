"""Repository paths: which ones may be written to somebody else's repository (pure)."""

from __future__ import annotations

import re
import unicodedata

# Names that git refuses or that a Windows or macOS checkout would take for `.git`: letter case, trailing dots and
# spaces, the NTFS short name, and code points that HFS+ ignores (git's verify_path and its core.protectNTFS/HFS).
_NTFS_SHORT_NAME = re.compile(r"git~\d+", re.IGNORECASE)
_HFS_IGNORED = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")


def normalise(path: str) -> str:
    """`path` without a trailing slash or `./`, `.` for the root of the repository.

    Raises ValueError with the reason when the path may not be used.
    """
    if not path:
        raise ValueError("a path can't be empty")
    if any(unicodedata.category(char) == "Cc" for char in path):
        raise ValueError("a path can't hold control characters")
    if "\\" in path:
        raise ValueError("use / between the parts of a path, not \\")
    if path.startswith("/"):
        raise ValueError("paths are relative to the root of the repository; remove the leading /")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    for part in parts:
        check_name(part)
    return "/".join(parts) or "."


def check_name(name: str) -> None:
    """Raise ValueError when one component of a path may not be used."""
    if name == "..":
        raise ValueError("the path leaves the repository (..)")
    if is_git_directory(name):
        raise ValueError(f"{name!r} is git's own directory, or looks like it to some file systems")


def is_git_directory(name: str) -> bool:
    """Whether some file system takes `name` for `.git`."""
    plain = _HFS_IGNORED.sub("", name).split(":", 1)[0].rstrip(". ")
    return plain.lower() == ".git" or bool(_NTFS_SHORT_NAME.fullmatch(plain))


def join(directory: str, path: str) -> str:
    """`path` below `directory`, where `.` is the root."""
    return path if directory == "." else f"{directory}/{path}"


def is_below(path: str, directory: str) -> bool:
    """Whether `path` is `directory` or lies in it."""
    return directory == "." or path == directory or path.startswith(f"{directory}/")
